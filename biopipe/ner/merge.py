"""One set of mentions from what several recognisers found."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter, lt
from typing import Any

from biopipe.document import Document, Layer, Mention, Predictor, PredictorInfo
from biopipe.errors import ConfigError

__all__ = ["DICTIONARY", "Merger", "merge_same_spans"]

DICTIONARY = "dictionary"
"""The source that stands for the dictionaries of all knowledge bases in the options of a merge."""

_POLICIES = ("union", "priority", "score")
_OVERLAPS = ("all", "nested", "none")
# Mentions are compared with those that lie in the same stretches of 64 characters.
_STRETCH = 6
_position = attrgetter("start", "end", "label")


class Merger(Predictor):
    """A predictor that makes one set of a document's mentions.

    First `labels` renames: {source: {label: new label}}, where the source "" stands for any other.
    Then mentions of the same span and label become one, with the best score, the concepts of
    whichever has them, and all sources. Then, of mentions that cannot stand together, the better
    one stays:

    - `policy` says which is better: the longer one ("union"), that of the earlier source in
      `sources` ("priority"), or the better scored one ("score"). Between equals source, length and
      score decide, in this order.
    - `overlaps` says what can stand together: "all" mentions of different spans, only those apart
      or one inside the other ("nested"), or only those apart ("none"). One span keeps several
      labels under "union", unless `overlaps` is "none".

    A source is named as in `Mention.sources`; "dictionary" stands for every dictionary. The result
    does not depend on the order of the mentions, and merged once more it stays the same.
    """

    def __init__(
        self,
        *,
        policy: str = "union",
        sources: Sequence[str] = (),
        labels: Mapping[str, Mapping[str, str]] | None = None,
        overlaps: str = "all",
    ) -> None:
        _check("policy", policy, _POLICIES)
        _check("treatment of overlaps", overlaps, _OVERLAPS)
        if policy == "priority" and not sources:
            raise ConfigError(
                "The merge policy 'priority' needs 'sources', the most trusted first."
            )
        self._policy, self._overlaps = policy, overlaps
        self._places = {source: place for place, source in enumerate(sources)}
        self._labels = _unchained(labels or {})

    @property
    def info(self) -> PredictorInfo:
        """Needs mentions, and gives other ones for them."""
        mentions: frozenset[Layer] = frozenset({"mentions"})
        return PredictorInfo(name="merge", needs=mentions, gives=mentions)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with their mentions merged, in the order of the text."""
        return [
            replace(document, mentions=self.merge(document.mentions), concepts=None)
            for document in documents
        ]

    def merge(self, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
        """One set of the mentions of a document."""
        renamed = [replace(mention, label=self._label(mention)) for mention in mentions]
        once = merge_same_spans(renamed, place=self._place)
        near: dict[int, list[Mention]] = defaultdict(list)
        kept: list[Mention] = []
        for mention in sorted(once, key=self._rank):
            stretches = range(mention.start >> _STRETCH, (mention.end >> _STRETCH) + 1)
            others = (other for stretch in stretches for other in near[stretch])
            if all(self._can_stand(mention, other) for other in others):
                kept.append(mention)
                for stretch in stretches:
                    near[stretch].append(mention)
        return tuple(sorted(kept, key=_position))

    def _label(self, mention: Mention) -> str:
        """The new label by the first of its sources that renames it."""
        for source in mention.sources or ("",):
            names = (
                self._labels.get(source)
                or self._labels.get(_kind(source))
                or self._labels.get("", {})
            )
            if mention.label in names:
                return names[mention.label]
        return mention.label

    def _place(self, source: str) -> int:
        last = len(self._places)
        return min(self._places.get(source, last), self._places.get(_kind(source), last))

    def _rank(self, mention: Mention) -> tuple[Any, ...]:
        """Sorts the better mention first; no two of different span or label are equal."""
        place = min(map(self._place, mention.sources), default=len(self._places))
        length, score = mention.start - mention.end, -mention.score
        first = {"union": length, "priority": place, "score": score}[self._policy]
        return first, place, length, score, *_position(mention)

    def _can_stand(self, one: Mention, other: Mention) -> bool:
        if (one.start, one.end) == (other.start, other.end):
            return self._policy == "union" and self._overlaps != "none"
        if self._overlaps == "all" or one.end <= other.start or other.end <= one.start:
            return True
        nested = (one.start - other.start) * (one.end - other.end) <= 0
        return self._overlaps == "nested" and nested


def merge_same_spans(
    mentions: Iterable[Mention], *, place: Callable[[str], int] | None = None
) -> tuple[Mention, ...]:
    """The mentions in the order of the text, those of the same span and label made one.

    It has the best score, all sources and assertions, and the concepts of the first that has any:
    by the `place` of its source, then by score, then in alphabetical order.
    """
    mentions = tuple(mentions)
    positions = list(map(_position, mentions))
    apart = all(map(lt, positions, positions[1:]))
    if apart and all(len(mention.sources) < 2 for mention in mentions):
        return mentions
    same: dict[tuple[int, int, str], list[Mention]] = defaultdict(list)
    for position, mention in zip(positions, mentions, strict=True):
        same[position].append(mention)
    return tuple(_one(same[position], place or _no_place) for position in sorted(same))


def _one(mentions: Sequence[Mention], place: Callable[[str], int]) -> Mention:
    if len(mentions) == 1 and len(mentions[0].sources) < 2:
        return mentions[0]
    sources = sorted(
        {source for mention in mentions for source in mention.sources}, key=lambda s: (place(s), s)
    )
    if len(mentions) == 1:
        return replace(mentions[0], sources=tuple(sources))

    def rank(mention: Mention) -> tuple[Any, ...]:
        first = min(map(place, mention.sources), default=len(mention.sources))
        return (
            not mention.concept_ids,
            first,
            -mention.score,
            mention.concept_ids,
            repr(mention.candidates),
        )

    return replace(
        min(mentions, key=rank),
        score=max(mention.score for mention in mentions),
        assertion=frozenset().union(*(mention.assertion for mention in mentions)),
        sources=tuple(sources),
    )


def _no_place(source: str) -> int:
    return 0


def _kind(source: str) -> str:
    """ "dictionary" for that of any knowledge base."""
    return DICTIONARY if source.startswith(f"{DICTIONARY}:") else source


def _unchained(labels: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The maps as given; ConfigError where a new label is renamed again, for then merging twice
    would matter.
    """
    renamed = {label for names in labels.values() for label, new in names.items() if label != new}
    for names in labels.values():
        for label, new in names.items():
            if new in renamed:
                raise ConfigError(
                    f"The merge renames '{label}' to '{new}', and '{new}' too; name the last label."
                )
    return {source: dict(names) for source, names in labels.items()}


def _check(what: str, value: str, values: Sequence[str]) -> None:
    if value not in values:
        raise ConfigError(
            f"Unknown {what} '{value}' of the merge; give one of: {', '.join(values)}."
        )
