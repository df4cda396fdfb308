"""What texts usually define short forms as that no concept of the default base bears: EAE,
experimental autoimmune encephalomyelitis.

    python benchmarks/usual_definitions.py

writes `usual_definitions.tsv` in the packages of diseases and chemicals. Counted are documents of
the unlabelled texts (none of them has a judged link or is in a corpus) that define a short form.
Kept are short forms that five documents or more define, four in five of them by a name of one
concept, which does not bear the short form itself, and that `short_forms.tsv` does not have.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from defined_otherwise import LEAST_DOCUMENTS, definitions
from record import PROJECT, options

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.language.tables import read_table

LABELS = {"Disease": "disease", "Chemical": "chemical"}
LEAST_SHARE = 0.8
HEADER = (
    "# short form, long form, documents that define it, those that define it as this concept. Made\n"
    "# by benchmarks/usual_definitions.py\n"
)

Row = tuple[str, str, int, int]


def main() -> None:
    arguments = options(__doc__).parse_args()
    kb = open_base("default")
    defined = definitions(arguments.data / "unlabelled")
    for label, folder in LABELS.items():
        own = {short for short, *_ in read_table(f"biopipe.kinds.{folder}", "short_forms.tsv")}
        rows = sorted(row for row in usual(kb, label, defined) if row[0].upper() not in own)
        path = PROJECT / "biopipe" / "kinds" / folder / "usual_definitions.tsv"
        lines = ["\t".join(map(str, row)) + "\n" for row in rows]
        path.write_text(HEADER + "".join(lines), encoding="utf-8")


def usual(kb: KnowledgeBase, label: str, defined: Mapping[str, Counter[str]]) -> Iterator[Row]:
    """The rows of one label."""
    types = ENTITY_KINDS[label].concept_types
    for short, by_long in defined.items():
        total = by_long.total()
        if total < LEAST_DOCUMENTS:
            continue
        documents: dict[int, Counter[str]] = defaultdict(Counter)
        for (long, count), bearers in zip(
            by_long.items(), kb.bearers(list(by_long), types=types), strict=True
        ):
            if bearers:
                documents[bearers[0].concept][long] += count
        concept, names = max(
            documents.items(), key=lambda item: item[1].total(), default=(-1, Counter[str]())
        )
        (own_bearers,) = kb.bearers([short], types=types)
        if names.total() >= LEAST_SHARE * total and concept not in {b.concept for b in own_bearers}:
            long = min(names, key=lambda name: (-names[name], name))
            yield short, long, total, names.total()


if __name__ == "__main__":
    main()
