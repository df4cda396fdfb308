import datetime
from dataclasses import replace
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from biopipe.document import Document, Measurement, Medication, MedicationAttribute, Mention
from biopipe.errors import InputError, OutputError
from biopipe.io.codecs import omop
from biopipe.io.codecs.omop import NOTE_NLP, NoteNlpOptions
from biopipe.io.codecs.omop_vocabulary import OmopVocabulary

TEXT = "No asthma. Mother had stroke. Takes aspirin 81 mg daily. History of gout. WBC 12.3 H."
CONCEPT = (
    "concept_id concept_name domain_id vocabulary_id concept_class_id standard_concept concept_code"
)
CONCEPTS = (
    ("100", "Asthma", "Condition", "MeSH", "Main Heading", "", "D001249"),
    ("317009", "Asthma", "Condition", "SNOMED", "Disorder", "S", "195967001"),
    ("3000905", "Leukocytes", "Measurement", "LOINC", "Lab Test", "S", "6690-2"),
    ("7", "Other", "Drug", "NDC", "11-digit NDC", "", "6690-2"),
)
RELATIONS = (("100", "317009", "Maps to", ""), ("100", "7", "Maps to", "D"))


def span(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


DOCUMENT = Document(
    "17",
    TEXT,
    mentions=(
        Mention(*span("asthma"), "Disease", concept_ids=("MESH:D001249",),
                assertion=frozenset({"negated"}), section="hpi"),
        Mention(*span("stroke"), "Disease", assertion=frozenset({"family"})),
        Mention(*span("gout"), "Disease", assertion=frozenset({"historical"})),
    ),
    medications=(
        Medication("aspirin", *span("aspirin"), "taken", (
            MedicationAttribute("strength", *span("81 mg"), amount=81, unit="mg"),
            MedicationAttribute("frequency", *span("daily"), value="1/d", amount=1),
        )),
    ),
    measurements=(
        Measurement("WBC", *span("WBC"), *span("12.3"), "leukocytes", "LOINC:6690-2", amount=12.3,
                    unit="10*3/uL", flag="H"),
    ),
)  # fmt: skip
NAMES = {"note_id": "int64", "document_id": "string"}
OPTIONS = NoteNlpOptions(system="biopipe 1", date=datetime.date(2020, 1, 2))


@pytest.fixture
def athena(tmp_path: Path) -> Path:
    lines = ["\t".join(row) for row in (CONCEPT.split(), *CONCEPTS)]
    (tmp_path / "CONCEPT.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    head = ("concept_id_1", "concept_id_2", "relationship_id", "invalid_reason")
    lines = ["\t".join(row) for row in (head, *RELATIONS)]
    (tmp_path / "CONCEPT_RELATIONSHIP.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_rows_are_those_of_the_cdm(tmp_path: Path) -> None:
    assert omop.write([DOCUMENT], tmp_path / "note_nlp.parquet", OPTIONS) == (1, 5)
    table = pq.read_table(tmp_path / "note_nlp.parquet")
    assert table.schema.equals(NOTE_NLP)
    rows = table.to_pylist()
    assert [row["note_nlp_id"] for row in rows] == [1, 2, 3, 4, 5]
    assert {row["note_id"] for row in rows} == {17}
    asthma, stroke, gout, aspirin, leukocytes = rows
    assert (asthma["lexical_variant"], asthma["offset"]) == ("asthma", str(span("asthma")[0]))
    assert (asthma["term_exists"], asthma["term_temporal"]) == ("N", "Present")
    assert asthma["term_modifiers"] == "Negation=true;Label=Disease;Section=hpi"
    assert (stroke["term_exists"], stroke["term_modifiers"].split(";")[0]) == (
        "N",
        "Subject=family",
    )
    assert (gout["term_exists"], gout["term_temporal"]) == ("Y", "Past")
    assert aspirin["term_modifiers"] == (
        "Status=taken;Strength=81 mg;Frequency=1/d;Label=Medication"
    )
    assert leukocytes["term_modifiers"] == (
        "Test=leukocytes;Value=12.3;Unit=10*3/uL;Flag=H;Label=Measurement"
    )
    assert (asthma["nlp_system"], asthma["nlp_date"]) == ("biopipe 1", OPTIONS.date)
    assert "Mother had stroke" in stroke["snippet"]


def test_concept_ids_are_those_of_the_users_vocabulary(athena: Path, tmp_path: Path) -> None:
    options = replace(OPTIONS, vocabulary=OmopVocabulary.read(athena))
    omop.write([DOCUMENT], tmp_path / "note_nlp.parquet", options)
    rows = pq.read_table(tmp_path / "note_nlp.parquet").to_pylist()
    pairs = [(row["note_nlp_concept_id"], row["note_nlp_source_concept_id"]) for row in rows]
    assert pairs == [(317009, 100), (0, 0), (0, 0), (0, 0), (3000905, 3000905)]


def test_other_ids_are_numbered_and_listed(tmp_path: Path) -> None:
    documents = [replace(DOCUMENT, id="b"), replace(DOCUMENT, id="a")]
    assert omop.write(documents, tmp_path / "note_nlp.csv", OPTIONS) == (2, 10)
    table = pa_csv.read_csv(tmp_path / "note_nlp.csv")
    assert table.column_names == NOTE_NLP.names
    assert table["note_id"].to_pylist() == [1] * 5 + [2] * 5
    notes = pa_csv.read_csv(tmp_path / "note_nlp.notes.csv").to_pylist()
    assert notes == [{"note_id": 1, "document_id": "b"}, {"note_id": 2, "document_id": "a"}]
    with pytest.raises(InputError, match="'b'"):
        omop.write([DOCUMENT, documents[0]], tmp_path / "mixed.csv", OPTIONS)
    assert not (tmp_path / "mixed.csv").exists()


def test_columns_keep_to_their_widths(tmp_path: Path) -> None:
    text = "x" * 5000
    long = Document("1", text, mentions=(Mention(0, 5000, "Disease", section="s" * 3000),))
    omop.write([long], tmp_path / "note_nlp.parquet", OPTIONS)
    (row,) = pq.read_table(tmp_path / "note_nlp.parquet").to_pylist()
    assert len(row["lexical_variant"]) == len(row["snippet"]) == 250
    assert row["term_modifiers"] == "Label=Disease"


def test_what_is_wrong_is_said(athena: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"notes\.txt"):
        omop.write([DOCUMENT], tmp_path / "notes.txt", OPTIONS)
    with pytest.raises(InputError, match="nowhere"):
        OmopVocabulary.read(tmp_path / "nowhere")
    (athena / "CONCEPT.csv").write_text("concept_id\tname\n1\tx\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column vocabulary_id"):
        OmopVocabulary.read(athena)


@pytest.mark.parametrize("odd", ["9" * 19, "9" * 5000, "007", "٣", " 3", "-1"])
def test_ids_that_no_column_of_numbers_holds_are_numbered(odd: str, tmp_path: Path) -> None:
    omop.write([replace(DOCUMENT, id=odd), replace(DOCUMENT, id="7")], tmp_path / "a.parquet")
    rows = pq.read_table(tmp_path / "a.parquet")
    assert set(rows["note_id"].to_pylist()) == {1, 2}
    names = pa_csv.read_csv(
        tmp_path / "a.notes.csv", convert_options=pa_csv.ConvertOptions(column_types=NAMES)
    )
    assert names["document_id"].to_pylist() == [odd, "7"]


def test_one_id_of_two_notes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Two documents have the id '17'"):
        omop.write([DOCUMENT, DOCUMENT], tmp_path / "a.csv")
    assert not list(tmp_path.iterdir())
