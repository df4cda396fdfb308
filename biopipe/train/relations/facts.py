"""What a relation model is told of concepts beside the text, in training and in its checkpoint."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from biopipe.document import ConceptMentions, Document
from biopipe.relations.broader_concepts import BroaderConcepts
from biopipe.relations.concept_facts import ConceptFacts, FactsOf, KnownFacts
from biopipe.relations.related_rates import RATES_FILE, RelatedRates, SchemeCounts, counts_of
from biopipe.text.concepts import NIL_PREFIX
from biopipe.train.common.corpora import share_position, unseen
from biopipe.train.relations.scheme import Scheme

__all__ = ["half_told", "load_facts", "training_facts"]

_UNTOLD = 0.5  # share of the documents of other corpora


def training_facts(
    scheme: Scheme, train: Sequence[Sequence[Document]], held_out: Sequence[Document]
) -> KnownFacts:
    """Of the training documents of each task without those that share text with `held_out`; of a
    document what the others say.
    """
    hierarchy = _hierarchy(scheme)
    own_id = str if hierarchy is None else hierarchy.own_id
    by_document: list[Mapping[str, SchemeCounts]] = []
    if scheme.rates:
        by_document = [
            counts_of(unseen(documents, held_out), scheme.allowed(task), own_id)
            for documents, task in zip(train, scheme.tasks, strict=True)
        ]
    rates = RelatedRates([_total(each) for each in by_document], by_document)
    return KnownFacts(hierarchy, rates, training=True)


def half_told(facts: KnownFacts) -> FactsOf:
    """For documents of other corpora, by their ids nothing of half of them: their concepts, some of
    which were drawn at random, must not be known by what they are.
    """

    def told(document: Document, concepts: Sequence[ConceptMentions]) -> ConceptFacts:
        if share_position(document.id) < _UNTOLD:
            concepts = [replace(concept, id=NIL_PREFIX) for concept in concepts]
        return facts(document, concepts)

    return told


def load_facts(checkpoint: Path, scheme: Scheme) -> KnownFacts:
    """Those of a checkpoint, as its model will be told them."""
    rates = RelatedRates([])
    if scheme.rates:
        rates = RelatedRates.parse((checkpoint / RATES_FILE).read_bytes())
    return KnownFacts(_hierarchy(scheme), rates)


def _hierarchy(scheme: Scheme) -> BroaderConcepts | None:
    return BroaderConcepts() if scheme.hierarchy else None


def _total(by_document: Mapping[str, SchemeCounts]) -> SchemeCounts:
    related, pairs = Counter[str](), Counter[str]()
    for counts in by_document.values():
        for id_, (of_related, of_pairs) in counts.items():
            related[id_] += of_related
            pairs[id_] += of_pairs
    return {id_: (related[id_], n) for id_, n in pairs.items()}
