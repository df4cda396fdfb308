"""Requests in batches, without a pipeline: who is with whom in a pass, and what failures cost."""

import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError

import pytest

from biopipe.document import Document
from biopipe.errors import ModelError

pytest.importorskip("fastapi", reason="needs the extra 'serve'")

from biopipe.serve.batching import RequestBatcher
from biopipe.serve.refusal import Refusal


class Passes:
    """Notes the ids of each pass; the first waits for `go`."""

    def __init__(self) -> None:
        self.ids: list[list[str]] = []
        self.began = threading.Event()
        self.go = threading.Event()

    def __call__(self, documents: Sequence[Document]) -> list[Document]:
        self.ids.append([document.id for document in documents])
        self.began.set()
        self.go.wait()
        return list(documents)


def documents(name: str, count: int) -> list[Document]:
    return [Document(f"{name}{number}", "text") for number in range(count)]


@pytest.fixture
def passes() -> Passes:
    return Passes()


@pytest.fixture
def batcher(passes: Passes) -> RequestBatcher:
    """Busy with a first request; what is submitted now waits for the second pass."""
    batcher = RequestBatcher(passes)
    batcher.submit(documents("first", 1))
    passes.began.wait()
    return batcher


def test_what_waits_goes_together(batcher: RequestBatcher, passes: Passes) -> None:
    futures = [batcher.submit(documents(name, 2)) for name in "abc"]
    passes.go.set()
    assert [[d.id for d in future.result()] for future in futures] == [
        ["a0", "a1"],
        ["b0", "b1"],
        ["c0", "c1"],
    ]
    assert passes.ids[1:] == [["a0", "b0", "c0", "a1", "b1", "c1"]]
    batcher.close()


def test_a_large_request_does_not_hold_up_a_small_one(
    batcher: RequestBatcher, passes: Passes
) -> None:
    large, small = batcher.submit(documents("l", 100)), batcher.submit(documents("s", 1))
    passes.go.set()
    assert len(large.result()) == 100
    assert small.result()[0].id == "s0"
    assert "s0" in passes.ids[1]
    assert len(passes.ids) == 1 + 4
    batcher.close()


def test_long_texts_make_short_passes(batcher: RequestBatcher, passes: Passes) -> None:
    long = batcher.submit([Document(str(number), "x" * 60_000) for number in range(4)])
    passes.go.set()
    assert len(long.result()) == 4
    assert [len(ids) for ids in passes.ids[1:]] == [2, 2]
    batcher.close()


def test_what_nobody_waits_for_is_not_annotated(batcher: RequestBatcher, passes: Passes) -> None:
    gone, here = batcher.submit(documents("gone", 3)), batcher.submit(documents("here", 1))
    assert gone.cancel()
    passes.go.set()
    assert here.result()
    assert passes.ids[1:] == [["here0"]]
    with pytest.raises(CancelledError):
        gone.result()
    batcher.close()


def test_a_request_that_is_given_up_within_a_pass_is_no_failure(
    batcher: RequestBatcher, passes: Passes
) -> None:
    passes.began.clear()
    passes.go.set()
    future = batcher.submit(documents("a", 1))
    future.cancel()
    assert batcher.submit(documents("b", 1)).result()
    batcher.close()


def test_closing_finishes_what_waits_and_takes_nothing_more(
    batcher: RequestBatcher, passes: Passes
) -> None:
    future = batcher.submit(documents("a", 40))
    passes.go.set()
    batcher.close()
    assert len(future.result(timeout=0)) == 40
    with pytest.raises(Refusal) as refusal:
        batcher.submit(documents("b", 1))
    assert refusal.value.status == 503


@pytest.mark.parametrize("error", [ModelError("model.onnx was altered."), ValueError("secret")])
def test_a_pipeline_that_cannot_run_refuses_its_requests_and_goes_on(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    failures = [error]

    def annotate_pass(documents: Sequence[Document]) -> list[Document]:
        if failures:
            raise failures.pop()
        return list(documents)

    batcher = RequestBatcher(annotate_pass)
    refusal = batcher.submit(documents("a", 3)).exception()
    assert isinstance(refusal, Refusal)
    assert refusal.status == 503
    assert "secret" not in caplog.text + refusal.sentence
    assert ("model.onnx was altered" in caplog.text) == isinstance(error, ModelError)
    assert len(batcher.submit(documents("b", 3)).result()) == 3
    batcher.close()


def test_a_request_without_texts_is_answered_at_once(passes: Passes) -> None:
    batcher = RequestBatcher(passes)
    assert batcher.submit([]).result() == []
    batcher.close()
