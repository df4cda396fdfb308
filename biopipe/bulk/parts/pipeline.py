"""The pipeline of a plan: loading it, describing it, and writing parts with it."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from biopipe.bulk.parts.part import OnBatch, OnInputs, SkippedRow, write_part
from biopipe.bulk.plan import RunPlan
from biopipe.io.fragments import Fragment
from biopipe.io.run_output.journal import Part

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["WritePart", "kb_names", "load_pipeline", "open_part_writer", "run_configuration"]


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


def load_pipeline(plan: RunPlan) -> "Language":
    """The pipeline of the plan, on its device if it names one."""
    # A process that only watches over workers does not need spaCy.
    from biopipe.pipeline import load

    return load(plan.pipeline, device=plan.device)


def run_configuration(plan: RunPlan, nlp: "Language") -> dict[str, Any]:
    """What decides the content of the tables; JSON data."""
    from biopipe.pipeline import describe

    return {
        "pipeline": describe(nlp),
        "columns": {"text": plan.text_column, "id": plan.id_column},
        "biopipe": version("biopipe"),
    }


def open_part_writer(plan: RunPlan, nlp: "Language", folder: Path) -> WritePart:
    """The function that turns a fragment into a part in `folder`, with one pipeline for all."""
    names = kb_names(nlp)

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
            nlp,
            folder,
            columns=plan.columns,
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
    from biopipe.components.base import predictor_of

    predictors = [predictor_of(component) for _, component in nlp.pipeline]
    return {
        resource.label: resource.name
        for predictor in predictors
        if predictor is not None
        for resource in predictor.resources()
        if resource.role == "kb"
    }
