"""What a process has to know to write parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from biopipe.bulk.journal import Part
from biopipe.bulk.part import Columns, OnBatch, OnInputs, SkippedRow, write_part
from biopipe.io.fragments import Fragment

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["Job", "WritePart", "kb_names"]


class WritePart(Protocol):
    """Turns a fragment into a part; see `write_part` for the options."""

    def __call__(
        self,
        fragment: Fragment,
        on_inputs: OnInputs,
        *,
        on_batch: OnBatch | None = None,
        skip: Mapping[int, SkippedRow] | None = None,
        one_by_one: bool = False,
    ) -> Part: ...


@dataclass(frozen=True, slots=True)
class Job:
    """Plain data, so that it can be sent to another process."""

    pipeline: str
    folder: Path
    columns: Columns
    device: str | None = None

    def load(self) -> "Language":
        """The pipeline, on the device of the job if it names one."""
        # The process that only watches over workers does not need spaCy.
        from biopipe.pipeline import load

        return load(self.pipeline, device=self.device)

    def configuration(self, nlp: "Language") -> dict[str, Any]:
        """What decides the content of the tables."""
        from biopipe.pipeline import describe

        return {
            "pipeline": describe(nlp),
            "columns": {"text": self.columns.text, "id": self.columns.id},
            "biopipe": version("biopipe"),
        }

    def open(self, nlp: "Language | None" = None) -> WritePart:
        """The function that turns a fragment into a part, with one pipeline for all fragments."""
        pipeline = nlp or self.load()
        names = kb_names(pipeline)

        def write(
            fragment: Fragment,
            on_inputs: OnInputs,
            *,
            on_batch: OnBatch | None = None,
            skip: Mapping[int, SkippedRow] | None = None,
            one_by_one: bool = False,
        ) -> Part:
            return write_part(
                fragment,
                pipeline,
                self.folder,
                columns=self.columns,
                kb_names=names,
                on_inputs=on_inputs,
                on_batch=on_batch,
                skip=skip,
                one_by_one=one_by_one,
            )

        return write


def kb_names(nlp: "Language") -> dict[str, str]:
    """Name of the knowledge base by mention label, "" for all others, as the last linker has
    them.
    """
    from biopipe.components.base import Component

    names: dict[str, str] = {}
    for _, component in nlp.pipeline:
        if isinstance(component, Component):
            names.update(getattr(component.predictor, "kb_names", {}))
    return names
