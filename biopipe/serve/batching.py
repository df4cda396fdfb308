"""Texts of concurrent requests, annotated together: one pass of the pipeline over a batch."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import TypeAlias

from biopipe.document import Document
from biopipe.errors import BiopipeError
from biopipe.serve.refusal import Refusal
from biopipe.serve.requests import TextError

__all__ = ["Outcome", "RequestBatcher"]

Outcome: TypeAlias = Document | TextError
PassOverTexts: TypeAlias = Callable[[Sequence[Document]], Sequence[Outcome]]

# A pass that takes longer would have small requests wait for large ones.
_PASS_TEXTS = 32
_PASS_CHARACTERS = 100_000
_LOG = logging.getLogger("biopipe.serve")


@dataclass(slots=True, eq=False)
class _WaitingRequest:
    """A request with texts that no pass has taken yet, or that a pass has not given back."""

    documents: Sequence[Document]
    result: Future[list[Outcome]] = field(default_factory=Future)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    taken: int = 0


@dataclass(frozen=True, slots=True)
class _Slot:
    """A text of a request in a pass."""

    request: _WaitingRequest
    position: int

    @property
    def document(self) -> Document:
        return self.request.documents[self.position]


class RequestBatcher:
    """Collects the texts of requests and hands them to `annotate_pass` in threads of its own.

    A pass takes what waits when it begins, a text of each request in turn, so that one of a
    thousand texts does not hold up one of a single text; nothing waits for a batch to fill.
    `annotate_pass` gives an outcome for each document, in order; what it raises concerns all of
    them. `lanes` passes run at a time.
    """

    def __init__(self, annotate_pass: PassOverTexts, *, lanes: int = 1) -> None:
        self._annotate_pass = annotate_pass
        self._waiting: deque[_WaitingRequest] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"pipeline-{number}", daemon=True)
            for number in range(lanes)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, documents: Sequence[Document]) -> Future[list[Outcome]]:
        """The outcomes of the documents, in their order; cancelling gives up what no pass has
        taken.

        The future holds a Refusal where the pipeline itself cannot run. Refusal with 503 once the
        batcher is closed.
        """
        request = _WaitingRequest(documents)
        if not documents:
            request.result.set_result([])
            return request.result
        with self._changed:
            if self._closed:
                raise Refusal(503, "The server is stopping; send the request again later.")
            self._waiting.append(request)
            self._changed.notify()
        return request.result

    def close(self) -> None:
        """Finish what waits, take nothing more, and end the threads."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while slots := self._next_slots():
            try:
                outcomes = self._annotate_pass([slot.document for slot in slots])
            except (
                Exception
            ) as error:  # a thread that ended would leave every later request waiting
                self._fail(slots, error)
            else:
                self._deliver(slots, outcomes)

    def _next_slots(self) -> list[_Slot]:
        """The texts of the next pass, at least one; none once closed and nothing waits."""
        with self._changed:
            while True:
                slots = _take(self._waiting)
                if slots or self._closed:
                    break
                self._changed.wait()
            if self._waiting:
                self._changed.notify()
            return slots

    def _deliver(self, slots: Sequence[_Slot], outcomes: Sequence[Outcome]) -> None:
        with self._changed:
            for slot, outcome in zip(slots, outcomes, strict=True):
                slot.request.outcomes[slot.position] = outcome
            requests = {id(slot.request): slot.request for slot in slots}.values()
            finished = [r for r in requests if len(r.outcomes) == len(r.documents)]
        for request in finished:
            # Texts of a request may have gone through several passes, which end in any order.
            in_order = [request.outcomes[position] for position in range(len(request.documents))]
            try:
                request.result.set_result(in_order)
            except InvalidStateError:
                continue  # its time was over

    def _fail(self, slots: Sequence[_Slot], error: Exception) -> None:
        """Refuse the requests of a pass for which the pipeline could not run."""
        # The message of an unknown exception may quote a text; the sentences of biopipe's do not.
        why = str(error) if isinstance(error, BiopipeError) else type(error).__name__
        _LOG.error("The pipeline cannot run: %s", why)
        refusal = Refusal(503, "The pipeline cannot run; the log of the server says why.")
        for request in {id(slot.request): slot.request for slot in slots}.values():
            # None of its other texts is worth a pass now.
            request.taken = len(request.documents)
            try:
                request.result.set_exception(refusal)
            except InvalidStateError:
                continue


def _take(waiting: deque[_WaitingRequest]) -> list[_Slot]:
    """A text of each waiting request in turn, up to a pass full; a request without more leaves."""
    slots: list[_Slot] = []
    characters = 0
    # In turn, so that a request of one text does not wait for one of a thousand.
    while waiting and len(slots) < _PASS_TEXTS and characters < _PASS_CHARACTERS:
        request = waiting.popleft()
        if request.result.done() or request.taken >= len(request.documents):
            continue
        slot = _Slot(request, request.taken)
        slots.append(slot)
        characters += len(slot.document.text)
        request.taken += 1
        if request.taken < len(request.documents):
            waiting.append(request)
    return slots
