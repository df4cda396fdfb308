"""Python's search for circles of objects, less often while documents are annotated."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["rare_collections"]

# Objects that came and did not go before the next search. The documents of two batches of
# abstracts, with their mentions and candidates, are about as many, and go all by themselves; at
# Python's own 700 each of them is looked at several times, which takes half a millisecond an
# abstract. If all were circles, they would be some 10 MB.
_NEW_OBJECTS = 100_000


@contextmanager
def rare_collections() -> Iterator[None]:
    """Search for circles of objects only after many new objects, in the whole process, until the
    block ends.
    """
    before = gc.get_threshold()
    # 0 is never, which somebody may have wanted.
    if before[0]:
        gc.set_threshold(max(before[0], _NEW_OBJECTS), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
