"""What a frame may hold."""

import pytest

from biopipe.train.frames.grammar import Choice, FrameSyntaxError, Slot, parse_frame

SLOTS, VALUES = ("Disease", "Disease.short"), ("dose",)


def _parsed(text: str) -> tuple[object, ...]:
    return parse_frame(text, slots=SLOTS, values=VALUES)


def test_slots_numbers_and_names_that_the_frame_gives() -> None:
    assert _parsed("{Disease.short:2}, {dose}; {Disease=HTN (old)}") == (
        Slot("Disease.short", "2"),
        ", ",
        Slot("dose"),
        "; ",
        Slot("Disease", text="HTN (old)"),
    )
    assert [Slot("Disease.short").label, Slot("dose").label] == ["Disease", ""]


def test_parts_may_be_nested_and_a_lone_one_left_out() -> None:
    assert _parsed("a [b|c [{dose}]]") == (
        "a ",
        Choice((("b",), ("c ", Choice(((Slot("dose"),), ()))))),
    )
    assert _parsed("[x|]") == (Choice((("x",), ())),)


def test_a_bar_outside_of_parts_and_escaped_signs_are_text() -> None:
    assert "".join(map(str, _parsed(r"a | b\n\[x\]\{\t\#"))) == "a | b\n[x]{\t#"


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        ("{Drug}", "unknown slot '{Drug}'; there are: Disease, Disease.short"),
        ("{colour}", "unknown slot '{colour}'; there are: a, dose"),
        ("{}", "is no slot"),
        ("{Disease", "'{' at character 1"),
        ("a] b", "']' at character 2"),
        ("[a|b", "'[' without ']'"),
        ("{dose=3 mg}", "gives text to a value"),
    ],
)
def test_faults_are_told(frame: str, fault: str) -> None:
    with pytest.raises(FrameSyntaxError) as raised:
        _parsed(frame)
    assert fault in str(raised.value)
