import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from biopipe.bulk import run
from biopipe.io import read
from biopipe.io.codecs import jsonl
from biopipe.io.run_output.documents import run_documents
from biopipe.pipeline import build, predictors

Invoke = Callable[..., Any]

NOTE = (
    "Medications:\nmetoprolol succ 25 mg PO BID\n\nVitals: BP 128/72, HR 84\n\n"
    "HPI: seen 2019-03-04. He secretly collects stamps.\n"
)
CONFIGURATION = {
    "components": {
        "biopipe_sections": None,
        "biopipe_measurements": None,
        "biopipe_medications": {"kb": ""},
        "biopipe_dates": None,
    }
}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "clinical.json").write_text(json.dumps(CONFIGURATION), encoding="utf-8")
    line = json.dumps({"id": "n1", "text": NOTE, "date": "2019-03-05"})
    (tmp_path / "notes.jsonl").write_text(line + "\n", encoding="utf-8")
    run(
        [str(tmp_path / "notes.jsonl")],
        tmp_path / "out",
        pipeline=str(tmp_path / "clinical.json"),
        workers=0,
    )
    return tmp_path / "out"


def test_a_run_keeps_what_notes_hold(output: Path) -> None:
    (row,) = pq.read_table(output / "documents").to_pylist()
    (medication,) = row["medications"]
    assert (medication["name"], medication["status"]) == ("metoprolol succ", "taken")
    assert [a["kind"] for a in medication["attributes"]] == ["strength", "route", "frequency"]
    assert [m["amount"] for m in row["measurements"]] == [128, 72, 84]
    assert [time["value"] for time in row["times"]] == ["2019-03-04"]


def test_the_documents_of_a_run_are_those_that_were_annotated(output: Path, tmp_path: Path) -> None:
    (document,) = run_documents(output)
    documents = list(read(tmp_path / "notes.jsonl"))
    for predictor in predictors(build(CONFIGURATION)) or []:
        documents = predictor.predict(documents)
    (expected,) = documents
    # The tables hold scores in four bytes.
    scores = [pytest.approx(mention.score) for mention in expected.mentions]
    assert [mention.score for mention in document.mentions] == scores
    pairs = zip(expected.mentions, document.mentions, strict=True)
    expected = replace(
        expected, mentions=tuple(replace(m, score=other.score) for m, other in pairs)
    )
    for name in ("id", "mentions", "sections", "medications", "measurements", "times"):
        assert getattr(document, name) == getattr(expected, name), name
    assert len(document.text) == len(NOTE)
    assert "stamps" not in document.text
    assert "metoprolol succ" in document.text


def test_fhir_of_a_run_and_of_a_file(invoke: Invoke, output: Path, tmp_path: Path) -> None:
    result = invoke("convert", output, "-o", tmp_path / "notes.ndjson", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["documents"] == 1
    (line,) = (tmp_path / "notes.ndjson").read_text(encoding="utf-8").splitlines()
    bundles = pytest.importorskip("fhir.resources.R4B.bundle")
    bundle = bundles.Bundle.model_validate_json(line)
    kinds = [entry.resource.get_resource_type() for entry in bundle.entry]
    assert kinds == ["DocumentReference", "MedicationStatement", *["Observation"] * 3]
    assert "stamps" not in line
    jsonl.write(run_documents(output), tmp_path / "annotated.jsonl")
    again = invoke("convert", tmp_path / "annotated.jsonl", "-o", tmp_path / "again.ndjson")
    assert again.exit_code == 0, again.output
    assert (tmp_path / "again.ndjson").read_text(encoding="utf-8").splitlines() == [line]


def test_note_nlp_of_a_run(invoke: Invoke, output: Path, tmp_path: Path) -> None:
    target = tmp_path / "note_nlp.csv"
    result = invoke("convert", output, "-o", target, "--date", "2020-01-02")
    assert result.exit_code == 0, result.output
    assert "1 documents, 4 rows" in result.stdout
    rows = pa_csv.read_csv(target).to_pylist()
    assert [row["lexical_variant"] for row in rows] == ["metoprolol succ", "BP", "BP", "HR"]
    assert {str(row["nlp_date"]) for row in rows} == {"2020-01-02"}
    assert (tmp_path / "note_nlp.notes.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "notes.docx"], "'notes.docx' names no format to convert to"),
        (["-o", "notes.json"], "'notes.json' names no format to convert to; give --to bioc, "),
        (["-o", "notes.csv", "--to", "hl7"], "'hl7' names no format to convert to"),
        (["-o", "notes.csv", "--date", "soon"], "'soon' is no date; write it as YYYY-MM-DD."),
        (["-o", "notes.csv", "--vocabulary", "nowhere"], "nowhere"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    invoke: Invoke, output: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    target = [str(tmp_path / a) if a.startswith("notes.") else a for a in arguments]
    result = invoke("convert", output, *target)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert not list(tmp_path.glob("notes.csv"))


def test_a_file_that_tells_no_format_and_the_input_as_output(
    invoke: Invoke, tmp_path: Path
) -> None:
    paper, tasks = tmp_path / "paper.pdf", tmp_path / "tasks.jsonl"
    paper.write_bytes(b"%PDF-1.4")
    result = invoke("convert", paper, "-o", tmp_path / "paper.jsonl")
    assert result.exit_code == 1
    assert "paper.pdf tells no format; give a file with one of these endings: " in result.stderr
    assert "(also .gz); or say --from bioc, biocjson, brat" in result.stderr
    content = '{"id": "1", "text": "No fever."}\n'
    tasks.write_text(content)
    result = invoke("convert", tasks, "-o", tasks, "--to", "conll")
    assert result.exit_code == 1
    assert "tasks.jsonl is the input as well; give another name." in result.stderr
    assert tasks.read_text() == content


PUBTATOR = """\
1|t|Lithium raises TSH.
1|a|No goitre.
1\t0\t7\tLithium\tChemical\tD008094
1\t0\t14\tLithium raises\tEvent\t-
1\t23\t29\tgoitre\tDisease\tD006042
1\tAssociation\tD008094\tD006042\tNovel
1\tD008094\tD006042\tSubject:D008094

2|t|Plain
2\t0\t9\tnowhere\tGene\t-

no title above
"""


def test_from_one_format_to_each_other_and_back(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "in.pubtator").write_text(PUBTATOR, encoding="utf-8")
    (expected, _) = read(tmp_path / "in.pubtator", on_error=lambda error: None)
    for name in ("b.bioc.xml", "b.bioc.json", "l.labelstudio.json", "w.jsonld", "s.spacy"):
        result = invoke("convert", tmp_path / "in.pubtator", "-o", tmp_path / name)
        assert result.exit_code == 0, result.output
        assert "record 1 (2): line 10: the mention of 7 characters is not the text" in result.stderr
        assert "record 2: line 12 comes under no title line" in result.stderr
        assert f"{name}: 2 documents." in result.stdout
        back = invoke("convert", tmp_path / name, "-o", tmp_path / "back.pubtator", "--json")
        assert json.loads(back.stdout)["documents"] == 2
        (document, _) = read(tmp_path / "back.pubtator")
        if name.startswith("l"):  # tasks have no novelty
            relations = tuple(replace(r, novel=None) for r in expected.relations)
            assert document.relations == relations
        else:
            assert document.relations == expected.relations, name
        assert document.mentions == expected.mentions, name


def test_what_a_format_cannot_hold_is_one_line(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "in.pubtator").write_text(PUBTATOR, encoding="utf-8")
    result = invoke("convert", tmp_path / "in.pubtator", "-o", tmp_path / "out.conll")
    assert result.stdout == (
        f"{tmp_path / 'out.conll'}: 2 documents. Left out, not in the format: 3 passages, "
        "2 concept ids of mentions, 1 relations, 1 mentions nested in others or overlapping them.\n"
    )
    (line,) = [x for x in (tmp_path / "out.conll").read_text().splitlines() if "goitre\t" in x]
    assert line == "goitre\t23\t29\tB-Disease"
    again = invoke("convert", tmp_path / "in.pubtator", "-o", tmp_path / "brat", "--to", "brat")
    assert again.exit_code == 0, again.output
    assert "2 documents. Left out, not in the format: 3 passages, 1 novelties of" in again.stdout
    assert sorted(file.name for file in (tmp_path / "brat").iterdir())[0] == "1.ann"
    back = invoke("convert", tmp_path / "brat", "-o", tmp_path / "back.jsonl")
    assert "2 documents" in back.stdout


def test_a_run_becomes_documents_with_their_texts_and_relations(
    invoke: Invoke, output: Path, tmp_path: Path
) -> None:
    result = invoke("convert", output, "-o", tmp_path / "found.jsonl")
    assert result.exit_code == 0, result.output
    (document,) = read(tmp_path / "found.jsonl")
    assert document.text == NOTE
    assert [m.name for m in document.medications] == ["metoprolol succ"]
    (tmp_path / "notes.jsonl").write_text('{"id": "n1", "text": "other"}\n')
    result = invoke("convert", output, "-o", tmp_path / "again.jsonl")
    assert result.exit_code == 1
    assert "The text of document 'n1' is not in" in result.stderr


def test_nothing_but_errors_exits_1(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('[{"data": {"text": "x"}, "id": []}]')
    result = invoke("convert", tmp_path / "in.json", "-o", tmp_path / "out.jsonl")
    assert result.exit_code == 1
    assert "record 0: the task has no id" in result.stderr


def test_a_folder_that_is_no_run(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("convert", tmp_path, "-o", tmp_path / "notes.ndjson")
    assert result.exit_code == 1
    assert "is no output of biopipe run" in result.stderr


def test_help_names_the_formats_of_the_code(invoke: Invoke) -> None:
    from biopipe.components.docbin import all_formats

    formats = all_formats()
    words = " ".join(invoke("convert", "--help").stdout.split())
    read, written = re.findall(r"Formats (?:read|written): (.*?)\.", words)
    assert set(read.split(", ")) == set(formats)
    assert set(written.split(", ")) == {"fhir", "omop", *(n for n in formats if formats[n].write)}
    words = " ".join(invoke("run", "--help").stdout.split())
    for name, format in formats.items():
        if format.endings and name != "docbin":
            assert f"{format.title} ({', '.join(format.endings)})" in words
