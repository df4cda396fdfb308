from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.text.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Toxins, e.g. Those of E. coli, are shown in Fig. 1 and Figs. 2B.",
        "As Smith et al. [3] and J. K. Rowling vs. Dr. House reported.",
        "A dose of 3.5 mg/kg b.w. i.v. was given (P < 0.05).",
        "The strain Streptomyces sp. NRRL 30748 grew, cf. Table 2.",
        "Levels of 1. 02 were seen.",
        "It rose (approx. 5-fold, i.e. Much) in No. 7.",
        "It broke over\na line.",
    ],
)
def test_stays_one_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One ends. Two starts.", ["One ends.", "Two starts."]),
        ("Is it so? Yes! Fine.", ["Is it so?", "Yes!", "Fine."]),
        (
            "It fell (p < 0.05). (Funded by X.) Done.",
            ["It fell (p < 0.05).", "(Funded by X.)", "Done."],
        ),
        (
            "We used mice. p53 was lost. mTOR was not.",
            ["We used mice.", "p53 was lost.", "mTOR was not."],
        ),
        ("Levels rose. α-synuclein fell.", ["Levels rose.", "α-synuclein fell."]),
        (
            "They had hepatitis B. The others had none.",
            ["They had hepatitis B.", "The others had none."],
        ),
        ("It was given i.p. The mice slept.", ["It was given i.p.", "The mice slept."]),
        ("It was in 2010. 12 patients died.", ["It was in 2010.", "12 patients died."]),
        ("A heading\n\nthen text", ["A heading", "then text"]),
        ("A heading\r\n \r\nthen text", ["A heading", "then text"]),
        ("He said “stop.” We did.", ["He said “stop.”", "We did."]),
        ("首先。然后", ["首先。", "然后"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_splits(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


PIECES = st.sampled_from(
    [
        "E. coli",
        "et al.",
        "Fig. 1",
        ". ",
        "! ",
        "\n\n",
        "\n",
        " ",
        "\u2003",
        '."',
        "The",
        "p53",
        "é",
        "\x1f",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_spans_are_trimmed_ordered_and_hold_all_that_is_not_space(text: str) -> None:
    spans = sentence_spans(text)
    assert all(start < end and text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(
        text.split()
    )


@pytest.mark.parametrize("unit", [".", '."', "A.", "\n", "\n ", " ", "a", "(", "。"])
def test_work_grows_with_length_only(unit: str, run_limited: Callable[[str], None]) -> None:
    text = f"{unit!r} * {400_000 // len(unit)}"
    run_limited(f"from biopipe.text.sentences import sentence_spans as f; f({text})")
