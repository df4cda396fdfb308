import pytest

from biopipe.assertion.lexicon import Lexicon
from biopipe.assertion.scopes import brackets, in_scope, swallowed
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
        Trigger(("stop",), "negated", "forward", labels=frozenset({"!Disease"})),
        Trigger(("prn",), "hypothetical", "forward", 4, labels=frozenset({"Disease"})),
        Trigger(
            ("for",), "terminator", ends=frozenset({"negated"}), labels=frozenset({"Chemical"})
        ),
    ]
)


def said(text: str) -> list[str]:
    """The letters of what is said of each word in capitals; `_` joins the words of one mention,
    which is a chemical if it ends in INE.
    """
    tokens: list[str] = []
    mentions = []
    labels = []
    for word in text.split():
        parts = word.split("_")
        if word.isupper():
            mentions.append((len(tokens), len(tokens) + len(parts)))
            labels.append("Chemical" if word.endswith("INE") else "Disease")
        tokens += [part.lower() for part in parts]
    found = in_scope(mentions, LEXICON.find(tokens), tokens, labels)
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
        ("stop CODEINE for X", ["neg", ""]),
        ("stop X CODEINE", ["", ""]),
        ("stop CODEINE MORPHINE X QUININE", ["neg", "neg", "", ""]),
        ("no CODEINE for X", ["neg", ""]),
        ("no X for Y", ["neg", "neg"]),
        ("CODEINE prn X QUININE Y", ["", "hyp", "", ""]),
        ("CODEINE prn QUININE X", ["", "", ""]),
        ("", []),
    ],
)
def test_scopes(text: str, expected: list[str]) -> None:
    assert said(text) == expected


def test_nested_mentions_each_get_their_own() -> None:
    tokens = ["no", "a", "b", "but", "c"]
    hits = LEXICON.find(tokens)
    assert in_scope([(1, 3), (1, 2), (2, 5)], hits, tokens, ["Disease"] * 3) == [{"negated"}] * 3
    assert in_scope([(1, 2), (4, 5)], hits, tokens, ["Disease"] * 2) == [
        {"negated"},
        set(),
    ]


def test_brackets_are_the_innermost_closed_pair() -> None:
    assert brackets(["a", "(", "b", "(", "c", ")", "d", ")", "e", "(", "f"]) == {
        2: (1, 7),
        4: (3, 5),
        6: (1, 7),
    }


def test_a_mention_that_is_words_of_a_longer_trigger_is_swallowed() -> None:
    lexicon = Lexicon(
        [
            Trigger(("absence", "of"), "negated", "forward"),
            Trigger(("no",), "negated", "forward"),
            Trigger(("old", "age"), "historical", "forward"),
            Trigger(("denies", "alcohol"), "negated", "within"),
        ]
    )
    tokens = ["absence", "of", "a", "no", "old", "age", "denies", "alcohol"]
    mentions = [(0, 1), (0, 2), (0, 3), (3, 4), (4, 5), (7, 8)]
    assert swallowed(mentions, lexicon.find(tokens)) == {0}
