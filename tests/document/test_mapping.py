from typing import Any

import numpy as np
import pytest

from biopipe.document import Abbreviation, Candidate, Document, Mention, Relation
from biopipe.document.fields import DOCUMENT_FIELDS, MENTION_FIELDS, RELATION_FIELDS
from biopipe.document.mapping import decode_record, encode_record


def test_defaults_are_left_out_but_for_scores() -> None:
    assert encode_record(DOCUMENT_FIELDS, Document("1", "x")) == {"id": "1", "text": "x"}
    assert encode_record(MENTION_FIELDS, Mention(0, 1, "Gene")) == {
        "start": 0,
        "end": 1,
        "label": "Gene",
        "score": 1.0,
    }


def test_no_abbreviations_are_not_the_same_as_nobody_looked() -> None:
    looked = encode_record(DOCUMENT_FIELDS, Document("1", "x", abbreviations=()))
    assert looked["abbreviations"] == []
    assert decode_record(DOCUMENT_FIELDS, looked).abbreviations == ()
    assert decode_record(DOCUMENT_FIELDS, {"id": "1", "text": "x"}).abbreviations is None


def test_labels_are_stored_in_order() -> None:
    mention = Mention(0, 1, "Gene", assertion=frozenset({"possible", "historical", "negated"}))
    stored = encode_record(MENTION_FIELDS, mention)
    assert stored["assertion"] == ["historical", "negated", "possible"]


def test_numpy_scalars_become_pythons() -> None:
    mention = Mention(
        np.int64(0),
        np.int64(4),
        "Gene",
        np.float32(0.5),
        candidates=(Candidate("a", "b", np.float64(0.25)),),
    )
    relation = Relation("a", "b", "Bind", novel=np.bool_(True), evidence=((np.int32(0), 4),))
    document = Document("1", "BRCA", (mention,), (relation,), windows=np.int64(2))

    def leaves(value: Any) -> list[Any]:
        if isinstance(value, dict | list):
            parts = value.values() if isinstance(value, dict) else value
            return [leaf for part in parts for leaf in leaves(part)]
        return [value]

    types = {type(leaf) for leaf in leaves(encode_record(DOCUMENT_FIELDS, document))}
    assert types == {str, int, float, bool}


@pytest.mark.parametrize(
    ("source", "sources", "dictionary"),
    [
        ("", (), ""),
        ("biopipe-ner", ("biopipe-ner",), ""),
        ("biopipe-ner|dictionary:mesh", ("biopipe-ner", "dictionary:mesh"), "mesh"),
    ],
)
def test_version_0_1_0_had_its_sources_in_one_string(
    source: str, sources: tuple[str, ...], dictionary: str
) -> None:
    stored = {"start": 0, "end": 1, "label": "Gene", "concept_ids": ["a"], "source": source}
    mention = decode_record(MENTION_FIELDS, stored)
    assert (mention.sources, mention.dictionary) == (sources, dictionary)
    # Without a concept the linker was to find one.
    assert decode_record(MENTION_FIELDS, stored | {"concept_ids": []}).dictionary == ""


def test_lists_in_place_of_mappings_are_read_in_order() -> None:
    stored = {
        "id": "1",
        "text": "BRCA (x)",
        "abbreviations": [[0, 4, 6, 7]],
        "relations": [{"head": "a", "tail": "b", "label": "Bind", "evidence": [[0, 4]]}],
    }
    document = decode_record(DOCUMENT_FIELDS, stored)
    assert document.abbreviations == (Abbreviation(0, 4, 6, 7),)
    assert document.relations == (Relation("a", "b", "Bind", evidence=((0, 4),)),)


def test_null_is_as_good_as_a_missing_key() -> None:
    stored = {"head": "a", "tail": "b", "label": "Bind", "evidence": None, "novel": None}
    assert decode_record(RELATION_FIELDS, stored) == Relation("a", "b", "Bind")


@pytest.mark.parametrize(
    ("stored", "error", "why"),
    [
        ({"start": 0, "end": 1}, KeyError, "label"),
        ({"start": 0, "end": 1, "label": None}, KeyError, "label"),
        ({"start": 0, "end": 9, "label": "Gene"}, ValueError, "0:9 is not a span of the text"),
        ({"start": "0", "end": 1, "label": "Gene"}, ValueError, "0:1 is not a span of the text"),
        ({"start": 1, "end": 0, "label": "Gene"}, ValueError, "1:0 is not a span of the text"),
        ({"start": 0, "end": 1, "label": "Gene", "assertion": "negated"}, TypeError, "a list of"),
        ("Gene", TypeError, "a Mention is stored as a mapping, not text"),
    ],
)
def test_what_cannot_be_a_mention_is_refused(stored: Any, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        decode_record(MENTION_FIELDS, stored, text_length=3)
