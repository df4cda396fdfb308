"""What every stage of a pipeline is: a function from documents to documents that says what it is."""

from collections.abc import Sequence
from typing import Protocol

from biopipe.document.types import Document

__all__ = ["Predictor"]


class Predictor(Protocol):
    """One task over documents: returns them in order, each with what the task adds."""

    def predict(self, documents: Sequence[Document]) -> list[Document]: ...
