"""Genes of animals in the place of the human ones that bear their names: the species of a mention is
what the text says, and the base knows the orthologs.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Candidate, Document, Mention
from biopipe.document.labels import GENE
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.schema import Concept
from biopipe.kinds.gene.species_evidence import SpeciesEvidence
from biopipe.language.species_words import HUMAN_TAXON
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.shared_names import are_likely_together
from biopipe.linking.species_weights import shipped_species_weights
from biopipe.text.sentences import with_sentences

__all__ = ["BaseOf", "has_ortholog", "with_genes_of_animals"]

# The base that a request is answered by; None where it has none.
BaseOf = Callable[[LinkingRequest], KnowledgeBase | None]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Gene:
    """A mention that is linked to a human gene which has orthologs: `genes` are those of each of
    `taxa`, None for human, `logits` what the text says of these, (taxa,). `is_silent`: the sentence
    of the mention says no species.
    """

    human: str
    taxa: tuple[str, ...]
    genes: tuple[Concept | None, ...]
    logits: Floats
    is_silent: bool


def with_genes_of_animals(
    document: Document,
    requests: Sequence[LinkingRequest],
    base_of: BaseOf,
    *,
    most: int,
    threshold: float,
) -> Document:
    """The document with the ortholog in the place of each human gene of a text, or a mention, about
    an animal. Human gene and orthologs share the probability of the former, of which `most`
    candidates are kept. The mention is NIL where no species has `threshold`, nor two of them
    together: it is one of the two then.
    """
    pairs = list(zip(document.mentions, requests, strict=True))
    if not any(mention.label == GENE and _names_animal(request) for mention, request in pairs):
        return document
    document = with_sentences(document)
    evidence = SpeciesEvidence(document)
    genes = {
        index: gene
        for index, (mention, request) in enumerate(pairs)
        if (gene := _gene(mention, request, base_of(request), evidence)) is not None
    }
    mentions = list(document.mentions)
    for index, shares in _shares(genes).items():
        mentions[index] = _shared(mentions[index], genes[index], shares, most, threshold)
    return replace(document, mentions=tuple(mentions), concepts=None)


def has_ortholog(kb: KnowledgeBase, request: LinkingRequest, concept_id: str) -> bool:
    """Whether the base has the gene that the first species of the request with one has for a human
    gene; not where people come before. A species without orthologs in the base, such as yeast, is
    passed over, and so is one that is unlikely.
    """
    for taxon in request.preferred_types:
        if taxon in request.unlikely_types and taxon != HUMAN_TAXON:
            continue
        if taxon == HUMAN_TAXON:
            return False
        if kb.ortholog(concept_id, taxon) is not None:
            return True
    return False


def _names_animal(request: LinkingRequest) -> bool:
    """Whether a request prefers any organism but people."""
    return any(taxon != HUMAN_TAXON for taxon in request.preferred_types)


def _gene(
    mention: Mention,
    request: LinkingRequest,
    kb: KnowledgeBase | None,
    evidence: SpeciesEvidence,
) -> _Gene | None:
    """None for what is no mention of one gene with orthologs in the animals of the text."""
    if mention.label != GENE or mention.dictionary or len(mention.concept_ids) != 1 or kb is None:
        return None
    (human,) = mention.concept_ids
    named = dict.fromkeys((*request.preferred_types, *evidence.taxa))
    orthologs = {taxon: kb.ortholog(human, taxon) for taxon in named if taxon != HUMAN_TAXON}
    found = {taxon: gene for taxon, gene in orthologs.items() if gene is not None}
    if not found:
        return None
    taxa, genes = (HUMAN_TAXON, *found), (None, *found.values())
    features = evidence.features(mention, taxa)
    logits = features @ shipped_species_weights()
    return _Gene(human, taxa, genes, logits, evidence.is_silent(mention))


def _shares(genes: dict[int, _Gene]) -> dict[int, Floats]:
    """The share of each taxon in each gene: where the sentence is silent, what the text says of the
    gene in all its places.
    """
    places: dict[str, list[_Gene]] = defaultdict(list)
    for gene in genes.values():
        places[gene.human].append(gene)
    shares = {}
    for index, gene in genes.items():
        alike = [other.logits for other in places[gene.human] if other.taxa == gene.taxa]
        logits = np.mean(alike, axis=0) if gene.is_silent else gene.logits
        exponents = np.exp(logits - logits.max())
        shares[index] = exponents / exponents.sum()
    return shares


def _shared(mention: Mention, gene: _Gene, shares: Floats, most: int, threshold: float) -> Mention:
    candidates: list[Candidate] = []
    for candidate in mention.candidates:
        if candidate.concept_id != gene.human:
            candidates.append(candidate)
            continue
        for ortholog, share in zip(gene.genes, shares.tolist(), strict=True):
            score = round(share * candidate.score, 4)
            if ortholog is None:
                candidates.append(replace(candidate, score=score))
            else:
                candidates.append(Candidate(ortholog.id, ortholog.name, score))
    candidates.sort(key=lambda candidate: -candidate.score)
    own = [gene.human if ortholog is None else ortholog.id for ortholog in gene.genes]
    is_likely = candidates[0].score >= threshold or (
        all(candidate.concept_id in own for candidate in candidates[:2])
        and are_likely_together(candidates, threshold)
    )
    ids = (candidates[0].concept_id,) if is_likely else ()
    return replace(mention, concept_ids=ids, candidates=tuple(candidates[:most]))
