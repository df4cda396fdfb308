"""What the default knowledge base covers of gold mentions, and what today's linker makes of everyday
names with it.

`covered`: the mention as it stands is a name of a concept of its kind (normalised, or the same
words in another order). `right`: a gold id is an id of one of the concepts so named, its own or a
cross-reference. Both in percent of all gold mentions, those without an id among them; `of_ids` is
`right` in percent of those that have one. Lookups alone, no linker: no rule, no abbreviation.

`everyday`: recall@1 of gold mentions that have an id, by the linker with its defaults and this base;
`by_lookup` by the first candidate of the mention as it stands.

    python benchmarks/kb_coverage.py [--data DATA] [--kb DIRECTORY] [--errors N]
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from record import options, record

from biopipe.document import Document, Mention
from biopipe.document.labels import CORPUS_LABELS
from biopipe.io.codecs.pubtator import read
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.kinds.registry import concept_types_of
from biopipe.linking.linker import Linker

CORPORA = {
    "biored dev": ("biored/dev.pubtator", ("Disease", "Chemical", "Gene", "Species", "CellLine")),
    "bc5cdr dev": ("bc5cdr/dev.pubtator", ("Disease", "Chemical")),
    "ncbi-disease dev": ("ncbi-disease/dev.pubtator", ("Disease",)),
    "nlm-gene train": ("nlm-gene/train.pubtator", ("Gene",)),
    "linnaeus train": ("linnaeus/train.pubtator", ("Species",)),
    "species-800 train": ("species-800/train.pubtator", ("Species",)),
    "bioid train": ("bioid/train.pubtator", ("CellLine",)),
    "hpo-gsc dev": ("hpo-gsc/dev.pubtator", ("Phenotype",)),
}
EVERYDAY = "everyday/dev.pubtator"


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--kb", default="default", help="a knowledge base directory")
    parser.add_argument(
        "--errors", type=int, default=0, help="print the N commonest misses of each"
    )
    arguments = parser.parse_args()
    kb = open_base(arguments.kb)
    result: dict[str, Any] = {"kb": about(kb)}
    for name, (path, labels) in CORPORA.items():
        documents = documents_of(arguments.data / "corpora" / path)
        for label in labels:
            result[f"{name} {label}"] = coverage(documents, label, kb, arguments.errors)
    documents = documents_of(arguments.data / EVERYDAY)
    for label in sorted({mention.label for each in documents for mention in each.mentions}):
        result[f"everyday dev {label}"] = coverage(documents, label, kb, arguments.errors)
    result["everyday"] = everyday(documents, kb, arguments.errors)
    record("kb_coverage", result, arguments.results)


def about(kb: KnowledgeBase) -> dict[str, Any]:
    return {
        "name": kb.name,
        "version": kb.version,
        "counts": dict(kb.manifest.counts),
        "types": dict(kb.types),
        "systems": dict(kb.manifest.systems),
        "bytes": kb.manifest.bytes,
    }


def documents_of(path: Path) -> list[Document]:
    return list(read(path, on_error=lambda error: None))


def coverage(
    documents: list[Document], label: str, kb: KnowledgeBase, errors: int
) -> dict[str, Any]:
    types = [type_ for type_ in concept_types_of(label) if type_ in kb.types]
    counts: Counter[str] = Counter()
    missed: dict[str, Counter[str]] = defaultdict(Counter)
    for surface, mention in surfaces(documents, label):
        gold = canonical(mention, kb)
        candidates = {candidate.concept_id for candidate in kb.lookup(surface, types=types)}
        counts["mentions"] += 1
        counts["with id"] += bool(gold)
        counts["covered"] += bool(candidates)
        counts["right"] += not gold.isdisjoint(candidates)
        if not candidates:
            missed["not a name"][f"{surface} {sorted(gold)}"] += 1
        elif gold and gold.isdisjoint(candidates):
            missed["others"][f"{surface} {sorted(gold)} {sorted(candidates)[:3]}"] += 1
    for what, names in missed.items() if errors else ():
        for name, count in names.most_common(errors):
            print(f"{label}, {what}: {count} x {name}", file=sys.stderr)
    return {
        "mentions": counts["mentions"],
        "covered": percent(counts["covered"], counts["mentions"]),
        "right": percent(counts["right"], counts["mentions"]),
        "of_ids": percent(counts["right"], counts["with id"]),
    }


def surfaces(documents: list[Document], label: str) -> Iterator[tuple[str, Mention]]:
    for document in documents:
        for mention in document.mentions:
            if CORPUS_LABELS.get(mention.label, mention.label) == label:
                yield document.text[mention.start : mention.end], mention


def canonical(mention: Mention, kb: KnowledgeBase) -> set[str]:
    return {kb.canonical(id_) or id_ for id_ in mention.concept_ids}


def everyday(documents: list[Document], kb: KnowledgeBase, errors: int) -> dict[str, Any]:
    linked = Linker(kb).predict(documents)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    missed: Counter[str] = Counter()
    for document, answer in zip(documents, linked, strict=True):
        for mention, got in zip(document.mentions, answer.mentions, strict=True):
            gold = canonical(mention, kb)
            if not gold:
                continue
            surface = document.text[mention.start : mention.end]
            types = [type_ for type_ in concept_types_of(mention.label) if type_ in kb.types]
            first = [c.concept_id for c in kb.lookup(surface, types=types)[:1]]
            right = not gold.isdisjoint(got.concept_ids)
            for of in (mention.label, "all"):
                counts[of]["mentions"] += 1
                counts[of]["right"] += right
                counts[of]["by lookup"] += not gold.isdisjoint(first)
            if not right:
                missed[f"{mention.label} {surface} {sorted(gold)} got {got.concept_ids}"] += 1
    for name, count in missed.most_common(errors):
        print(f"everyday: {count} x {name}", file=sys.stderr)
    return {
        label: {
            "mentions": of["mentions"],
            "recall@1": percent(of["right"], of["mentions"]),
            "by_lookup": percent(of["by lookup"], of["mentions"]),
        }
        for label, of in sorted(counts.items())
    }


def percent(part: int, of: int) -> float:
    return round(100 * part / of, 1) if of else 0.0


if __name__ == "__main__":
    main()
