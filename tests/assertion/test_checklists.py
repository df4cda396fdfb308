"""Answers, marks and columns: which words are answered, by what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.assertion.answer_columns import answered_rows
from biopipe.assertion.answer_patterns import AnswerPatterns
from biopipe.assertion.checklists import AnsweredSpan, answered_lists, answered_spans
from biopipe.assertion.lexicon import Lexicon
from biopipe.assertion.trigger_files import load_triggers

PATTERNS = AnswerPatterns(Lexicon(load_triggers("en")))


def read(spans: list[AnsweredSpan], text: str) -> list[tuple[str, str]]:
    """The answered words, without the marks beside them, and the first thing said of them."""
    return [(text[s.start : s.end].strip(" \t\n-*•|,."), s.answers[0][0]) for s in spans]


def test_words_right_behind_a_mention_answer_it() -> None:
    text = "fever no, cough yes, he said no."
    ends = {5, 15}
    assert read(answered_spans(text, PATTERNS, ends), text) == [
        ("fever", "negated"),
        ("cough", "affirmed"),
    ]
    assert answered_spans(text, PATTERNS) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("asthma: no", [("asthma", "negated")]),
        ("Asthma : No.", [("Asthma", "negated")]),
        ("asthma - nil", [("asthma", "negated")]),
        ("asthma? never", [("asthma", "negated")]),
        ("asthma = positive; rash = negative", [("asthma", "affirmed"), ("rash", "negated")]),
        ("asthma....neg", [("asthma", "negated")]),
        ("asthma   N", [("asthma", "negated")]),
        ("asthma\tY\trash", [("asthma", "affirmed")]),
        ("asthma: no, since 2001", [("asthma", "negated")]),
        ("asthma: unknown", [("asthma", "possible")]),
        ("cough, fever: no, rash: yes", [("cough, fever", "negated"), ("rash", "affirmed")]),
        ("asthma, rash (-), fever (+)", [("rash", "negated"), ("fever", "affirmed")]),
        ("fever +, rash -", [("fever", "affirmed"), ("rash", "negated")]),
        ("(-) rash (+) fever", [("rash", "negated"), ("fever", "affirmed")]),
        ("-rash, +fever", [("rash", "negated"), ("fever", "affirmed")]),
        ("[ ] rash\n[x] fever", [("rash", "negated"), ("fever", "affirmed")]),
        ("[ ] start aspirin", [("aspirin", "hypothetical")]),
        ("rash [x]", [("rash", "affirmed")]),
        (
            "rash [x] yes [ ] no  fever [ ] yes [x] no",
            [("rash", "affirmed"), ("fever", "negated")],
        ),
        ("rash Yes [ ] No [X]", [("rash", "negated")]),
        # No answers: more follows, or nothing is asked.
        ("pain: no relief", []),
        ("cough: noted", []),
        ("- rash", []),
        ("-rash", []),
        ("a well-known non-smoker, HER2-negative", []),
        ("He has asthma.  No", []),
        ("seen at 10:30 - no-show", []),
        ("", []),
    ],
)
def test_answered_words(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(answered_spans(text, PATTERNS), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Denies: cough, rash. Has fever.", [("cough, rash", "negated")]),
        ("Patient denies:\n- cough\n- rash\n\nfever", [("cough\n- rash", "negated")]),
        ("No:\ncough\nYes:\nfever", [("cough", "negated"), ("fever", "affirmed")]),
        ("Denies:\ncough\nPlan: x", [("cough", "negated")]),
        ("Denies:", []),
        ("denies cough", []),
    ],
)
def test_lists_under_a_head(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(answered_lists(text, PATTERNS), text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sign  Yes  No\nrash       x\nfever  x", [("rash", "No"), ("fever", "Yes")]),
        ("Sign\tYes\tNo\nrash\t\tX\nfever\tX", [("rash", "No"), ("fever", "Yes")]),
        ("| Sign | Yes | No |\n|--|--|--|\n| rash | | ✓ |", [("rash", "No")]),
        ("Sign  Yes  No\nrash  x  x\nfever", []),
        ("Sign  Yes  No\n\nrash       x", []),
        ("rash  x", []),
    ],
)
def test_columns(text: str, expected: list[tuple[str, str]]) -> None:
    rows = answered_rows(text, lambda cell: cell in ("Yes", "No"))
    assert [(text[row.start : row.end], row.answer) for row in rows] == expected


PIECES = st.lists(
    st.sampled_from([*"aN:?-+()[]|x\t\n. ,", " no", ": no", "Yes  No\n"]), max_size=40
)


@given(PIECES)
def test_spans_are_in_order_disjoint_and_inside_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    for spans in (answered_spans(text, PATTERNS), answered_lists(text, PATTERNS)):
        ends = [0]
        for span in spans:
            assert ends[-1] <= span.start <= span.end <= span.answer_end <= len(text)
            assert span.answers
            ends.append(span.answer_end)
