import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.train.common.schedule import Schedule


def test_the_rate_rises_stays_and_falls() -> None:
    schedule = Schedule(epochs=1, learning_rate=1.0, warmup=1.0, warmup_of=10, anneal=0.25)
    shares = [schedule.rate_share(step, 100) for step in range(100)]
    assert shares[:10] == pytest.approx([0.1 * (step + 1) for step in range(10)])
    assert set(shares[10:76]) == {1.0}
    assert shares[76:] == pytest.approx([(100 - step) / 25 for step in range(76, 100)])
    assert schedule.annealing_start(100) == 75


def test_without_annealing_the_rate_falls_from_the_warm_up_on() -> None:
    schedule = Schedule(epochs=1, learning_rate=1.0, warmup=0.1)
    assert [schedule.rate_share(step, 100) for step in (0, 9, 10, 55, 99)] == pytest.approx(
        [0.1, 1.0, 1.0, 0.5, 1 / 90]
    )


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0.01, 1), st.integers(0, 100))
def test_every_rate_is_a_share(total: int, warmup: float, anneal: float, warmup_of: int) -> None:
    schedule = Schedule(
        epochs=1, learning_rate=1.0, warmup=warmup, anneal=anneal, warmup_of=warmup_of
    )
    assert all(0 < schedule.rate_share(step, total) <= 1 for step in range(total))
