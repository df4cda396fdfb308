"""Names of knowledge bases by label: those of their concepts, and those that occur in texts."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np

from biopipe.document import Document
from biopipe.document.labels import CELL_LINE, CHEMICAL, DISEASE, GENE, SPECIES
from biopipe.kb.base import KnowledgeBase
from biopipe.kinds.registry import concept_types_of
from biopipe.language.species_words import HUMAN_TAXON
from biopipe.ner.dictionary import Dictionary
from biopipe.train.frames.spelling import lower_case_words, written_name

__all__ = ["VocabularyNames", "WrittenName", "count_names", "gather_names"]

LABELS = (CELL_LINE, CHEMICAL, DISEASE, GENE, SPECIES)
# Concepts of a label that are drawn of a base: many times more names than the frames have slots.
CONCEPTS = 20_000
# A name that the dictionary scores lower, or saw once, is as often a word as a name. So are the
# synonyms of chemicals ("parks") and genes ("rest").
_SURE_NAME, _FEWEST = 0.6, 2
_PREFERRED_ONLY = frozenset({CHEMICAL, GENE})
# Persons are no mentions in frames.
_WRITTEN_KINDS = frozenset({"name", "exact"})


@dataclass(frozen=True, slots=True)
class WrittenName:
    """A name as it is to be written, its concept, and how often texts have it."""

    text: str
    label: str
    concept_id: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class VocabularyNames:
    """Names of bases by label, each written one way, and those of them that occur in texts."""

    all: dict[str, list[WrittenName]] = field(default_factory=dict)
    counted: dict[str, list[WrittenName]] = field(default_factory=dict)


def gather_names(
    bases: Sequence[KnowledgeBase], texts: Sequence[Document] = (), *, seed: int = 0
) -> VocabularyNames:
    """Names of up to 20,000 concepts of each label and base, and those that `texts` have.

    They are written as `written_name` says.
    """
    gathered = VocabularyNames()
    for label in LABELS:
        raw = [pair for base in bases for pair in _names(base, label, seed)]
        common = lower_case_words(name for name, _ in raw)
        written: dict[str, WrittenName] = {}
        for name, concept_id in raw:
            text = written_name(name, label, concept_id, common)
            if text is not None:
                written.setdefault(text.casefold(), WrittenName(text, label, concept_id))
        gathered.all[label] = list(written.values())
        gathered.counted[label] = list(count_names(bases, texts, label, common)) if texts else []
    return gathered


def count_names(
    bases: Sequence[KnowledgeBase],
    texts: Sequence[Document],
    label: str,
    common: Collection[str] = (),
) -> Iterator[WrittenName]:
    """The names of a label that the dictionaries of bases find in texts at least twice; of chemicals
    and genes preferred names alone.
    """
    counts: Counter[str] = Counter()
    concept_ids: dict[str, str] = {}
    for base in bases:
        for surface, concept_id in _occurrences(base, texts, label):
            text = written_name(surface, label, concept_id, frozenset(common))
            if text is not None:
                counts[text] += 1
                concept_ids.setdefault(text, concept_id)
    # Sorted: what is drawn from the names must not hang on the order of texts.
    for text, count in sorted(counts.items()):
        if count >= _FEWEST:
            yield WrittenName(text, label, concept_ids[text], count)


def _occurrences(
    base: KnowledgeBase, texts: Sequence[Document], label: str
) -> Iterator[tuple[str, str]]:
    """The names of a label that a base's dictionary finds in texts, with their concepts' ids."""
    types = [type_ for type_ in concept_types_of(label) if type_ in base.types]
    if not types:
        return
    dictionary = Dictionary(base, types=types, labels=dict.fromkeys(types, label))
    for document in dictionary.predict([Document(d.id, d.text) for d in texts]):
        for mention in document.mentions:
            surface = document.text[mention.start : mention.end]
            candidate = mention.candidates[0]
            # A gene's symbol in another case is another thing, as eGFR is no EGFR.
            name = candidate.name if label == GENE else candidate.name.casefold()
            preferred = name == (surface if label == GENE else surface.casefold())
            if (
                mention.score >= _SURE_NAME
                and candidate.concept_id != HUMAN_TAXON
                and (preferred or label not in _PREFERRED_ONLY)
            ):
                yield surface, candidate.concept_id


def _names(base: KnowledgeBase, label: str, seed: int) -> Iterator[tuple[str, str]]:
    """Names of a sample of a base's concepts of a label, with their ids."""
    types = [type_ for type_ in concept_types_of(label) if type_ in base.types]
    if not types:
        return
    # None stands for all concepts, where nothing has to be looked up.
    mask = base.select(types=types)
    rows = np.arange(len(base)) if mask is None else np.flatnonzero(mask)
    drawn = rows.tolist() if len(rows) <= CONCEPTS else Random(seed).sample(rows.tolist(), CONCEPTS)
    for row in drawn:
        concept = base.concept(base.concept_id(row))
        if concept.id == HUMAN_TAXON:
            continue
        yield concept.name, concept.id
        kinds = concept.synonym_kinds or ("exact",) * len(concept.synonyms)
        for synonym, kind in zip(concept.synonyms, kinds, strict=True):
            if kind in _WRITTEN_KINDS:
                yield synonym, concept.id
