"""Exports of Label Studio as it writes them, and what is wrong in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from biopipe.document import Document, Mention, Relation
from biopipe.errors import InputError
from biopipe.io import RowError, read
from biopipe.io.formats import write

TEXT = "🧬 Lithium raises TSH.\r\nNo goitre."
LITHIUM = Mention(2, 9, "Chemical", concept_ids=("MESH:D008094",))
GOITRE = Mention(26, 32, "Disease", assertion=frozenset({"negated"}))


def region(name: str, start: int, end: int, words: str, label: str, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": words, "labels": [label]}
    return {
        "value": value,
        "id": name,
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "origin": "manual",
        **more,
    }


def annotated(*result: Any, **more: Any) -> dict[str, Any]:
    """A task as the JSON export of a project has it."""
    annotation = {
        "id": 12,
        "completed_by": 1,
        "result": list(result),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2024-05-02T08:00:00.000000Z",
        "updated_at": "2024-05-02T08:01:10.000000Z",
        "lead_time": 41.5,
        "prediction": {},
        "result_count": 0,
        "unique_id": "5c3f",
    }
    return {
        "id": 7,
        "annotations": [annotation | more],
        "file_upload": "a1b2-notes.json",
        "drafts": [],
        "predictions": [],
        "data": {"text": TEXT, "pmid": "123"},
        "meta": {},
        "inner_id": 1,
        "total_annotations": 1,
        "project": 3,
    }


WHOLE = annotated(
    region("aX_1", 2, 9, "Lithium", "Chemical", meta={"text": ["MESH:D008094"]}),
    region("bY-2", 26, 32, "goitre", "Disease"),
    {
        "value": {"start": 26, "end": 32, "text": "goitre", "choices": ["Negated"]},
        "id": "bY-2",
        "from_name": "assertion",
        "to_name": "text",
        "type": "choices",
        "origin": "manual",
    },
    {
        "from_id": "aX_1",
        "to_id": "bY-2",
        "type": "relation",
        "direction": "right",
        "labels": ["Positive_Correlation"],
    },
)


def read_all(
    tmp_path: Path, tasks: Any, *, gold: bool = False, name: str = "export.json"
) -> tuple[list[Document], list[RowError]]:
    path = tmp_path / name
    path.write_text(json.dumps(tasks), encoding="utf-8")
    errors: list[RowError] = []
    return list(read(path, on_error=errors.append, gold=gold)), errors


def test_an_export_becomes_mentions_assertions_and_relations(tmp_path: Path) -> None:
    (document,), errors = read_all(tmp_path, [WHOLE], gold=True)
    assert errors == []
    assert (document.id, document.text) == ("123", TEXT)
    assert document.mentions == (LITHIUM, GOITRE)
    relation = Relation(
        "MESH:D008094",
        "NIL:Disease/goitre",
        "Positive_Correlation",
        subject="MESH:D008094",
    )
    assert document.relations == (relation,)


@pytest.mark.parametrize("shift", ["UTF-16", "CRLF as one", "both"])
def test_offsets_that_other_versions_count_otherwise(tmp_path: Path, shift: str) -> None:
    wide, joined = shift != "CRLF as one", shift != "UTF-16"
    first, second = 2 + wide, 26 + wide - joined
    task = annotated(
        region("a", first, first + 7, "Lithium", "Chemical"),
        region("b", second, second + 6, "goitre", "Disease"),
    )
    (document,), errors = read_all(tmp_path, [task])
    assert errors == []
    assert [(m.start, m.end) for m in document.mentions] == [(2, 9), (26, 32)]


def test_a_word_that_fits_by_chance_does_not_decide_how_offsets_count(tmp_path: Path) -> None:
    text = "🧬aa bb cc"
    task = annotated(
        region("1", 2, 3, "a", "Gene"),
        region("2", 5, 7, "bb", "Gene"),
        region("3", 8, 10, "cc", "Gene"),
    )
    task["data"]["text"] = text
    (document,), errors = read_all(tmp_path, [task])
    assert errors == []
    assert [text[m.start : m.end] for m in document.mentions] == ["a", "bb", "cc"]


def test_regions_that_do_not_fit_cost_themselves_alone(tmp_path: Path) -> None:
    task = annotated(
        region("far", 400, 407, "aspirin", "Chemical"),
        region("other", 2, 9, "calcium", "Chemical"),
        region("good", 2, 9, "Lithium", "Chemical"),
        {"id": "empty", "type": "labels", "from_name": "label", "to_name": "text"},
        {"from_id": "good", "to_id": "nobody", "type": "relation", "labels": ["x"]},
        "no object",
    )
    task["annotations"][0]["result"][2]["value"]["labels"] = ["Chemical", "Drug"]
    (document,), errors = read_all(tmp_path, [task])
    assert [m.label for m in document.mentions] == ["Chemical", "Drug"]
    assert {error.document_id for error in errors} == {"123"}
    said = "\n".join(error.error for error in errors)
    assert "region far is left out, the mention of 7 characters is not the text at 400:407" in said
    assert "region other is left out" in said
    assert "result 3 is left out, it has no 'value'" in said
    assert "result 5 is left out, it is text, not an object" in said
    assert "a relation is left out, there is no region nobody" in said
    assert "calcium" not in said


def test_what_a_document_has_no_place_for_is_counted_once_a_file(tmp_path: Path) -> None:
    rating = {"id": "r", "type": "rating", "value": {"rating": 4}}
    note = {"id": "a", "type": "textarea", "value": {"text": ["please check"]}}
    unlabelled = {"from_id": "a", "to_id": "a", "type": "relation", "direction": "bi"}
    task = annotated(region("a", 2, 9, "Lithium", "Chemical"), rating, note, unlabelled)
    documents, errors = read_all(tmp_path, [task, task])
    assert [len(d.mentions) for d in documents] == [1, 1]
    (error,) = errors
    assert error.document_id == ""
    assert error.error == (
        "a document has no place for 2 choices and notes that are no assertions or concept ids, "
        "2 relations without a label, 2 results of type rating of this file"
    )


def test_predictions_are_read_but_are_no_gold(tmp_path: Path) -> None:
    task = annotated()
    task["annotations"] = []
    score = {"score": 0.25}
    task["predictions"] = [
        {"model_version": "v1", "result": []},
        {"model_version": "v2", "result": [region("a", 2, 9, "Lithium", "Chemical", **score)]},
    ]
    (document,), errors = read_all(tmp_path, [task])
    assert errors == []
    assert document.mentions == (Mention(2, 9, "Chemical", 0.25, sources=("v2",)),)
    documents, errors = read_all(tmp_path, [task, WHOLE], gold=True)
    assert [len(d.mentions) for d in documents] == [2]
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (0, "123", "nobody annotated the task in Label Studio")
    ]


def test_of_several_annotations_ground_truth_counts_then_the_latest(tmp_path: Path) -> None:
    early = annotated(region("a", 2, 9, "Lithium", "Early"))["annotations"][0]
    late = annotated(region("a", 2, 9, "Lithium", "Late"), updated_at="2025-01-01")
    (document,), errors = read_all(
        tmp_path, [late | {"annotations": [*late["annotations"], early]}]
    )
    assert [m.label for m in document.mentions] == ["Late"]
    assert "1 annotations of tasks that have a later one" in errors[0].error
    true = early | {"ground_truth": True}
    (document,), _ = read_all(tmp_path, [late | {"annotations": [*late["annotations"], true]}])
    assert [m.label for m in document.mentions] == ["Early"]
    skipped = late["annotations"][0] | {"was_cancelled": True}
    (document,), _ = read_all(tmp_path, [late | {"annotations": [skipped, early]}])
    assert [m.label for m in document.mentions] == ["Early"]


def test_json_min_lines_and_the_files_of_a_cloud_storage(tmp_path: Path) -> None:
    places = [{"start": 2, "end": 9, "text": "Lithium", "labels": ["Chemical"]}]
    small = {"text": TEXT, "id": 7, "label": places, "annotator": 1, "annotation_id": 3}
    stored = {
        "id": 12,
        "result": WHOLE["annotations"][0]["result"],
        "task": {"id": 7, "data": {"text": TEXT}},
    }
    for name, content in {
        "min.json": json.dumps([small]),
        "tasks.jsonl": json.dumps(WHOLE) + "\n",
        "12.json": json.dumps(stored),
    }.items():
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        (document,) = read(path, gold=True)
        assert document.text == TEXT
        assert document.mentions[0].start == 2, name


def test_the_only_text_of_a_task_is_its_text_whatever_its_name(tmp_path: Path) -> None:
    task = annotated(region("a", 2, 9, "Lithium", "Chemical"))
    task["data"] = {"note": TEXT, "year": 2024}
    (document,), errors = read_all(tmp_path, [task])
    assert (document.id, len(document.mentions), errors) == ("7", 1, [])
    task["data"]["more"] = "words"
    documents, errors = read_all(tmp_path, [task, WHOLE])
    assert [d.id for d in documents] == ["123"]
    assert [(e.row, e.error) for e in errors] == [
        (0, "the data of the task have no field 'text'; they have: more, note, year")
    ]
    (document,) = read(_saved(tmp_path, [task]), text_column="note")
    assert document.text == TEXT


def test_without_a_listener_the_first_error_is_raised(tmp_path: Path) -> None:
    path = _saved(tmp_path, [annotated(region("a", 2, 9, "calcium", "Chemical"))])
    with pytest.raises(InputError, match=r"record 0 \(123\): region a is left out"):
        list(read(path))


def test_what_is_written_is_what_label_studio_imports(tmp_path: Path) -> None:
    relation = Relation("MESH:D008094", "MESH:D006042", "Association", 0.5)
    goitre = Mention(26, 32, "Disease", 0.75, ("MESH:D006042",), assertion=frozenset({"negated"}))
    document = Document("123", TEXT, (LITHIUM, goitre), (relation,), meta={"journal": "J"})
    path = tmp_path / "out.labelstudio.json"
    assert not write([document], path).losses
    (task,) = json.loads(path.read_text(encoding="utf-8"))
    assert task["data"] == {"id": "123", "text": TEXT, "meta": {"journal": "J"}}
    (prediction,) = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("biopipe", 0.75)
    labels, second, choices, link = prediction["result"]
    assert labels["value"] == {"start": 2, "end": 9, "text": "Lithium", "labels": ["Chemical"]}
    assert labels["meta"] == {"text": ["MESH:D008094"]}
    assert second["score"] == 0.75
    assert (choices["id"], choices["value"]["choices"]) == (second["id"], ["negated"])
    assert (link["from_id"], link["to_id"], link["labels"]) == ("m1", "m2", ["Association"])
    done = tmp_path / "done.json"
    write([document], done, format="labelstudio-annotations")
    assert [d.mentions for d in read(done, gold=True)] == [document.mentions]


def _saved(tmp_path: Path, tasks: Any) -> Path:
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path
