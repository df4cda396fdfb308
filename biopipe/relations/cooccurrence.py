"""The baseline: relations from counts alone, by how near two concepts stand and which trigger words
stand there.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biopipe.document import (
    ConceptMentions,
    Document,
    Predictor,
    PredictorInfo,
    Relation,
    Resource,
)
from biopipe.errors import ModelError
from biopipe.relations.evidence import EvidenceFinder
from biopipe.relations.pairs import allowed_pairs
from biopipe.relations.triggers import TriggerWords, default_triggers
from biopipe.runtime.thresholds import label_thresholds
from biopipe.text.concepts import concept_mentions, concept_name, linked_concepts
from biopipe.text.sentences import sentences_of, with_sentences

__all__ = ["COOCCURRENCE", "CooccurrenceExtractor", "count_relations", "default_counts"]

COOCCURRENCE = "cooccurrence"
FORMAT = 1
PRIOR = 10.0  # pairs of the same place and any labels that a kind of pair starts with
# Trigger words of one sentence depend on each other; taken as independent they would be counted
# twice.
TRUST = 0.5
# A label that pairs of these kinds never had counts as seen a tenth of a time: its logarithm is
# finite, and trigger words can still name it.
UNSEEN = 0.1


@dataclass(frozen=True, slots=True)
class _PairContext:
    """A pair in a document: its kind, where it stands (see `_place`), and the classes of trigger
    words there.
    """

    head: int
    tail: int
    kind: str
    place: str
    present: NDArray[np.bool_]


class CooccurrenceExtractor(Predictor):
    """Every pair of concepts is scored by how often pairs of its labels at its place are related in
    a corpus.

    The label is the likeliest by the labels of the two concepts and naive Bayes over the trigger
    words of the sentences they share, or of the nearest ones. `counts` is what `count_relations`
    gives; by default BioRED's.
    """

    model_name = COOCCURRENCE

    def __init__(
        self,
        counts: Mapping[str, Any] | None = None,
        *,
        threshold: float | Mapping[str, float] | None = None,
    ) -> None:
        self.counts = dict(default_counts() if counts is None else counts)
        if self.counts.get("format") != FORMAT:
            raise ModelError(
                f"Co-occurrence counts of format {self.counts.get('format')}, this biopipe reads "
                f"{FORMAT}; count again."
            )
        self.labels: tuple[str, ...] = tuple(self.counts["labels"])
        self.pairs = [(str(head), str(tail)) for head, tail in self.counts["pairs"]]
        self.triggers = default_triggers()
        best = dict.fromkeys(self.labels, float(self.counts["threshold"]))
        self.thresholds = label_thresholds(threshold, best, owner=COOCCURRENCE)
        self.lowest = min(self.thresholds.values(), default=0.0)
        self.trigger_odds = self._trigger_odds()

    def _trigger_odds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Log odds (trigger classes, labels) of a class that is there, and of one that is not."""
        every = np.array([self.counts["label_totals"].get(label, 0) for label in self.labels])
        seen = np.array(
            [
                [self.counts["with_trigger"].get(n, {}).get(x, 0) for x in self.labels]
                for n in self.triggers
            ]
        )
        usual = (seen.sum(axis=1, keepdims=True) + 1) / (every.sum() + 2)
        share = (seen + 4 * usual) / (every + 4)
        return np.log(share / usual), np.log((1 - share) / (1 - usual))

    @property
    def model_hash(self) -> str:
        """sha256 over the counts and the trigger words."""
        return hashlib.sha256(
            json.dumps([self.counts, self.triggers], sort_keys=True).encode()
        ).hexdigest()

    @property
    def info(self) -> PredictorInfo:
        """Needs mentions."""
        return PredictorInfo(
            name=self.model_name,
            labels=self.labels,
            needs=frozenset({"mentions"}),
            gives=frozenset({"relations"}),
        )

    def resources(self) -> tuple[Resource, ...]:
        """The counts."""
        return (Resource(role="model", name=self.model_name, hash=self.model_hash),)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the relations found in place of those they had, strongest first."""
        return [replace(d, relations=tuple(self._relations(d))) for d in documents]

    def _relations(self, document: Document) -> list[Relation]:
        document = with_sentences(document)
        concepts = concept_mentions(document)
        finder = EvidenceFinder(document)
        relations = []
        for context in _pair_contexts(document, concepts, self.pairs, self.triggers):
            score = _share(self.counts["related"], context)
            if score < self.lowest:
                continue
            label = self._label(context)
            if score < self.thresholds[label]:
                continue
            head, tail = concepts[context.head], concepts[context.tail]
            novel = _share(self.counts["novel"], context) if self.counts["novelty"] else None
            relations.append(
                Relation(
                    head.id,
                    tail.id,
                    label,
                    score,
                    None if novel is None else novel >= 0.5,
                    novel,
                    finder.spans(head, tail),
                    head_label=head.label,
                    tail_label=tail.label,
                    head_name=concept_name(document, head),
                    tail_name=concept_name(document, tail),
                )
            )
        return sorted(relations, key=lambda r: (-r.score, r.head, r.tail))

    def _label(self, context: _PairContext) -> str:
        by_label = self.counts["labels_of"].get(context.kind, {})
        score = np.log([by_label.get(label, 0) + UNSEEN for label in self.labels])
        score = score + TRUST * np.where(context.present[:, None], *self.trigger_odds).sum(axis=0)
        return self.labels[int(score.argmax())]


def _share(table: Mapping[str, Mapping[str, Sequence[int]]], context: _PairContext) -> float:
    """Share of yes among pairs of this kind and place, drawn to that of the place where the kind
    was seldom there.
    """
    yes, no = table["*"].get(context.place, (0, 0))
    start = (yes + 1) / (yes + no + 2)
    yes, no = table.get(context.kind, {}).get(context.place, (0, 0))
    return (yes + PRIOR * start) / (yes + no + PRIOR)


def default_counts() -> dict[str, Any]:
    """The counts that come with biopipe, of BioRED's training documents."""
    text = (files("biopipe.relations") / "cooccurrence.json").read_text(encoding="utf-8")
    counts: dict[str, Any] = json.loads(text)
    return counts


def count_relations(
    documents: Iterable[Document],
    *,
    labels: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    threshold: float = 0.3,
) -> dict[str, Any]:
    """What `CooccurrenceExtractor` needs to know of gold documents, as plain data for JSON."""
    triggers = default_triggers()
    related: dict[str, Counter[tuple[str, bool]]] = {"*": Counter()}
    novel: dict[str, Counter[tuple[str, bool]]] = {"*": Counter()}
    labels_of: dict[str, Counter[str]] = {}
    with_trigger: dict[str, Counter[str]] = {name: Counter() for name in triggers}
    for document in documents:
        concepts = linked_concepts(document)
        gold = {frozenset((r.head, r.tail)): r for r in document.relations}
        for context in _pair_contexts(document, concepts, pairs, triggers):
            relation = gold.get(frozenset((concepts[context.head].id, concepts[context.tail].id)))
            for kind in ("*", context.kind):
                related.setdefault(kind, Counter())[context.place, relation is not None] += 1
                if relation is not None and relation.novel is not None:
                    novel.setdefault(kind, Counter())[context.place, relation.novel] += 1
            if relation is not None:
                labels_of.setdefault(context.kind, Counter())[relation.label] += 1
                for name, here in zip(triggers, context.present, strict=True):
                    with_trigger[name][relation.label] += int(here)
    return {
        "format": FORMAT,
        "labels": list(labels),
        "pairs": [list(pair) for pair in pairs],
        "threshold": threshold,
        "novelty": bool(novel["*"]),
        "related": {kind: _table(counts) for kind, counts in related.items()},
        "novel": {kind: _table(counts) for kind, counts in novel.items()},
        "labels_of": labels_of,
        "label_totals": dict(sum(labels_of.values(), Counter())),
        "with_trigger": with_trigger,
    }


def _table(counts: Counter[tuple[str, bool]]) -> dict[str, list[int]]:
    return {
        place: [counts[place, True], counts[place, False]]
        for place in sorted({p for p, _ in counts})
    }


def _pair_contexts(
    document: Document,
    concepts: Sequence[ConceptMentions],
    allowed: Sequence[tuple[str, str]],
    triggers: Mapping[str, Sequence[str]],
) -> Iterator[_PairContext]:
    pairs = allowed_pairs([concept.label for concept in concepts], allowed)
    if not len(pairs):
        return
    starts = np.array([sentence.start for sentence in sentences_of(document)] or [0])
    words = TriggerWords(document, starts, triggers)
    at = [np.array([document.mentions[m].start for m in concept.mentions]) for concept in concepts]
    sentences = [
        np.unique(np.maximum(0, np.searchsorted(starts, places, side="right") - 1)) for places in at
    ]
    for head_concept, tail_concept, kind in zip(
        pairs.heads.tolist(), pairs.tails.tolist(), pairs.kinds.tolist(), strict=True
    ):
        head, tail = sentences[head_concept], sentences[tail_concept]
        read = np.intersect1d(head, tail, assume_unique=True)
        distance, nearest = 0, read
        if not len(read):
            away = np.abs(head[:, None] - tail[None, :])
            h, t = np.unravel_index(int(away.argmin()), away.shape)
            distance, nearest = int(away[h, t]), np.array([head[h], tail[t]])
        titled = int(head[0] == 0) + int(tail[0] == 0)
        yield _PairContext(
            head_concept,
            tail_concept,
            "-".join(allowed[kind]),
            _place(distance, len(read), titled),
            words.by_sentence[nearest].sum(axis=0) > 0,
        )


def _place(distance: int, shared: int, titled: int) -> str:
    """Sentences between them and sentences they share (four and more are alike), and how many the
    title names.
    """
    return f"{min(distance, 4)} apart, {min(shared, 4)} shared, {titled} in title"
