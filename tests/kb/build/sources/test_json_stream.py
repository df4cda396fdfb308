"""JSON in pieces."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources import json_stream
from biopipe.kb.build.sources.json_stream import JsonStream

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(), each, max_size=4),
    max_leaves=12,
)


def walked(stream: JsonStream) -> Any:
    """The value, put together from its parts."""
    kind = stream.kind()
    if kind == "[":
        return [walked(stream) for _ in stream.items()]
    if kind == "{":
        return {key: walked(stream) for key in stream.members()}
    return stream.value()


@given(
    value=VALUES, chunk=st.integers(1, 40), indent=st.sampled_from([None, 1]), ascii=st.booleans()
)
def test_any_value_in_pieces_of_any_size(
    tmp_path_factory: pytest.TempPathFactory,
    value: Any,
    chunk: int,
    indent: int | None,
    ascii: bool,
) -> None:
    path = tmp_path_factory.getbasetemp() / "value.json"
    text = json.dumps(value, indent=indent, ensure_ascii=ascii).encode("utf-8", "replace")
    path.write_bytes(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "_CHUNK", chunk)
        with JsonStream(path) as stream:
            assert walked(stream) == json.loads(text)
            assert stream.kind() == ""
        with JsonStream(path) as stream:
            stream.skip()
            assert stream.kind() == ""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[1,\n2,\n", r"line 3, is not JSON or is cut off"),
        (b'[{"a": 1},\n{"a" 1}]', r"line 2, is not JSON"),
        (b"[1\n2]", r"line 2, has no ',' where one is needed"),
        (b"1", r"line 1, has no '\[' where one is needed"),
        (b'["\xff"]', r"is not UTF-8"),
        (b"", r"line 1, has no '\['"),
    ],
)
def test_the_line_of_what_is_not_json(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(KnowledgeBaseError, match=message), JsonStream(path) as stream:
        [stream.value() for _ in stream.items()]


def test_a_file_that_is_missing_or_cut_off(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="Cannot read"):
        JsonStream(tmp_path / "x.json")
    path = tmp_path / "x.json.gz"
    path.write_bytes(gzip.compress(json.dumps([*range(9999)]).encode(), mtime=0)[:-9])
    with pytest.raises(KnowledgeBaseError, match="cannot be read on"), JsonStream(path) as stream:
        stream.value()
