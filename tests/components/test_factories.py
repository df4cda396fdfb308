"""Options stand in one place and agree with the predictors', and `nlp.analyze_pipes()` is told the
truth.
"""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language

from biopipe.assertion.classifier import AssertionClassifier
from biopipe.clinical.dates import DateFinder
from biopipe.clinical.genetics import GeneticMentions
from biopipe.clinical.measurements.finder import MeasurementFinder
from biopipe.clinical.medications.finder import MedicationFinder
from biopipe.clinical.sections.finder import SectionFinder
from biopipe.clinical.short_forms.finder import ShortFormFinder
from biopipe.components.factories import ComponentOptions
from biopipe.document import Layer, Predictor
from biopipe.linking.linker import Linker
from biopipe.ner.dictionary import Dictionary
from biopipe.ner.gliner import Gliner
from biopipe.ner.merge import Merger
from biopipe.ner.relabel import Relabeller
from biopipe.ner.tagger import Tagger
from biopipe.pipeline import CHAIN, COMPONENTS
from biopipe.relations.cooccurrence import CooccurrenceExtractor
from biopipe.relations.extractor import RelationExtractor
from biopipe.text.abbreviations import AbbreviationFinder

GLINER = Path(__file__).parents[1] / "data" / "gliner" / "uni"
PREDICTORS: dict[str, Callable[..., Predictor]] = {
    "biopipe_sections": SectionFinder,
    "biopipe_ner": Tagger,
    "biopipe_gliner": Gliner,
    "biopipe_dictionary": Dictionary,
    "biopipe_entities": Relabeller,
    "biopipe_genetics": GeneticMentions,
    "biopipe_merge": Merger,
    "biopipe_abbreviations": AbbreviationFinder,
    "biopipe_short_forms": ShortFormFinder,
    "biopipe_measurements": MeasurementFinder,
    "biopipe_medications": MedicationFinder,
    "biopipe_dates": DateFinder,
    "biopipe_linker": Linker,
    "biopipe_relations": RelationExtractor,
    "biopipe_assertion": AssertionClassifier,
}
# The attribute that says to spaCy that a component gives a layer.
ATTRIBUTES: dict[Layer, str] = {
    "sections": "doc._.sections",
    "measurements": "doc._.measurements",
    "medications": "doc._.medications",
    "times": "doc._.times",
    "abbreviations": "doc._.abbreviations",
    "mentions": "doc._.mentions",
    "concepts": "span._.kb_ents",
    "assertions": "span._.negated",
    "relations": "doc._.relations",
}


def defaults_of(predictor: Callable[..., Predictor]) -> dict[str, Any]:
    return {
        name: parameter.default
        for name, parameter in inspect.signature(predictor).parameters.items()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }


def as_option(name: str, value: object) -> object:
    """A default as JSON has it: nothing is None, and None is the default knowledge base."""
    if name == "kb" and value is None:
        return "default"
    return None if value in ((), [], {}, "", inspect.Parameter.empty) else value


def test_every_component_is_here() -> None:
    assert set(PREDICTORS) == set(COMPONENTS)


@pytest.mark.parametrize("factory", PREDICTORS)
def test_options_are_those_of_the_predictor(factory: str) -> None:
    options = dict(Language.get_factory_meta(factory).default_config)
    assert options.pop("spans_key") == "biopipe"
    expected = defaults_of(PREDICTORS[factory])
    if factory == "biopipe_ner":
        # Its component may wrap the tagger.
        expected["lines"] = False
    if factory == "biopipe_entities":
        # What its component takes from the Doc.
        expected |= {"spans": "", "assertions": {}}
    # The component tells the names itself.
    expected.pop("trunk_features", None)
    assert {name: as_option(name, value) for name, value in options.items()} == {
        name: as_option(name, value) for name, value in expected.items()
    }


def test_spacy_sees_each_option() -> None:
    make = Language.get_factory_meta("biopipe_merge")
    pipe = spacy.blank("en").add_pipe("biopipe_merge", config={"policy": "score"})
    assert make.default_config.keys() == {"spans_key", "policy", "sources", "labels", "overlaps"}
    assert pipe.config == {**make.default_config, "policy": "score"}
    assert isinstance(pipe.options, ComponentOptions)


def made(factory: str, kb: Path) -> Predictor:
    options = {
        "biopipe_gliner": {"model": GLINER, "labels": ["Gene"]},
        "biopipe_dictionary": {"kb": kb},
        "biopipe_linker": {"kb": kb},
    }
    return PREDICTORS[factory](**options.get(factory, {}))


@pytest.mark.parametrize("factory", PREDICTORS)
def test_analyze_pipes_is_told_what_the_predictor_gives_and_needs(
    factory: str, tiny_kb: Path
) -> None:
    predictor = made(factory, tiny_kb)
    assert isinstance(predictor, Predictor)
    meta = Language.get_factory_meta(factory)
    info = predictor.info
    # A tagger may define abbreviations on the way, for which nobody would take it.
    given = {layer for layer, name in ATTRIBUTES.items() if name in meta.assigns}
    assert given >= info.gives - {"abbreviations"}
    assert given - info.gives <= {"mentions", "relations"}
    assert bool(meta.requires) == ("mentions" in info.needs)
    assert set(meta.requires) <= {"doc.ents", "doc._.mentions"}
    roles = [(used.role, used.label) for used in predictor.resources()]
    assert len(set(roles)) == len(roles)
    assert all(len(used.hash) == 64 for used in predictor.resources())


def problems(*factories: str) -> dict[str, list[str]]:
    nlp = spacy.blank("en")
    for factory in factories:
        nlp.add_pipe(factory)
    found: dict[str, list[str]] = nlp.analyze_pipes()["problems"]
    return {name: missing for name, missing in found.items() if missing}


def test_the_default_chain_has_no_problems() -> None:
    assert problems(*CHAIN) == {}
    assert problems("biopipe_dictionary", "biopipe_merge", "biopipe_assertion") == {}


def test_what_a_chain_without_a_tagger_lacks() -> None:
    assert problems("biopipe_abbreviations", "biopipe_linker") == {"biopipe_linker": ["doc.ents"]}
    missing = {"biopipe_relations": ["doc.ents"], "biopipe_assertion": ["doc.ents"]}
    assert problems("biopipe_relations", "biopipe_assertion") == missing
    # Entities of other components will do for the linker, and a merge has nothing to merge.
    assert problems("entity_ruler", "biopipe_linker") == {}
    assert problems("entity_ruler", "biopipe_merge") == {"biopipe_merge": ["doc._.mentions"]}


def test_the_baseline_of_relations_is_a_predictor_too() -> None:
    baseline = CooccurrenceExtractor()
    assert isinstance(baseline, Predictor)
    assert baseline.info.gives == {"relations"}
    assert [used.role for used in baseline.resources()] == ["model"]
