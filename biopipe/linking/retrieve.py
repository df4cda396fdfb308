"""Candidates of mentions from one knowledge base: by exact names, by character n-grams, by vectors,
together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from biopipe.document import Candidate
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.groups import Hit, Mask
from biopipe.linking.biencoder import BiEncoder
from biopipe.linking.mention_prior import JOINED, MentionPrior
from biopipe.linking.scoring import Found, Weights, WeightsByLabel, parse_weights, shipped_weights

__all__ = ["DEFAULT_TYPES", "Filters", "Request", "Retriever", "compared_texts", "find_encoder"]

# Candidates of each retriever; together they are at most three times as many.
_MOST = 30

# The concept types a mention label may mean, the likeliest first.
DEFAULT_TYPES: Mapping[str, tuple[str, ...]] = {
    "CellLine": ("CellLine",),
    "Chemical": ("Chemical",),
    "Disease": ("Disease", "Phenotype"),
    "Gene": ("Gene",),
    "Phenotype": ("Phenotype", "Disease"),
    "Species": ("Species",),
    "Variant": ("Variant",),
}
# Kinds whose other forms are words, and of these those where a form may be a mention's words less
# some; forms of genes are codes, which spelling tells nothing of.
_PLAINER = frozenset({"Disease", "Phenotype"})
_WORDED = _PLAINER | {"Chemical"}
_LESS = 0.95
# The score of a name that differs in case and signs at most.
_SAME = 0.95
# What a name never seen would count as: one mention seen says two thirds.
_UNSEEN = 0.5
# A name that meant several concepts at once as often as this, of at least so many mentions, means
# them again.
_TOGETHER, _SEEN = 0.6, 2
_CODES = frozenset({"CellLine", "Chemical", "Gene", "Species", "Variant"})
_KNOWN_TYPES = frozenset(type_ for types in DEFAULT_TYPES.values() for type_ in types)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the concepts of one mention label must be; applied before anything is ranked."""

    types: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    branches: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A mention as the retrievers see it; equal requests have equal answers.

    `readings`: what it may be read as, the first one first. `forms`: other names a strategy knows
    for it, looked up as exact names only. `narrow`: concept types that go before all others, the
    first that the base knows. `spelled_out`: the concept that the mention itself writes, which
    makes all else idle.
    """

    label: str
    readings: tuple[str, ...]
    forms: tuple[str, ...] = ()
    narrow: tuple[str, ...] = ()
    spelled_out: Candidate | None = None


class Retriever:
    """Asks one knowledge base; `encoder` None leaves vectors out."""

    def __init__(
        self,
        kb: KnowledgeBase,
        filters: Mapping[str, Filters],
        encoder: BiEncoder | None,
        weights: WeightsByLabel | None = None,
        prior: MentionPrior | None = None,
    ) -> None:
        self.kb = kb
        self._filters = filters
        self._encoder = encoder
        self._weights = weights
        self._prior = prior
        self._known_types: dict[str, tuple[str, ...] | None] = {}
        if encoder is not None:
            kb.check_encoder(encoder.name, encoder.hash)

    @cached_property
    def channels(self) -> tuple[str, ...]:
        """The retrievers at work: "exact", and "ngram" and "dense" where the base has them."""
        dense = ("dense",) if self._encoder is not None else ()
        return ("exact", *(("ngram",) if self.kb.has_ngrams else ()), *dense)

    @cached_property
    def _all_weights(self) -> WeightsByLabel:
        if self._weights is not None or self.channels == ("exact",):
            return self._weights or {}
        said = None if self._encoder is None else self._encoder.manifest.calibration.get("linker")
        return parse_weights(said) if said else shipped_weights(dense=self._encoder is not None)

    def weights(self, label: str, found: Sequence[Found]) -> Weights | None:
        """What turns features into probabilities: given, of the encoder, or shipped; None for exact
        names alone.
        """
        if (
            self._encoder is None
            and any(e.exact for e in found)
            and not any(e.prior for e in found)
        ):
            return None  # nothing else was looked for, so the score of the exact name stands
        return self._all_weights.get(label) or self._all_weights.get("")

    def exact(
        self, label: str, surface: str, *, narrow: Sequence[str] = ()
    ) -> tuple[Candidate, ...]:
        """Concepts that have this very name, as `KnowledgeBase.lookup` ranks them."""
        types = self._types(label)
        if types == ():
            return ()
        allowed = self._allowed(label)
        for each in narrow:
            if each in self.kb.types:
                both = _both(allowed, self.kb.select(types=(each,)))
                if found := self.kb.lookup(surface, types=types, allowed=both):
                    return tuple(found)
        return tuple(self.kb.lookup(surface, types=types, allowed=allowed))

    def bears_name(self, request: Request, concept_id: str) -> bool:
        """Whether this concept and no other has the mention's words as a name, but for case and
        signs.
        """
        found = self.exact(request.label, request.readings[0], narrow=request.narrow)
        return len(found) == 1 and found[0].concept_id == concept_id and found[0].score >= _SAME

    def retrieve(self, requests: Sequence[Request]) -> list[list[Found]]:
        """All candidates of each request, unordered, each concept once."""
        found = [self._exact(request) for request in requests]
        by_label: dict[str, list[int]] = {}
        for index, request in enumerate(requests):
            if self._types(request.label) != ():
                by_label.setdefault(request.label, []).append(index)
        for label, indices in by_label.items():
            chosen = [
                index for index in indices if self._is_compared(requests[index], found[index])
            ]
            asked = [
                (i, *spelled) for i in chosen for spelled in compared_texts(requests[i]).items()
            ]
            names, allowed = [reading for _, reading, _ in asked], self._allowed(label)
            if names and "ngram" in self.channels:
                self._add("ngram", asked, self.kb.search_ngrams(names, _MOST, allowed), found)
            if names and self._encoder is not None:
                vectors = self._encoder.encode(names, batch=1)
                self._add("dense", asked, self.kb.search_dense(vectors, _MOST, allowed), found)
            for index in indices if self._prior is not None else ():
                self._add_meant(requests[index], allowed, found[index])
        return [self._placed(request, each) for request, each in zip(requests, found, strict=True)]

    def together(self, request: Request) -> tuple[Candidate, ...]:
        """The concepts that the mention's name meant together in most annotated text; none where it
        meant one.
        """
        if self._prior is None or self._types(request.label) == ():
            return ()
        counts = self._prior.counts(request.label, request.readings[0])
        joint, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
        share = count / (sum(counts.values()) + _UNSEEN)
        if JOINED not in joint or count < _SEEN or share < _TOGETHER:
            return ()
        allowed = self._allowed(request.label)
        rows = dict.fromkeys(self._row(id_, allowed) for id_ in joint.split(JOINED))
        known = [row for row in rows if row is not None]
        if len(known) < len(rows) or len(known) < 2:
            return ()
        share = round(share, 4)
        return tuple(
            Candidate(self.kb.concept_id(r), self.kb.preferred_name(r), share) for r in known
        )

    def _add_meant(self, request: Request, allowed: Mask | None, found: dict[str, Found]) -> None:
        """Add what the mention's name meant in annotated text, as far as the base has it."""
        assert self._prior is not None
        counts = self._prior.counts(request.label, request.readings[0])
        total = sum(counts.values()) + _UNSEEN
        for meant, count in counts.items():
            row = None if JOINED in meant else self._row(meant, allowed)
            if row is not None:
                id_ = self.kb.concept_id(row)
                entry = found.setdefault(id_, Found(id_, self.kb.preferred_name(row)))
                entry.prior = round(entry.prior + count / total, 4)

    def _row(self, concept_id: str, allowed: Mask | None) -> int | None:
        """The row of the concept that is in use for an id, if the base has it and it may be
        linked.
        """
        canonical = self.kb.canonical(concept_id)
        row = None if canonical is None else self.kb.concept_row(canonical)
        return row if row is None or allowed is None or allowed[row] else None

    def _is_compared(self, request: Request, found: Mapping[str, Found]) -> bool:
        """Whether similar names are looked for; without vectors only where there is no exact one,
        and not of codes.

        N-grams alone seldom overrule an exact name, and in a large knowledge base they take most of
        the time.
        """
        return self._encoder is not None or (not found and request.label not in _CODES)

    def _exact(self, request: Request) -> dict[str, Found]:
        """Candidates of the first reading, or else form, that is a name; it says more than all
        later ones.
        """
        for surface in (*request.readings, *request.forms):
            if candidates := self.exact(request.label, surface, narrow=request.narrow)[:_MOST]:
                return {c.concept_id: self._named(request, surface, c) for c in candidates}
        return {}

    def _named(self, request: Request, surface: str, candidate: Candidate) -> Found:
        """A candidate by an exact name: alike by spelling and meaning too, in another spelling or
        form as well.
        """
        form, worded = surface not in request.readings, request.label in _WORDED
        likeness = 1.0 if not form and candidate.score >= _SAME else _LESS
        alike = likeness if worded and self._encoder is not None else 0.0
        less = not worded or _is_part(surface, request.readings)
        return Found(
            candidate.concept_id,
            candidate.name,
            exact=candidate.score,
            through=form and less,
            dense=alike,
            ngram=alike,
        )

    def _add(
        self,
        channel: str,
        asked: Iterable[tuple[int, str, float]],
        hits: Iterable[Sequence[Hit]],
        found: Sequence[dict[str, Found]],
    ) -> None:
        for (index, _, counts), each in zip(asked, hits, strict=True):
            for hit in each:
                id_ = self.kb.concept_id(hit.concept)
                if id_ not in found[index]:
                    found[index][id_] = Found(id_, self.kb.preferred_name(hit.concept))
                entry = found[index][id_]
                setattr(
                    entry,
                    channel,
                    max(getattr(entry, channel), round(counts * float(hit.score), 4)),
                )

    def _placed(self, request: Request, found: Mapping[str, Found]) -> list[Found]:
        preferred = self._types(request.label) or ()
        for each in found.values():
            row = self.kb.concept_row(each.concept_id)
            if row is not None:
                own = self.kb.types_of(row) if len(preferred) > 1 else ()
                each.place = min(
                    (place for place, type_ in enumerate(preferred) if type_ in own), default=0
                )
                each.names = self.kb.name_count(row)
        return list(found.values())

    def _types(self, label: str) -> tuple[str, ...] | None:
        """The types a label may mean, those of them that the base has; None for any type."""
        if label not in self._known_types:
            self._known_types[label] = self._find_types(label)
        return self._known_types[label]

    def _find_types(self, label: str) -> tuple[str, ...] | None:
        chosen = self._of(label).types
        if chosen is not None:
            return chosen
        # A knowledge base with types of its own (semantic types, namespaces) cannot be asked for
        # ours.
        if _KNOWN_TYPES.isdisjoint(self.kb.types):
            return None
        return tuple(
            type_ for type_ in DEFAULT_TYPES.get(label, (label,)) if type_ in self.kb.types
        )

    def _allowed(self, label: str) -> Mask | None:
        filters = self._of(label)
        return self.kb.select(
            types=self._types(label), sources=filters.sources, branches=filters.branches
        )

    def _of(self, label: str) -> Filters:
        return self._filters.get(label, self._filters.get("", Filters()))


def compared_texts(request: Request) -> dict[str, float]:
    """What is compared by spelling and meaning, and how much its similarities count.

    The likeliest reading, that with short forms written out, and a plainer form, which says less
    than the mention. A bare short form that has a long one is not compared: other concepts go by it
    too. But symbols are names of genes.
    """
    first = request.forms[:1] if request.label in _PLAINER else ()
    plainer = [form for form in first if _is_part(form, request.readings)]
    last = request.readings[-1]
    written = [last] if " " in last or request.label in _CODES - _WORDED else []
    return {
        **dict.fromkeys(plainer, _LESS),
        **dict.fromkeys(written, 1.0),
        request.readings[0]: 1.0,
    }


def _is_part(form: str, readings: Iterable[str]) -> bool:
    return any(form in reading for reading in readings)


def _both(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return one if other is None else other
    return one & other


def find_encoder(
    kb: KnowledgeBase,
    encoder: str | Path | None,
    *,
    device: str = "cpu",
    threads: int | None = None,
) -> BiEncoder | None:
    """The encoder of a base's vectors: by the name its manifest has ("auto"), or as told; None for
    no vectors.
    """
    if encoder is None or kb.encoder is None:
        return None
    return BiEncoder(
        kb.encoder[0] if encoder == "auto" else encoder, device=device, threads=threads
    )
