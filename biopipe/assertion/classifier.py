"""ConText: whether a mention is denied, possible, hypothetical, past, or someone else's."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from biopipe.assertion.answer_patterns import AnswerPatterns
from biopipe.assertion.lexicon import Hit, Lexicon
from biopipe.assertion.past_dates import dated_past, past_dates
from biopipe.assertion.relation_evidence import with_assertions
from biopipe.assertion.scopes import Place, in_scope, swallowed
from biopipe.assertion.sentences import Stretch, stretches
from biopipe.assertion.trigger_files import load_triggers
from biopipe.assertion.triggers import (
    AFFIRMED,
    HYPHEN,
    Trigger,
    concerns,
    count_words,
    lowered,
    word_starts,
    words,
)
from biopipe.document import (
    Document,
    Mention,
    Predictor,
    PredictorInfo,
    Resource,
    TimeExpression,
)
from biopipe.document.labels import HISTORICAL, NEGATED, POSSIBLE

__all__ = ["AssertionClassifier", "shipped_lookup"]

# How much, how often and when are not denied themselves, but what they are of.
_AMOUNTS = frozenset({"Age", "Date", "Dosage", "Duration", "Frequency", "Route", "Value"})

TriggerLookup: TypeAlias = tuple[tuple[Trigger, ...], Lexicon, AnswerPatterns]
"""Triggers and what finds them in a text, none of which changes any more."""


@lru_cache(maxsize=4)
def shipped_lookup(language: str) -> TriggerLookup:
    """The triggers of a language that ship, once a process: 11 MB, which a process that workers are
    forked from has for all of them.
    """
    return _lookup(load_triggers(language))


def _lookup(triggers: Iterable[Trigger]) -> TriggerLookup:
    kept = tuple(triggers)
    lexicon = Lexicon(kept)
    return kept, lexicon, AnswerPatterns(lexicon)


class AssertionClassifier(Predictor):
    """Sets `Mention.assertion` and, where the document has relations, `Relation.assertion`.

    The values are negated, possible, hypothetical, historical and family (anyone but the patient);
    none of them means that the text states it of the patient, now. Rules and scopes are ConText's
    (Chapman et al. 2007, Harkema et al. 2009); the triggers are those of the language with those of
    `triggers`, a file or several, over them, or these alone if `extend` is false. Time is linear in
    the text.
    """

    def __init__(
        self,
        *,
        language: str = "en",
        triggers: str | Path | Sequence[str | Path] = (),
        extend: bool = True,
    ) -> None:
        files = [triggers] if isinstance(triggers, str | Path) else triggers
        self.triggers, self.lexicon, self._patterns = (
            shipped_lookup(language)
            if extend and not files
            else _lookup(load_triggers(language, files, extend=extend))
        )
        self.model_name = f"assertion triggers ({language})"

    @property
    def model_hash(self) -> str:
        """sha256 over the triggers in use."""
        rows = sorted(
            repr((t.words, t.category, t.direction, t.reach, sorted(t.ends), sorted(t.labels)))
            for t in self.triggers
        )
        return sha256("\n".join(rows).encode()).hexdigest()

    @property
    def info(self) -> PredictorInfo:
        """Needs mentions."""
        return PredictorInfo(
            name=self.model_name,
            needs=frozenset({"mentions"}),
            gives=frozenset({"assertions"}),
        )

    def resources(self) -> tuple[Resource, ...]:
        """The triggers in use."""
        return (Resource(role="model", name=self.model_name, hash=self.model_hash),)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the assertions found in place of those they had.

        A mention without a concept that is a word of a trigger, as in "[Absence] of cough", is no
        longer there.
        """
        return [self._asserted(document) for document in documents]

    def _asserted(self, document: Document) -> Document:
        by_mention, dropped = self._categories(document)
        document = with_assertions(document, by_mention)
        if not dropped:
            return document
        kept = [m for index, m in enumerate(document.mentions) if index not in dropped]
        return replace(document, mentions=tuple(kept))

    def _categories(self, document: Document) -> tuple[dict[int, frozenset[str]], set[int]]:
        """The categories of the mentions that have any, by their indices; and the indices of those
        that are words of a trigger.
        """
        by_mention: dict[int, frozenset[str]] = {}
        dropped: set[int] = set()
        dates = past_dates(document)
        for stretch in stretches(document, self.lexicon, self._patterns):
            text = lowered(document.text[stretch.start : stretch.end])
            tokens = words(text)
            dated = [date for date in dates if stretch.start <= date.start < stretch.end]
            stated = stretch.section or stretch.answers or dated
            if not (stated or self.lexicon.may_assert(tokens)):
                continue
            hits = self.lexicon.find(tokens)
            if stated or any(hit.rule.asserts for hit in hits):
                if HYPHEN in tokens:
                    hits = [hit for hit in hits if not _glued(hit, tokens)]
                mentions = [document.mentions[index] for index in stretch.mentions]
                places = _places(text, mentions, stretch.start)
                scopes = in_scope(places, hits, tokens, [mention.label for mention in mentions])
                if dated:
                    _add_dated(document.text, stretch, mentions, dated, hits, scopes)
                for index, mention, categories in zip(
                    stretch.mentions, mentions, scopes, strict=True
                ):
                    if (categories or stated) and mention.label not in _AMOUNTS:
                        by_mention[index] = _with_answer(stretch, mention.label, categories)
                dropped.update(
                    stretch.mentions[place]
                    for place in swallowed(places, hits)
                    if not mentions[place].concept_ids and not document.relations
                )
        return by_mention, dropped


def _add_dated(
    text: str,
    stretch: Stretch,
    mentions: Sequence[Mention],
    dates: Sequence[TimeExpression],
    hits: Sequence[Hit],
    scopes: Sequence[set[str]],
) -> None:
    """Make historical what the past `dates` of a stretch speak of."""
    starts = word_starts(lowered(text[stretch.start : stretch.end]))
    placed = [(stretch.start + starts[hit.first], hit) for hit in hits]
    for index in dated_past(text, mentions, dates, (stretch.start, stretch.end), placed):
        scopes[index].add(HISTORICAL)


def _with_answer(stretch: Stretch, label: str, categories: set[str]) -> frozenset[str]:
    """What the words around a mention say of it, with its section and the answer to it."""
    answered = {name for name, labels in stretch.answers if concerns(labels, label)}
    if answered & {AFFIRMED, POSSIBLE}:
        categories = categories - {NEGATED}
    of_section = {name for name, labels in stretch.section if concerns(labels, label)}
    return frozenset(of_section | categories | (answered - {AFFIRMED}))


def _places(text: str, mentions: Sequence[Mention], offset: int) -> list[Place]:
    """First word of each mention and the word after its last; mentions are in order of their
    starts.
    """
    places, at, count = [], 0, 0
    for mention in mentions:
        start = mention.start - offset
        count += count_words(text, at, start)
        at = start
        # A word that the mention starts inside of is the mention's.
        if 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
            count -= 1
        places.append((count, count + max(1, count_words(text, start, mention.end - offset))))
    return places


def _glued(hit: Hit, tokens: Sequence[str]) -> bool:
    """Whether it is part of a word with hyphens, as in no-reflow and HER2-negative."""
    return (hit.first > 0 and tokens[hit.first - 1] == HYPHEN) or tokens[
        hit.stop : hit.stop + 1
    ] == [HYPHEN]
