"""What a base finds names by, made of many names at a time: normal forms, and the hashes of these,
of their words in any order, and of their beginnings.
"""

import os
import signal
import sys
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from biopipe.kb.hashing import name_hash, word_order_hash
from biopipe.kb.prefixes import PREFIX_BITS
from biopipe.text.normalize import normalize_name, word_order_key

__all__ = ["TEXTS", "name_forms", "serve_forms"]

TEXTS = pa.schema({"text": pa.string()})
_FORMS = pa.schema(
    {
        "form": pa.string(),
        "hash": pa.uint64(),
        "order_hash": pa.uint64(),
        "prefixes": pa.list_(pa.uint32()),
    }
)


def name_forms(texts: Sequence[str]) -> pa.RecordBatch:
    """A row for each name: `form`, "" where nothing is left to look up, its `hash`, `order_hash`,
    null where the order of its words means something, and `prefixes`, hashes of the words it begins
    with, all but the whole form.
    """
    forms = [normalize_name(text) for text in texts]
    keys = [word_order_key(text, form) for text, form in zip(texts, forms, strict=True)]
    prefixes = [_prefix_hashes(form) for form in forms]
    lengths = np.fromiter(map(len, prefixes), np.int32, len(prefixes))
    values = np.fromiter((h for of_form in prefixes for h in of_form), np.uint32, lengths.sum())
    columns = [
        pa.array(forms, pa.string()),
        pa.array(np.fromiter(map(name_hash, forms), np.uint64, len(forms))),
        pa.array([word_order_hash(key) if key else None for key in keys], pa.uint64()),
        pa.ListArray.from_arrays(np.append(0, np.cumsum(lengths)).astype(np.int32), values),
    ]
    return pa.record_batch(columns, schema=_FORMS)


def _prefix_hashes(form: str) -> list[int]:
    hashes = []
    # At spaces alone: a dictionary reads whole words, and gives up where no name begins so.
    place = form.find(" ")
    while place >= 0:
        hashes.append(name_hash(form[:place]) & PREFIX_BITS)
        place = form.find(" ", place + 1)
    return hashes


def serve_forms() -> None:
    """Answer batches of names that come in by standard input, an Arrow stream of `TEXTS`, with their
    forms on standard output, until the input ends.
    """
    # Ctrl-C reaches this process too; it ends when the one that asks does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pa.ipc.new_stream(sys.stdout.buffer, _FORMS) as writer:
            for batch in pa.ipc.open_stream(sys.stdin.buffer):
                writer.write_batch(name_forms(batch["text"].to_pylist()))
                sys.stdout.buffer.flush()
    except (OSError, pa.ArrowException):
        # The one that asks was killed, and has no use for a traceback; nor for one as Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
