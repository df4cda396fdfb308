import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.assertion.answer_patterns import AnswerPatterns
from biopipe.assertion.lexicon import Lexicon
from biopipe.assertion.sentences import stretches
from biopipe.assertion.trigger_files import load_triggers
from biopipe.document import Document, Mention

LEXICON = Lexicon(load_triggers("en"))
PATTERNS = AnswerPatterns(LEXICON)


def document(text: str, pattern: str = "[A-Z]{3}X") -> Document:
    return Document(
        "d", text, tuple(Mention(*m.span(), "Disease") for m in re.finditer(pattern, text))
    )


def parts(text: str) -> list[str]:
    return [
        text[each.start : each.end].strip() for each in stretches(document(text), LEXICON, PATTERNS)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No AAAX. And BBBX.", ["No AAAX.", "And BBBX."]),
        ("No AAAX. Nothing. And BBBX.", ["No AAAX.", "And BBBX."]),
        ("no evidence of\nAAAX or BBBX", ["no evidence of\nAAAX or BBBX"]),
        ("No AAAX\nCough and BBBX", ["No AAAX", "Cough and BBBX"]),
        ("No evidence of\nAAAX", ["No evidence of\nAAAX"]),
        (
            "A line that sets the width\nNO AAAX\nBBBX\nno\nCCCX",
            ["A line that sets the width\nNO AAAX", "BBBX", "CCCX"],
        ),
        ("No AAAX,\nCough and BBBX", ["No AAAX,\nCough and BBBX"]),
        (f"{'a' * 56} AAAX\nCough and BBBX", [f"{'a' * 56} AAAX\nCough and BBBX"]),
        ("- no AAAX\n- BBBX\n* CCCX", ["- no AAAX", "- BBBX", "* CCCX"]),
        ("1. no AAAX\n2. and BBBX", ["1. no AAAX", "2. and BBBX"]),
        ("1) no AAAX 2) BBBX (3) x", ["1) no AAAX", "2) BBBX (3) x"]),
        ("PMH: AAAX. PLAN: BBBX", ["AAAX.", "BBBX"]),
        ("no AAAX PLAN: BBBX", ["no AAAX", "BBBX"]),
        ("No AAAX\ncough and BBBX", ["No AAAX", "cough and BBBX"]),
        ("No AAAX but denies\ncough and BBBX", ["No AAAX but denies\ncough and BBBX"]),
        ("AAAX absent\ncough and BBBX", ["AAAX absent", "cough and BBBX"]),
        ("No AAAX\nand BBBX", ["No AAAX\nand BBBX"]),
        ("No AAAX here.Cough, BBBX", ["No AAAX here.", "Cough, BBBX"]),
        ("AAAX: no, BBBX: yes", ["AAAX", ", BBBX"]),
        ("Has AAAX. BBBX? No.", ["Has AAAX.", "BBBX"]),
        ("nothing here", []),
        ("", []),
    ],
)
def test_stretches(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


def test_mentions_in_any_order_keep_their_indices() -> None:
    text = "AAAX. BBBX and CCCX."
    mentions = document(text).mentions
    found = list(
        stretches(Document("d", text, (mentions[2], mentions[0], mentions[1])), LEXICON, PATTERNS)
    )
    assert [list(each.mentions) for each in found] == [[1], [2, 0]]


TEXTS = st.text(alphabet="aNZ.,:;- \n1)", max_size=80).map(lambda text: text.replace("Z", "ZZZX"))


@given(TEXTS)
def test_stretches_are_in_order_disjoint_and_hold_every_mention_once(text: str) -> None:
    read = document(text, "Z{3}X")
    found = list(stretches(read, LEXICON, PATTERNS))
    assert [index for each in found for index in each.mentions] == list(range(len(read.mentions)))
    assert all(one.end <= two.start for one, two in pairwise(found))
    for each in found:
        assert all(each.start <= read.mentions[index].start < each.end for index in each.mentions)
