"""What a process has to know to write parts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from biopipe.bulk.journal import Part
from biopipe.bulk.part import Columns, OnInputs, write_part
from biopipe.components.base import Component
from biopipe.io.fragments import Fragment
from biopipe.pipeline import load

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["Job", "WritePart", "kb_names"]

WritePart: TypeAlias = Callable[[Fragment, OnInputs], Part]


@dataclass(frozen=True, slots=True)
class Job:
    """Plain data, so that it can be sent to another process."""

    pipeline: str
    folder: Path
    columns: Columns
    device: str | None = None

    def load(self) -> "Language":
        """The pipeline, on the device of the job if it names one."""
        return load(self.pipeline, device=self.device)

    def open(self, nlp: "Language | None" = None) -> WritePart:
        """The function that turns a fragment into a part, with one pipeline for all fragments."""
        pipeline = nlp or self.load()
        names = kb_names(pipeline)

        def write(fragment: Fragment, on_inputs: OnInputs) -> Part:
            return write_part(
                fragment,
                pipeline,
                self.folder,
                columns=self.columns,
                kb_names=names,
                on_inputs=on_inputs,
            )

        return write


def kb_names(nlp: "Language") -> dict[str, str]:
    """Name of the knowledge base by mention label, "" for all others, as the last linker has them."""
    names: dict[str, str] = {}
    for _, component in nlp.pipeline:
        if isinstance(component, Component):
            names.update(getattr(component.predictor, "kb_names", {}))
    return names
