"""The mentions of drugs beside the medications: where their names end, and those that only the
medications tell.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from biopipe.clinical.medications.drugs import MEDICATION, SentenceView
from biopipe.document import Document, MedicationAttribute, Mention
from biopipe.document.attributes import AS_NEEDED, DOSE, FREQUENCY, ROUTE, STRENGTH
from biopipe.document.labels import CHEMICAL, DISEASE
from biopipe.text.span_index import SpanIndex

__all__ = ["with_drug_mentions", "with_known_kinds", "with_name_edges"]

# As with short forms nobody has measured these: a name of the knowledge base at a dose is above
# usual thresholds, one that only its place in a line speaks for below those that more speaks for.
_KNOWN_SCORE, _PLACE_SCORE = 0.9, 0.6
_MISTAKEN = frozenset({"Procedure", "Test"})
_NUMBERED = re.compile(r"(.*[^\W\d_])\s+\d+(?:\.\d+)?")
_FOR = re.compile(r"[\s,]*(?:for\s+)?")
_AMOUNTS = frozenset({STRENGTH, DOSE, ROUTE, FREQUENCY})


def with_name_edges(
    document: Document,
    sentences: Sequence[SentenceView],
    is_chemical: Callable[[str], bool] = lambda _: False,
    status_words: frozenset[str] = frozenset(),
) -> Document:
    """The document with mentions of drugs that end before their amounts: of "cefazolin 2 g" the
    name is the drug, and of "losartan 50" where `is_chemical` knows losartan alone. They begin
    behind words of a status ("cont Synthroid") and behind a route ("PO amoxicillin", but "oral
    contraceptives"). One that is all an attribute ("nocte", "taper") is taken out, and what a drug
    is needed for ("prn wheeze") is a problem.
    """
    attributes = [attribute for sentence in sentences for attribute in sentence.attributes]
    ways = {(attribute.start, attribute.end) for attribute in attributes}
    starts = {
        place: attribute.start
        for attribute in attributes
        if attribute.kind in _AMOUNTS
        for place in range(attribute.start + 1, attribute.end + 1)
    }
    routes = {a.start: a.end for a in attributes if a.kind == ROUTE}
    needs = _starts_of_needs(document.text, attributes)

    def with_edges(mention: Mention) -> Mention:
        text = document.text
        mention = _cut_at(text, mention, starts.get(mention.end))
        mention = _begun_behind(text, _without_number(text, mention, is_chemical), status_words)
        mention = _begun_behind_route(text, mention, routes.get(mention.start), is_chemical)
        known = mention.long_form or is_chemical(text[mention.start : mention.end])
        return mention if known or mention.start not in needs else replace(mention, label=DISEASE)

    mentions = tuple(
        with_edges(m) if m.label in (CHEMICAL, MEDICATION) else m
        for m in document.mentions
        if m.label not in (CHEMICAL, MEDICATION) or (m.start, m.end) not in ways
    )
    return document if mentions == document.mentions else replace(document, mentions=mentions)


def _starts_of_needs(text: str, attributes: Sequence[MedicationAttribute]) -> set[int]:
    """Where the words right behind "as needed" begin."""
    needed = (attribute.end for attribute in attributes if attribute.kind == AS_NEEDED)
    return {gap.end() for end in needed if (gap := _FOR.match(text, end)) is not None}


def with_known_kinds(
    document: Document, is_problem: Callable[[str], bool], is_drug: Callable[[str], bool]
) -> Document:
    """The document with a Disease in the place of what a recogniser called a drug and `is_problem`
    knows as one ("chalazion"), and a drug in that of a Disease that `is_drug` knows ("Trulicity").
    """

    def of_its_kind(mention: Mention) -> Mention:
        name = document.text[mention.start : mention.end]
        if mention.label in (CHEMICAL, MEDICATION) and is_problem(name):
            return replace(mention, label=DISEASE)
        if mention.label == DISEASE and not mention.long_form and is_drug(name):
            return replace(mention, label=CHEMICAL)
        return mention

    mentions = tuple(map(of_its_kind, document.mentions))
    return document if mentions == document.mentions else replace(document, mentions=mentions)


def _cut_at(text: str, mention: Mention, place: int | None) -> Mention:
    if mention.label not in (CHEMICAL, MEDICATION) or place is None or place <= mention.start:
        return mention
    name = text[mention.start : place].rstrip(" ,:(-")
    return replace(mention, end=mention.start + len(name)) if name else mention


def _without_number(text: str, mention: Mention, is_chemical: Callable[[str], bool]) -> Mention:
    if mention.label not in (CHEMICAL, MEDICATION):
        return mention
    name = text[mention.start : mention.end]
    numbered = _NUMBERED.fullmatch(name)
    if numbered is None or not is_chemical(numbered[1]) or is_chemical(name):
        return mention
    return replace(mention, end=mention.start + len(numbered[1]))


def _begun_behind(text: str, mention: Mention, status_words: frozenset[str]) -> Mention:
    if mention.label not in (CHEMICAL, MEDICATION):
        return mention
    first, gap, rest = text[mention.start : mention.end].partition(" ")
    if not rest.strip() or first.lower().rstrip(".:") not in status_words:
        return mention
    return replace(mention, start=mention.start + len(first) + len(gap))


def _begun_behind_route(
    text: str, mention: Mention, place: int | None, is_chemical: Callable[[str], bool]
) -> Mention:
    if place is None or place >= mention.end:
        return mention
    rest = text[place : mention.end].lstrip()
    if is_chemical(text[mention.start : mention.end]) or not is_chemical(rest):
        return mention
    return replace(mention, start=mention.end - len(rest))


def with_drug_mentions(document: Document, guessed: Collection[int], source: str) -> Document:
    """The document with a mention of every medication; `guessed` is where those start that no
    recogniser and no knowledge base knows, `source` that of the mentions. What a recogniser called
    a test or a procedure and a knowledge base knows as a drug is one.
    """
    known = {(m.start, m.end) for m in document.medications if m.start not in guessed}
    others = [
        m for m in document.mentions if not (m.label in _MISTAKEN and (m.start, m.end) in known)
    ]
    covered = SpanIndex(others)
    added = [
        Mention(
            m.start,
            m.end,
            CHEMICAL,
            _PLACE_SCORE if m.start in guessed else _KNOWN_SCORE,
            sources=(source,),
            section=m.section,
        )
        for m in document.medications
        if not covered.touching(m.start, m.end)
    ]
    if not added:
        return document
    mentions = tuple(sorted([*others, *added], key=lambda m: (m.start, -m.end)))
    return replace(document, mentions=mentions, concepts=None)
