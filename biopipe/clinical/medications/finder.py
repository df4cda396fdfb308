"""The medications of clinical notes as a predictor."""

import re
import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from biopipe.clinical.medications.attributes import AttributeReader
from biopipe.clinical.medications.bare import bare_strengths
from biopipe.clinical.medications.binding import bind, is_continuation, is_not_now
from biopipe.clinical.medications.drugs import (
    LISTS,
    MEDICATION,
    DrugFinder,
    DrugSpan,
    SentenceView,
)
from biopipe.clinical.medications.lists import heads_list, in_cell, last_group, set_cell_status
from biopipe.clinical.medications.mentions import (
    with_drug_mentions,
    with_known_kinds,
    with_name_edges,
)
from biopipe.clinical.medications.place_status import status_by_place
from biopipe.clinical.medications.status import StatusReader
from biopipe.clinical.units import UnitReader
from biopipe.clinical.words import NumberWords
from biopipe.document import (
    Document,
    Layer,
    Medication,
    MedicationAttribute,
    Predictor,
    PredictorInfo,
    Resource,
)
from biopipe.document.attributes import DOSE, STRENGTH, TAKEN
from biopipe.document.labels import CHEMICAL, DISEASE, PHENOTYPE
from biopipe.document.sections import section_of
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.language.tables import read_table
from biopipe.text.sentences import sentences_of

__all__ = ["MedicationFinder"]

SOURCE = "medications"
"""The source of mentions of drugs that no recogniser found."""

_CHEMICAL_TYPES, _PROBLEM_TYPES = (CHEMICAL,), (DISEASE, PHENOTYPE)
# Here a chemical is measured, or is taken for other reasons.
_NO_DRUGS = frozenset(
    {"family_history", "header", "laboratory", "results", "social_history", "vital_signs"}
)
_SHORTEST, _SHORTEST_DRUG = 3, 6
_TAKEN_AT_ONCE = re.compile(
    r"\b(?:on|takes|taking|using|given|received|receiving)\s\Z", re.IGNORECASE
)


class MedicationFinder(Predictor):
    """Finds the medications of notes with their attributes and status.

    Drugs are the mentions labelled Medication, those labelled Chemical that the note treats as
    drugs (with a strength, a status, or in a list of medications), names of chemicals of `kb` at a
    dose, form, route or frequency (None or "default": the default base; "" for none), and what
    stands in the place of a name in a medication line ("metoprolol succ 25 mg PO BID"). With
    `add_mentions` drugs that are no mention become one labelled Chemical, so that they are linked.
    A document's own medications are replaced.
    """

    def __init__(
        self, kb: KnowledgeBase | str | Path | None = None, *, add_mentions: bool = True
    ) -> None:
        self._source, self._add_mentions = kb, add_mentions
        self._words = NumberWords()
        self._attributes = AttributeReader(self._words, UnitReader())
        self._statuses = StatusReader(self._words)
        names = read_table("biopipe.clinical.medications", "tables/substances.tsv")
        analytes = read_table("biopipe.clinical.measurements", "tables/tests.tsv")
        # Without a dose they are what one is made of, eats, or has measured.
        self._substances = frozenset(row[0] for row in (*names, *analytes))
        self._drugs = DrugFinder(
            self._is_chemical,
            self._statuses.words,
            openers=self._statuses.openers,
            substances=self._substances,
        )
        self._kb: KnowledgeBase | None = None
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[object, ...]:
        source = self._source
        return _restore, (source, self._add_mentions)

    @property
    def info(self) -> PredictorInfo:
        """Gives medications, and mentions of drugs."""
        gives: frozenset[Layer] = frozenset({"medications"})
        if self._add_mentions:
            gives |= {"mentions"}
        return PredictorInfo(
            name=SOURCE,
            labels=(CHEMICAL,) if self._add_mentions else (),
            needs=frozenset({"mentions"}),
            gives=gives,
        )

    def resources(self) -> tuple[Resource, ...]:
        """The knowledge base."""
        if self._source == "":
            return ()
        kb = self._base()
        return (Resource(role="kb", name=kb.name, hash=kb.hash),)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with their medications, in the order of the text."""
        return [self._annotated(document) for document in documents]

    def _annotated(self, document: Document) -> Document:
        sentences = self._sentences(document)
        document = with_known_kinds(document, self._is_problem, self._is_drug)
        document = with_name_edges(document, sentences, self._is_chemical, self._statuses.openers)
        sentences = _with_layers(document, sentences)
        medications: list[Medication] = []
        guessed: set[int] = set()
        named: set[str] = set()
        head = ""
        for sentence in sentences:
            drugs = self._drugs.drugs(document, sentence, _mentioned(sentence))
            drugs = [drug for drug in drugs if not _is_of_heading(document, drug)]
            if not drugs:
                head = self._head(document, sentence, head)
            if drugs:
                of_sentence = self._of_sentence(document.text, sentence, drugs, named, head)
                medications += of_sentence
                named.update(medication.name.lower() for medication in of_sentence)
                guessed.update(drug.start for drug in drugs if not drug.certain)
            elif medications and _follows(document, medications[-1], sentence):
                for place in last_group(document.text, medications):
                    attributes = (*medications[place].attributes, *sentence.attributes)
                    medications[place] = replace(medications[place], attributes=attributes)
            elif medications and (status := self._remark(document.text, sentence, medications)):
                medications[-1] = replace(medications[-1], status=status)
            elif status := self._statuses.of_head(sentence.words):
                set_cell_status(document, medications, sentence, status)
        annotated = replace(document, medications=tuple(medications))
        return with_drug_mentions(annotated, guessed, SOURCE) if self._add_mentions else annotated

    def _head(self, document: Document, sentence: SentenceView, before: str) -> str:
        """The status of the list that goes on behind a sentence without drugs: what a heading of
        the list says ("STOP:", "New medications:", a line "Discontinued medications"), else that of
        before.
        """
        status = self._statuses.of_head(sentence.words)
        if heads_list(document, sentence, says_status=bool(status)):
            return status
        return before if sentence.section in LISTS else ""

    def _remark(self, text: str, sentence: SentenceView, medications: Sequence[Medication]) -> str:
        """The status that a sentence says of the drug before it in its line: "(Patient not taking:
        reported on 6/1)"; "" for none.
        """
        if "\n" in text[medications[-1].start : sentence.start]:
            return ""
        return self._statuses.of_remark(sentence.words)

    def _sentences(self, document: Document) -> list[SentenceView]:
        views = []
        for sentence in sentences_of(document):
            words = self._words.words(document.text, sentence.start, sentence.end)
            section = section_of(document, sentence.start)
            views.append(
                SentenceView(
                    sentence.start,
                    sentence.end,
                    words,
                    [
                        attribute
                        for attribute in self._attributes.read(document.text, words)
                        if not is_not_now(document.text, attribute)
                    ],
                    section.category if section else "",
                )
            )
        return views

    def _of_sentence(
        self,
        text: str,
        sentence: SentenceView,
        drugs: Sequence[DrugSpan],
        named: frozenset[str] | set[str],
        head: str,
    ) -> list[Medication]:
        """The medications of a sentence; `named` are those of the sentences before, in lower case,
        `head` the status that the list around says.
        """
        if bare := bare_strengths(text, sentence, drugs):
            attributes = sorted([*sentence.attributes, *bare], key=lambda a: a.start)
            sentence = replace(sentence, attributes=attributes)
        bound = bind(text, drugs, sentence.attributes)
        statuses = self._statuses.statuses(text, sentence.words, drugs, bound)
        measured = [(m.start, m.value_end) for m in sentence.measured]
        medications = []
        for drug, attributes, status in zip(drugs, bound, statuses, strict=True):
            name = text[drug.start : drug.end]
            if not self._is_used(text, drug, sentence, attributes, status, measured):
                continue
            if not status and sentence.section == "medications":
                status = head
            if not status:
                status = status_by_place(text, sentence, drug, attributes, name.lower() in named)
            medications.append(
                Medication(
                    name,
                    drug.start,
                    drug.end,
                    status,
                    tuple(attributes),
                    sentence.section,
                )
            )
        return medications

    def _is_used(
        self,
        text: str,
        drug: DrugSpan,
        sentence: SentenceView,
        attributes: Sequence[MedicationAttribute],
        status: str,
        measured: Sequence[tuple[int, int]],
    ) -> bool:
        """Whether the note speaks of a drug, and not of a chemical that it measures or of food."""
        amounts = [a for a in attributes if a.kind in (STRENGTH, DOSE)]
        # The amount of "UACR 412 mg/g" is a value.
        values = [end for start, end in measured if start <= drug.start < end]
        # "Hct 34%" is no hydrochlorothiazide, though bases have it as one.
        if values and amounts and all(a.end <= end for a in amounts for end in values):
            return False
        if any(a.end > end for a in amounts for end in values or [0]):
            return True
        if any(start < drug.end and drug.start < end for start, end in measured):
            return drug.certain
        name = text[drug.start : drug.end]
        known = self._source == "" or self._is_chemical(name)
        # "On Coumadin, fell with R intertrochanteric fx": what else is taken stands farther on.
        taken = known or _TAKEN_AT_ONCE.search(text, sentence.start, drug.start) is not None
        if attributes or (status and (taken or status != TAKEN)) or sentence.section in LISTS:
            return True
        # "General endotracheal": a name that no base has is a drug where the note treats it so.
        written_out = any(m.start == drug.start and m.long_form for m in sentence.mentions)
        if not (known or written_out):
            return False
        in_place = sentence.section not in _NO_DRUGS and name.lower() not in self._substances
        return drug.certain or in_place

    def _is_chemical(self, name: str) -> bool:
        if self._source == "" or len(name) < _SHORTEST:
            return False
        return bool(self._base().lookup(name, types=_CHEMICAL_TYPES))

    def _is_problem(self, name: str) -> bool:
        """Whether a knowledge base has a name as that of a disease and of no chemical."""
        return self._names_problem(name) and not self._is_chemical(name)

    def _is_drug(self, name: str) -> bool:
        """Whether a knowledge base has a name, no symbol, as that of a chemical and of no disease."""
        if len(name) < _SHORTEST_DRUG or name.isupper() or name.lower() in self._substances:
            return False
        return self._is_chemical(name) and not self._names_problem(name)

    def _names_problem(self, name: str) -> bool:
        if self._source == "" or len(name) < _SHORTEST:
            return False
        kb = self._base()
        types = [type_ for type_ in _PROBLEM_TYPES if type_ in kb.types]
        return bool(types and kb.lookup(name, types=types))

    def _base(self) -> KnowledgeBase:
        with self._lock:
            if self._kb is None:
                self._kb = open_base(self._source)
            return self._kb


def _restore(source: KnowledgeBase | str | Path | None, add_mentions: bool) -> MedicationFinder:
    return MedicationFinder(source, add_mentions=add_mentions)


def _with_layers(document: Document, sentences: Sequence[SentenceView]) -> list[SentenceView]:
    """The sentences with their mentions and measurements, each found without looking at all."""
    mentions = sorted(document.mentions, key=lambda m: (m.start, -m.end))
    starts = [mention.start for mention in mentions]
    measured = sorted(document.measurements, key=lambda m: m.start)
    first_of = [measurement.start for measurement in measured]
    longest = max((m.value_end - m.start for m in measured), default=0)
    views = []
    for sentence in sentences:
        first, last = bisect_left(starts, sentence.start), bisect_left(starts, sentence.end)
        near = measured[
            bisect_left(first_of, sentence.start - longest) : bisect_left(first_of, sentence.end)
        ]
        inside = tuple(m for m in near if m.value_end > sentence.start)
        view = replace(sentence, mentions=mentions[first:last], measured=inside)
        views.append(replace(view, attributes=_not_of_problems(view)))
    return views


def _not_of_problems(sentence: SentenceView) -> list[MedicationAttribute]:
    """The attributes of a sentence that are no words of a problem: of "intermittent asthma" and
    "oral candidiasis".
    """
    problems = [m for m in sentence.mentions if m.label in (DISEASE, PHENOTYPE)]
    return [
        a
        for a in sentence.attributes
        if not any(m.start <= a.start and a.end <= m.end for m in problems)
    ]


def _mentioned(sentence: SentenceView) -> list[DrugSpan]:
    """Mentions of drugs and chemicals in a sentence; of those that overlap the first and longest."""
    spans: list[DrugSpan] = []
    for mention in sentence.mentions:
        inside = mention.end <= sentence.end
        apart = not spans or spans[-1].end <= mention.start
        if inside and apart and mention.label in (CHEMICAL, MEDICATION):
            spans.append(DrugSpan(mention.start, mention.end, mention.label == MEDICATION))
    return spans


def _is_of_heading(document: Document, drug: DrugSpan) -> bool:
    section = section_of(document, drug.start)
    return section is not None and drug.end <= section.body


def _follows(document: Document, last: Medication, sentence: SentenceView) -> bool:
    """Whether a sentence goes on with the medication of the line before, or of its row of a table."""
    if sentence.section != last.section:
        return False
    edge = max([last.end, *(attribute.end for attribute in last.attributes)])
    between = document.text[edge : sentence.start]
    # Nothing but the end of the line stands between; an empty line ends a medication.
    near = not between.strip(" \t\r\n.,;)#-") and between.count("\n") <= 1
    # In a row other cells may stand between ("last taken today").
    in_row = "\n" not in between and in_cell(document.text, sentence)
    return (near or in_row) and is_continuation(document.text, sentence.start, sentence.attributes)
