from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biopipe.errors import ModelError
from biopipe.runtime.tokenizer import Tokenizer


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=st.text(st.characters(blacklist_categories=["Cs"]), max_size=200))
def test_offsets_are_code_points_in_order(tiny_tagger: Path, text: str) -> None:
    tokens = Tokenizer(tiny_tagger / "tokenizer.json").encode([text])[0]
    assert len(tokens.ids) == len(tokens.offsets) == len(tokens.words)
    for start, end in tokens.offsets.tolist():
        assert 0 <= start <= end <= len(text)
    assert sorted(tokens.offsets[:, 0].tolist()) == tokens.offsets[:, 0].tolist()
    assert sorted(tokens.words.tolist()) == tokens.words.tolist()


def test_no_truncation_and_no_padding(tiny_tagger: Path) -> None:
    short, long = Tokenizer(tiny_tagger / "tokenizer.json").encode(["a b", "a " * 3000])
    assert (len(short.ids), len(long.ids)) == (2, 3000)


def test_special_tokens_stand_around_the_text(tiny_tagger: Path) -> None:
    tokenizer = Tokenizer(tiny_tagger / "tokenizer.json")
    assert (tokenizer.prefix, tokenizer.suffix, tokenizer.pad_id) == ((2,), (3,), 0)


def test_unreadable_tokenizer(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="Cannot read the tokenizer"):
        Tokenizer(tmp_path / "tokenizer.json")
