"""spaCy pipelines of biopipe components: from a configuration, a saved folder, or the default
one.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import is_package, load_model, load_model_from_config
from thinc.api import ConfigValidationError

from biopipe.components.abbreviations import AbbreviationsComponent
from biopipe.components.assertion import AssertionComponent
from biopipe.components.base import Component, only_predicts, predictor_of
from biopipe.components.configuration import (
    check_configuration,
    check_factory,
    factory_options,
    read_cfg,
    read_configuration,
    reason_of,
    with_shared_settings,
)
from biopipe.components.dates import DatesComponent
from biopipe.components.dictionary import DictionaryComponent
from biopipe.components.document import to_document
from biopipe.components.entities import EntitiesComponent
from biopipe.components.extensions import install_extensions
from biopipe.components.genetics import GeneticsComponent
from biopipe.components.gliner import GlinerComponent
from biopipe.components.linker import LinkerComponent
from biopipe.components.measurements import MeasurementsComponent
from biopipe.components.medications import MedicationsComponent
from biopipe.components.merge import MergeComponent
from biopipe.components.ner import NerComponent
from biopipe.components.relations import RelationsComponent
from biopipe.components.saving import predictor_uses
from biopipe.components.sections import SectionsComponent
from biopipe.components.short_forms import ShortFormsComponent
from biopipe.document import Document, Predictor
from biopipe.document.metadata import document_metadata
from biopipe.errors import ConfigError

__all__ = ["COMPONENTS", "build", "describe", "load", "metadata", "predictors"]

COMPONENTS: Mapping[str, type[Component[Any]]] = {
    "biopipe_sections": SectionsComponent,
    "biopipe_short_forms": ShortFormsComponent,
    "biopipe_ner": NerComponent,
    "biopipe_gliner": GlinerComponent,
    "biopipe_dictionary": DictionaryComponent,
    "biopipe_entities": EntitiesComponent,
    "biopipe_genetics": GeneticsComponent,
    "biopipe_merge": MergeComponent,
    "biopipe_abbreviations": AbbreviationsComponent,
    "biopipe_measurements": MeasurementsComponent,
    "biopipe_medications": MedicationsComponent,
    "biopipe_dates": DatesComponent,
    "biopipe_linker": LinkerComponent,
    "biopipe_relations": RelationsComponent,
    "biopipe_assertion": AssertionComponent,
}
# Those of the pipelines that ship, in order. Assertion comes after the relations: it reads their
# evidence too.
CHAIN = (
    "biopipe_ner",
    "biopipe_abbreviations",
    "biopipe_linker",
    "biopipe_relations",
    "biopipe_assertion",
)
# What the clinical tagger calls as the linker and the other recognisers call it.
CLINICAL_LABELS = {"biopipe-ner-clinical": {"Problem": "Disease", "Medication": "Chemical"}}
# Of the tagger of abstracts in notes, which are texts that it never learned: where its F1 is best on
# abstracts, and not the lowest thresholds that cost them little.
NOTE_THRESHOLDS = {"Chemical": 0.45, "Gene": 0.45, "Disease": 0.5, "Species": 0.5, "Variant": 0.3}
# The pipelines that ship, by name. In "default", relations read the tagger's hidden states: one
# encoder pass for both; "fast" is its name of when that was not the default. "clinical" reads
# notes: the layout comes first, and once more behind what finds mentions, for their sections. Of
# what two taggers find the longer mention stays, of one span what the clinical tagger calls it;
# that and the threshold of problems, above the model's own, were chosen on the first half of the
# marked notes (benchmarks/clinical_notes.py). A note is about a person, whatever bit them: its
# genes are human.
PIPELINES: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "fast": {
        "components": {
            **dict.fromkeys(CHAIN),
            "biopipe_relations": {"model": "biopipe-relations-shared"},
        }
    },
    "clinical": {
        "components": {
            "biopipe_sections": None,
            "biopipe_ner": {"lines": True, "threshold": NOTE_THRESHOLDS},
            "biopipe_clinical_ner": {
                "factory": "biopipe_ner",
                "model": "biopipe-ner-clinical",
                "threshold": {"Problem": 0.6},
                "lines": True,
            },
            "biopipe_genetics": None,
            "biopipe_merge": {
                "labels": CLINICAL_LABELS,
                "overlaps": "none",
                "sources": ["biopipe-ner-clinical"],
            },
            "biopipe_abbreviations": None,
            "biopipe_short_forms": None,
            "biopipe_measurements": None,
            "biopipe_medications": None,
            "biopipe_dates": None,
            "biopipe_mention_sections": {"factory": "biopipe_sections"},
            "biopipe_linker": {"orthologs": False},
            "biopipe_assertion": None,
        }
    },
}
# spaCy's limit is there for its parser and tagger; its offsets are 32-bit integers.
MAX_LENGTH = 2**31 - 1


def build(config: Mapping[str, Any] | None = None) -> Language:
    """A pipeline from `{"components": {NAME: {OPTION: VALUE}}}`, by default the default one.

    NAME is a factory of biopipe, of spaCy or of another package, or any name whose options hold a
    `factory`; they run in this order. `lang` ("en"), `device` ("cpu"), `kb` ("default", the
    directory of the knowledge base) and `spans_key` ("biopipe", the key of the mentions in
    `doc.spans`) stand beside `components`; the last three are for all components that set none.
    Models open here, knowledge bases on first use. ConfigError for a path, and for components or
    options that there are not.

        nlp = biopipe.build({"components": {"biopipe_ner": {"threshold": 0.5}}})
    """
    if isinstance(config, str | Path):
        raise ConfigError(
            f"build takes a mapping and was given the path '{config}'; use biopipe.load for files, "
            "folders and names."
        )
    return _from_mapping({} if config is None else config)


def load(
    name: str | Path = "default", *, device: str | None = None, kb: str | Path | None = None
) -> Language:
    """A pipeline that ships ("default", "fast", "clinical"), a folder of `nlp.to_disk`, a .json or
    .cfg file, or a package.

    A .json file holds what `build` takes. `device` and `kb`, a knowledge base directory or
    "default", go over what the components say, where given; a folder of `nlp.to_disk` that was
    saved with another knowledge base refuses this one.
    ConfigError where there is no such pipeline or something in it is wrong, ModelError where a
    model is missing or altered.

        nlp = biopipe.load("fast", device="cuda")
    """
    path = Path(name)
    asked = {"device": device, "kb": kb and str(kb)}
    over = {option: value for option, value in asked.items() if value}
    if path.suffix == ".json":
        return _from_mapping(read_configuration(path), over, where=str(path))
    if path.suffix == ".cfg":
        return _from_cfg(path, over)
    if (path / "config.cfg").is_file():
        config = read_cfg(path / "config.cfg")
        return _finished(load_model(path, config=_overrides(config, over)))
    if str(name) in PIPELINES:
        return _from_mapping(PIPELINES[str(name)], over)
    if is_package(str(name)):
        # A package shows its configuration only once it is loaded.
        overrides = _overrides(load_model(str(name)).config, over) if over else {}
        return _finished(load_model(str(name), config=overrides))
    raise ConfigError(
        f"There is no pipeline '{name}'; give {', '.join(map(repr, PIPELINES))}, a folder that "
        "nlp.to_disk wrote, a .json or .cfg file, or the name of an installed spaCy pipeline."
    )


def predictors(nlp: Language) -> list[Predictor] | None:
    """The predictors of the pipeline in order, or None if one of its components has none.

    Running them on Documents gives what the pipeline gives. Components of other packages have one
    if they follow `biopipe.components.base.PredictorComponent`.
    """
    if not all(only_predicts(pipe) for _, pipe in nlp.pipeline):
        return None
    return _every_predictor(nlp)


def metadata(source: str | Doc | Document, *, nlp: Language | None = None) -> dict[str, list[str]]:
    """The concepts of a text, or of what a pipeline made of one, as flat JSON data: see
    `biopipe.document.metadata.document_metadata`.

    A text goes through `nlp`, by default through the default pipeline, which is loaded anew each
    time: for many texts load one, or take the Docs of `nlp.pipe`.

        biopipe.metadata("Aspirin for headache.", nlp=nlp)["concept_ids"]
    """
    if isinstance(source, str):
        source = (load() if nlp is None else nlp)(source)
    return document_metadata(source if isinstance(source, Document) else to_document(source))


def describe(nlp: Language) -> dict[str, Any]:
    """What a pipeline is, as JSON data: components, their options, names and hashes of models and
    KBs.
    """
    meta = nlp.meta
    return {
        "lang": nlp.lang,
        "name": meta["name"],
        "version": meta["version"],
        "components": [_describe(nlp, name, pipe) for name, pipe in nlp.pipeline],
    }


def _describe(nlp: Language, name: str, pipe: Any) -> dict[str, Any]:
    factory = nlp.get_pipe_meta(name).factory
    predictor = predictor_of(pipe)
    uses = {} if predictor is None else predictor_uses(predictor)
    if isinstance(pipe, Component):
        config = pipe.config
    else:
        config = {key: x for key, x in nlp.get_pipe_config(name).items() if key != "factory"}
    return {"name": name, "factory": factory, "config": config, "uses": uses}


def _from_mapping(
    config: Any, over: Mapping[str, str] | None = None, *, where: str = "the configuration"
) -> Language:
    components = check_configuration(config, where, default=CHAIN)
    nlp = _blank(config.get("lang", "en"))
    for name, options in components.items():
        settings = json.loads(json.dumps(options or {}, default=str))
        factory = settings.pop("factory", name)
        check_factory(nlp, factory, settings, where, known=COMPONENTS)
        settings = with_shared_settings(factory, settings, config, over or {})
        _add(nlp, factory, name, settings, where)
    return _finished(nlp)


def _blank(lang: str) -> Language:
    try:
        return spacy.blank(lang)
    except ImportError as error:
        raise ConfigError(
            f"spaCy cannot make a pipeline for the language '{lang}' ({reason_of(error)})."
        ) from error


def _add(nlp: Language, factory: str, name: str, settings: dict[str, Any], where: str) -> None:
    try:
        nlp.add_pipe(factory, name, config=settings)
    except ConfigValidationError as error:
        raise ConfigError(
            f"Component '{name}' in {where} cannot be made ({reason_of(error)})."
        ) from error


def _from_cfg(path: Path, over: Mapping[str, str]) -> Language:
    config = read_cfg(path)
    config = config.merge({"components": _overrides(config, over).get("components", {})})
    try:
        return _finished(load_model_from_config(config, auto_fill=True))
    except (ImportError, ValueError) as error:
        raise ConfigError(f"{path} is not a spaCy pipeline ({reason_of(error)}).") from error


def _overrides(config: Mapping[str, Any], over: Mapping[str, str]) -> dict[str, Any]:
    """What gives each component of a configuration of spaCy's those options `over` that it has."""
    given: dict[str, dict[str, str]] = {}
    for name, options in config.get("components", {}).items():
        known = factory_options(options.get("factory", ""))
        if own := {option: value for option, value in over.items() if option in known}:
            given[name] = own
    return {"components": given} if given else {}


def _finished(nlp: Language) -> Language:
    """Open what can be opened now, so that errors come here; lift spaCy's limit where nothing needs
    it.
    """
    install_extensions()
    _check_spans_keys(nlp)
    opened = _every_predictor(nlp)
    share_encoder_states(opened)
    if len(opened) == len(nlp.pipeline):
        nlp.max_length = MAX_LENGTH
    return nlp


def _every_predictor(nlp: Language) -> list[Predictor]:
    """The predictors of those components that have one, in order."""
    found = (predictor_of(pipe) for _, pipe in nlp.pipeline)
    return [predictor for predictor in found if predictor is not None]


def _check_spans_keys(nlp: Language) -> None:
    keys = {
        name: pipe.options.spans_key for name, pipe in nlp.pipeline if isinstance(pipe, Component)
    }
    first = next(iter(keys), "")
    for name, key in keys.items():
        if key != keys[first]:
            raise ConfigError(
                f"The component '{first}' writes to doc.spans['{keys[first]}'] and '{name}' to "
                f"doc.spans['{key}']; give all the same spans_key, beside 'components'."
            )


def share_encoder_states(predictors: Sequence[Predictor]) -> None:
    """Have every predictor leave its encoder states for those behind it that read them."""
    read_later: frozenset[str] = frozenset()
    for predictor in reversed(predictors):
        predictor.share_states(read_later)
        read_later |= {predictor.info.reads_states} - {""}
