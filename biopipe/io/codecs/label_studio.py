"""Label Studio: tasks with a text, and what people (`annotations`) or models (`predictions`) marked.

See https://labelstud.io/guide/task_format. Read are a project's export as JSON or JSON-MIN, tasks
as they are imported, and files of a cloud storage. Label Studio counts code points; older versions
counted UTF-16 code units, which shows in the copies of the words.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from biopipe.document import Document
from biopipe.document.value_type import value_type
from biopipe.io.codecs.label_studio_regions import read_results
from biopipe.io.records import checked_text, read_meta
from biopipe.io.rows import BadRecord, OnPartError, valid_text

__all__ = ["document_from_task", "is_task"]

_ID_FIELDS = ("id", "document_id", "pmid", "PMID", "_id")
# What a project of Label Studio before version 1.0 calls annotations.
_ANNOTATIONS = ("annotations", "completions")


def is_task(record: Any) -> bool:
    """Whether a JSON value is a task of Label Studio, in any of the shapes that it exports."""
    if not isinstance(record, Mapping):
        return False
    if isinstance(record.get("data"), Mapping):
        return "id" in record or any(name in record for name in (*_ANNOTATIONS, "predictions"))
    if isinstance(record.get("task"), Mapping) and isinstance(record.get("result"), list):
        return True
    return _flat_regions(record) is not None


def document_from_task(
    record: Mapping[str, Any],
    on_part_error: OnPartError,
    left_out: Counter[str],
    *,
    text_column: str = "text",
    id_column: str = "id",
    gold: bool = False,
) -> Document:
    """The Document of a task: of its annotations the one that is marked as ground truth, else the
    latest that was not cancelled; where there is none its last prediction.

    With `gold`, BadRecord for a task that nobody annotated. A region that does not fit the text is
    left out, and `on_part_error` is told so; `left_out` counts what a Document does not hold.
    """
    task = _as_task(record, text_column)
    data = task["data"]
    identifier = _identifier(data, task, id_column)
    text = checked_text(_text_of(data, text_column, identifier), identifier, text_column)
    result, source = _result(task, gold, identifier, left_out)
    mentions, relations = read_results(
        text, result, lambda error: on_part_error(identifier, error), left_out, source
    )
    return Document(identifier, text, mentions, relations, meta=read_meta(data))


def _as_task(record: Mapping[str, Any], text_column: str) -> Mapping[str, Any]:
    """A record of any shape as one with `data`, `annotations` and `predictions`."""
    if isinstance(record.get("data"), Mapping):
        return record
    if isinstance(record.get("task"), Mapping):
        inner = record["task"]
        data = inner.get("data")
        return {
            "id": inner.get("id"),
            "data": data if isinstance(data, Mapping) else {},
            "annotations": [record],
        }
    regions = _flat_regions(record) or []
    result = [
        {"id": str(number), "type": "labels", "value": region}
        for number, region in enumerate(regions)
    ]
    return {"id": record.get("id"), "data": record, "annotations": [{"result": result}]}


def _flat_regions(record: Mapping[str, Any]) -> list[Any] | None:
    """The regions of a record of JSON-MIN, whose field is named as the project names its labels."""
    for value in record.values():
        if isinstance(value, list) and value and all(map(_is_region, value)):
            return value
    return None


def _is_region(value: Any) -> bool:
    return isinstance(value, Mapping) and {"start", "end", "labels"} <= value.keys()


def _identifier(data: Mapping[str, Any], task: Mapping[str, Any], id_column: str) -> str:
    # The number of the task comes last: it is Label Studio's own and changes with every import.
    names = dict.fromkeys((id_column, *_ID_FIELDS))
    for value in (*(data.get(name) for name in names), task.get("id")):
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return valid_text(str(value), "the id")
    raise BadRecord("the task has no id, neither of its own nor in its data")


def _text_of(data: Mapping[str, Any], column: str, identifier: str) -> Any:
    """The text of a task; where no field has the name that was asked for, the only one that may be
    a text."""
    if column in data:
        return data[column]
    texts = [
        name
        for name, value in data.items()
        if isinstance(value, str) and name not in (*_ID_FIELDS, "date", "journal", "doi", "title")
    ]
    if len(texts) == 1:
        return data[texts[0]]
    names = ", ".join(sorted(map(str, data))[:30]) or "none"
    raise BadRecord(
        f"the data of the task have no field '{column}'; they have: {names}", identifier
    )


def _result(
    task: Mapping[str, Any], gold: bool, identifier: str, left_out: Counter[str]
) -> tuple[Sequence[Any], tuple[str, ...]]:
    """The results that count, and the source of their mentions."""
    annotations = [
        annotation
        for name in _ANNOTATIONS
        for annotation in _mappings(task.get(name))
        if not annotation.get("was_cancelled")
    ]
    if annotations:
        if len(annotations) > 1:
            left_out["annotations of tasks that have a later one"] += len(annotations) - 1
        # Ground truth before the latest; times are ISO and compare as text.
        last = max(annotations, key=_order)
        return _list_of(last.get("result"), identifier), ()
    if gold:
        raise BadRecord("nobody annotated the task in Label Studio", identifier)
    predictions = list(_mappings(task.get("predictions")))
    if not predictions:
        return (), ()
    version = predictions[-1].get("model_version")
    source = (version,) if isinstance(version, str) and version else ()
    return _list_of(predictions[-1].get("result"), identifier), source


def _order(annotation: Mapping[str, Any]) -> tuple[bool, str]:
    return bool(annotation.get("ground_truth")), str(annotation.get("updated_at") or "")


def _list_of(result: Any, identifier: str) -> Sequence[Any]:
    if result is None or isinstance(result, list):
        return result or ()
    raise BadRecord(f"the result of the task is {value_type(result)}, not a list", identifier)


def _mappings(values: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, Mapping))
