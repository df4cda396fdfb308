import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from biopipe.runtime import chunks
from biopipe.runtime.models import find_model
from biopipe.runtime.tokenizer import Tokenizer, Tokens


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(find_model("biopipe-ner-minilm") / "tokenizer.json")


def rows(tokens: Tokens) -> list[tuple[int, list[int], int]]:
    return list(
        zip(tokens.ids.tolist(), tokens.offsets.tolist(), tokens.words.tolist(), strict=True)
    )


@pytest.fixture(scope="module")
def reads_whole(tokenizer: Tokenizer) -> Tokenizer:
    """One that remembers nothing and reads every text whole."""
    whole = Tokenizer(tokenizer.path)
    whole._chunks_alone = False
    return whole


SIGNS = st.text("aB1 (-)[]'.\n\t\u00e9e\u0301\u03b1\u2010\u00a0\u4e2d\x1c\x00\u200b", max_size=30)


@given(st.lists(SIGNS, max_size=4))
@example(["TSC1/mTOR (p < 0.05)", "", "  ", "TSC1 again"])
@example(["[CLS] a[MASK]b", "[UNK]", "x(\u0301y", "\u0130stanbul \u0391\u03a3 \u00df"])
@example(["a" * 300 + " b", "\u4e2d\u6587 \u5b57"])
def test_remembered_chunks_give_the_tokens_of_the_whole_text(
    tokenizer: Tokenizer, reads_whole: Tokenizer, texts: list[str]
) -> None:
    expected = [rows(tokens) for tokens in reads_whole.encode(texts)]
    assert [rows(tokens) for tokens in tokenizer.encode(texts)] == expected
    assert [rows(tokens) for tokens in tokenizer.encode(texts)] == expected


def test_what_is_remembered_is_bounded(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "_MOST_PIECES", 10)
    tokenizer._chunk_table = chunks.empty_chunk_table()
    for number in range(50):
        tokenizer.encode([f"word{number} in a text of number {number}"])
    assert len(tokenizer._chunk_table.tokens.ids) < 40
