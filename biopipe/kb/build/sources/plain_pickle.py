"""Pickles of plain containers, read without running anything that is in them."""

import bz2
import pickle
from pathlib import Path
from typing import Any, NoReturn

from biopipe.errors import KnowledgeBaseError

__all__ = ["read_plain_pickle"]


class _PlainUnpickler(pickle.Unpickler):
    """Refuses every class and function that a pickle names, which leaves dicts, lists, strings,
    numbers and truth values.
    """

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"it wants {module}.{name}")


def read_plain_pickle(path: Path) -> Any:
    """What a pickle, compressed with bzip2, holds; KnowledgeBaseError where that is anything but
    plain containers, or the file is damaged.
    """
    try:
        with bz2.open(path) as file:
            return _PlainUnpickler(file).load()
    except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
        raise KnowledgeBaseError(
            f"{path} is no pickle of plain containers ({error}); install its package again."
        ) from error
