"""What texts call MeSH's supplementary concepts: the table of them in the default base.

    python benchmarks/mesh_supplements.py [--output dictionaries/default/mesh_supplements.tsv]

MeSH has ids for some 320,000 chemicals that are no headings (MESH:C035054 is ginsenoside Rg1), and no
package that may be installed carries them. Texts that others annotated do: abstracts of PubTator and the
training sets of BC5CDR, BioRED and tmVar 3, without any document of a development set. An id gets the
names that texts use for it in more than half of their own occurrences; the commonest is the preferred
one. Short forms, which mean one thing in each paper, name nothing, nor do plurals, which are classes
("polyols").
"""

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from record import options

from biopipe.document import Document
from biopipe.document.labels import CHEMICAL
from biopipe.io import RowError
from biopipe.io.codecs.pubtator import read

TEXTS = (
    "silver/bc8-background-1000.pubtator.gz",
    "silver/chemdisgene-ctd-dev.pubtator.gz",
    "silver/chemdisgene-ctd-test.pubtator.gz",
    "silver/marea-ptc-sample.pubtator.gz",
    "silver/netmedex-demo.pubtator.gz",
    "silver/smell-neurodegeneration-2024.pubtator.gz",
    "corpora/bc5cdr/train.pubtator",
    "corpora/biored/train.pubtator",
    "corpora/tmvar3/train.pubtator",
)
LEFT_OUT = ("corpora/bc5cdr/dev.pubtator", "corpora/biored/dev.pubtator")
SUPPLEMENT = re.compile(r"MESH:C\d+")
LEAST_LETTERS = 5
LETTERS = re.compile(r"[^\W\d_]")
PLURAL = re.compile(r"[^uiso]s\Z")
DEFAULT_TABLE = Path(__file__).parents[1] / "dictionaries/default/mesh_supplements.tsv"


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--output", type=Path, default=DEFAULT_TABLE)
    arguments = parser.parse_args()
    held = {d.id for file in LEFT_OUT for d in documents(arguments.data / file)}
    ids_of: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[str] = set()
    for file in TEXTS:
        for document in documents(arguments.data / file):
            if document.id not in held | seen:
                count(document, ids_of)
        seen |= {document.id for document in documents(arguments.data / file)}
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for name, ids in ids_of.items():
        (leading, times), *_ = ids.most_common(1)
        if SUPPLEMENT.fullmatch(leading) and 2 * times > ids.total():
            names[leading][name] = times
    with arguments.output.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(("id", "name", "synonyms", "types"))
        for id_, counted in sorted(names.items()):
            first, *others = by_count(counted)
            table.writerow((id_, first, "|".join(others), CHEMICAL))
    print(f"{len(names)} concepts, {sum(map(len, names.values()))} names")


def by_count(counted: Counter[str]) -> list[str]:
    """The names, the commonest first; of those that differ in case alone the commonest."""
    names: dict[str, str] = {}
    for name in sorted(counted, key=lambda name: (-counted[name], name)):
        names.setdefault(name.lower(), name)
    return list(names.values())


def documents(path: Path) -> Iterator[Document]:
    yield from read(path, on_error=tell)


def tell(error: RowError) -> None:
    print(f"{error.input}, record {error.row}: {error.error}", file=sys.stderr)


def count(document: Document, ids_of: dict[str, Counter[str]]) -> None:
    """Add each name of each chemical of the document once."""
    found = {
        (named(document.text[mention.start : mention.end]), mention.concept_ids[0])
        for mention in document.mentions
        if mention.label == CHEMICAL and len(mention.concept_ids) == 1
    }
    for name, id_ in found:
        if name:
            ids_of[name][id_] += 1


def named(text: str) -> str:
    """The name as the table has it, "" for what names nothing by itself."""
    if len(LETTERS.findall(text)) < LEAST_LETTERS or text.isupper() or PLURAL.search(text):
        return ""
    return text[0].lower() + text[1:] if text[1:2].islower() else text


if __name__ == "__main__":
    main()
