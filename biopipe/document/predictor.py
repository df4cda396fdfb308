"""What every stage of a pipeline is: documents in, documents out, and a description of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from biopipe.document.types import Document

__all__ = ["Layer", "Predictor", "PredictorInfo", "Resource"]

Layer: TypeAlias = Literal[
    "sections",
    "abbreviations",
    "mentions",
    "concepts",
    "assertions",
    "relations",
    "medications",
    "measurements",
    "times",
]
"""A layer of annotation: `concepts` are the ids of mentions, `assertions` those of mentions and of
relations; the others are the fields of `Document` of that name.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictorInfo:
    """What a predictor is, known without opening a knowledge base.

    `labels` are those of the mentions or relations it gives, where it knows them. It finds nothing
    in a document that lacks a layer of `needs`; `gives` are the layers that it adds to or replaces.
    `reads_states` and `gives_states` are the sha256 of the graph whose encoder states
    (`Document.shared`) it reads or can leave there; "" for none.
    """

    name: str
    labels: tuple[str, ...] = ()
    needs: frozenset[Layer] = frozenset()
    gives: frozenset[Layer] = frozenset()
    reads_states: str = ""
    gives_states: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A model or a knowledge base that a predictor reads.

    `role` says what for: "model", "kb", or what a predictor calls it. `label` is the mention label
    that a knowledge base serves, "" for all others. `hash` changes whenever the answers may change.
    `folder` is what a saved pipeline gets a copy of; None where it is found again by name.
    """

    role: str
    name: str
    hash: str
    label: str = ""
    folder: Path | None = None


@runtime_checkable
class Predictor(Protocol):
    """One task over documents, without spaCy.

    A class may inherit from this one, which gives it a predictor that reads no resources and shares
    no encoder states, or just have these members. `biopipe.build` and `biopipe run` call `predict`
    from two threads at a time.
    """

    @property
    def info(self) -> PredictorInfo:
        """What this predictor is, needs and gives."""
        ...

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents in their order, each with what the task adds to it.

        An InputError concerns one of the documents, any other BiopipeError all of them.
        """
        ...

    def __repr__(self) -> str:
        info = self.info
        labels = f" of {', '.join(info.labels)}" if info.labels else ""
        return f"<{type(self).__name__} '{info.name}': {', '.join(sorted(info.gives))}{labels}>"

    def resources(self) -> tuple[Resource, ...]:
        """The models and knowledge bases it reads, which are opened for that if need be."""
        return ()

    def share_states(self, graphs: frozenset[str]) -> None:
        """Leave encoder states for later predictors if those of its graph are among `graphs`.

        Called with the sha256 of all graphs whose states are read later in the pipeline, once the
        pipeline is put together.
        """
        return None
