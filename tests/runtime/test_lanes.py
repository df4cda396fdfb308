import threading
from collections.abc import Iterator

import pytest

from biopipe.runtime.lanes import in_lanes

LIMIT = 60.0  # seconds; only a hang takes that long


def test_no_lane_is_the_thread_of_the_caller() -> None:
    threads = list(in_lanes(lambda item: threading.get_ident(), range(5), lanes=0))
    assert set(threads) == {threading.get_ident()}


def test_results_come_in_the_order_of_the_items() -> None:
    second_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second_done.wait(
                LIMIT
            )  # the first item ends after the second: both were running
        if item == 1:
            second_done.set()
        return item * 10

    assert list(in_lanes(work, range(7), lanes=2)) == [item * 10 for item in range(7)]


@pytest.mark.parametrize("lanes", [0, 1, 3])
def test_items_are_taken_only_as_fast_as_results_are(lanes: int) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    for number, result in enumerate(in_lanes(lambda item: item, items(), lanes=lanes)):
        assert result == number
        assert len(taken) <= number + 1 + lanes
    assert len(taken) == 100


@pytest.mark.parametrize("lanes", [0, 1, 2])
def test_an_error_of_the_work_comes_in_its_place_and_nothing_hangs(lanes: int) -> None:
    done: list[int] = []

    def work(item: int) -> int:
        if item == 3:
            raise ZeroDivisionError(item)
        done.append(item)
        return item

    results = in_lanes(work, range(100), lanes=lanes)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert len(done) < 100
    assert not _lanes_alive()


@pytest.mark.parametrize("lanes", [0, 1, 2])
def test_an_error_of_the_items_comes_out(lanes: int) -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(in_lanes(lambda item: item, items(), lanes=lanes))
    assert not _lanes_alive()


def test_closing_ends_the_lanes() -> None:
    results = in_lanes(lambda item: item, iter(range(100)), lanes=2)
    assert next(results) == 0
    results.close()
    assert not _lanes_alive()


def _lanes_alive() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("lane")]
