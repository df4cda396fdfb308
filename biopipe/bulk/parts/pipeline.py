"""The pipeline of a plan: loading it, describing it, and writing parts with it."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from biopipe.bulk.cross_references import CrossReferences, UsesKnowledgeBases
from biopipe.bulk.parts.part import OnBatch, OnInputs, SkippedRow, write_part
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.tables import TABLES_FORMAT
from biopipe.io.fragments import Fragment
from biopipe.io.run_output.journal import Part

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = [
    "WritePart",
    "cross_references",
    "kb_names",
    "load_pipeline",
    "open_part_writer",
    "run_configuration",
]


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
    """The pipeline of the plan, with its device and knowledge base if it names them."""
    # A process that only watches over workers does not need spaCy.
    from biopipe.pipeline import load

    return load(plan.pipeline, device=plan.device, kb=plan.kb)


def run_configuration(plan: RunPlan, nlp: "Language") -> dict[str, Any]:
    """What decides the content of the tables; JSON data."""
    from biopipe.pipeline import describe

    columns = {"text": plan.text_column, "id": plan.id_column}
    if plan.title_column:
        columns["title"] = plan.title_column
    configuration: dict[str, Any] = {
        "pipeline": describe(nlp),
        "columns": columns,
        "biopipe": version("biopipe"),
        "tables": TABLES_FORMAT,
    }
    # Left out where they are not asked for, as from folders of earlier versions.
    if plan.keep:
        configuration["keep"] = list(plan.keep)
    if plan.limit is not None:
        configuration["limit"] = plan.limit
    if plan.xrefs:
        configuration["xrefs"] = list(plan.xrefs)
    return configuration


def open_part_writer(plan: RunPlan, nlp: "Language", folder: Path) -> WritePart:
    """The function that turns a fragment into a part in `folder`, with one pipeline for all."""
    # Once for all parts: asking for names opens the bases.
    names, xrefs = kb_names(nlp), cross_references(nlp, plan.xrefs)

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
            xrefs=xrefs,
            on_batch=on_batch,
            skip=skip,
            one_by_one=one_by_one,
        )

    return write


def cross_references(nlp: "Language", systems: Sequence[str]) -> CrossReferences | None:
    """What gives ids of the systems for the concepts of a pipeline; None without systems."""
    from biopipe.components.base import predictor_of

    if not systems:
        return None
    predictors: list[object] = [predictor_of(component) for _, component in nlp.pipeline]
    bases = [
        base
        for predictor in predictors
        if isinstance(predictor, UsesKnowledgeBases)
        for base in predictor.knowledge_bases
    ]
    return CrossReferences(systems, bases)


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
