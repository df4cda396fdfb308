import pickle
from pathlib import Path

import pytest

from biopipe.bulk.parts.part import SkippedRow
from biopipe.bulk.retry import ExitCause, RetryState
from biopipe.io.fragments import Fragment

CRASH = ExitCause("crash", "ended its process (SIGSEGV)", certain=True)
KILLED = ExitCause("crash", "ended its process (SIGKILL)", certain=False)


@pytest.fixture
def task() -> RetryState:
    return RetryState(Fragment(Path("a.parquet"), "parquet", 0, "a"))


def test_the_documents_of_a_batch_are_suspects_and_the_one_that_does_it_again_is_skipped(
    task: RetryState,
) -> None:
    assert not task.record_failure([4, 5, 6], CRASH)
    assert task.one_by_one
    assert task.skip == {}
    assert task.record_failure([5], CRASH)
    assert task.skip == {5: SkippedRow("crash", "ended its process (SIGSEGV)")}


def test_a_single_document_of_a_batch_is_run_alone_before_it_is_skipped(task: RetryState) -> None:
    assert not task.record_failure([5], CRASH)
    assert task.record_failure([5], CRASH)


def test_a_document_whose_process_may_have_been_killed_by_others_gets_one_more_chance(
    task: RetryState,
) -> None:
    assert not task.record_failure([4, 5], KILLED)
    assert not task.record_failure([4], KILLED)
    assert not task.record_failure([5], KILLED)
    assert task.record_failure([4], KILLED)
    assert list(task.skip) == [4]


@pytest.mark.parametrize(("cause", "hopeless", "stuck"), [(CRASH, 3, None), (KILLED, None, 5)])
def test_deaths_with_no_document_in_flight_are_counted(
    task: RetryState, cause: ExitCause, hopeless: int | None, stuck: int | None
) -> None:
    for death in range(1, 6):
        assert not task.record_failure([], cause)
        assert task.is_unreadable == (hopeless is not None and death >= hopeless)
        assert task.is_stuck == (stuck is not None and death >= stuck)
    assert not task.one_by_one


def test_a_task_goes_to_another_process(task: RetryState) -> None:
    task.record_failure([1, 2], CRASH)
    task.record_failure([1], CRASH)
    assert pickle.loads(pickle.dumps(task)) == task
