"""Which words of a note are drugs: mentions of chemicals that the note treats as medications, names
of a knowledge base at a dose, and the names of medication lines.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from biopipe.clinical.words import NUMBER, NoteWord
from biopipe.document import Document, Measurement, MedicationAttribute, Mention
from biopipe.document.attributes import (
    AS_NEEDED,
    DOSE,
    DURATION,
    FORM,
    FREQUENCY,
    ROUTE,
    STRENGTH,
)
from biopipe.document.labels import CHEMICAL, DISEASE, PHENOTYPE
from biopipe.language.stop_words import common_words

__all__ = ["LISTS", "MEDICATION", "DrugFinder", "DrugSpan", "SentenceView"]

MEDICATION = "Medication"
"""The label of taggers of clinical text for drugs."""

LISTS = frozenset({"medications", "allergies"})
"""Sections whose items are drugs, or what one is allergic to."""

_MOST_WORDS = 4
_ALLOWED_GAP = re.compile(r"[\s,(:]*(?:of\s+)?")
# Verbs of directions: "inject 12 units" names no drug.
_SIG_VERBS = frozenset(
    {"administer", "apply", "chew", "dissolve", "give", "infuse", "inhale", "inject", "insert",
     "instill", "place", "spray", "swallow", "take", "use"}
)  # fmt: skip
# "Max 3 g/day", "x 4 cycles", "OTC:" and "not on any medication" name none either.
_NO_NAMES = frozenset(
    {"ago", "dispense", "drug", "drugs", "max", "maximum", "medication", "medications",
     "medicine", "medicines", "meds", "otc", "refill", "sig", "total", "w", "w/", "x"}
)  # fmt: skip
# The text of a line before an item of a list: none, a sign, a number with a sign, a heading.
_ITEM_BEGINS = re.compile(r"(?:^|[,;:|*•·.)\]-]|\band|\btake|\bcontinue)\s*\Z", re.IGNORECASE)
_COUNT = re.compile(r"[xX] ?\d+|\d+ ?[xX]?")
_SETS = frozenset({STRENGTH, DOSE})
_EXAMINATIONS = frozenset({"Test", "Procedure"})
# Of words behind "hold" or "start": shorter ones are symbols.
_SHORTEST_NAME = 4
_USES = frozenset({FORM, ROUTE, FREQUENCY, AS_NEEDED, DURATION, DOSE})


class DrugSpan(NamedTuple):
    """Where a drug is named; `certain` where a recogniser of medications says that it is one."""

    start: int
    end: int
    certain: bool = True


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence of a document: its words, the attributes among them, its section's category, the
    mentions that start in it, in order, and the measurements that share a character with it.
    """

    start: int
    end: int
    words: Sequence[NoteWord]
    attributes: Sequence[MedicationAttribute]
    section: str
    mentions: Sequence[Mention] = ()
    measured: Sequence[Measurement] = ()


class DrugFinder:
    """Finds the drugs of sentences. `is_chemical` says whether a knowledge base has a name; the
    words of `status_words` are no part of a name, and behind those of `openers` ("hold", "start")
    one that is none of `substances` is a drug.
    """

    def __init__(
        self,
        is_chemical: Callable[[str], bool],
        status_words: frozenset[str] = frozenset(),
        *,
        openers: frozenset[str] = frozenset(),
        substances: frozenset[str] = frozenset(),
    ) -> None:
        self._is_chemical = is_chemical
        self._no_names = common_words() | status_words | _SIG_VERBS | _NO_NAMES
        self._never_names = status_words | _SIG_VERBS | _NO_NAMES
        self._openers, self._substances = openers, substances

    def drugs(
        self, document: Document, sentence: SentenceView, mentions: Sequence[DrugSpan]
    ) -> list[DrugSpan]:
        """The drugs of a sentence in order, none over another; `mentions` are those inside of it, of
        which one that is an attribute ("inhaler") is no drug.
        """
        of_attributes = {(each.start, each.end) for each in sentence.attributes}
        # "Panic attacks 2x/week": a word of a longer mention is no drug.
        held = sentence.mentions
        spans = [
            span
            for span in mentions
            if (span.start, span.end) not in of_attributes
            and not self._is_no_name(document.text[span.start : span.end])
        ]
        spans = self._whole(document.text, spans)
        others = [mention for mention in held if mention.label not in (CHEMICAL, MEDICATION)]
        for inferred in (
            *self._before_strengths(document.text, sentence),
            *self._behind_strengths(document.text, sentence),
            *self._behind_openers(document.text, sentence),
            *(
                item
                for item in self._listed(document.text, sentence)
                # "Recheck BMP" in a list of drugs: what a recogniser calls otherwise is none.
                if not any(m.start <= item.start and item.end <= m.end for m in others)
            ),
        ):
            free = not any(inferred.start < s.end and s.start < inferred.end for s in spans)
            if free and not any(_is_part(inferred, mention) for mention in held):
                spans.append(inferred)
        return sorted(spans)

    def _is_no_name(self, name: str) -> bool:
        """Whether what a recogniser found is a word of directions, a status or a count: "titrate",
        "x4".
        """
        return name.lower() in self._never_names or _COUNT.fullmatch(name) is not None

    def _whole(self, text: str, spans: Sequence[DrugSpan]) -> list[DrugSpan]:
        """The spans, two beside each other as one where the knowledge base has both as one name:
        "metoprolol" and "succinate".
        """
        whole: list[DrugSpan] = []
        for span in spans:
            before = whole[-1] if whole else None
            if (
                before is not None
                and text[before.end : span.start] == " "
                and self._is_chemical(text[before.start : span.end])
            ):
                whole[-1] = DrugSpan(before.start, span.end, before.certain or span.certain)
            else:
                whole.append(span)
        return whole

    def _before_strengths(self, text: str, sentence: SentenceView) -> Iterator[DrugSpan]:
        """Names right before an amount: of the knowledge base, or of a line that uses a drug."""
        for attribute in sentence.attributes:
            if attribute.kind not in (*_SETS, FORM, ROUTE, FREQUENCY):
                continue
            words = self._name_before(text, sentence, attribute)
            if not words:
                continue
            known = self._longest_known(text, words)
            if known is not None:
                # "MRE in am": a test at a time is no drug, though a base has its letters.
                name = text[known.start : known.end]
                if (
                    attribute.kind in _SETS
                    or not name.isupper()
                    or not _is_of(sentence, known, _EXAMINATIONS)
                ):
                    yield known
            elif attribute.kind in _SETS and self._is_use(text, sentence, attribute, words[0]):
                yield DrugSpan(words[0].start, words[-1].end, certain=False)

    def _behind_strengths(self, text: str, sentence: SentenceView) -> Iterator[DrugSpan]:
        """Names of the knowledge base behind an amount: "20 mg of lisinopril"."""
        for attribute in sentence.attributes:
            gap = _ALLOWED_GAP.match(text, attribute.end, sentence.end)
            if attribute.kind not in _SETS or gap is None or "," in gap[0] or ":" in gap[0]:
                continue
            first = next((i for i, w in enumerate(sentence.words) if w.start == gap.end()), None)
            if first is None:
                continue
            for count in range(_MOST_WORDS, 0, -1):
                words = sentence.words[first : first + count]
                # "q4h" is a ligand's code too.
                if (
                    len(words) == count
                    and _is_free(words, sentence.attributes)
                    and self._known(text, words)
                ):
                    yield DrugSpan(words[0].start, words[-1].end)
                    break

    def _behind_openers(self, text: str, sentence: SentenceView) -> Iterator[DrugSpan]:
        """Names of the knowledge base right behind a word that begins or ends a drug: "Hold Humira",
        whatever a recogniser makes of them.
        """
        for place, word in enumerate(sentence.words):
            if word.form not in self._openers:
                continue
            for count in range(_MOST_WORDS, 0, -1):
                words = sentence.words[place + 1 : place + 1 + count]
                if (
                    len(words) == count
                    and text[word.end : words[0].start] == " "
                    and words[0].form not in self._substances
                    and words[0].end - words[0].start >= _SHORTEST_NAME
                    and _is_free(words, sentence.attributes)
                    and self._known(text, words)
                ):
                    yield DrugSpan(words[0].start, words[-1].end)
                    break

    def _listed(self, text: str, sentence: SentenceView) -> Iterator[DrugSpan]:
        """Items of the knowledge base in a list of medications or allergies."""
        if sentence.section not in LISTS:
            return
        place = 0
        while place < len(sentence.words):
            step = 1
            for count in range(_MOST_WORDS, 0, -1):
                words = sentence.words[place : place + count]
                free = _is_free(words, sentence.attributes)
                if len(words) == count and free and self._known(text, words):
                    yield DrugSpan(words[0].start, words[-1].end)
                    step = count
                    break
            place += step

    def _name_before(
        self, text: str, sentence: SentenceView, attribute: MedicationAttribute
    ) -> list[NoteWord]:
        """Words, at most four, that may be the name before an attribute."""
        taken = {a.start for a in sentence.attributes}
        name: list[NoteWord] = []
        edge = attribute.start
        for word in reversed([word for word in sentence.words if word.end <= attribute.start]):
            gap = text[word.end : edge]
            inside = any(a.start <= word.start < a.end for a in sentence.attributes)
            if inside and not name and word.start not in taken:
                return []
            is_gap = gap.strip() in ("", "-") if name else gap.strip(" (,:\t") in ("", "-")
            if inside or not is_gap or not _may_be_name(word, self._no_names):
                break
            name.insert(0, word)
            edge = word.start
            if len(name) == _MOST_WORDS:
                break
        while name and name[0].form == NUMBER:
            name.pop(0)
        return name

    def _longest_known(self, text: str, words: Sequence[NoteWord]) -> DrugSpan | None:
        """From the first name of the knowledge base on; what follows it is its salt or its kind:
        "metoprolol succ", "Lantus SoloStar".
        """
        for first in range(len(words)):
            for last in range(len(words), first, -1):
                if self._known(text, words[first:last]):
                    # A number behind is how much: "lisinopril 20 qd".
                    behind = [i for i in range(last, len(words)) if words[i].form.endswith("ing")]
                    words = words[: behind[0]] if behind else words
                    while len(words) > last and words[-1].form == NUMBER:
                        words = words[:-1]
                    return DrugSpan(words[first].start, words[-1].end)
        return None

    def _known(self, text: str, words: Sequence[NoteWord]) -> bool:
        # "3 years ago (40 pack years)": a base has AGO40.
        if all(
            word.form == NUMBER or word.form in self._no_names or not word.form[0].isalnum()
            for word in words
        ):
            return False
        if not (
            words[0].form[0].isalpha() and (words[-1].form[0].isalnum() or words[-1].form == NUMBER)
        ):
            return False
        return self._is_chemical(text[words[0].start : words[-1].end])

    def _is_use(
        self,
        text: str,
        sentence: SentenceView,
        attribute: MedicationAttribute,
        first: NoteWord,
    ) -> bool:
        """Whether a name that no knowledge base has, from its `first` word on, is a drug: at the
        beginning of an item of a list of drugs, or by what follows its amount.
        """
        if sentence.section == "medications" and attribute.unit != "L":
            line = text[text.rfind("\n", 0, first.start) + 1 : first.start]
            return _ITEM_BEGINS.search(line) is not None
        behind = [a for a in sentence.attributes if a.start >= attribute.end]
        following = next(iter(behind), None)
        if following is None or following.kind not in _USES:
            return False
        between = text[attribute.end : following.start]
        return len(between) <= 3 and not between.strip(" ,(/")


def _is_of(sentence: SentenceView, drug: DrugSpan, labels: Collection[str]) -> bool:
    """Whether a drug lies in a mention of a label."""
    return any(
        mention.label in labels and mention.start <= drug.start and drug.end <= mention.end
        for mention in sentence.mentions
    )


def _is_part(drug: DrugSpan, mention: Mention) -> bool:
    """Whether a drug is words of a longer mention, or all of a problem."""
    inside = mention.start <= drug.start and drug.end <= mention.end
    shorter = drug.end - drug.start < mention.end - mention.start
    return inside and (shorter or mention.label in (DISEASE, PHENOTYPE))


def _is_free(words: Sequence[NoteWord], attributes: Sequence[MedicationAttribute]) -> bool:
    """Whether no attribute is in words, one after the other; words may be empty."""
    return not words or not any(
        words[0].start < each.end and each.start < words[-1].end for each in attributes
    )


def _may_be_name(word: NoteWord, no_names: frozenset[str]) -> bool:
    if word.form == NUMBER:
        return True
    return word.form[0].isalpha() and word.form not in no_names
