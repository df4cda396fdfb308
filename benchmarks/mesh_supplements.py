"""What texts call the chemicals of MeSH that no package has: a table of the default base.

    python benchmarks/mesh_supplements.py [--output dictionaries/default/mesh_supplements.tsv]

MeSH has ids for some 320,000 chemicals that are no headings (MESH:C035054 is ginsenoside Rg1), and no
package that may be installed carries them; of its headings drug-named-entity-recognition has those of
drugs. Texts that others annotated have more: abstracts of PubTator and the training sets of BC5CDR,
BioRED and tmVar 3, without any document of a development set. An id gets the names that texts use for
it in more than half of their own occurrences; the commonest is the preferred one, or the heading. An
old id of what became a heading later, which older corpora have (MESH:C076029, olanzapine), gets the
name that most of its own occurrences are. Short forms, which mean one thing in each paper, name
nothing, nor do plurals, which are classes ("polyols"); codes of laboratories do ("LY294002").
"""

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from record import options

from biopipe.document import Document
from biopipe.document.labels import CHEMICAL
from biopipe.io import RowError
from biopipe.io.codecs.pubtator import read
from biopipe.kb.build.default_build import default_files, files_by_reader
from biopipe.kb.build.default_concepts import headings_named
from biopipe.kb.build.name_join import chemical_key
from biopipe.kb.build.recipe import read_recipe
from biopipe.kb.build.sources import (
    chebi_package,
    chemicals_package,
    disease_ner,
    drug_ner,
    tsv,
)
from biopipe.kb.build.sources.mesh_headings import read_headings
from biopipe.kb.default import default_recipe
from biopipe.text.normalize import normalize_name

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
MESH = re.compile(r"MESH:[CD]\d+")
HEADING = "MESH:D"
LEAST_LETTERS = 5
LETTERS = re.compile(r"[^\W\d_]")
CODE = re.compile(r"(?=.{5})[A-Z][A-Za-z]{0,4}[ -]?\d{3,}[A-Za-z]?")
PLURAL = re.compile(r"[^uiso]s\Z")
DEFAULT_TABLE = Path(__file__).parents[1] / "dictionaries/default/mesh_supplements.tsv"


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--output", type=Path, default=DEFAULT_TABLE)
    arguments = parser.parse_args()
    held = {d.id for file in LEFT_OUT for d in documents(arguments.data / file)}
    ids_of: dict[str, Counter[str]] = defaultdict(Counter)
    by_people: dict[str, Counter[str]] = defaultdict(Counter)
    seen: set[str] = set()
    for file in TEXTS:
        for document in documents(arguments.data / file):
            if document.id not in held | seen:
                count(document, ids_of)
                if not file.startswith("silver"):
                    count(document, by_people)
        seen |= {document.id for document in documents(arguments.data / file)}
    names = names_of_ids(ids_of, by_people)
    recipe = read_recipe(default_recipe())
    files = files_by_reader(default_files(recipe))
    headings = {id_: name for name, id_ in read_headings(*files["mesh_headings"]).items()}
    known = ids_of_sources(files)
    names = {
        id_: counted
        for id_, counted in names.items()
        if id_ not in known and is_told(id_, counted, headings, by_people)
    }
    with arguments.output.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(("id", "name", "synonyms", "types"))
        for id_, counted in sorted(names.items()):
            first, *others = by_count(counted)
            if heading := headings.get(id_):
                first, others = heading.capitalize(), [first, *others]
            table.writerow((id_, first, "|".join(others), CHEMICAL))
    print(f"{len(names)} concepts, {sum(map(len, names.values()))} names")


def names_of_ids(
    ids_of: Mapping[str, Counter[str]], by_people: Mapping[str, Counter[str]]
) -> dict[str, Counter[str]]:
    """The names of each id, with how many documents call it so. What programs take for an old id
    counts from two documents on.
    """
    names: dict[str, Counter[str]] = defaultdict(Counter)
    by_id: dict[str, Counter[str]] = defaultdict(Counter)
    leading: dict[str, str] = {}
    for name, ids in ids_of.items():
        (leading[name], times), *_ = ids.most_common(1)
        if MESH.fullmatch(leading[name]) and 2 * times > ids.total():
            names[leading[name]][name] = times
        for id_, count in ids.items():
            by_id[id_][name] += count
    for id_ in by_id.keys() - names.keys():
        (name, times), *_ = by_id[id_].most_common(1)
        is_old = MESH.fullmatch(id_) and leading[name].startswith(HEADING)
        is_told = times > 1 or id_ in by_people.get(name, ())
        if is_old and is_told and 2 * times > by_id[id_].total():
            names[id_][name] = times
    return names


def is_told(
    id_: str,
    names: Mapping[str, int],
    headings: Mapping[str, str],
    by_people: Mapping[str, Counter[str]],
) -> bool:
    """Whether annotators use an id of a heading for one of the names, or the heading has a word of
    them: programs take "smoking" for smoke. Other ids are not asked.
    """
    words = set(normalize_name(headings.get(id_, "")).split())
    return id_ not in headings or any(
        id_ in by_people.get(name, ()) or words & set(normalize_name(name).split())
        for name in names
    )


def ids_of_sources(files: Mapping[str, Sequence[Path]]) -> set[str]:
    """The ids that the sources of the default base have, or get by the name of a heading."""
    headings = read_headings(*files["mesh_headings"])
    chemicals = list(drug_ner.read(*files["drug_ner"], headings))
    chemicals += chain.from_iterable(map(chemicals_package.read, files["chemicals_package"]))
    chemicals += chebi_package.read(*files["chebi_package"])
    named = headings_named(chemicals, headings, chemical_key, CHEMICAL)
    diseases = disease_ner.read(*files["disease_ner"], headings)
    tables = chain.from_iterable(tsv.read(*files[table]) for table in ("chemicals", "diseases"))
    return {concept.id for concept in chain(chemicals, named, diseases, tables)}


def by_count(counted: Counter[str]) -> list[str]:
    """The names, words before codes and then the commonest first; of those that differ in case
    alone the commonest.
    """
    names: dict[str, str] = {}
    for name in sorted(counted, key=lambda n: (bool(CODE.fullmatch(n)), -counted[n], n)):
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
    for name, id_ in sorted(found):
        if name:
            ids_of[name][id_] += 1


def named(text: str) -> str:
    """The name as the table has it, "" for what names nothing by itself."""
    if CODE.fullmatch(text):
        return text
    if len(LETTERS.findall(text)) < LEAST_LETTERS or text.isupper() or PLURAL.search(text):
        return ""
    return text[0].lower() + text[1:] if text[1:2].islower() else text


if __name__ == "__main__":
    main()
