import pytest

from biopipe.assertion.lexicon import Lexicon
from biopipe.assertion.scopes import brackets, in_scope
from biopipe.assertion.triggers import Trigger

LEXICON = Lexicon(
    [
        Trigger(("no",), "negated", "forward"),
        Trigger(("possible",), "possible", "forward", 2),
        Trigger(("absent",), "negated", "backward", 2),
        Trigger(("mother",), "family", "both"),
        Trigger(("if",), "hypothetical", "forward"),
        Trigger(("allergy",), "historical", "within"),
        Trigger(("no", "change"), "pseudo"),
        Trigger(
            ("but",),
            "terminator",
            ends=frozenset({"negated", "possible", "family", "hypothetical"}),
        ),
        Trigger(("then",), "terminator", ends=frozenset({"hypothetical"})),
    ]
)


def said(text: str) -> list[str]:
    """The letters of what is said of each word in capitals; `_` joins the words of one mention."""
    tokens: list[str] = []
    mentions = []
    for word in text.split():
        parts = word.split("_")
        if word.isupper():
            mentions.append((len(tokens), len(tokens) + len(parts)))
        tokens += [part.lower() for part in parts]
    found = in_scope(mentions, LEXICON.find(tokens), tokens)
    return ["".join(sorted(category[:3] for category in each)) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X no Y and Z", ["", "neg", "neg"]),
        ("no X but Y", ["neg", ""]),
        ("X and Y absent Z", ["", "neg", ""]),
        ("X Y absent Z", ["neg", "neg", ""]),
        ("X a a Y absent", ["", "neg"]),
        ("X but absent", [""]),
        ("X mother Y but Z", ["fam", "fam", ""]),
        ("if no X then Y", ["hypneg", "neg"]),
        ("no change X", [""]),
        ("possible X a Y", ["pos", ""]),
        ("possible X_Z_Z", ["pos"]),
        ("no X possible Y a no Z", ["neg", "pos", "neg"]),
        ("no X if no Y", ["neg", "hypneg"]),
        ("NO_REFLOW X", ["", ""]),
        ("no EVIDENCE_OF_IT", ["neg"]),
        ("DRUG_ALLERGY X allergy", ["his", ""]),
        ("a ( no X ) Y", ["neg", ""]),
        ("X ( Y absent ) Z", ["", "neg", ""]),
        ("no X ( Y ) Z", ["neg", "neg", "neg"]),
        ("( no X Y", ["neg", "neg"]),
        ("( ( no X ) Y ) Z", ["neg", "", ""]),
        ("", []),
    ],
)
def test_scopes(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_nested_mentions_each_get_their_own() -> None:
    tokens = ["no", "a", "b", "but", "c"]
    hits = LEXICON.find(tokens)
    assert in_scope([(1, 3), (1, 2), (2, 5)], hits, tokens) == [{"negated"}] * 3
    assert in_scope([(1, 2), (4, 5)], hits, tokens) == [{"negated"}, set()]


def test_brackets_are_the_innermost_closed_pair() -> None:
    assert brackets(["a", "(", "b", "(", "c", ")", "d", ")", "e", "(", "f"]) == {
        2: (1, 7),
        4: (3, 5),
        6: (1, 7),
    }
