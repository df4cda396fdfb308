"""Damaged records of every format through the reading, the annotating and the tables of a run: none
may end it.

    python benchmarks/mutations.py --count 12000

A mutation is one of: a value of a record replaced by an odd one (of another type, out of range,
thousands of digits, half a surrogate pair), a field taken away, doubled or renamed, and bytes
changed, cut or repeated. What may come of it is a document, an error row, or InputError where a
table lacks its columns; anything else, and anything that takes longer than `SECONDS`, is a failure.
"""

import csv
import io
import json
import random
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

import pyarrow as pa
import pyarrow.parquet as pq
import spacy

from biopipe.bulk.parts.batches import annotated, records
from biopipe.bulk.tables import document_tables
from biopipe.document import (
    Document,
    Measurement,
    Medication,
    MedicationAttribute,
    Mention,
    NoteSection,
    Relation,
    TimeExpression,
)
from biopipe.document.arrow import document_rows
from biopipe.document.fields import DOCUMENT_FIELDS
from biopipe.document.mapping import encode_record
from biopipe.errors import InputError
from biopipe.io import frames, read, write
from biopipe.io.codecs import fhir, jsonl, omop
from biopipe.io.input_columns import InputColumns
from biopipe.io.rows import OnError

__all__ = ["KINDS", "SECONDS", "check", "mutations"]

SECONDS = 5.0
"""Processor time that one mutated file of some records may take; whole ones take a hundredth of it."""

_DIGITS = "7" * 5000
_ODD_TEXTS = (
    *("", " ", "-1", "0", "1e999", "NaN", "Infinity", "²", "٣", "true", "null", _DIGITS, "9" * 400),
    *("x" * 70_000, "\t", "\n\n", "\u2028", "\x00", "99999999999", "2147483648", "a|b;c,d|e"),
    *("0000-00-00", "10000-01-01", "|t|", "-", "1.5", "MESH:D1", ",".join(map(str, range(3000)))),
)
_ODD_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 5, 2**31, 2**63, 2**64, 10**400, 0.5, -0.5, 1e308),
    *(float("inf"), float("-inf"), float("nan"), "\ud800", "a\udfffb", [], {}, [[]], [None]),
    *({"a": 1}, {"": None}, [1, "2", None], ["\ud800"], {"\ud800": "x"}, {"x": "\ud800"}),
    *([[[[[[[[1]]]]]]]], {"start": 0, "end": True}, {"start": -1, "end": 10**30}, *_ODD_TEXTS),
)
_ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252", "mac_roman")
_ODD_COLUMNS: tuple[pa.DataType, ...] = (
    *(pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("us"), pa.int64(), pa.uint64()),
    *(pa.time64("us"), pa.duration("s"), pa.float64(), pa.bool_(), pa.large_string(), pa.null()),
)


def _records() -> list[dict[str, Any]]:
    """Records in biopipe's own shape, with something in every field."""
    own = {
        "id": "1",
        "text": "Aspirin (ASA) treats β-thalassemia.",
        "mentions": [
            {
                "start": 0,
                "end": 7,
                "label": "Chemical",
                "score": 0.9,
                "concept_ids": ["MESH:D001241"],
                "candidates": [{"concept_id": "MESH:D001241", "name": "aspirin", "score": 0.9}],
                "assertion": ["negated"],
                "sources": ["model"],
                "dictionary": "",
            }
        ],
        "relations": [
            {
                "head": "MESH:D001241",
                "tail": "MESH:D017086",
                "label": "Treatment",
                "score": 0.5,
                "novel": True,
                "novel_score": 0.5,
                "evidence": [{"start": 0, "end": 35}],
                "assertion": [],
                "head_name": "aspirin",
            }
        ],
        "passages": [{"type": "title", "start": 0, "end": 35}],
        "abbreviations": [{"start": 9, "end": 12, "long_start": 0, "long_end": 7}],
        "meta": {"date": "2020-01-02", "windows": "1"},
        "windows": 1,
        "pairs_left_out": 0,
        "date": 2020,
        "journal": "J",
    }
    others: list[dict[str, Any]] = [
        {"pmid": 2, "title": "A title", "abstract": "An abstract.", "YEAR": "1999"},
        {
            "id": 3,
            "QUESTION": "Q?",
            "CONTEXTS": ["a", "b"],
            "LABELS": ["X", "Y"],
            "LONG_ANSWER": "c",
        },
    ]
    return [own, _note(), *others]


def _note() -> dict[str, Any]:
    """A record with what clinical notes hold."""
    document = Document(
        "4",
        "Meds: aspirin 81 mg daily. WBC 12.3 H on 2020-03-04. No gout.",
        mentions=(Mention(56, 60, "Disease", assertion=frozenset({"negated"}), section="meds"),),
        sections=(NoteSection("medications", 0, 61, 6),),
        medications=(
            Medication(
                "aspirin",
                6,
                13,
                "taken",
                (
                    MedicationAttribute("strength", 14, 19, amount=81.0, unit="mg"),
                    MedicationAttribute("frequency", 20, 25, value="1/d", amount=1.0),
                ),
            ),
        ),
        measurements=(
            Measurement("WBC", 27, 30, 31, 35, "leukocytes", "LOINC:6690-2", amount=12.3, flag="H"),
        ),
        times=(TimeExpression("date", 41, 51, "2020-03-04"),),
        meta={"date": "2020-03-05", "patient_id": "p1"},
    )
    return encode_record(DOCUMENT_FIELDS, document)


def _bioc() -> dict[str, Any]:
    annotation = {
        "id": "1",
        "infons": {"type": "Chemical", "identifier": "MESH:D001241"},
        "text": "Aspirin",
        "locations": [{"offset": 0, "length": 7}],
    }
    second = {
        "id": "2",
        "infons": {"type": "Disease", "identifier": "D017086"},
        "text": "thalassemia",
        "locations": [{"offset": 15, "length": 11}],
    }
    return {
        "id": "1",
        "infons": {"date": "2020"},
        "passages": [
            {
                "offset": 0,
                "infons": {"type": "title", "year": "2020"},
                "text": "Aspirin treats thalassemia.",
                "annotations": [annotation, second],
                "relations": [],
            },
            {
                "offset": 28,
                "infons": {"section_type": "ABSTRACT"},
                "sentences": [
                    {"offset": 28, "text": "One.", "annotations": []},
                    {"offset": 33, "text": "Two.", "annotations": []},
                ],
            },
        ],
        "relations": [
            {
                "id": "R1",
                "infons": {"type": "Association", "novel": "No", "score": "0.9"},
                "nodes": [{"refid": "1", "role": "a"}, {"refid": "2", "role": "b"}],
            },
            {
                "id": "R2",
                "infons": {"type": "Association", "entity1": "D001241", "entity2": "D017086"},
                "nodes": [],
            },
        ],
    }


_BIOC_XML = (
    "<collection><source>s</source><document><id>1</id><infon key='year'>2020</infon><passage>"
    "<infon key='type'>title</infon><offset>0</offset><text>Aspirin treats thalassemia.</text>"
    "<annotation id='1'><infon key='type'>Chemical</infon><infon key='MESH'>D001241</infon>"
    "<location offset='0' length='7'/><text>Aspirin</text></annotation>"
    "<annotation id='2'><infon key='type'>Disease</infon><infon key='identifier'>D017086</infon>"
    "<location offset='15' length='11'/><text>thalassemia</text></annotation></passage><passage>"
    "<offset>28</offset><sentence><offset>28</offset><text>One.</text></sentence></passage>"
    "<relation id='R1'><infon key='relation'>CID</infon><infon key='score'>0.5</infon>"
    "<node refid='1' role='a'/><node refid='2' role='b'/></relation></document></collection>"
)
_PUBMED_XML = (
    "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version='1'>1</PMID><Article><Journal>"
    "<JournalIssue><PubDate><Year>2020</Year><Month>Mar</Month><Day>4</Day></PubDate></JournalIssue>"
    "<Title>J</Title></Journal><ArticleTitle>A <i>title</i></ArticleTitle><Abstract>"
    "<AbstractText Label='AIM' NlmCategory='OBJECTIVE'>Aim.</AbstractText><AbstractText>Rest."
    "</AbstractText></Abstract><ELocationID EIdType='doi'>10.1/x</ELocationID><ArticleDate>"
    "<Year>2020</Year><Month>03</Month><Day>05</Day></ArticleDate></Article><OtherID>PMC1</OtherID>"
    "</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType='pmc'>PMC1</ArticleId>"
    "</ArticleIdList></PubmedData></PubmedArticle><DeleteCitation><PMID>9</PMID></DeleteCitation>"
    "<PubmedBookArticle><BookDocument><PMID>2</PMID><Book><BookTitle>B</BookTitle><PubDate>"
    "<MedlineDate>1998 Dec-1999 Jan</MedlineDate></PubDate></Book></BookDocument></PubmedBookArticle>"
    "</PubmedArticleSet>"
)
_PMC_XML = (
    "<pmc-articleset><article><front><journal-meta><journal-title>J</journal-title></journal-meta>"
    "<article-meta><article-id pub-id-type='pmc'>1</article-id><article-id pub-id-type='doi'>10.1/x"
    "</article-id><title-group><article-title>T</article-title><subtitle>S</subtitle></title-group>"
    "<pub-date pub-type='epub'><day>1</day><month>2</month><year>2020</year></pub-date><abstract>"
    "<sec><title>Aim</title><p>A.</p></sec></abstract></article-meta></front><body><sec"
    " sec-type='methods'><title>M</title><p>x <sup>2</sup> <xref ref-type='bibr'>1</xref></p><list>"
    "<list-item><p>i</p></list-item></list><fig><label>F</label><caption><p>c</p></caption></fig>"
    "</sec></body></article></pmc-articleset>"
)
_PUBTATOR = (
    "1|t|Aspirin treats\n1|a|β-thalassemia and gout.\n1\t0\t7\tAspirin\tChemical\tD001241\n"
    "1\t15\t28\tβ-thalassemia\tDisease\tD017086|D001\n1\tCID\tD001241\tD017086\n"
    "1\tAssociation\tD001241\tD017086\tNovel\n\n2|t|BRAF V600E\n2|a|\n2\t0\t4\tBRAF\tGene\t673\n"
    "2\t5\t10\tV600E\tProteinMutation\ttmVar:p|SUB|V|600|E;HGVS:p.V600E;RS#:113488022\n\n"
)


def mutations(kind: str, chance: random.Random) -> tuple[str, bytes]:
    """A file name and the bytes of one mutated file of a kind of KINDS."""
    return KINDS[kind](chance)


def _json_file(chance: random.Random) -> tuple[str, bytes]:
    return "a.json", _text(_mutated_json(chance, _records()))


def _json_lines(chance: random.Random) -> tuple[str, bytes]:
    lines = [_text(_mutated_json(chance, record)) for record in _records()]
    return "a.jsonl", b"\n".join(lines) + b"\n"


def _bioc_json(chance: random.Random) -> tuple[str, bytes]:
    return "a.json", _text({"documents": [_bioc(), _mutated_json(chance, _bioc())]})


def _bioc_lines(chance: random.Random) -> tuple[str, bytes]:
    return "a.jsonl", _text(_mutated_json(chance, _bioc())) + b"\n" + _text(_bioc()) + b"\n"


def _text(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8")


def _xml_of(name: str, whole: str) -> Callable[[random.Random], tuple[str, bytes]]:
    def make(chance: random.Random) -> tuple[str, bytes]:
        root = fromstring(whole)
        for _ in range(chance.randint(1, 3)):
            _mutate_element(chance, root)
        return name, tostring(root)

    return make


def _mutate_element(chance: random.Random, root: Element) -> None:
    """Change one element, or its place."""
    parents = [element for element in root.iter() if len(element)]
    if not parents:
        return
    parent = chance.choice(parents)
    child = chance.choice(list(parent))
    what = chance.randrange(6)
    odd = chance.choice([text for text in _ODD_TEXTS if "\x00" not in text])
    if what == 0:
        child.text = odd
    elif what == 1 and child.attrib:
        child.set(chance.choice(list(child.attrib)), odd)
    elif what == 2:
        parent.remove(child)
    elif what == 3:
        parent.append(child)
    elif what == 4:
        child.tag = chance.choice([element.tag for element in root.iter()])
    else:
        child.attrib.clear()
        child.tail = odd


def _pubtator(chance: random.Random) -> tuple[str, bytes]:
    lines = _PUBTATOR.split("\n")
    for _ in range(chance.randint(1, 3)):
        number = chance.randrange(len(lines))
        columns = lines[number].split(chance.choice(["\t", "|"]))
        place = chance.randrange(len(columns))
        what = chance.randrange(4)
        if what == 0:
            columns[place] = chance.choice(_ODD_TEXTS)
        elif what == 1:
            columns.insert(place, chance.choice(_ODD_TEXTS))
        elif what == 2:
            columns.pop(place)
        else:
            lines.insert(number, lines[chance.randrange(len(lines))])
        lines[number] = "\t".join(columns)
    return "a.pubtator", "\n".join(lines).encode("utf-8")


def _table_of(name: str, separator: str) -> Callable[[random.Random], tuple[str, bytes]]:
    """A table of notes, with odd cells, and quotes that are opened and not closed."""

    def make(chance: random.Random) -> tuple[str, bytes]:
        rows = [
            ["id", "date", "ward", "text"],
            ["7", "2024-03-02", "A", 'PMH: "asthma",\r\nHTN'],
            ["8", "", "B", "Well."],
            ["9", "2024", "C", "Gout\tsince 2010; no fever."],
        ]
        for _ in range(chance.randint(1, 3)):
            row = chance.choice(rows)
            place = chance.randrange(len(row)) if row else 0
            what = chance.randrange(5)
            if what == 0:
                rows.insert(chance.randrange(len(rows)), list(row))
            elif what == 1 and row:
                row.pop(place)
            elif what == 2:
                row.insert(place, chance.choice(_ODD_TEXTS))
            elif row:
                row[place] = chance.choice(_ODD_TEXTS)
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=separator).writerows(rows)
        text = stream.getvalue()
        if chance.random() < 0.3:
            place = chance.randrange(len(text) + 1)
            text = text[:place] + chance.choice(['"', '""', "\r", "\n", separator]) + text[place:]
        return name, text.encode(chance.choice(_ENCODINGS), "replace")

    return make


@cache
def _written(format: str, name: str) -> bytes:
    """Two documents as biopipe writes them in a format; of a folder the file `name`."""
    text = "Aspirin helps in gout.\nBRAF V600E too."
    mentions = (
        Mention(0, 7, "Chemical", 0.9, ("MESH:D001241",)),
        Mention(17, 21, "Disease", concept_ids=("MESH:D006073",), assertion=frozenset({"negated"})),
        Mention(23, 27, "Gene", concept_ids=("NCBIGene:673",)),
    )
    relations = (Relation("MESH:D001241", "MESH:D006073", "treats", 0.5),)
    documents = [Document(n, text, mentions, relations) for n in ("a", "b")]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "written")
        write(documents, target, format=format)
        return (target / name if target.is_dir() else target).read_bytes()


def _json_of(name: str, format: str) -> Callable[[random.Random], tuple[str, bytes]]:
    def make(chance: random.Random) -> tuple[str, bytes]:
        return name, _text(_mutated_json(chance, json.loads(_written(format, ""))))

    return make


def _lines_of(name: str, format: str) -> Callable[[random.Random], tuple[str, bytes]]:
    """Lines of columns, with odd, lost, added and doubled columns and lines."""

    def make(chance: random.Random) -> tuple[str, bytes]:
        lines = _written(format, "a.ann").decode("utf-8").split("\n")
        for _ in range(chance.randint(1, 3)):
            number = chance.randrange(len(lines))
            separator = chance.choice(["\t", " ", ";"])
            columns = lines[number].split(separator)
            place = chance.randrange(len(columns))
            what = chance.randrange(5)
            if what < 2:
                columns[place] = chance.choice(_ODD_TEXTS)
            elif what == 2:
                columns.insert(place, chance.choice(_ODD_TEXTS))
            elif what == 3:
                columns.pop(place)
            else:
                lines.insert(number, chance.choice(lines))
            lines[number] = separator.join(columns)
        return name, "\n".join(lines).encode("utf-8")

    return make


def _plain_text(chance: random.Random) -> tuple[str, bytes]:
    words = ["Patient with β-thalassemia,\r\nno fever.", "1|t|x", *_ODD_TEXTS]
    text = chance.choice(["", "\n", " "]).join(chance.choices(words, k=chance.randint(1, 5)))
    return "a.txt", text.encode(chance.choice(_ENCODINGS), "replace")


def _parquet(chance: random.Random) -> tuple[str, bytes]:
    while True:
        sink = pa.BufferOutputStream()
        try:
            pq.write_table(_odd_table(chance), sink, row_group_size=2)
        except pa.ArrowException:  # what Parquet cannot hold is not in a file
            continue
        return "a.parquet", sink.getvalue().to_pybytes()


def _odd_table(chance: random.Random) -> pa.Table:
    """Rows of a Document, with a column of another type or of odd values."""
    documents = [Document(str(n), "Aspirin helps.", meta={"date": "2020"}) for n in range(4)]
    table = document_rows(documents)
    name = chance.choice([*table.schema.names, "date", "journal", "doi"])
    column = _odd_column(chance, table.num_rows)
    place = table.schema.get_field_index(name)
    return table.append_column(name, column) if place < 0 else table.set_column(place, name, column)


def _odd_column(chance: random.Random, rows: int) -> pa.Array:
    if chance.random() < 0.3:
        texts = [chance.choice([b"\xed\xa0\x80", b"\xff", b"", b"a\x00", b"9" * 5000, b"2020"])]
        raw = pa.array(texts * rows, pa.binary())
        return pa.StringArray.from_buffers(rows, raw.buffers()[1], raw.buffers()[2])
    if chance.random() < 0.5:
        values = [chance.choice(_ODD_VALUES) for _ in range(rows)]
        plain = [value for value in values if not isinstance(value, str)] or [None]
        try:
            return pa.array([chance.choice(plain)] * rows)
        except (pa.ArrowException, OverflowError, UnicodeError):
            return pa.nulls(rows)
    wide = pa.array(
        [
            chance.choice([-(2**62), 2**62, 0, 10**9, -(10**9), 253402300800, 2932897])
            for _ in range(rows)
        ]
    )
    of_type = chance.choice(_ODD_COLUMNS)
    try:
        if pa.types.is_date32(of_type):
            return wide.cast(pa.int32(), safe=False).cast(of_type)
        return wide.cast(of_type, safe=False)
    except pa.ArrowException:
        return pa.nulls(rows, of_type)


def _bytes_of(make: Callable[[random.Random], tuple[str, bytes]]) -> Any:
    """Files of a kind with their bytes changed, cut or repeated."""

    def damaged(chance: random.Random) -> tuple[str, bytes]:
        name, whole = make(random.Random(chance.randrange(50)))
        raw = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            if not raw:
                break
            place = chance.randrange(len(raw))
            what = chance.randrange(4)
            if what == 0:
                raw[place] = chance.randrange(256)
            elif what == 1:
                del raw[place : place + chance.randint(1, 40)]
            elif what == 2:
                raw[place:place] = raw[place : place + chance.randint(1, 200)]
            else:
                del raw[place:]
        return name, bytes(raw)

    return damaged


def _mutated_json(chance: random.Random, value: Any) -> Any:
    """The value with one to three places in it changed."""
    for _ in range(chance.randint(1, 3)):
        holders = list(_holders(value))
        if not holders:
            return chance.choice(_ODD_VALUES)
        holder, key = chance.choice(holders)
        what = chance.randrange(8)
        if what == 0 and isinstance(holder, dict):
            holder[chance.choice([k for _, k in holders if isinstance(k, str)] or ["x"])] = (
                holder.pop(key)
            )
        elif what == 1:
            del holder[key]
        elif what == 2 and isinstance(holder, list):
            holder.extend([holder[key]] * chance.randint(1, 20))
        elif what == 3:
            other, place = chance.choice(holders)
            holder[key] = json.loads(json.dumps(other[place]))
        else:
            holder[key] = json.loads(json.dumps(chance.choice(_ODD_VALUES)))
    return value


def _holders(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in nested lists and mappings, as the list or mapping and the index or key."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in list(pairs):
            yield value, key
            yield from _holders(item)


_STRUCTURED: Mapping[str, Callable[[random.Random], tuple[str, bytes]]] = {
    "json": _json_file,
    "jsonl": _json_lines,
    "bioc json": _bioc_json,
    "bioc jsonl": _bioc_lines,
    "bioc xml": _xml_of("a.xml", _BIOC_XML),
    "pubmed xml": _xml_of("a.xml", _PUBMED_XML),
    "pmc xml": _xml_of("a.nxml", _PMC_XML),
    "pubtator": _pubtator,
    "parquet": _parquet,
    "csv": _table_of("a.csv", ","),
    "tsv": _table_of("a.tsv", "\t"),
    "text": _plain_text,
    "label studio": _json_of("a.json", "labelstudio"),
    "label studio, annotations": _json_of("a.json", "labelstudio-annotations"),
    "web annotation": _json_of("a.jsonld", "webannotation"),
    "conll": _lines_of("a.conll", "conll"),
    "brat": _lines_of("a.ann", "brat"),
}
KINDS: Mapping[str, Callable[[random.Random], tuple[str, bytes]]] = {
    **_STRUCTURED,
    **{f"{kind}, bytes": _bytes_of(make) for kind, make in _STRUCTURED.items()},
}
"""What makes a mutated file, by format and kind of damage."""


def check(path: Path, nlp: Any) -> str:
    """What became of a file: "documents", "error rows", "refused"; raises what ends a run."""
    if path.suffix == ".ann":
        path.with_suffix(".txt").write_bytes(_written("brat", "a.txt"))
    started = time.process_time()
    documents: list[Document] = []
    errors = 0

    def reading(on_error: OnError) -> Iterator[Document]:
        for document in read(path, on_error=on_error):
            documents.append(document)
            yield document

    for batch in annotated(
        records(reading, source=str(path)), nlp, source=str(path), kb_names={}, lanes=0
    ):
        errors += batch.tables["errors"].num_rows
    _store(documents, path)
    if (seconds := time.process_time() - started) > SECONDS:
        raise TimeoutError(f"{seconds:.1f} seconds of the processor")
    return ("both" if errors else "documents") if documents else "error rows alone"


def _store(documents: list[Document], path: Path) -> None:
    """Whatever was read fits the tables, JSON lines, Parquet and a table in memory."""
    if not documents:
        return
    document_tables(documents, {})
    rows = document_rows(documents)
    jsonl.write(documents, path.with_name("written.jsonl"))
    if list(read(path.with_name("written.jsonl"))) != documents:
        raise AssertionError("documents do not come back from JSON lines")
    chunks = frames.open_table(rows, InputColumns())
    list(frames.read(chunks, on_error=lambda error: None))
    fhir.write(documents, path.with_name("written.ndjson"))
    # Their ids are no whole numbers, or those of two notes, which is said in words.
    numbered = [replace(document, id=f"n{i}") for i, document in enumerate(documents)]
    omop.write(numbered, path.with_name("written.csv"))


def main() -> None:
    from record import options, record

    parser = options(__doc__)
    parser.add_argument("--count", type=int, default=12_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    outcomes: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    failures: list[str] = []
    nlp = spacy.blank("en")
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(arguments.count):
            kind = list(KINDS)[number % len(KINDS)]
            name, raw = mutations(kind, random.Random(f"{arguments.seed} {number}"))
            path = Path(folder, name)
            path.write_bytes(raw)
            try:
                outcomes[kind][check(path, nlp)] += 1
            except Exception as error:
                outcomes[kind]["ends the run"] += 1
                where = traceback.extract_tb(error.__traceback__)[-1]
                failures.append(
                    f"{kind} {number}: {error!r:.200} at {where.filename}:{where.lineno}"
                )
                if not isinstance(error, InputError):
                    print(failures[-1], flush=True)
    record(
        "mutations",
        {
            "mutations": arguments.count,
            "seed": arguments.seed,
            "ended a run": len(failures),
            "seconds": round(time.perf_counter() - started, 1),
            "outcomes": {kind: dict(sorted(count.items())) for kind, count in outcomes.items()},
            "failures": failures[:20],
        },
        arguments.results,
    )


if __name__ == "__main__":
    main()
