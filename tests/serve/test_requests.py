"""Any body is a request or is refused, and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document
from biopipe.errors import ConfigError

pytest.importorskip("fastapi", reason="needs the extra 'serve'")

from biopipe.serve.limits import ServerLimits
from biopipe.serve.refusal import Refusal
from biopipe.serve.requests import TextError, parse_request

LIMITS = ServerLimits(texts=5, text_characters=50)
KEYS = st.sampled_from(["text", "texts", "pipeline", "format", "id", "title", "abstract", "meta"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("fast"),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(KEYS | st.text(), inner),
    max_leaves=12,
)


def parse(body: bytes) -> Any:
    return parse_request(body, pipelines=["default", "fast"], limits=LIMITS)


@given(VALUES | st.dictionaries(KEYS, VALUES))
def test_any_json_is_a_request_or_is_refused(value: Any) -> None:
    try:
        request = parse(json.dumps(value).encode())
    except Refusal:
        return
    texts = [value["text"]] if value.get("text") is not None else value["texts"]
    assert len(request.texts) == len(texts)
    for text, outcome in zip(texts, request.texts, strict=True):
        assert isinstance(outcome, Document | TextError)
        if isinstance(outcome, Document) and isinstance(text, str):
            assert outcome.text == text


@given(st.binary())
def test_any_bytes_are_a_request_or_are_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        parse(body)


def test_the_first_pipeline_and_json_are_the_defaults() -> None:
    request = parse(b'{"text": "EGFR"}')
    assert (request.pipeline, request.format) == ("default", "json")
    request = parse(b'{"text": "EGFR", "pipeline": "fast", "format": "bioc"}')
    assert (request.pipeline, request.format) == ("fast", "bioc")


def test_passages_and_meta_of_a_record_are_kept() -> None:
    record = {"id": "1", "title": "EGFR", "abstract": "Is.", "journal": "Cell"}
    (document,) = parse(json.dumps({"texts": [record]}).encode()).texts
    assert [passage.type for passage in document.passages] == ["title", "abstract"]
    assert document.meta == {"journal": "Cell"}


@pytest.mark.parametrize("limit", ["body_bytes", "texts", "seconds", "requests", "stop_seconds"])
def test_limits_begin_at_one(limit: str) -> None:
    with pytest.raises(ConfigError, match=limit):
        ServerLimits(**{limit: 0})
