"""Name forms made in a second process, beside the reading of concepts."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

import pyarrow as pa

from biopipe.kb.build.beside import python_beside, usable_cores
from biopipe.kb.build.name_forms import TEXTS, name_forms

__all__ = ["FormsProcess"]

_SERVE = "from biopipe.kb.build.name_forms import serve_forms; serve_forms()"


class FormsProcess:
    """Makes `name_forms` of batches in a process of its own, which starts with the second batch,
    where there is a core for it; else, and where that process ends, in a thread of this one.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="name forms")
        self._connection: _Connection | None = None
        self._batches, self._is_usable = 0, usable_cores() > 1

    def submit(self, texts: Sequence[str]) -> "Future[pa.RecordBatch]":
        """The forms of some names; batches are made in the order in which they are given."""
        return self._thread.submit(self._forms, texts)

    def close(self) -> None:
        """End the process, when all batches are made."""
        self._thread.shutdown()
        if self._connection is not None:
            self._connection.close()

    def _forms(self, texts: Sequence[str]) -> pa.RecordBatch:
        self._batches += 1
        # The first batch is made here: a base of one batch is done before a process has started.
        if self._is_usable and self._batches > 1:
            try:
                self._connection = self._connection or _Connection()
                return self._connection.forms(texts)
            except (OSError, pa.ArrowException, StopIteration):
                # Killed, or none may be started here: the same forms take a little longer.
                self._is_usable = False
        return name_forms(texts)


class _Connection:
    """A running `serve_forms`. Raises OSError or ArrowException when it has ended."""

    def __init__(self) -> None:
        self._process = python_beside(_SERVE)
        self._writer = pa.ipc.new_stream(self._process.stdin, TEXTS)
        self._reader: pa.ipc.RecordBatchStreamReader | None = None

    def forms(self, texts: Sequence[str]) -> pa.RecordBatch:
        """What `name_forms` gives for some names."""
        self._writer.write_batch(pa.record_batch([pa.array(texts, pa.string())], schema=TEXTS))
        if self._process.stdin is not None:
            self._process.stdin.flush()
        # Its stream begins with the first answer.
        self._reader = self._reader or pa.ipc.open_stream(self._process.stdout)
        return self._reader.read_next_batch()

    def close(self) -> None:
        """End its input, and wait for its end."""
        with suppress(OSError, pa.ArrowException):
            self._writer.close()
        # Reads what is left of its output, so that it can write the end of it.
        with suppress(OSError, ValueError):
            self._process.communicate()
        self._process.wait()
