"""Whether a drug is taken, was started, stopped or held, or is one that the patient is allergic
to.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple

from biopipe.clinical.medications.drugs import DrugSpan
from biopipe.clinical.phrases import PhraseHit, PhraseTable
from biopipe.clinical.words import NoteWord, NumberWords
from biopipe.document import MedicationAttribute
from biopipe.document.attributes import ALLERGIC, STARTED, STOPPED
from biopipe.language.tables import read_table

__all__ = ["StatusReader"]

_AUXILIARIES = frozenset(
    {"was", "were", "is", "are", "has", "have", "had", "been", "be", "being", "will", "should",
     "then", "also", "subsequently", "later", "recently", "to", "therefore", "immediately", "and",
     ",", "(", ")", ":", "-", "–"}
)  # fmt: skip
# Who takes a drug, in phrases such as "started her on".
_PERSONS = ("her", "him", "them", "me", "you", "patient", "pt", "the patient", "the pt")
_PERSON = "{person}"
# What stands behind a phrase that ends its clause.
_CLAUSE_ENDS = frozenset({")", "]", ".", ";"})
_REASONS = frozenset({"as", "because", "d/t", "due", "secondary", "since", "until"})
_PASSIVE = frozenset({"was", "were", "is", "are", "been", "be", "being"})
_LIST_GAP = re.compile(r"\s*(?:,|/|&|\+|\(|and|or|,\s*and)\s*")
_LONGEST_GAP = 12
_AT_ONCE = re.compile(r"\s+(?:(?:any|the|his|her|home|chronic|long-term|daily|regular) )?")
_BREAKS = frozenset({";", "but"})
# Words beside the status in the head of a list: "STOP taking these medications:".
_HEAD_WORDS = frozenset(
    {":", "|", "drug", "drugs", "following", "home", "med", "medication", "medications", "medicine",
     "medicines", "meds", "prescription", "prescriptions", "taking", "the", "these", "to", "your"}
)  # fmt: skip
# Before the status in a remark behind a drug: "(Patient not taking: reported on 6/1)".
_REMARKS = frozenset({"(", "[", "patient", "pt"})
_HEAD, _BEFORE, _EXCHANGE = "head", "before", "exchange"


class _Meaning(NamedTuple):
    status: str
    direction: str


class StatusReader:
    """Finds what a sentence says of the drugs in it; the table is tables/statuses.tsv."""

    def __init__(self, words: NumberWords) -> None:
        rows = [
            (phrase.replace(_PERSON, person), status, direction)
            for phrase, status, direction, _ in read_table(
                "biopipe.clinical.medications", "tables/statuses.tsv"
            )
            for person in (_PERSONS if _PERSON in phrase else ("",))
        ]
        self._table = PhraseTable(
            ((phrase, _Meaning(status, direction)) for phrase, status, direction in rows), words
        )
        # What says that a drug is begun, held and so on in one word before it: "cont".
        self.openers = frozenset(
            phrase for phrase, _, way in rows if way in ("forward", "both") and " " not in phrase
        ) - {"on", "off", "no", "dc"}
        # Words of one-word phrases: no part of a drug's name.
        self.words = frozenset(
            word.form for phrase, *_ in rows for word in words.words(phrase, 0, len(phrase))
        )

    def statuses(
        self,
        text: str,
        words: Sequence[NoteWord],
        drugs: Sequence[DrugSpan],
        bound: Sequence[Sequence[MedicationAttribute]],
    ) -> list[str]:
        """The status of each drug of a sentence, "" for none that is said."""
        outside = [w for w in words if not any(d.start <= w.start < d.end for d in drugs)]
        found = self._table.find(outside)
        hits = [hit for hit in found if hit.meaning.direction != _HEAD]
        statuses = [""] * len(drugs)
        if found and self._marks_end(text, outside, found[-1]):
            statuses[-1] = found[-1].meaning.status
        forward: list[tuple[int, str]] = []
        for hit in hits:
            start = outside[hit.first].start
            subject = self._subject(outside, hit, drugs, bound)
            if hit.meaning.direction == _BEFORE:
                for place in _listed_behind(text, drugs, bound, outside[hit.last - 1].end):
                    statuses[place] = hit.meaning.status
                continue
            if hit.meaning.direction == _EXCHANGE:
                self._exchange(text, outside, hit, drugs, bound, statuses)
                forward.append((start, hit.meaning.status))
                continue
            behind = hit.meaning.direction != "forward" or _ends_clause(outside, hit)
            if behind and subject is not None:
                # What stands in brackets behind a drug is of this one alone.
                alone = outside[hit.first - 1].form == "(" if hit.first else False
                of = [subject] if alone else _listed_with(text, drugs, bound, subject)
                for place in of:
                    statuses[place] = hit.meaning.status
            elif hit.meaning.direction != "backward":
                forward.append((start, hit.meaning.status))
        for place, drug in enumerate(drugs):
            before = [(start, status) for start, status in forward if start < drug.start]
            if before and not statuses[place] and not _is_broken(words, before[-1][0], drug.start):
                statuses[place] = before[-1][1]
        _begin_behind_to(text, drugs, bound, statuses)
        return statuses

    def _exchange(
        self,
        text: str,
        words: Sequence[NoteWord],
        hit: PhraseHit[_Meaning],
        drugs: Sequence[DrugSpan],
        bound: Sequence[Sequence[MedicationAttribute]],
        statuses: list[str],
    ) -> None:
        """Set that the drug before a phrase gave way to the one behind it: "warfarin was switched
        to apixaban"; of "metoprolol was changed to 50 mg" nothing is set.
        """
        start, end = words[hit.first].start, words[hit.last - 1].end
        taking = next(_listed_behind(text, drugs, bound, end), None)
        before = bisect_right(drugs, start, key=attrgetter("end")) - 1
        if taking is None or before < 0:
            return
        edge = max([drugs[before].end, *(a.end for a in bound[before] if a.end <= start)])
        between = [word.form for word in words if edge <= word.start < start]
        if all(form in _AUXILIARIES for form in between):
            statuses[before] = STOPPED

    def _marks_end(self, text: str, words: Sequence[NoteWord], hit: PhraseHit[_Meaning]) -> bool:
        """Whether a line of a drug ends in a word of a head in capitals: "1.25 mg OD NEW", "40 mg
        twice daily (NEW)".
        """
        behind = {word.form for word in words[hit.last :]}
        written = text[words[hit.first].start : words[hit.last - 1].end]
        return hit.meaning.direction == _HEAD and behind <= _CLAUSE_ENDS and written.isupper()

    def of_head(self, words: Sequence[NoteWord]) -> str:
        """The status that the head of a list or a cell of a table is: "STOP:", "New medications";
        "" where it says anything else.
        """
        place = 0
        # "Medications to stop:" has its status behind.
        while place < len(words) - 1 and words[place].form in _HEAD_WORDS - {":"}:
            place += 1
        hit = (self._table.at(words, 0) or self._table.at(words, place)) if words else None
        if hit is None or any(word.form not in _HEAD_WORDS for word in words[hit.last :]):
            return ""
        return hit.meaning.status

    def of_remark(self, words: Sequence[NoteWord]) -> str:
        """The status that a remark begins with: "(Patient not taking: reported on 6/1)"; "" where
        it begins with anything else.
        """
        place = next((i for i, word in enumerate(words) if word.form not in _REMARKS), len(words))
        hit = self._table.at(words, place) if place < len(words) else None
        if hit is None or hit.meaning.direction == _HEAD:
            return ""
        ends = hit.last == len(words) or words[hit.last].form in _CLAUSE_ENDS | {":"}
        return hit.meaning.status if ends else ""

    def _subject(
        self,
        words: Sequence[NoteWord],
        hit: PhraseHit[_Meaning],
        drugs: Sequence[DrugSpan],
        bound: Sequence[Sequence[MedicationAttribute]],
    ) -> int | None:
        """The drug that a phrase follows, with only auxiliaries and attributes between."""
        start, end = words[hit.first].start, words[hit.last - 1].end
        before = [place for place, drug in enumerate(drugs) if drug.end <= start]
        if not before:
            return None
        place = before[-1]
        edge = max([drugs[place].end, *(a.end for a in bound[place] if a.end <= start)])
        between = [w.form for w in words if drugs[place].end <= w.start < start]
        attributes = [a for a in bound[place] if drugs[place].end <= a.start and a.end <= start]
        loose = [
            w.form
            for w in words
            if edge <= w.start < start
            or (
                drugs[place].end <= w.start < edge
                and not any(a.start <= w.start < a.end for a in attributes)
            )
        ]
        if any(form not in _AUXILIARIES for form in loose):
            return None
        # "fluoxetine (stopped, side effects)": what a bracket begins with is of the drug before it.
        if between[-1:] == ["("] and (
            hit.meaning.direction != "forward" or _ends_clause(words, hit)
        ):
            return place
        passive = not _PASSIVE.isdisjoint(between)
        if hit.meaning.status == ALLERGIC and hit.meaning.direction == "backward":
            return place
        follows = any(0 <= drug.start - end <= 12 for drug in drugs)
        return place if passive or not follows else None


def _listed_with(
    text: str,
    drugs: Sequence[DrugSpan],
    bound: Sequence[Sequence[MedicationAttribute]],
    place: int,
) -> list[int]:
    """The drug and those that it is listed with before it."""
    places = [place]
    while places[-1] > 0:
        before = places[-1] - 1
        edge = max([drugs[before].end, *(a.end for a in bound[before])])
        if not _LIST_GAP.fullmatch(text[edge : drugs[before + 1].start]):
            break
        places.append(before)
    return places


def _begin_behind_to(
    text: str,
    drugs: Sequence[DrugSpan],
    bound: Sequence[Sequence[MedicationAttribute]],
    statuses: list[str],
) -> None:
    """Set that what a drug is left for is begun: "switched from warfarin to apixaban"."""
    for place in range(1, len(drugs)):
        edge = max([drugs[place - 1].end, *(a.end for a in bound[place - 1])])
        if statuses[place - 1] == STOPPED and text[edge : drugs[place].start].strip() == "to":
            statuses[place] = STARTED


def _listed_behind(
    text: str,
    drugs: Sequence[DrugSpan],
    bound: Sequence[Sequence[MedicationAttribute]],
    end: int,
) -> Iterator[int]:
    """The drug that follows a place at once, and those that are listed with it behind it: "not on
    aspirin or warfarin"; none where it is no drug.
    """
    edge, gap = end, _AT_ONCE
    first = bisect_left(drugs, end, key=attrgetter("start"))
    for place, drug in enumerate(drugs[first:], first):
        if drug.start - edge > _LONGEST_GAP or not gap.fullmatch(text[edge : drug.start]):
            return
        yield place
        edge, gap = max([drug.end, *(a.end for a in bound[place])]), _LIST_GAP


def _ends_clause(words: Sequence[NoteWord], hit: PhraseHit[_Meaning]) -> bool:
    """Whether nothing of its clause follows a phrase, or the reason alone: "rosuvastatin (not
    taking)", "Sensipar 60 mg daily - not taking due to nausea".
    """
    return hit.last == len(words) or words[hit.last].form in _CLAUSE_ENDS | _REASONS


def _is_broken(words: Sequence[NoteWord], start: int, end: int) -> bool:
    """Whether a clause or the bracket around the first of two places ends between them."""
    between = [word.form for word in words if start < word.start < end]
    depths = accumulate((form == "(") - (form == ")") for form in between)
    return not _BREAKS.isdisjoint(between) or min(depths, default=0) < 0
