from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Candidate, Document, Measurement, Medication, Mention, Relation


def test_what_is_not_the_default_is_shown() -> None:
    assert repr(Mention(0, 5, "Gene")) == "Mention(start=0, end=5, label='Gene')"
    full = Mention(0, 5, "Gene", 0.98765, ("A:1",), (Candidate("A:1", "a", 1.0),) * 5)
    assert repr(full) == (
        "Mention(start=0, end=5, label='Gene', score=0.9877, concept_ids=('A:1',), "
        "candidates=<5 Candidate>)"
    )
    both = Relation("a", "b", "Bind", assertion=frozenset({"possible", "negated"}))
    assert repr(both) == (
        "Relation(head='a', tail='b', label='Bind', assertion={'negated', 'possible'})"
    )
    assert repr(Medication("iron", 0, 4)).startswith("Medication(name='iron', start=0, end=4")
    assert "Measurement(" in repr(Measurement("Na", 0, 2, 3, 6))


@given(st.text(max_size=10_000), st.integers(0, 5_000))
def test_a_document_takes_a_line_whatever_it_holds(text: str, mentions: int) -> None:
    document = Document("1", text, (Mention(0, 1, "Gene"),) * mentions)
    shown = repr(document)
    assert "\n" not in shown
    assert len(shown) < 900
    assert not mentions or f"mentions=<{mentions:,} Mention>" in shown


def test_the_text_of_a_mention() -> None:
    document = Document("1", "🧬 BRCA1.", (Mention(2, 7, "Gene"),))
    assert document.mention_text(document.mentions[0]) == "BRCA1"
