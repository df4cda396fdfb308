"""A pipeline's predictions for gold documents, of one stage alone or of all up to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from biopipe.components.document import annotate_doc, to_document
from biopipe.components.relations import RelationsComponent
from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.evaluate.canonical_ids import Canonical
from biopipe.evaluate.gold import without_annotations, without_concepts, without_relations
from biopipe.evaluate.linking_scores import Known
from biopipe.kb.default import open_base
from biopipe.pipeline import load
from biopipe.relations.extractor import RelationExtractor
from biopipe.relations.readout import scheme_of_gold

__all__ = [
    "STAGES",
    "KnowledgeBases",
    "Prediction",
    "canonical_concepts",
    "known_concepts",
    "predict",
]

# Folders of knowledge bases: one for all mention labels or one for each; "default" is the default
# one.
KnowledgeBases = str | Mapping[str, str]

# The components of a stage beyond recognition, in the order of the chain.
STAGES: Mapping[str, tuple[str, ...]] = {
    "ner": (),
    "linking": ("biopipe_abbreviations", "biopipe_linker"),
    "relations": ("biopipe_relations",),
}


@dataclass(frozen=True, slots=True)
class Prediction:
    """Predicted documents, and the knowledge bases they were linked to if they were linked."""

    documents: list[Document]
    kb: KnowledgeBases | None


def predict(
    gold: Sequence[Document],
    *,
    stage: str,
    pipeline: str | Path = "default",
    gold_mentions: bool = False,
    kb: KnowledgeBases | None = None,
    every_mention: bool = False,
) -> Prediction:
    """The gold's texts through the pipeline as far as `stage`, in order.

    With `gold_mentions` the components of that stage alone run, on the gold's mentions; only the
    relations stage sees their concept ids. `every_mention` takes the thresholds off the pipeline's
    taggers. `kb` replaces the knowledge bases of the pipeline's linker. A relation model of several
    schemes answers by the one that has the gold's relation labels, unless the pipeline names one.
    """
    nlp = load(pipeline)
    factories = {name: nlp.get_pipe_meta(name).factory for name in nlp.pipe_names}
    for needed in STAGES[stage][-1:]:
        _require(needed, factories, pipeline)
    linker = next((name for name, factory in factories.items() if factory == "biopipe_linker"), "")
    if kb is not None:
        _require("biopipe_linker", factories, pipeline)
        nlp.replace_pipe(
            linker, "biopipe_linker", config=_settings(nlp.get_pipe_config(linker), kb=kb)
        )
    for name, factory in factories.items():
        if every_mention and factory == "biopipe_ner":
            nlp.replace_pipe(
                name, factory, config=_settings(nlp.get_pipe_config(name), threshold=0.0)
            )
    if stage == "relations":
        name = next(name for name, factory in factories.items() if factory == "biopipe_relations")
        # A model with several schemes answers by the one whose labels the gold has.
        _choose_scheme(cast(RelationsComponent, nlp.get_pipe(name)), gold)
    disabled = _disabled(stage, factories, gold_mentions)
    docs = (annotate_doc(nlp.make_doc(d.text), _input(d, stage, gold_mentions)) for d in gold)
    documents = [to_document(doc) for doc in nlp.pipe(docs, disable=disabled)]
    linked = linker in factories and linker not in disabled
    return Prediction(documents, nlp.get_pipe_config(linker)["kb"] if linked else None)


def _choose_scheme(component: RelationsComponent, gold: Sequence[Document]) -> None:
    predictor = component.predictor
    if isinstance(predictor, RelationExtractor) and component.options.scheme is None:
        component.use_scheme(scheme_of_gold(predictor.manifest, gold))


def _require(factory: str, factories: Mapping[str, str], pipeline: str | Path) -> None:
    if factory not in factories.values():
        listed = ", ".join(factories) or "none"
        raise ConfigError(
            f"The pipeline '{pipeline}' has no {factory}; its components are: {listed}."
        )


def _disabled(stage: str, factories: Mapping[str, str], gold_mentions: bool) -> list[str]:
    if gold_mentions:
        # With the gold's mentions no recogniser may run, of whatever package.
        return [name for name, factory in factories.items() if factory not in STAGES[stage]]
    later = list(STAGES)[list(STAGES).index(stage) + 1 :]
    dropped = {factory for stage_name in later for factory in STAGES[stage_name]}
    return [name for name, factory in factories.items() if factory in dropped]


def _input(document: Document, stage: str, gold_mentions: bool) -> Document:
    if not gold_mentions:
        return without_annotations(document)
    return without_relations(document) if stage == "relations" else without_concepts(document)


def _settings(config: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**config, **changes}.items() if key != "factory"}


def canonical_concepts(kb: KnowledgeBases) -> Canonical:
    """Asks the knowledge base of a mention label for the main id of a concept; labels are as the
    linker takes them.
    """
    directories = {"": kb} if isinstance(kb, str) else kb
    bases = {label: open_base(directory) for label, directory in directories.items()}

    def canonical(label: str, concept_id: str) -> str | None:
        base = bases.get(label, bases.get(""))
        return None if base is None else base.canonical(concept_id)

    return canonical


def known_concepts(kb: KnowledgeBases) -> Known:
    """Whether the knowledge base of a mention label has a concept."""
    canonical = canonical_concepts(kb)
    return lambda label, concept_id: canonical(label, concept_id) is not None
