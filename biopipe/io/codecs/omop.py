"""OMOP CDM 5.4: the table NOTE_NLP, a row for each mention, medication and measurement of notes.

Columns and their meaning are those of https://ohdsi.github.io/CommonDataModel/cdm54.html#NOTE_NLP.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from biopipe.document import Document, Measurement, Medication, Mention
from biopipe.document.attributes import ALLERGIC, STRENGTH
from biopipe.document.labels import FAMILY, HISTORICAL, HYPOTHETICAL, NEGATED, POSSIBLE
from biopipe.errors import InputError, OutputError
from biopipe.io.atomic import atomic_file
from biopipe.io.codecs.omop_vocabulary import OmopVocabulary

__all__ = ["NOTE_NLP", "NoteNlpOptions", "note_nlp_rows", "write"]

NOTE_NLP = pa.schema(
    [
        ("note_nlp_id", pa.int64()),
        ("note_id", pa.int64()),
        ("section_concept_id", pa.int64()),
        ("snippet", pa.string()),
        ("offset", pa.string()),
        ("lexical_variant", pa.string()),
        ("note_nlp_concept_id", pa.int64()),
        ("note_nlp_source_concept_id", pa.int64()),
        ("nlp_system", pa.string()),
        ("nlp_date", pa.date32()),
        ("nlp_datetime", pa.timestamp("ms")),
        ("term_exists", pa.string()),
        ("term_temporal", pa.string()),
        ("term_modifiers", pa.string()),
    ]
)
"""The columns of the table, in its order."""

# The widths of the table's columns in characters.
_LEXICAL, _SNIPPET, _MODIFIERS = 250, 250, 2000
# Characters to either side of a mention in its snippet: about a line.
_AROUND = 60
_BATCH = 256
_SUFFIXES = (".csv", ".parquet")
# The words of the specification for what makes term_exists false.
_MODIFIER_NAMES: Mapping[str, str] = {
    NEGATED: "Negation=true",
    FAMILY: "Subject=family",
    HYPOTHETICAL: "Conditional=true",
    POSSIBLE: "Uncertain=true",
    HISTORICAL: "History=true",
}
_NOT_THERE = frozenset({NEGATED, FAMILY, HYPOTHETICAL})

# Of 64 bits, and without zeros before it: "007" and "7" are two documents.
_WHOLE_NUMBER = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class NoteNlpOptions:
    """`vocabulary` gives OMOP's concept ids; without it they are 0. `system` and `date` are written
    as nlp_system and nlp_date.
    """

    system: str = "biopipe"
    date: datetime.date = field(default_factory=datetime.date.today)
    vocabulary: OmopVocabulary | None = None


def write(
    documents: Iterable[Document], path: Path, options: NoteNlpOptions | None = None
) -> tuple[int, int]:
    """Write the table as CSV or Parquet, by the name of the file; return documents and rows.

    A note's id must be a whole number in OMOP. Where documents have other ids, notes are numbered
    from 1 and a file beside the table, its name ending in `.notes.csv`, says which is which.
    OutputError for a name that ends otherwise.
    """
    if path.suffix not in _SUFFIXES:
        raise OutputError(
            f"NOTE_NLP is written to a file that ends in {' or '.join(_SUFFIXES)}, not to {path}."
        )
    options = options or NoteNlpOptions()
    names = _NoteNumbers()
    counts = [0, 0]
    with atomic_file(path) as temporary, _table_writer(path, temporary) as writer:
        for batch in _batches(documents):
            rows: list[Row] = []
            for document in batch:
                for row in note_nlp_rows(document, names.number(document.id), options):
                    rows.append({"note_nlp_id": counts[1] + len(rows) + 1, **row})
            counts = [counts[0] + len(batch), counts[1] + len(rows)]
            writer.write_table(pa.Table.from_pylist(rows, schema=NOTE_NLP))
    # Which document each made-up number stands for, beside the table.
    if names.documents:
        table = pa.table(
            {
                "note_id": list(range(1, len(names.documents) + 1)),
                "document_id": names.documents,
            }
        )
        with atomic_file(path.with_name(f"{path.stem}.notes.csv")) as temporary:
            pa_csv.write_csv(table, temporary)
    return counts[0], counts[1]


class _NoteNumbers:
    """Whole numbers for documents: their ids where the first one is a number, else 1, 2, ..."""

    def __init__(self) -> None:
        self.documents: list[str] = []
        self._own: bool | None = None
        self._taken: set[int] = set()

    def number(self, document_id: str) -> int:
        is_number = _WHOLE_NUMBER.fullmatch(document_id) is not None
        # The first document decides for all: numbers of our own among theirs could meet.
        if self._own is None:
            self._own = is_number
        if not self._own:
            self.documents.append(document_id)
            return len(self.documents)
        if not is_number:
            raise InputError(
                f"The document '{document_id}' has no whole number for an id as those before it "
                "have, which are the note_id of OMOP; give all documents such ids, or none."
            )
        number = int(document_id)
        if number in self._taken:
            raise InputError(
                f"Two documents have the id '{document_id}', which is the note_id of OMOP; give "
                "every document an id of its own."
            )
        self._taken.add(number)
        return number


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    iterator = iter(documents)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _table_writer(path: Path, temporary: Path) -> "pq.ParquetWriter | pa_csv.CSVWriter":
    if path.suffix == ".parquet":
        return pq.ParquetWriter(temporary, NOTE_NLP)
    return pa_csv.CSVWriter(temporary, NOTE_NLP)


def note_nlp_rows(document: Document, note_id: int, options: NoteNlpOptions) -> Iterator[Row]:
    """The rows of a document, without their own ids.

    Mentions of tests and values that a measurement tells have no row beside its own, nor have
    doses, routes, frequencies and durations that are modifiers of a medication.
    """
    medications = {(m.start, m.end): m for m in document.medications}
    taken: set[tuple[int, int]] = set()
    told = _told_elsewhere(document)
    for mention in document.mentions:
        # A test and its value are one row, that of the measurement.
        if any(s < mention.end and mention.start < e for s, e in told.get(mention.label, ())):
            continue
        medication = _overlapping(medications, mention)
        if medication is not None:
            taken.add((medication.start, medication.end))
        yield _row(document, note_id, options, mention, _medication_modifiers(document, medication))
    for span, medication in medications.items():
        if span not in taken:
            mention = Mention(*span, "Medication", section=medication.section)
            modifiers = _medication_modifiers(document, medication)
            yield _row(document, note_id, options, mention, modifiers)
    for measurement in document.measurements:
        code = (measurement.code,) if measurement.code else ()
        mention = Mention(
            measurement.start,
            measurement.end,
            "Measurement",
            concept_ids=code,
            section=measurement.section,
        )
        yield _row(
            document, note_id, options, mention, _measurement_modifiers(document, measurement)
        )


def _told_elsewhere(document: Document) -> dict[str, list[tuple[int, int]]]:
    """Spans that rows of measurements and medications tell, by the labels of mentions there."""
    tests = [(m.start, m.end) for m in document.measurements]
    values = [(m.value_start, m.value_end) for m in document.measurements]
    attributes = [(a.start, a.end) for m in document.medications for a in m.attributes]
    return {
        "Test": [*tests, *values],
        "Value": [*tests, *values, *attributes],
        **dict.fromkeys(("Dosage", "Duration", "Frequency", "Route"), attributes),
    }


def _row(
    document: Document,
    note_id: int,
    options: NoteNlpOptions,
    mention: Mention,
    modifiers: list[str],
) -> Row:
    text, assertion = document.text, mention.assertion
    snippet = text[max(0, mention.start - _AROUND) : mention.end + _AROUND]
    concept = source = 0
    if options.vocabulary is not None:
        concept, source = options.vocabulary.concepts(mention.concept_ids)
    assertions = [name for label, name in _MODIFIER_NAMES.items() if label in assertion]
    # Section and label have no column of their own.
    section = [f"Section={mention.section}"] if mention.section else []
    return {
        "note_id": note_id,
        "section_concept_id": 0,
        "snippet": " ".join(snippet.split())[:_SNIPPET],
        "offset": str(mention.start),
        "lexical_variant": text[mention.start : mention.end][:_LEXICAL],
        "note_nlp_concept_id": concept,
        "note_nlp_source_concept_id": source,
        "nlp_system": options.system,
        "nlp_date": options.date,
        "nlp_datetime": None,
        "term_exists": "N" if _NOT_THERE & assertion else "Y",
        "term_temporal": "Past" if HISTORICAL in assertion else "Present",
        "term_modifiers": _cut([*assertions, *modifiers, f"Label={mention.label}", *section]),
    }


def _cut(modifiers: list[str]) -> str:
    """As many modifiers as the column holds, whole."""
    while len(text := ";".join(modifiers)) > _MODIFIERS:
        modifiers = modifiers[:-1]
    return text


def _medication_modifiers(document: Document, medication: Medication | None) -> list[str]:
    if medication is None:
        return []
    parts = [f"Status={medication.status}"]
    for attribute in medication.attributes:
        written = " ".join(document.text[attribute.start : attribute.end].split())
        value = attribute.value
        if attribute.kind == STRENGTH and attribute.amount is not None:
            value = f"{attribute.amount:g} {attribute.unit}"
        name = attribute.kind.capitalize().replace(" ", "_")
        parts.append(f"{name}={(value or written).replace(';', ',')}")
    if medication.status == ALLERGIC:
        parts.append("Allergy=true")
    return parts


def _measurement_modifiers(document: Document, measurement: Measurement) -> list[str]:
    parts = []
    if measurement.test:
        parts.append(f"Test={measurement.test}")
    if measurement.amount is not None:
        upper = measurement.upper_amount
        number = f"{measurement.amount:g}" + (f"-{upper:g}" if upper is not None else "")
        parts.append(f"Value={measurement.comparator}{number}")
    else:
        written = document.text[measurement.value_start : measurement.value_end]
        parts.append(f"Value={' '.join(written.split()).replace(';', ',')}")
    if measurement.unit:
        parts.append(f"Unit={measurement.unit}")
    if measurement.flag:
        parts.append(f"Flag={measurement.flag}")
    return parts


def _overlapping(
    medications: Mapping[tuple[int, int], Medication], mention: Mention
) -> Medication | None:
    return next(
        (
            m
            for (start, end), m in medications.items()
            if start < mention.end and mention.start < end
        ),
        None,
    )
