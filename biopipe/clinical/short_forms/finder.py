"""Short forms of clinical notes as mentions: HTN, DM2, s/p MI, N/V/D, and PE by what is around."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from biopipe.clinical.short_forms.context import sense_scores, surroundings
from biopipe.clinical.short_forms.senses import ShortFormSense, load_senses
from biopipe.document import Document, Mention, Predictor, PredictorInfo, Resource
from biopipe.document.sections import section_of

__all__ = ["SHORT_FORMS", "ShortFormFinder"]

SHORT_FORMS = "short forms"
"""The source of the mentions of short forms."""

# Nobody has measured how often the table is right: scores that keep such mentions above usual
# thresholds, and a meaning that little speaks for below those that much speaks for.
_SURE_SCORE, _UNSURE_SCORE = 0.9, 0.6
# By how much the best meaning of a short form is ahead of the next one where it is sure.
_SURE_LEAD = 1.0
# In small letters: "utis" is a plural, "has" is none of "ha".
_SHORTEST_PLURAL = 3
# What may come right before a short form in small letters that is no list of its own.
_LEADS_TO_SMALL = re.compile(
    r"(?:[,/&:+;(-]|\b(?:h/o|hx|of|s/p|r/o|no|w|with|has|denies|and|or|pmh|pmhx|acute|c/o|known))"
    r"\s*\Z|^\s*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A short form in the text, with its meanings and how much speaks for each."""

    start: int
    end: int
    senses: tuple[ShortFormSense, ...]
    scores: tuple[float, ...]

    def lead(self) -> float:
        """By how much the best meaning is ahead."""
        first, second = [*sorted(self.scores, reverse=True), float("-inf")][:2]
        return first - second

    def best(self) -> ShortFormSense:
        """The meaning that most speaks for."""
        return self.senses[self.scores.index(max(self.scores))]


class ShortFormFinder(Predictor):
    """Adds the mentions of short forms, with what they stand for as `Mention.long_form`.

    A short form with several meanings has the one that its section, the words around it and the
    rest of the document speak for: where one place says little, the meaning that is sure elsewhere
    counts. A meaning that is nothing to be found ("98% on RA") is no mention, and takes away those
    of others, but for longer ones of labels that the short form never has ("25 MG"). Mentions of
    other labels that lie in a short form or run over several give way; a longer one of the same
    label ("CHF exacerbation") stays. A short form that the text defines is
    left to its definition. `senses` are files over the table of the language, or in its place if
    `extend` is false.
    """

    def __init__(
        self,
        language: str = "en",
        *,
        senses: str | Path | Sequence[str | Path] = (),
        extend: bool = True,
    ) -> None:
        files = [senses] if isinstance(senses, str | Path) else list(senses)
        self.senses = load_senses(language, files, extend=extend)
        self._by_short: dict[str, tuple[ShortFormSense, ...]] = {}
        for sense in self.senses:
            key = sense.short.lower()
            self._by_short[key] = (*self._by_short.get(key, ()), sense)
        spelled = "|".join(re.escape(short) for short in sorted(self._by_short, key=len)[::-1])
        self._pattern = re.compile(
            # Nor of a code that goes on behind a hyphen: "PD-L1".
            rf"(?<![^\W_])(?<![-.@])(?:{spelled or '(?!)'})(?![^\W_]*[^\W_s])(?!-[A-Z]*\d)",
            re.IGNORECASE,
        )

    @property
    def info(self) -> PredictorInfo:
        """Gives mentions."""
        labels = sorted({sense.label for sense in self.senses} - {""})
        return PredictorInfo(name=SHORT_FORMS, labels=tuple(labels), gives=frozenset({"mentions"}))

    def resources(self) -> tuple[Resource, ...]:
        """The table in use."""
        digest = sha256("\n".join(sorted(map(repr, self.senses))).encode()).hexdigest()
        return (Resource(role="senses", name=SHORT_FORMS, hash=digest),)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the mentions of short forms among those they had."""
        return [self._with_short_forms(document) for document in documents]

    def _with_short_forms(self, document: Document) -> Document:
        occurrences = _agreed(list(self._occurrences(document)))
        if not occurrences:
            return document
        kept = _without_contradicted(document, occurrences)
        covered = {place for mention in kept for place in range(mention.start, mention.end)}
        made = [
            mention
            for occurrence in occurrences
            for mention in _mentions(occurrence)
            if covered.isdisjoint(range(mention.start, mention.end))
        ]
        mentions = sorted([*kept, *made], key=lambda mention: (mention.start, mention.end))
        return replace(document, mentions=tuple(mentions))

    def _occurrences(self, document: Document) -> Iterator[_Occurrence]:
        text, lower = document.text, document.text.lower()
        defined = {text[a.start : a.end] for a in document.abbreviations or ()}
        for match in self._pattern.finditer(text):
            written = match[0]
            senses = tuple(
                sense
                for sense in self._by_short[written.lower()]
                if _is_written(text, match.start(), written, sense)
            )
            section = section_of(document, match.start())
            # A line of short forms alone looks like a heading that the table of titles lacks.
            in_heading = (
                section is not None and section.category != "other" and match.end() < section.body
            )
            if not senses or in_heading or written in defined:
                continue
            plural = text[match.end() : match.end() + 1] == "s"
            if plural and written.islower() and len(written) < _SHORTEST_PLURAL:
                continue
            end = match.end() + plural
            around = surroundings(text, match.start(), end, section.category if section else "")
            yield _Occurrence(
                match.start(), end, senses, tuple(sense_scores(senses, around, lower))
            )


def _is_written(text: str, start: int, written: str, sense: ShortFormSense) -> bool:
    """Whether a word of the text is a short form by the case of its letters."""
    if written == sense.short or (written.isupper() and sense.case):
        return True
    if sense.case != "listed" or not written.islower():
        return sense.case == "any"
    line = text.rfind("\n", 0, start) + 1
    return _LEADS_TO_SMALL.search(text, max(line, start - 12), start) is not None


def _agreed(occurrences: list[_Occurrence]) -> list[_Occurrence]:
    """The occurrences, an unsure one with the meaning that is sure most often in the document."""
    sure: dict[tuple[ShortFormSense, ...], Counter[ShortFormSense]] = defaultdict(Counter)
    for occurrence in occurrences:
        if occurrence.lead() >= _SURE_LEAD:
            sure[occurrence.senses][occurrence.best()] += 1
    agreed = []
    for occurrence in occurrences:
        votes = sure.get(occurrence.senses)
        if votes and occurrence.lead() < _SURE_LEAD:
            ((sense, _),) = votes.most_common(1)
            scores = tuple(float(other is sense) for other in occurrence.senses)
            occurrence = replace(occurrence, scores=scores)
        agreed.append(occurrence)
    return agreed


def _mentions(occurrence: _Occurrence) -> Iterator[Mention]:
    """One for each part between slashes; none where the meaning is nothing to be found."""
    sense = occurrence.best()
    if not sense.label:
        return
    score = _SURE_SCORE if occurrence.lead() >= _SURE_LEAD else _UNSURE_SCORE
    parts, start = sense.parts(), occurrence.start
    for index, (short, long) in enumerate(parts):
        end = start + len(short) if index + 1 < len(parts) else occurrence.end
        yield Mention(start, end, sense.label, score, sources=(SHORT_FORMS,), long_form=long)
        start = end + 1


def _without_contradicted(document: Document, occurrences: Sequence[_Occurrence]) -> list[Mention]:
    """The mentions without those that say something else of a short form than its meaning; a longer
    one that holds it, such as "acute PE", has its long form.
    """
    by_place = {place: o for o in occurrences for place in range(o.start, o.end)}
    kept = []
    for mention in document.mentions:
        places = range(mention.start, mention.end)
        inside = {by_place[place] for place in places if place in by_place}
        if not inside:
            kept.append(mention)
        elif len(inside) == 1 and _is_longer(mention, *inside):
            (occurrence,) = inside
            sense = occurrence.best()
            if sense.label == mention.label:
                before = document.text[mention.start : occurrence.start]
                behind = document.text[occurrence.end : mention.end]
                kept.append(replace(mention, long_form=f"{before}{sense.long}{behind}"))
            elif not sense.label and mention.label not in {s.label for s in occurrence.senses}:
                kept.append(mention)
    return kept


def _is_longer(mention: Mention, occurrence: _Occurrence) -> bool:
    return (
        mention.start <= occurrence.start
        and occurrence.end <= mention.end
        and mention.end - mention.start > occurrence.end - occurrence.start
    )
