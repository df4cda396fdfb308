from hypothesis import given
from hypothesis import strategies as st

from biopipe.text.typography import as_typed


def test_dashes_and_primes_are_as_typed() -> None:
    assert as_typed("5′‑fluoro‑2′‑deoxyuridine, Alzheimer’s, 5–FU, −141C>T") == (
        "5'-fluoro-2'-deoxyuridine, Alzheimer's, 5-FU, -141C>T"
    )
    assert as_typed("α—β “x”") == "α—β “x”"


@given(st.text())
def test_offsets_stay(text: str) -> None:
    typed = as_typed(text)
    assert len(typed) == len(text)
    assert all(
        a == b or (b in "-'" and not a.isalnum()) or a == "ʹ"
        for a, b in zip(text, typed, strict=True)
    )
    assert as_typed(typed) == typed
