"""Candidates of mentions from one knowledge base: by exact names, by character n-grams, by vectors,
and by what names meant in annotated text.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Candidate
from biopipe.document.labels import CHEMICAL
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.exact import NameBearer
from biopipe.kb.prior import OWN_NAMES, PREFERRED_NAME, Match
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.biencoder import BiEncoder
from biopipe.linking.commonness import add_prior, joint_meaning
from biopipe.linking.compared_texts import (
    PLAINER_WEIGHT,
    compared_texts,
    is_part,
    name_form_of,
)
from biopipe.linking.defined_forms import Meant, all_bearers, first_borne, fitting_long_form
from biopipe.linking.evidence import CandidateEvidence, Channel, EvidenceBuilder, NearestName
from biopipe.linking.filters import ConceptFilters, ConceptSelection
from biopipe.linking.mention_prior import MentionPrior
from biopipe.linking.name_comparison import (
    COMPARISON_FEATURES,
    SAYS_OTHER,
    closest_comparison,
    shares_telling_word,
)
from biopipe.linking.ranking import CandidateRanker
from biopipe.linking.requests import LinkingRequest
from biopipe.linking.similar_names import MOST_HITS, SimilarNames
from biopipe.linking.weights import WeightsByLabel
from biopipe.text.normalize import normalize_name

__all__ = ["Retriever"]

# The score of a name that differs in case and signs at most (`biopipe.kb.prior`).
_SAME_NAME_SCORE = 0.95
_ROUNDING = 1e-3
# About 4 MB.
_REMEMBERED_NAMES = 4096


class Retriever:
    """Asks one knowledge base; `encoder` None leaves vectors out. `ranker` weighs the answers."""

    def __init__(
        self,
        kb: KnowledgeBase,
        filters: Mapping[str, ConceptFilters],
        encoder: BiEncoder | None,
        weights: WeightsByLabel | None = None,
        prior: MentionPrior | None = None,
    ) -> None:
        self.kb = kb
        self._selection = ConceptSelection(kb, filters)
        self._encoder = encoder
        self._similar = SimilarNames(kb, encoder)
        self.ranker = CandidateRanker(kb, encoder, weights)
        self._prior = prior
        self._remembered_exact = lru_cache(maxsize=_REMEMBERED_NAMES)(self._exact)
        if encoder is not None:
            kb.check_encoder(encoder.name, encoder.hash)

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """The retrievers at work: "exact", and "ngram" and "dense" where the base has them."""
        dense = ("dense",) if self._encoder is not None else ()
        return ("exact", *(("ngram",) if self.kb.has_ngrams else ()), *dense)

    def exact(
        self, label: str, surface: str, *, preferred_types: tuple[str, ...] = ()
    ) -> tuple[Candidate, ...]:
        """Concepts that have this very name, as `KnowledgeBase.lookup` ranks them.

        Of the first of `preferred_types` that has any; of all types of the label where none has.
        The last answers are remembered: parts of composite mentions come again and again.
        """
        return self._remembered_exact(label, surface, preferred_types)

    def _exact(
        self, label: str, surface: str, preferred_types: tuple[str, ...]
    ) -> tuple[Candidate, ...]:
        types = self._selection.types(label)
        if types == ():
            return ()
        allowed = self._selection.mask(label)
        candidates = self.kb.lookup(surface, types=types, allowed=allowed)
        if candidates:
            (preferred,) = self._preferred(label, [(surface, preferred_types)])
            if preferred:
                return tuple(self.ranker.candidates(preferred))
        return tuple(candidates)

    def bears_name(self, request: LinkingRequest, concept_id: str) -> bool:
        """Whether this concept and no other has the mention's words as a name, but for case and
        signs.
        """
        return self.bearers(request) == [concept_id]

    def bearers(self, request: LinkingRequest) -> list[str]:
        """The concepts that have the mention's words as a name, but for case and signs."""
        same = self.exact(
            request.label, request.surface_forms[0], preferred_types=request.preferred_types
        )
        # Those that share a name share its score.
        is_same = sum(candidate.score for candidate in same) >= _SAME_NAME_SCORE - _ROUNDING
        return [candidate.concept_id for candidate in same] if is_same else []

    def knows_chemical(self, name: str) -> bool:
        """Whether annotators meant a chemical by a name; "" is one that the text says is one."""
        return not name or (self._prior is not None and bool(self._prior.counts(CHEMICAL, name)))

    def retrieve(self, requests: Sequence[LinkingRequest]) -> CandidateEvidence:
        """All candidates of each request, none of them weighed yet."""
        builder = EvidenceBuilder(len(requests))
        by_label: dict[str, list[tuple[int, LinkingRequest]]] = {}
        for index, request in enumerate(requests):
            if self._selection.types(request.label) != ():
                by_label.setdefault(request.label, []).append((index, request))
        for label, asked in by_label.items():
            self._add_exact(builder, label, asked)
            self._similar.add(builder, label, asked, self._selection.mask(label))
            for index, request in asked if self._prior is not None else ():
                counts = self._counts(request)
                if counts and not self._is_own_name(request):
                    add_prior(builder, index, counts, self._selection, label)
        labels = [request.label for request in requests]
        return builder.build(
            lambda owners, concepts: self._type_ranks(labels, owners, concepts),
            self.kb.name_counts,
            lambda owners, concepts, names: self._words(requests, owners, concepts, names),
        )

    def joint_concepts(self, request: LinkingRequest) -> tuple[Candidate, ...]:
        """The concepts that the mention's name meant together in most annotated text; none where it
        meant one.
        """
        if self._prior is None or self._selection.types(request.label) == ():
            return ()
        counts = self._counts(request)
        rows, share = joint_meaning(counts, self._selection, request.label) if counts else ((), 0.0)
        return tuple(self.ranker.candidates([(row, share) for row in rows])) if rows else ()

    def _is_own_name(self, request: LinkingRequest) -> bool:
        """Whether the mention's words are an own name (preferred, or an exact synonym) of one
        concept alone of the system that the base prefers, or the preferred name of the likeliest:
        what else annotators meant by them does not go before that. A base that prefers none is
        searched as annotators meant it.
        """
        if not self.kb.prefer:
            return False
        surface = request.surface_forms[0]
        types, allowed = self._selection.types(request.label), self._selection.mask(request.label)
        matches = self.kb.matches(surface, types=types, allowed=allowed)
        records = self.kb.concept_records(match.concept for match in matches)
        owners = {
            match.concept
            for match in matches
            if match.kind in OWN_NAMES and records[match.concept].system == 0
        }
        if len(owners) == 1:
            return True
        same = self.exact(request.label, surface, preferred_types=request.preferred_types)
        row = self.kb.concept_row(same[0].concept_id) if same else None
        if row not in owners or normalize_name(same[0].name) != normalize_name(surface):
            return False
        # "alcohol" are not the Alcohols by their own name where another concept is called just so.
        spelled = [match for match in matches if match.match < Match.FORM]
        return any(
            match.concept == row and match.kind == PREFERRED_NAME for match in spelled
        ) or all(match.concept == row or match.concept not in owners for match in spelled)

    def _counts(self, request: LinkingRequest) -> Mapping[str, int]:
        assert self._prior is not None
        name = request.surface_forms[0]
        counts = self._prior.counts(request.label, name)
        if counts or not (request.drug_induced and name in request.drug_induced.names):
            return counts
        # What annotators meant by the disease alone tells as far as it was that of drugs.
        bearers = self.bearers(request)
        plain = self._prior.counts(request.label, request.surface_forms[-1])
        return {id_: count for id_, count in plain.items() if self.kb.canonical(id_) in bearers}

    def _add_exact(
        self, builder: EvidenceBuilder, label: str, requests: Sequence[tuple[int, LinkingRequest]]
    ) -> None:
        """Candidates of the first surface form, or else other name, that is a name; it says more
        than all later ones.
        """
        forms = self._first_names(
            label,
            [(r, r.surface_forms) for _, r in requests],
            fitting_long_form(self.kb, codes=name_form_of(label).codes),
        )
        without = [
            (r, r.other_names())
            for (_, r), (name, _) in zip(requests, forms, strict=True)
            if not name
        ]
        others = iter(self._first_names(label, without))
        in_words = name_form_of(label).other_names_are_words
        for (index, request), (name, bearers) in zip(requests, forms, strict=True):
            other = not name
            if other:
                name, bearers = next(others)
                # What the mention itself has needs no words: "p53" of "wild-type p53".
                if not in_words and not _is_written(name, request.surface_forms[0]):
                    bearers = self._with_words_of(request, bearers)
            bearers = self._usually_meant(label, name, bearers)
            says_less = other and (not in_words or is_part(name, request.surface_forms))
            for concept, score in bearers[:MOST_HITS]:
                builder.add(index, concept, Channel.EXACT, score)
                if other:
                    builder.add(index, concept, Channel.MADE_NAME, 1.0)
                if says_less:
                    builder.add(index, concept, Channel.BY_OTHER_NAME, 1.0)
                if in_words and self._encoder is not None:
                    # Alike by spelling and meaning too, in another spelling or form as well.
                    same = not other and score >= _SAME_NAME_SCORE
                    likeness = 1.0 if same else PLAINER_WEIGHT
                    builder.add(index, concept, Channel.DENSE, likeness)
                    builder.add(index, concept, Channel.NGRAM, likeness)

    def _usually_meant(
        self, label: str, name: str, bearers: Sequence[NameBearer]
    ) -> Sequence[NameBearer]:
        """The bearer that texts nearly always mean by the name, where several bear it and its kind
        knows of one.
        """
        kind = ENTITY_KINDS.get(label)
        if len(bearers) < 2 or kind is None or kind.usual_concepts is None:
            return bearers
        usual = kind.usual_concepts().get(normalize_name(name))
        meant = [bearer for bearer in bearers if self.kb.concept_id(bearer.concept) == usual]
        return meant or bearers

    def _with_words_of(
        self, request: LinkingRequest, bearers: Sequence[NameBearer]
    ) -> list[NameBearer]:
        """The bearers of a name made of the letters of a mention that have any of its words too."""
        surface = request.surface_forms[0]
        kept = []
        for bearer in bearers:
            concept = self.kb.concept(self.kb.concept_id(bearer.concept))
            if shares_telling_word(surface, (concept.name, *concept.synonyms)):
                kept.append(bearer)
        return kept

    def _first_names(
        self,
        label: str,
        asked: Sequence[tuple[LinkingRequest, Sequence[str]]],
        meant: Meant = all_bearers,
    ) -> list[tuple[str, Sequence[NameBearer]]]:
        """For each request the first of its names that is one, and the concepts that bear it, as
        far as they are `meant`; "" and () for none.
        """
        types, allowed = self._selection.types(label), self._selection.mask(label)
        names = list(dict.fromkeys(name for _, of_request in asked for name in of_request))
        bearers = dict(
            zip(names, self.kb.bearers(names, types=types, allowed=allowed), strict=True)
        )
        first = [first_borne(names, bearers, meant) for _, names in asked]
        wanted = [
            (name, request.preferred_types if name else ())
            for (name, _), (request, _) in zip(first, asked, strict=True)
        ]
        preferred = self._preferred(label, wanted)
        return [
            (name, meant(names, name, of_preferred) or of_name)
            for (name, of_name), of_preferred, (_, names) in zip(
                first, preferred, asked, strict=True
            )
        ]

    def _preferred(
        self, label: str, wanted: Sequence[tuple[str, tuple[str, ...]]]
    ) -> list[Sequence[NameBearer]]:
        """For each name the concepts that bear it, of the first of its types that has any; () for
        none.
        """
        allowed = self._selection.mask(label)
        preferred: dict[tuple[str, tuple[str, ...]], Sequence[NameBearer]] = {}
        waiting, place = list(dict.fromkeys(wanted)), 0
        while waiting := [key for key in waiting if place < len(key[1]) and not preferred.get(key)]:
            for type_ in dict.fromkeys(types[place] for _, types in waiting):
                keys = [key for key in waiting if key[1][place] == type_]
                if type_ in self.kb.types:
                    names = [name for name, _ in keys]
                    bearers = self.kb.bearers(names, types=(type_,), allowed=allowed)
                    preferred.update(zip(keys, bearers, strict=True))
            place += 1
        return [preferred.get(key, ()) for key in wanted]

    def _words(
        self,
        requests: Sequence[LinkingRequest],
        owners: NDArray[np.int64],
        concepts: NDArray[np.int64],
        names: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """How the words of mentions and names relate, (candidates, COMPARISON_FEATURES)."""
        words = np.zeros((len(names), len(COMPARISON_FEATURES)))
        words[names == NearestName.FARTHER] = SAYS_OTHER
        compared = np.flatnonzero((names >= 0) | (names == NearestName.NONE))
        texts: dict[int, tuple[str, ...]] = {}
        columns = (compared, owners[compared], concepts[compared], names[compared])
        for place, owner, concept, name in zip(*(c.tolist() for c in columns), strict=True):
            if owner not in texts:
                texts[owner] = tuple(compared_texts(requests[owner]))
            text = self.kb.name_text(name) if name >= 0 else self.kb.preferred_name(concept)
            words[place] = closest_comparison(texts[owner], text)
        return words

    def _type_ranks(
        self, labels: Sequence[str], owners: NDArray[np.int64], concepts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        ranks = np.zeros(len(concepts), np.int64)
        for label in dict.fromkeys(labels):
            if len(self._selection.types(label) or ()) > 1:
                own = np.array([of == label for of in labels])[owners]
                ranks[own] = self._selection.type_ranks(label, concepts[own])
        return ranks


def _is_written(name: str, surface: str) -> bool:
    """Whether a mention has a name in it, and not in brackets behind another."""
    place = surface.find(name)
    return place >= 0 and surface[max(0, place - 1) : place] not in ("(", "[")
