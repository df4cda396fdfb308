"""Ctrl-C and SIGTERM during a run: the first asks it to stop where that is safe, the second stops
it at once.

An exception raised by a signal handler surfaces wherever the interpreter happens to be, also in a
`__del__` or a callback from native code, where it is swallowed. So the handler only leaves a mark
that the run looks at.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Interrupted", "Interruption", "watch_signals"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """A run was asked to stop and did; `signal` is what asked."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.signal = number


class Interruption:
    """Whether somebody asked the run to stop; `fileno` is readable from then on, for `select` and
    the like.
    """

    def __init__(self) -> None:
        self._signal: int | None = None
        self._handlers: dict[int, Callable[[int, FrameType | None], Any] | int] = {}
        # A pipe wakes `select` in the process that waits for its workers, which a flag alone would
        # not.
        self._readable, self._writable = os.pipe()

    def fileno(self) -> int:
        """A descriptor that turns readable when the run is asked to stop."""
        return self._readable

    def check(self) -> None:
        """Raise Interrupted if the run was asked to stop."""
        if self._signal is not None:
            raise Interrupted(self._signal)

    def install_handlers(self) -> None:
        """Install the handlers; a signal that is ignored, as in the background of a shell, stays
        so.
        """
        # Python lets the main thread alone set handlers; a run in another one stops with its
        # program.
        if threading.current_thread() is not threading.main_thread():
            return
        for number in _SIGNALS:
            handler = signal.getsignal(number)
            if handler is not None and handler != signal.SIG_IGN:
                self._handlers[number] = handler
                signal.signal(number, self._handle_signal)

    def close(self) -> None:
        """Put the earlier handlers back."""
        self._restore_handlers()
        os.close(self._readable)
        os.close(self._writable)

    def _handle_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._signal is None:
            self._signal = number
            # The one thing that is safe here beside setting a number: a write of a byte never
            # waits.
            os.write(self._writable, b"\0")
        else:
            self._restore_handlers()
            # As if nobody had listened: the second one means now, whatever is half done.
            signal.raise_signal(number)

    def _restore_handlers(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()


@contextmanager
def watch_signals() -> Iterator[Interruption]:
    """Listen to Ctrl-C and SIGTERM; in another thread than the main one nothing can be listened
    to.
    """
    interruption = Interruption()
    interruption.install_handlers()
    try:
        yield interruption
    finally:
        interruption.close()
