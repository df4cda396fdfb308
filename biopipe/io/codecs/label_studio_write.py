"""Documents as tasks of Label Studio, ready to be imported.

The labelling configuration of the project needs
`<Labels name="label" toName="text">`, `<Relations>`, `<Text name="text" value="$text"/>` and, for
assertions, `<Choices name="assertion" toName="text" perRegion="true" choice="multiple">`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from biopipe.document import Document, Mention, Relation
from biopipe.document.unicode import check_text
from biopipe.io.codecs.label_studio_regions import CONCEPT_MARK, CURIE
from biopipe.io.losses import HeldFields, Losses
from biopipe.io.relation_ends import mentions_of_ends
from biopipe.io.streams import replacing

__all__ = ["HELD_FIELDS", "task", "write"]

HELD_FIELDS = HeldFields.of(
    "id text mentions relations meta",
    "start end label score concept_ids assertion",
    "head tail label score subject",
)

_FROM, _TO = "label", "text"


def write(
    documents: Iterable[Document],
    path: Path,
    losses: Losses | None = None,
    *,
    annotations: bool = False,
) -> int:
    """Write a JSON list of tasks, a task a line (gzip for .gz).

    What the documents hold becomes predictions, which people confirm or correct, or annotations
    that are done.
    """
    count = 0
    counted = Losses() if losses is None else losses
    with replacing(path) as stream:
        stream.write(b"[\n")
        for document in documents:
            line = json.dumps(task(document, counted, annotations=annotations), ensure_ascii=False)
            check_text(line, f"The task of document '{document.id}'")
            stream.write((b",\n" if count else b"") + line.encode("utf-8"))
            count += 1
        stream.write(b"\n]\n")
    return count


def task(
    document: Document, losses: Losses | None = None, *, annotations: bool = False
) -> dict[str, Any]:
    """The task of a document as JSON data; offsets are code points."""
    counted = Losses() if losses is None else losses
    own = {"id": document.id, "text": document.text}
    result = [
        *(
            part
            for n, mention in enumerate(document.mentions)
            for part in _region(document, mention, n)
        ),
        *_relations(document, counted),
    ]
    scores = [mention.score for mention in document.mentions]
    holder = {"result": result}
    if annotations:
        return {"data": _data(document.meta) | own, "annotations": [holder], "predictions": []}
    # The lowest score: a project can then show its annotators the doubtful texts first.
    prediction = {"model_version": "biopipe", "score": min(scores, default=1.0), **holder}
    return {"data": _data(document.meta) | own, "annotations": [], "predictions": [prediction]}


def _data(meta: Mapping[str, str]) -> dict[str, Any]:
    """The entries of meta stand beside the text, where Label Studio can filter by them."""
    return {"meta": dict(meta)} if meta else {}


def _region(document: Document, mention: Mention, number: int) -> Iterator[dict[str, Any]]:
    place = {
        "start": mention.start,
        "end": mention.end,
        "text": document.text[mention.start : mention.end],
    }
    name = f"m{number + 1}"
    region: dict[str, Any] = {
        "id": name,
        "from_name": _FROM,
        "to_name": _TO,
        "type": "labels",
        "value": {**place, "labels": [mention.label]},
    }
    if mention.score != 1.0:
        region["score"] = float(mention.score)
    if mention.concept_ids:
        notes = [c if CURIE.fullmatch(c) else f"{CONCEPT_MARK}{c}" for c in mention.concept_ids]
        region["meta"] = {"text": notes}
    yield region
    if mention.assertion:
        yield {
            "id": name,
            "from_name": "assertion",
            "to_name": _TO,
            "type": "choices",
            "value": {**place, "choices": sorted(mention.assertion)},
        }


def _direction(relation: Relation) -> str:
    """Whether the arrow goes from the head to the tail, back, or both ways where neither acts."""
    if relation.subject is None:
        return "bi"
    return "right" if relation.subject == relation.head else "left"


def _relations(document: Document, losses: Losses) -> Iterator[dict[str, Any]]:
    for relation, ends in zip(document.relations, mentions_of_ends(document), strict=True):
        if ends is None:
            losses.add("relations whose ends are no mentions")
            continue
        result: dict[str, Any] = {
            "type": "relation",
            "from_id": f"m{ends[0] + 1}",
            "to_id": f"m{ends[1] + 1}",
            "direction": _direction(relation),
            "labels": [relation.label],
        }
        if relation.score != 1.0:
            result["score"] = float(relation.score)
        yield result
