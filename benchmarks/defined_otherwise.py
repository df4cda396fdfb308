"""Short forms that texts define as something else than the concepts that bear them: ROS, reactive
oxygen species, is a synonym of the gene ROS1.

    python benchmarks/defined_otherwise.py

writes `defined_otherwise.tsv` in the packages of genes, diseases and chemicals. Counted are
documents of the unlabelled texts (none of them has a judged link or is in a corpus) that define a short form.
A definition fits where a concept that bears the short form in the default base has a word of the
long form in its names, or the beginning of its only word. Kept are short forms that five documents
or more define, all as something else, that are no concept's preferred name, that `short_forms.tsv`
does not give a meaning, and by which no annotated text that is not reported on means a concept of
the label (the mention prior; of genes the documents of `gene_meanings.py`).
"""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from gene_families import meanings
from record import PROJECT, options

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.defined_forms import fitting_long_form, has_word_before_symbol
from biopipe.linking.mention_prior import DEFAULT_PRIOR, MentionPrior
from biopipe.text.abbreviations import find_abbreviations
from biopipe.text.normalize import normalize_name

TEXTS = ("SoMeSci", "synergy", "COVID-QA", "elife-articles", "evidence-inference", "allofplos")
LABELS = {"Gene": "gene", "Disease": "disease", "Chemical": "chemical"}
LEAST_DOCUMENTS = 5
LONGEST = 6
_SHORT_FORM = re.compile(r"[^\W_]+(?:-[^\W_]+)?")
HEADER = (
    "# short form, documents that define it, none of them as a concept that bears it, and the\n"
    "# definition that is there most often. Made by benchmarks/defined_otherwise.py\n"
)


def main() -> None:
    arguments = options(__doc__).parse_args()
    kb = open_base("default")
    defined = definitions(arguments.data / "unlabelled")
    genes = meanings(arguments.data, kb)
    for label, folder in LABELS.items():
        rows = sorted(otherwise(kb, label, defined, genes))
        path = PROJECT / "biopipe" / "kinds" / folder / "defined_otherwise.tsv"
        lines = ["\t".join(map(str, row)) + "\n" for row in rows]
        path.write_text(HEADER + "".join(lines), encoding="utf-8")


def definitions(folder: Path) -> Mapping[str, Counter[str]]:
    """Documents that define each short form, by its long form."""
    defined: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts(folder):
        for short, long in {
            (text[a.start : a.end], " ".join(text[a.long_start : a.long_end].split()))
            for a in find_abbreviations(text)
        }:
            if (
                len(short) <= LONGEST
                and sum(map(str.isupper, short)) > 1
                and _SHORT_FORM.fullmatch(short)
            ):
                defined[short][long] += 1
    return defined


def texts(folder: Path) -> Iterator[str]:
    for name in TEXTS:
        for path in sorted(folder.glob(f"{name}-*.jsonl.gz")):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                for line in file:
                    yield json.loads(line)["text"]


def otherwise(
    kb: KnowledgeBase,
    label: str,
    defined: Mapping[str, Counter[str]],
    genes: Mapping[str, Counter[str]],
) -> Iterator[tuple[str, int, str]]:
    """The rows of one label; `genes`: what annotated texts mean by names of genes."""
    kind, prior = ENTITY_KINDS[label], MentionPrior(DEFAULT_PRIOR)
    usual = {} if kind.short_forms is None else kind.short_forms()
    fits = fitting_long_form(kb, codes=False)
    for short, by_long in defined.items():
        (bearers,) = kb.bearers([short], types=kind.concept_types)
        names = {kb.preferred_name(bearer.concept) for bearer in bearers}
        if (
            by_long.total() >= LEAST_DOCUMENTS
            and bearers
            and not _is_one_of(short, names)
            and short.upper() not in usual
            and not (label == "Gene" and _means_gene(short, genes))
            and not prior.counts(label, short)
            and not any(
                fits((long, short), short, bearers) for long in by_long if spelt(short, long)
            )
        ):
            yield short, by_long.total(), min(by_long, key=lambda long: (-by_long[long], long))


def spelt(short: str, long: str) -> bool:
    """Whether a long form spells out what follows a small letter: "estimated GFR" does not."""
    return not has_word_before_symbol(short) or short[1:] not in long


def _is_one_of(short: str, names: Collection[str]) -> bool:
    """Whether a short form is one of the names, in any case if it is one symbol."""
    if has_word_before_symbol(short):
        return short in names
    return short.casefold() in {name.casefold() for name in names}


def _means_gene(short: str, genes: Mapping[str, Counter[str]]) -> bool:
    """Whether annotated texts mean a gene by it; they are counted in any case, as EGFR for eGFR."""
    return not has_word_before_symbol(short) and bool(genes.get(normalize_name(short)))


if __name__ == "__main__":
    main()
