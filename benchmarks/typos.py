"""Misspelt names: how many are linked to their concept, and what is linked though its concept is not
in the base.

Names are those of gold mentions of BC5CDR and BioRED dev that the linker links rightly as they
stand, each once. A typo changes one letter of a word of seven letters or more, not the first: it is
left out, doubled, exchanged with the next or replaced by another, by a seeded draw; it must not be a
name itself, so that looking it up finds nothing.

`unknown_drugs` are names of the base, one word of seven letters or more that one chemical bears,
drawn and taken out with all other names of their concepts: a link of one of these is to another
chemical and wrong.

    python benchmarks/typos.py [--data DATA] [--count N] [--seed N]
"""

import random
import re
import string
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from record import options, record

from biopipe.document import Document, Mention
from biopipe.io.codecs.pubtator import read
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.kinds.registry import concept_types_of
from biopipe.linking.linker import Linker
from biopipe.train.linking.unseen_names import base_without_names, forms_of_name

CORPORA = ("bc5cdr", "biored")
LABELS = ("Chemical", "Disease", "Gene", "Species")
LONG_WORD = re.compile(r"[^\W\d_]{7,}")
ONE_WORD = re.compile(r"[A-Za-z][a-z]{6,}")
CHEMICAL = "Chemical"
Named = tuple[str, str]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--count", type=int, default=400, help="most names of a label")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    kb = open_base("default")
    linker = Linker(kb)
    result: dict[str, Any] = {"kb": kb.name, "kb_version": kb.version}
    for label in LABELS:
        names = linked_names(arguments.data, linker, label)
        chosen = rng.sample(sorted(names.items()), min(arguments.count, len(names)))
        result[label] = with_typos(chosen, label, linker, rng)
    result["unknown_drugs"] = unknown_drugs(kb, arguments.count, rng)
    record("typos", result, arguments.results)


def linked_names(data: Path, linker: Linker, label: str) -> Mapping[str, frozenset[str]]:
    """The names of gold mentions that are linked rightly alone, with the ids that they have."""
    names: dict[str, frozenset[str]] = {}
    for corpus in CORPORA:
        path = data / "corpora" / corpus / "dev.pubtator"
        for document in read(path, on_error=lambda error: None):
            for mention in document.mentions:
                surface = document.text[mention.start : mention.end]
                if mention.label == label and LONG_WORD.search(surface):
                    names[surface.lower()] = frozenset(mention.concept_ids)
    links = link(list(names), label, linker)
    return {
        name: frozenset(ids)
        for (name, gold), ids in zip(names.items(), links, strict=True)
        if ids and gold and set(ids) <= gold
    }


def with_typos(
    names: Sequence[tuple[str, frozenset[str]]], label: str, linker: Linker, rng: random.Random
) -> dict[str, Any]:
    kb = open_base("default")
    types = [type_ for type_ in concept_types_of(label) if type_ in kb.types]
    misspelt: list[str] = []
    rights: list[frozenset[str]] = []
    for name, ids in names:
        typo = next((t for t in typos(name, rng) if not kb.lookup(t, types=types)), None)
        if typo is not None:
            misspelt.append(typo)
            rights.append(ids)
    counts: Counter[str] = Counter()
    for ids, right in zip(link(misspelt, label, linker), rights, strict=True):
        counts["nil" if not ids else "right" if set(ids) <= right else "wrong"] += 1
    return {
        "names": len(misspelt),
        "recall@1": share(counts["right"], len(misspelt)),
        "precision": share(counts["right"], counts["right"] + counts["wrong"]),
    }


def typos(name: str, rng: random.Random) -> Iterator[str]:
    """Ten spellings of `name` with one mistake."""
    words = [match.span() for match in LONG_WORD.finditer(name)]
    for _ in range(10):
        start, end = rng.choice(words)
        place = rng.randrange(start + 1, end - 1)
        before, letter, after, rest = name[:place], name[place], name[place + 1], name[place + 2 :]
        other = rng.choice(string.ascii_lowercase.replace(letter, ""))
        yield rng.choice(
            [
                before + after + rest,
                before + letter + letter + after + rest,
                before + after + letter + rest,
                before + other + after + rest,
            ]
        )


def unknown_drugs(kb: KnowledgeBase, count: int, rng: random.Random) -> dict[str, Any]:
    """What is linked of drugs that are taken out of the base."""
    drugs = {
        concept.name.lower(): concept
        for concept in kb.concepts()
        if concept.types == (CHEMICAL,)
        and concept.id.startswith(("MESH:", "DrugBank:"))
        and ONE_WORD.fullmatch(concept.name)
    }
    chosen = rng.sample(sorted(drugs), min(count, len(drugs)))
    forms = {
        form
        for name in chosen
        for text in (drugs[name].name, *drugs[name].synonyms)
        for form in forms_of_name(text)
    }
    with tempfile.TemporaryDirectory() as folder:
        reduced = base_without_names(kb, forms, Path(folder) / "kb", types=(CHEMICAL,))
        links = link(chosen, CHEMICAL, Linker(reduced, prior=None))
        wrong = {
            name: reduced.concept(ids[0]).name
            for name, ids in zip(chosen, links, strict=True)
            if ids
        }
    return {"names": len(chosen), "linked": share(len(wrong), len(chosen)), "links": wrong}


def link(names: Sequence[str], label: str, linker: Linker) -> list[tuple[str, ...]]:
    """The ids that each name is linked to, alone in its document."""
    documents = [
        Document(str(number), name, mentions=(Mention(0, len(name), label),))
        for number, name in enumerate(names)
    ]
    return [document.mentions[0].concept_ids for document in linker.predict(documents)]


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


if __name__ == "__main__":
    main()
