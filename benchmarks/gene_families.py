"""Names of families and complexes of genes, which mean none of their members: VEGFR, PI3K, NF-kB.

    python benchmarks/gene_families.py > biopipe/kinds/gene/families.tsv

The names are those of FamPlex (Bachman et al. 2018, CC0) for what has two human genes or more as
members. Left out are names that HGNC calls a gene, the complexes of mTOR, which go by their kinase
(`biopipe.kinds.gene.names`), and those of a family by one of whose names gold
corpora surely mean one gene (AKT, NF-kappaB, VEGF), where the default base has no other for the name: of the
documents of `gene_meanings.py` that give that name a human gene at least two of three, at the lower
end of the 95 % interval (Wilson 1927).
"""

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from math import sqrt
from pathlib import Path

from gene_meanings import HUMAN, gold
from record import options

from biopipe.document import Document
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.text.normalize import normalize_name

FOLDER = Path("terminologies/famplex")
LEAST_MEMBERS = 2
LEAST_SHARE, Z = 2 / 3, 1.96
# Names longer than that are notes of what a complex is made of.
MOST_WORDS = 6
LETTERS = re.compile(r"[^\W\d_]{2}")


def main() -> None:
    arguments = options(__doc__).parse_args()
    kb = open_base("default")
    folder = arguments.data / FOLDER
    counts, meant = members(folder), meanings(arguments.data, kb)
    named = {
        form: (name, family)
        for form, (name, family) in names(folder).items()
        if counts[family] >= LEAST_MEMBERS
    }
    sure: dict[str, tuple[str, int, int]] = {}
    for form, (_, family) in named.items():
        of_name = meant.get(form, Counter())
        for gene, most in of_name.most_common(1):
            if surely(most, of_name.total()):
                sure[family] = gene, most, of_name.total()
    print(
        "# name, FamPlex id, human genes in it, documents that mean one gene by the name, documents"
    )
    print("# that mean any. Made by benchmarks/gene_families.py, which says what is left out")
    for form, (name, family) in sorted(named.items()):
        if name.startswith("mTORC"):
            continue
        bearers = kb.lookup(name, types=[HUMAN])
        if any(form in approved_names(kb, bearer.concept_id) for bearer in bearers):
            continue
        gene = sure[family][0] if family in sure else ""
        if gene and (not bearers or bearers[0].concept_id == gene):
            print("one gene:", name, *sure[family], file=sys.stderr)
            continue
        of_name = meant.get(form, Counter())
        most = max(of_name.values(), default=0)
        print(name, family, counts[family], most, of_name.total(), sep="\t")


def approved_names(kb: KnowledgeBase, concept_id: str) -> set[str]:
    """The normal forms of a gene's symbol and of its full name, which HGNC has first: the calcium
    sensing receptor is one, though a family is called so in the plural.
    """
    concept = kb.concept(concept_id)
    return {normalize_name(name) for name in (concept.name, *concept.synonyms[:1])}


def surely(most: int, total: int) -> bool:
    """Whether `most` of `total` is `LEAST_SHARE` at the lower end of the 95 % interval."""
    if not total:
        return False
    share, square = most / total, Z**2 / total
    spread = Z * sqrt(share * (1 - share) / total + square / (4 * total))
    return (share + square / 2 - spread) / (1 + square) >= LEAST_SHARE


def names(folder: Path) -> Mapping[str, tuple[str, str]]:
    """A name and its family by the normal form of the name."""
    by_form: dict[str, tuple[str, str]] = {}
    for name, family in _named(folder):
        form = normalize_name(name)
        if LETTERS.search(form) and len(name.split()) <= MOST_WORDS:
            by_form.setdefault(form, (name, family))
    return by_form


def _named(folder: Path) -> Iterator[tuple[str, str]]:
    with (folder / "entities.csv").open(encoding="utf-8") as file:
        for line in file:
            yield line.strip().replace("_", " "), line.strip()
    with (folder / "grounding_map.csv").open(encoding="utf-8", newline="") as file:
        for name, system, family, *_ in csv.reader(file):
            if system == "FPLX":
                yield name, family


def members(folder: Path) -> Mapping[str, int]:
    """How many different human genes each family or complex has, those of its parts too."""
    below: dict[str, set[str]] = defaultdict(set)
    with (folder / "relations.csv").open(encoding="utf-8", newline="") as file:
        for system, member, _, of_system, family in csv.reader(file):
            if of_system == "FPLX":
                below[family].add(f"{system}:{member}")

    def genes(family: str, seen: frozenset[str]) -> set[str]:
        found: set[str] = set()
        for member in below[family]:
            system, _, name = member.partition(":")
            if system == "HGNC":
                found.add(name)
            elif system == "FPLX" and name not in seen:
                found |= genes(name, seen | {name})
        return found

    return Counter({f: len(genes(f, frozenset({f}))) for f in list(below)})


def meanings(data: Path, kb: KnowledgeBase) -> Mapping[str, Counter[str]]:
    """By the normal form of a name: documents by the human genes that it means there."""
    meant: dict[str, Counter[str]] = defaultdict(Counter)
    for _, document in gold(data):
        for name, concepts in links(document, kb):
            meant[normalize_name(name)][concepts] += 1
    return meant


def links(document: Document, kb: KnowledgeBase) -> set[tuple[str, str]]:
    """Names of genes with the human genes that they mean, joined by spaces."""
    found = set()
    for mention in document.mentions:
        if mention.label == "Gene":
            human = sorted({id_ for id_ in mention.concept_ids if id_ in kb})
            if human:
                found.add((document.text[mention.start : mention.end], " ".join(human)))
    return found


if __name__ == "__main__":
    main()
