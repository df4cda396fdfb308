"""`biopipe run` over a folder of clinical notes, and that nothing of a note leaves its tables."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from spacy.language import Language
from spacy.tokens import Doc
from typer.testing import Result

Invoke = Callable[..., Result]
# What a note must not leave in ids, logs and error rows.
SECRETS = ("Winterbottom", "00421337", "1950-05-03", "barbecue")
NOTE = (
    "Name: Agnes Winterbottom\nMRN: 00421337\nDOB: 1950-05-03\n\n"
    "PMH:\n- Hypertension\n- Asthma\nMeds: metformin 500 mg\nHPI: pain after a barbecue.\n"
)


@pytest.fixture
def refusing() -> str:
    """A component that fails as careless ones do: with the text in its message."""

    def refuse(doc: Doc) -> Doc:
        if "barbecue" in doc.text:
            raise ValueError(f"cannot read {doc.text!r}; its words are {doc.text.split()}")
        return doc

    Language.component("test_refusing", func=refuse)
    return "test_refusing"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "visit-1.txt").write_text(NOTE)
    (folder / "visit-2.txt").write_bytes(NOTE.encode() + b"\0\xff")
    (folder / "table.csv").write_text(f'id,text\n1,"{NOTE}",more\n2,"{NOTE}"\n')
    (folder / "broken.csv").write_text(f'id,text\n1,"{NOTE}\n')
    return folder


def _pipeline(tmp_path: Path, tagger: Path, *more: str) -> Path:
    path = tmp_path / "pipeline.json"
    components = {
        "biopipe_sections": {},
        "biopipe_ner": {"model": str(tagger), "lines": True, "threshold": 0.0},
        "biopipe_mention_sections": {"factory": "biopipe_sections"},
        **{name: {} for name in more},
    }
    path.write_text(json.dumps({"components": components}))
    return path


def _run(invoke: Invoke, tmp_path: Path, pipeline: Path | str, *inputs: Path) -> Result:
    return invoke(
        "run", *inputs, "-o", tmp_path / "out", "--pipeline", pipeline, "--workers", 0, "--json"
    )


def _rows(tmp_path: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(tmp_path / "out" / table).to_pylist()
    return rows


def _left(tmp_path: Path, result: Result) -> str:
    """All that a run says and writes, but for the tables that hold text because they should."""
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    plain = [p.read_text("utf-8", "replace") for p in files if p.suffix != ".parquet"]
    ids = [row["id"] for row in _rows(tmp_path, "documents")]
    names = [path.name for path in files]
    return "\n".join(
        [result.output, result.stderr, *plain, *ids, *names, repr(_rows(tmp_path, "errors"))]
    )


def test_a_folder_of_notes(invoke: Invoke, tmp_path: Path, tiny_tagger: Path, notes: Path) -> None:
    result = _run(invoke, tmp_path, _pipeline(tmp_path, tiny_tagger), notes)
    assert result.exit_code == 0, result.output
    documents = {row["id"]: row for row in _rows(tmp_path, "documents")}
    assert documents.keys() == {"visit-1", "2"}
    categories = [section["category"] for section in documents["visit-1"]["sections"]]
    assert categories == [
        *["header"] * 3, "past_medical_history", "medications", "history_of_present_illness"
    ]  # fmt: skip
    mentions = [m for m in _rows(tmp_path, "mentions") if m["document_id"] == "visit-1"]
    assert {m["section"] for m in mentions} <= {*categories}
    assert not any("\n" in mention["text"] for mention in mentions)
    errors = {(Path(row["input"]).name, row["document_id"]) for row in _rows(tmp_path, "errors")}
    assert errors == {("visit-2.txt", "visit-2"), ("table.csv", None), ("broken.csv", None)}
    assert not [secret for secret in SECRETS if secret in _left(tmp_path, result)]


def test_nothing_of_a_note_is_in_what_a_failed_run_leaves(
    invoke: Invoke, tmp_path: Path, tiny_tagger: Path, notes: Path, refusing: str
) -> None:
    result = _run(invoke, tmp_path, _pipeline(tmp_path, tiny_tagger, refusing), notes)
    assert result.exit_code == 1
    assert not _rows(tmp_path, "documents")
    failed = [row for row in _rows(tmp_path, "errors") if row["stage"] != "read"]
    assert {row["document_id"] for row in failed} == {"visit-1", "2"}
    assert all(row["error"].startswith("ValueError: cannot read") for row in failed)
    assert not [secret for secret in SECRETS if secret in _left(tmp_path, result)]


def test_the_pipeline_for_notes(invoke: Invoke, tmp_path: Path, notes: Path) -> None:
    result = _run(invoke, tmp_path, "clinical", notes / "visit-1.txt")
    assert result.exit_code == 0, result.output
    mentions = {row["text"]: row for row in _rows(tmp_path, "mentions")}
    assert mentions["Hypertension"]["section"] == "past_medical_history"
    assert mentions["metformin"]["section"] == "medications"
