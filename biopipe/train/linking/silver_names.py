"""What annotation programs mean by names that no concept bears: further counts of a mention prior.

A program that linked thousands of abstracts knows words for diseases that no vocabulary lists
("motor dysfunction"), and errors of it come again and again ("flame retardants" as retardation). So
its word counts where two others agree: our tagger, that the words are a mention at all, and our
linker, that the concept is among the likelier ones.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from biopipe.document import Document, Mention, Predictor
from biopipe.kb.base import KnowledgeBase
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.linker import Linker
from biopipe.linking.mention_prior import name_key
from biopipe.linking.surface_forms import SurfaceForms
from biopipe.text.abbreviations import with_abbreviations

__all__ = ["silver_counts"]

_LEAST_SHARE = 0.75
# Set by reading names of 5,800 abstracts: "flame retardant" and words for organs and treatments have
# less, and so have right ones ("olfactory dysfunction", 0.03), which are lost.
_LEAST_LIKELY = 0.15
# A program that is sure of a name says so in every abstract: that is no further evidence.
_MOST_COUNTED = 3
# Short forms that a text leaves undefined are what programs get wrong most often.
_LONGEST_SHORT_FORM = 6
# "Liver damage" is no drug-induced liver injury before a text says so.
_CAUSE = "induced"

_Name = tuple[str, str]  # label and surface form


def silver_counts(
    documents: Sequence[Document], bases: Mapping[str, KnowledgeBase], tagger: Predictor
) -> dict[str, dict[str, dict[str, int]]]:
    """Documents by label of `bases`, key of the name, and concept, as `MentionPrior` has them.

    `documents` have mentions that a program linked. Left out are names that a concept of the base
    bears, and those of which a quarter of the documents mean something else.
    """
    meanings: dict[_Name, Counter[str]] = defaultdict(Counter)
    bare = [replace(document, mentions=(), relations=()) for document in documents]
    for document, found in zip(documents, tagger.predict(bare), strict=True):
        for name, concept_id in set(_named(document, found, bases)):
            meanings[name][concept_id] += 1
    clear = dict(_clear(meanings, bases))
    counts: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for (label, surface), (concept_id, count) in _likely(clear, bases):
        counts[label][name_key(surface)] = {concept_id: min(count, _MOST_COUNTED)}
    return counts


def _named(
    document: Document, found: Document, bases: Mapping[str, KnowledgeBase]
) -> Iterator[tuple[_Name, str]]:
    """Names and concepts of the mentions with one concept that the tagger finds too."""
    spans = {(mention.start, mention.end, mention.label) for mention in found.mentions}
    document = with_abbreviations(document)
    surface_forms = SurfaceForms(document)
    for mention in document.mentions:
        if mention.label not in bases or len(mention.concept_ids) != 1:
            continue
        concept_id = bases[mention.label].canonical(mention.concept_ids[0])
        surface = surface_forms.of(mention)[0]
        is_found = (mention.start, mention.end, mention.label) in spans
        if is_found and concept_id is not None and not _is_short_form(surface):
            yield (mention.label, surface), concept_id


def _is_short_form(surface: str) -> bool:
    return len(surface) <= _LONGEST_SHORT_FORM and sum(map(str.isupper, surface)) > 1


def _clear(
    meanings: Mapping[_Name, Counter[str]], bases: Mapping[str, KnowledgeBase]
) -> Iterator[tuple[_Name, tuple[str, int]]]:
    """Names that no concept bears, with the one concept that nearly all documents mean."""
    for label, kb in bases.items():
        kind = ENTITY_KINDS.get(label)
        names = [name for name in meanings if name[0] == label]
        bearers = kb.bearers(
            [surface for _, surface in names], types=None if kind is None else kind.concept_types
        )
        for name, of_name in zip(names, bearers, strict=True):
            ((concept_id, count),) = meanings[name].most_common(1)
            if not of_name and count >= _LEAST_SHARE * meanings[name].total():
                yield name, (concept_id, count)


def _likely(
    meant: Mapping[_Name, tuple[str, int]], bases: Mapping[str, KnowledgeBase]
) -> Iterator[tuple[_Name, tuple[str, int]]]:
    """Those whose concept our linker holds for likely too."""
    asked = [
        Document(id=str(i), text=surface, mentions=(Mention(0, len(surface), label),))
        for i, (label, surface) in enumerate(meant)
    ]
    linker = Linker({label: kb.path for label, kb in bases.items()}, prior=None)
    for (name, each), document in zip(meant.items(), linker.predict(asked), strict=True):
        kb = bases[name[0]]
        if _adds_cause(name[1], kb.concept(each[0]).name):
            continue
        if _score(document.mentions, each[0], kb) >= _LEAST_LIKELY:
            yield name, each


def _adds_cause(surface: str, concept: str) -> bool:
    return _CAUSE in concept.lower() and _CAUSE not in surface.lower()


def _score(mentions: Sequence[Mention], concept_id: str, kb: KnowledgeBase) -> float:
    """The probability that the linker gives the concept."""
    (mention,) = mentions
    scores: Collection[float] = [
        c.score for c in mention.candidates if kb.canonical(c.concept_id) == concept_id
    ]
    return max(scores, default=0.0)
