import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from biopipe.ner.gliner_decode import Spans, choose_spans


def spans(*rows: tuple[int, int, int, float]) -> Spans:
    first, last, label, score = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Spans(
        np.array(first, dtype=np.int64),
        np.array(last, dtype=np.int64),
        np.array(label, dtype=np.int64),
        np.array(score, dtype=np.float32),
    )


def test_flat_takes_the_highest_first() -> None:
    found = spans((0, 2, 0, 0.7), (2, 3, 1, 0.9), (0, 1, 0, 0.6), (5, 5, 0, 0.6), (5, 5, 1, 0.8))
    assert choose_spans(found, flat=True) == [2, 1, 4]


def test_nested_may_lie_within_each_other_but_not_cross() -> None:
    found = spans((0, 4, 0, 0.9), (1, 2, 1, 0.8), (2, 3, 0, 0.7), (1, 2, 0, 0.6), (4, 5, 0, 0.5))
    assert choose_spans(found, flat=False) == [0, 1]


def test_of_equals_the_first_stays() -> None:
    assert choose_spans(spans((0, 1, 0, 0.5), (1, 2, 0, 0.5)), flat=True) == [0]


def test_nothing() -> None:
    assert choose_spans(spans(), flat=True) == []


RANGES = st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(0, 2), st.integers(0, 20))


@given(rows=st.lists(RANGES, max_size=40), flat=st.booleans())
def test_what_stays_may_stand_together(rows: list[tuple[int, int, int, int]], flat: bool) -> None:
    found = spans(*((a, a + more, label, score / 20) for a, more, label, score in rows))
    chosen = choose_spans(found, flat=flat)
    kept = [(int(found.first[n]), int(found.last[n])) for n in chosen]
    assert kept == sorted(set(kept))
    for a in kept:
        for b in kept:
            apart = a[1] < b[0] or b[1] < a[0]
            within = (a[0] <= b[0] and b[1] <= a[1]) or (b[0] <= a[0] and a[1] <= b[1])
            assert apart or a == b or (within and not flat)
    for number in set(range(len(rows))) - set(chosen):
        assert any(
            found.score[n] >= found.score[number]
            and found.first[n] <= found.last[number]
            and found.first[number] <= found.last[n]
            for n in chosen
        )
