"""Web Annotations of other programs, and what is wrong in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from biopipe.document import Document, Mention, Relation
from biopipe.errors import InputError
from biopipe.io import RowError, read
from biopipe.io.formats import write

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
SOURCE = "http://example.org/notes/1"
TEXT = "🧬 Lithium raises TSH. TSH is high."


def about(selector: Any, **more: Any) -> dict[str, Any]:
    annotation = {
        "@context": CONTEXT,
        "id": "http://example.org/anno/1",
        "type": "Annotation",
        "motivation": "tagging",
        "body": {"type": "TextualBody", "purpose": "tagging", "value": "Chemical"},
        "target": {"source": SOURCE, "selector": selector},
    }
    return annotation | more


def position(start: Any, end: Any) -> dict[str, Any]:
    return {"type": "TextPositionSelector", "start": start, "end": end}


def quote(exact: str, prefix: str = "", suffix: str = "") -> dict[str, Any]:
    return {"type": "TextQuoteSelector", "exact": exact, "prefix": prefix, "suffix": suffix}


WORDS = {
    "type": "Annotation",
    "motivation": "describing",
    "body": {"type": "TextualBody", "value": TEXT},
    "target": SOURCE,
}


def read_all(tmp_path: Path, data: Any) -> tuple[list[Document], list[RowError]]:
    path = tmp_path / "a.jsonld"
    path.write_text(json.dumps(data), encoding="utf-8")
    errors: list[RowError] = []
    return list(read(path, on_error=errors.append)), errors


@pytest.mark.parametrize("shift", [0, 1], ids=["code points", "UTF-16"])
@pytest.mark.parametrize("shape", ["page", "collection", "list"])
def test_shapes_and_ways_to_count(tmp_path: Path, shift: int, shape: str) -> None:
    annotation = about([position(2 + shift, 9 + shift), quote("Lithium")])
    annotation["body"] = [
        "Chemical",
        {"purpose": "identifying", "source": "http://identifiers.org/MESH:D008094"},
        {"type": "TextualBody", "purpose": "classifying", "value": "negated"},
        {"type": "TextualBody", "purpose": "commenting", "value": "check"},
    ]
    items = [WORDS, annotation, about(quote("TSH", suffix=" is"))]
    page = {"@context": CONTEXT, "type": "AnnotationPage", "items": items}
    shapes = {
        "page": page,
        "collection": {"@context": CONTEXT, "type": "AnnotationCollection", "first": page},
        "list": items,
    }
    (document,), errors = read_all(tmp_path, shapes[shape])
    assert errors == []
    assert (document.id, document.text) == (SOURCE, TEXT)
    negated = frozenset({"negated"})
    assert document.mentions == (
        Mention(2, 9, "Chemical", concept_ids=("MESH:D008094",), assertion=negated),
        Mention(22, 25, "Chemical"),
    )


def test_a_source_without_its_text_is_an_error_and_the_others_are_read(tmp_path: Path) -> None:
    other = about(position(0, 1))
    other["target"] = {"source": {"id": "urn:other"}, "selector": position(0, 1)}
    (document,), errors = read_all(tmp_path, [other, WORDS])
    assert document.id == SOURCE
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (0, "urn:other", "the text of the source is not in the file")
    ]


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        (about([position(2, 9), quote("calcium")]), "the mention of 7 characters is not the text"),
        (about(position(2, 900)), "is not the text at 2:900"),
        (about(position("2", 9)), "its position is no pair of whole numbers"),
        (about(quote("TSH")), "its quote is 2 times in the text, and has no position"),
        (about(quote("")), "its quote is empty"),
        (about(position(2, 9), body=[]), "it has no tag for a label"),
        (about(position(2, 9), target=[SOURCE]), "it selects no part of the text"),
        (
            about(None, target={"type": "List", "items": [{"source": "a", "scope": SOURCE}]}),
            "it has 1 ends and 1 labels, not 2 and 1",
        ),
    ],
)
def test_a_wrong_annotation_is_told_and_the_rest_is_read(
    tmp_path: Path, annotation: dict[str, Any], said: str
) -> None:
    good = about([position(10, 16), quote("raises")])
    (document,), errors = read_all(tmp_path, [WORDS, annotation, good])
    assert [(m.start, m.end) for m in document.mentions] == [(10, 16)]
    (error,) = errors
    assert error.error.startswith("annotation 1 is left out, ")
    assert said in error.error
    assert "calcium" not in error.error


def test_without_a_listener_the_first_error_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonld"
    path.write_text(json.dumps([WORDS, about(quote("TSH"))]), encoding="utf-8")
    with pytest.raises(InputError, match=r"annotation 1 is left out, its quote is 2 times"):
        list(read(path))


def test_what_is_written_is_as_the_model_says(tmp_path: Path) -> None:
    mention = Mention(2, 9, "Chemical", 0.5, ("MESH:D008094", "p|SUB|R|140|Q"))
    relation = Relation("MESH:D008094", "NIL:Gene/tsh", "Association", subject="MESH:D008094")
    path = tmp_path / "a.jsonld"
    assert not write([Document("a/1", TEXT, (mention,), (relation,))], path).losses
    page = json.loads(path.read_text(encoding="utf-8"))
    assert page["@context"][0] == CONTEXT
    assert page["type"] == "AnnotationPage"
    words, tag, link = page["items"]
    assert words["target"] == tag["target"]["source"] == "urn:biopipe:document:a%2F1"
    assert tag["target"]["selector"] == [position(2, 9), quote("Lithium", "🧬 ", TEXT[9:])]
    assert [body.get("source") for body in tag["body"]] == [
        None,
        "https://identifiers.org/MESH:D008094",
        "urn:biopipe:concept:p%7CSUB%7CR%7C140%7CQ",
    ]
    assert link["target"]["type"] == "List"
    assert link["subject"] == "https://identifiers.org/MESH:D008094"
    (document,) = read(path)
    assert (document.mentions, document.relations) == ((mention,), (relation,))
