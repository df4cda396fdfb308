"""The words of a text are those of the normal form of any part of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.text.normalize import PREFIX_WORDS, normalize_name, simplify
from biopipe.text.words import NormalizedWords, WordReader

PARTS = st.sampled_from(
    [
        "the",
        "non",
        "small",
        "cell",
        "type",
        "II",
        "iva",
        "V",
        "factor",
        "alpha",
        "anti",
        "thrombo",
        "IL",
        "-2",
        "TNF-α",
        "(5-HT2A)",
        "Ca(2+)",
        "p53-mediated",
        "&",
        "’s",
        "'s",
        "mice",
        "tumours",
        "Sjögren",
        "e\u0301tude",
        "ß",
        "ﬁ",
        "µM",
        "²",
        "1,25",
        "β",
        "--",
        "_x_",
        "Alzheimer’s",
        "x\u200by",
    ]
)
TEXTS = st.lists(st.tuples(PARTS, st.sampled_from([" ", "", "\n", "-", ", "])), max_size=9).map(
    lambda parts: "".join(part + gap for part, gap in parts)
)


def words_of(text: str) -> NormalizedWords:
    words, _ = WordReader().read([text])
    return words


def in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


@settings(max_examples=150)
@given(TEXTS)
def test_words_in_order_and_in_one_form_with_names(text: str) -> None:
    words = words_of(text)
    assert len(words) == len(words.starts) == len(words.ends)
    assert words.starts.tolist() == sorted(words.starts)
    for start, end, begins, stops in zip(
        words.starts, words.ends, words.begins, words.stops, strict=True
    ):
        assert begins != in_word(text[start - 1 : start])
        assert stops != in_word(text[end : end + 1])
    assert all(
        0 <= start < end <= len(text) for start, end in zip(words.starts, words.ends, strict=True)
    )
    assert " ".join(simplify(words.forms)) == normalize_name(text)


@settings(max_examples=150)
@given(TEXTS, st.data())
def test_a_run_of_words_is_the_normal_form_of_its_span(text: str, data: st.DataObject) -> None:
    words = words_of(text)
    # What follows a possessive is cut from it, so a run that ends there is another.
    if not words.forms or "'s" in text or "’s" in text:
        return
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    span = text[words.starts[first] : words.ends[last]]
    assert " ".join(simplify(words.forms[first : last + 1])) == normalize_name(span)


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            ["non", "anti", "small", "ii", "iva", "v", "type", "factor", "the", "2", "a"]
        ),
        max_size=8,
    )
)
def test_what_follows_changes_no_word_but_a_prefix(words: list[str]) -> None:
    whole = simplify(words)
    for count in range(1, len(words)):
        beginning = simplify(words[:count])
        assert (
            whole[: len(beginning)] == beginning
            or beginning[-1] in PREFIX_WORDS
            or words[0] == "the"
        )


def test_accents_and_marks_stay_with_their_words() -> None:
    text = "cafe\u0301 TNFα Alzheimer’s"
    words = words_of(text)
    spans = [text[start:end] for start, end in zip(words.starts, words.ends, strict=True)]
    assert spans == ["cafe\u0301", "TNF", "α", "Alzheimer"]
    assert words.forms == ["cafe", "tnf", "alpha", "alzheimer"]
