"""Named entity recognition by the names of a knowledge base, read where it lies: nothing is built
in the process.
"""

import threading
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from biopipe.document import Candidate, Document, Mention, Predictor, PredictorInfo, Resource
from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.kb.groups import Mask
from biopipe.kb.near_values import near_values
from biopipe.kb.prior import Match
from biopipe.kb.semantic_types import types_of_base
from biopipe.language.stop_words import common_words
from biopipe.ner.dictionary_rules import is_apart, is_name, is_shouted, name_score, widened
from biopipe.ner.dictionary_scan import NameScan
from biopipe.ner.merge import DICTIONARY, Merger, merge_same_spans
from biopipe.text.spelling import one_spelling

__all__ = ["Dictionary"]

_UNTYPED = "Concept"
_MOST_CANDIDATES = 20
_REMEMBERED = 1 << 14


@dataclass(frozen=True, slots=True)
class _Named:
    """What a surface names under one label: the concepts, the likeliest first, and the stored
    name.
    """

    label: str
    score: float
    candidates: tuple[Candidate, ...]
    text: str


class Dictionary(Predictor):
    """Finds the names of a knowledge base (None or "default": the default one) in documents, with
    their concepts.

    A mention's label is the first type of its concept that `labels` maps, or without `labels` the
    type itself. Concepts of no mapped type are not looked for, unless `labels` maps "" too, which
    stands for any other type. `types`, `sources` and `branches` narrow the concepts as
    `KnowledgeBase.select` does. The longest name wins; with `overlaps` every name stays, those
    inside others too, and one span may have several labels. Names of fewer than `shortest` letters
    and digits are not looked for. `stop_words` are those of `common_words` (True), none (False) or
    the words given; `biopipe.ner.dictionary_rules` says what they and the case of a name do.

    A mention's score is about the share of names of its kind that were gold mentions of training
    sets; mentions below `threshold` are left out. Its concept is the likeliest by the name alone,
    its candidates those of `KnowledgeBase.lookup`. The knowledge base opens at first use, so a
    dictionary can be passed to other processes.
    """

    def __init__(
        self,
        kb: KnowledgeBase | str | Path | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        types: Sequence[str] | None = None,
        sources: Sequence[str] | None = None,
        branches: Sequence[str] | None = None,
        overlaps: bool = False,
        shortest: int = 3,
        stop_words: bool | Sequence[str] = True,
        threshold: float = 0.0,
    ) -> None:
        if shortest < 1:
            raise ConfigError(
                f"The dictionary's shortest name has {shortest} characters; give 1 or more."
            )
        if not 0 <= threshold <= 1:
            raise ConfigError(
                f"The dictionary's threshold is {threshold}; give a probability from 0 to 1."
            )
        words = common_words() if stop_words is True else stop_words or ()
        self._stop_words = frozenset(one_spelling(word.lower()) for word in words)
        self._shortest, self._threshold = shortest, threshold
        self._merger = Merger(overlaps="all" if overlaps else "none")
        self._kb, self._labels = kb, labels
        self._filters = {"types": types, "sources": sources, "branches": branches}
        self._opened: _Names | None = None

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_opened": None}

    @property
    def info(self) -> PredictorInfo:
        """Gives mentions with their concepts; labels are known where `labels` maps types to them."""
        return PredictorInfo(
            name=DICTIONARY,
            labels=tuple(dict.fromkeys((self._labels or {}).values())),
            gives=frozenset({"mentions", "concepts"}),
        )

    @property
    def knowledge_bases(self) -> tuple[KnowledgeBase, ...]:
        """The one knowledge base, opened."""
        return (self._names.kb,)

    def resources(self) -> tuple[Resource, ...]:
        """The knowledge base."""
        kb = self._names.kb
        return (Resource(role="kb", name=kb.name, hash=kb.hash),)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the mentions found added to those they had; see
        `biopipe.ner.merge.merge_same_spans`.
        """
        return [
            replace(
                document,
                mentions=merge_same_spans([*document.mentions, *self._mentions(document.text)]),
                concepts=None,
            )
            for document in documents
        ]

    def _mentions(self, text: str) -> tuple[Mention, ...]:
        names, mentions = self._names, []
        for start, end in names.scan.spans(text):
            surface = text[start:end]
            if sum(map(str.isalnum, surface)) < self._shortest or not is_apart(text, start, end):
                continue
            for meaning in names.of(surface, shouted=is_shouted(text, start, end)):
                span = widened(text, start, end, meaning.text)
                if span is not None:
                    ids = (meaning.candidates[0].concept_id,)
                    mentions.append(
                        Mention(
                            *span,
                            meaning.label,
                            meaning.score,
                            ids,
                            meaning.candidates,
                            sources=(names.source,),
                            dictionary=names.kb.name,
                        )
                    )
        return tuple(
            mention for mention in self._merger.merge(mentions) if mention.score >= self._threshold
        )

    @property
    def _names(self) -> "_Names":
        if self._opened is None:
            kb = open_base(self._kb)
            allowed = kb.select(**self._filters)
            self._opened = _Names(kb, allowed, self._labels, self._stop_words)
        return self._opened


class _Names:
    """The names of an open knowledge base that are looked for; answers are remembered."""

    def __init__(
        self,
        kb: KnowledgeBase,
        allowed: Mask | None,
        labels: Mapping[str, str] | None,
        stop_words: frozenset[str],
    ) -> None:
        self.kb, self.source = kb, f"{DICTIONARY}:{kb.name}"
        self.scan = NameScan(kb.files.exact_hashes, kb.files.prefixes)
        self._allowed, self._stop_words = allowed, stop_words
        self._labels = None if labels is None else _labels_of_types(labels, kb)
        self._known: OrderedDict[tuple[str, bool], tuple[_Named, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, surface: str, *, shouted: bool) -> tuple[_Named, ...]:
        """What the surface names, one for each label."""
        meanings = self._known.get((surface, shouted))
        if meanings is None:
            meanings = self._find(surface, shouted)
            with self._lock:
                self._known[surface, shouted] = meanings
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return meanings

    def _find(self, surface: str, shouted: bool) -> tuple[_Named, ...]:
        matches = {
            self.kb.concept_id(match.concept): match
            for match in sorted(
                self.kb.matches(surface, allowed=self._allowed), key=lambda m: m.rank, reverse=True
            )
            if match.match != Match.ORDER
            and is_name(surface, match, self._stop_words, shouted=shouted)
        }
        if not matches:
            return ()
        by_label: dict[str, list[Candidate]] = defaultdict(list)
        for candidate in self.kb.lookup(surface, allowed=self._allowed):
            match = matches.get(candidate.concept_id)
            label = self._label(match.concept) if match is not None else None
            if label is not None:
                by_label[label].append(candidate)
        named = []
        for label, candidates in by_label.items():
            best = min(
                (matches[candidate.concept_id] for candidate in candidates),
                key=lambda match: match.rank,
            )
            score = name_score(surface, best)
            named.append(_Named(label, score, tuple(candidates[:_MOST_CANDIDATES]), best.text))
        return tuple(named)

    def _label(self, concept: int) -> str | None:
        types = self.kb.types_of(concept)
        if self._labels is None:
            return types[0] if types else _UNTYPED
        return next(
            (
                self._labels[concept_type]
                for concept_type in (*types, "")
                if concept_type in self._labels
            ),
            None,
        )


def _labels_of_types(labels: Mapping[str, str], kb: KnowledgeBase) -> dict[str, str]:
    """Labels by the base's own types: semantic types and groups may be given by code or name.

    Warns where the base has no concept of any of the types, so that nothing can be found.
    """
    by_type: dict[str, str] = {}
    for given, label in labels.items():
        by_type.update(dict.fromkeys(types_of_base([given], kb.types), label))
    if "" not in by_type and by_type.keys().isdisjoint(kb.types):
        warnings.warn(
            f"The dictionary finds nothing: the knowledge base {kb.name} has no concept of the "
            f"types {', '.join(labels)}; {near_values(next(iter(labels), ''), kb.types)}.",
            stacklevel=2,
        )
    return by_type
