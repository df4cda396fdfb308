"""Genes of animals in the place of the human ones that bear their names: the species of a mention is
what the text says, and the base knows the orthologs.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter

from biopipe.document import Candidate, Document, Mention
from biopipe.document.labels import CELL_LINE, GENE, SPECIES
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.schema import Concept
from biopipe.language.species_words import HUMAN_TAXON, species_words
from biopipe.linking.requests import LinkingRequest
from biopipe.text.sentences import with_sentences

__all__ = ["BaseOf", "has_ortholog", "with_genes_of_animals"]

# The base that a request is answered by; None where it has none.
BaseOf = Callable[[LinkingRequest], KnowledgeBase | None]

# Of the genes of vertebrates in BioRED train and NLM-Gene train whose text names an animal first,
# 4,030 of 5,031 are that animal's, nearly all others human.
_SHARE = 0.8
# Where the text speaks of people too, 259 of 531 names in capitals, as human symbols are written,
# are the animal's.
_HUMAN_SYMBOL = re.compile(r"[A-Z0-9-]+")


def with_genes_of_animals(
    document: Document, requests: Sequence[LinkingRequest], base_of: BaseOf, *, most: int
) -> Document:
    """The document with the ortholog in the place of each human gene of a text, or a mention, about
    an animal. The human gene stays among the candidates, of which `most` are kept, with what is
    left of the probability.
    """
    pairs = zip(document.mentions, requests, strict=True)
    if not any(mention.label == GENE and _names_animal(request) for mention, request in pairs):
        return document
    document = with_sentences(document)
    of_lines = _sentences_of_cell_lines(document)
    orthologs: dict[int, Concept] = {}
    written_as_human: set[int] = set()
    for index, (mention, request) in enumerate(zip(document.mentions, requests, strict=True)):
        ortholog = _ortholog_of(mention, request, base_of)
        if ortholog is None:
            continue
        is_of_line = bool(of_lines) and _sentence(document, mention) in of_lines
        if not is_of_line or _says_species(document.text, mention):
            orthologs[index] = ortholog
            if _is_rather_human(document.text[mention.start : mention.end], request):
                written_as_human.add(index)
    # A gene that is the animal's by another of its names is so by this one too.
    of_animal = {orthologs[index].id for index in orthologs.keys() - written_as_human}
    mentions = list(document.mentions)
    for index, ortholog in orthologs.items():
        if index not in written_as_human or ortholog.id in of_animal:
            mentions[index] = _with_ortholog(mentions[index], ortholog, most)
    return replace(document, mentions=tuple(mentions), concepts=None)


def _names_animal(request: LinkingRequest) -> bool:
    """Whether an organism comes before people in what a request prefers."""
    preferred = request.preferred_types
    return bool(preferred) and preferred[0] != HUMAN_TAXON


def _sentences_of_cell_lines(document: Document) -> frozenset[int]:
    """The numbers of the sentences that name a cell line and no species: most lines are human, and
    of 3,916 genes in BioRED train 31 more have their species so.
    """
    of_label: dict[str, set[int]] = {CELL_LINE: set(), SPECIES: set()}
    for mention in document.mentions:
        if mention.label in of_label:
            of_label[mention.label].add(_sentence(document, mention))
    return frozenset(of_label[CELL_LINE] - of_label[SPECIES])


def _says_species(text: str, mention: Mention) -> bool:
    """Whether a mention begins with a word for a species: "bovine CSN2"."""
    words = text[mention.start : mention.end].lower().split(maxsplit=1)
    return bool(words) and words[0] in species_words("gene")


def _sentence(document: Document, mention: Mention) -> int:
    return bisect_right(document.sentences or (), mention.start, key=attrgetter("start"))


def has_ortholog(kb: KnowledgeBase, request: LinkingRequest, concept_id: str) -> bool:
    """Whether the base has the gene that the species of the request has for a human one."""
    return _ortholog(kb, request, concept_id) is not None


def _ortholog(kb: KnowledgeBase, request: LinkingRequest, concept_id: str) -> Concept | None:
    """The gene of the first species of the request that has one; None where people come before. A
    species without orthologs in the base, such as yeast, is passed over.
    """
    for taxon in request.preferred_types:
        if taxon == HUMAN_TAXON:
            return None
        if ortholog := kb.ortholog(concept_id, taxon):
            return ortholog
    return None


def _ortholog_of(mention: Mention, request: LinkingRequest, base_of: BaseOf) -> Concept | None:
    if mention.label != GENE or mention.dictionary or len(mention.concept_ids) != 1:
        return None
    kb = base_of(request)
    return None if kb is None else _ortholog(kb, request, mention.concept_ids[0])


def _with_ortholog(mention: Mention, ortholog: Concept, most: int) -> Mention:
    (human,) = mention.concept_ids
    candidates: list[Candidate] = []
    for candidate in mention.candidates:
        if candidate.concept_id != human:
            candidates.append(candidate)
            continue
        share = round(_SHARE * candidate.score, 4)
        rest = round(candidate.score - share, 4)
        candidates += [
            Candidate(ortholog.id, ortholog.name, share),
            Candidate(human, candidate.name, rest),
        ]
    candidates.sort(key=lambda candidate: -candidate.score)
    kept = tuple(candidates[:most])
    return replace(mention, concept_ids=(ortholog.id,), candidates=kept)


def _is_rather_human(surface: str, request: LinkingRequest) -> bool:
    return HUMAN_TAXON in request.preferred_types and bool(_HUMAN_SYMBOL.fullmatch(surface))
