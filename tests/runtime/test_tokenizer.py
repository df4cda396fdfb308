import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer as FastTokenizer

from biopipe.errors import ModelError
from biopipe.runtime.models import find_model
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


ODD = [
    *[
        "İ",
        "ß",
        "ﬁ",
        "é",
        "e\u0301",
        "o\u0308\u0301",
        "α",
        "ΑΣ",
        "µ",
        "①",
        "½",
        "Å",
        "突",
        "가",
        "か\u3099",
    ],
    *["😀", "👨\u200d👩\u200d👧", "❤\ufe0f"],
    *["\u200b", "\xad", "\ufeff", "\x00", "\ufffd", " ", "\xa0", "\n", "\r\n", "\t", "\u2028"],
    *["-", "(", ")", "'", "′", "‐", "/", "a", "B", "1", "cancer", "TNF"],
]


@pytest.fixture(scope="module")
def shipped() -> tuple[Tokenizer, FastTokenizer]:
    """The default tagger's tokenizer, and what it is made of."""
    path = find_model("biopipe-ner-minilm") / "tokenizer.json"
    return Tokenizer(path), FastTokenizer.from_file(str(path))


@given(st.lists(st.sampled_from(ODD), max_size=30).map("".join))
def test_the_text_of_a_word_is_what_its_pieces_say(
    shipped: tuple[Tokenizer, FastTokenizer], text: str
) -> None:
    tokenizer, raw = shipped
    tokens = tokenizer.encode([text])[0]
    for word in dict.fromkeys(tokens.words.tolist()):
        (places,) = np.nonzero(tokens.words == word)
        start, end = tokens.offsets[places[0], 0], tokens.offsets[places[-1], 1]
        pieces = [raw.id_to_token(id_) for id_ in tokens.ids[places].tolist()]
        if "[UNK]" not in pieces:
            assert raw.normalizer.normalize_str(text[start:end]) == "".join(
                p.removeprefix("##") for p in pieces
            )
        assert text[start:end].strip() == text[start:end]
        assert not unicodedata.combining(text[end : end + 1] or " ")


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
