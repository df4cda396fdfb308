"""The lines of an `.ann` file of brat as mentions and relations."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from biopipe.document import Mention, Relation
from biopipe.document.labels import ASSERTIONS, NEGATED, POSSIBLE
from biopipe.io.offset_counts import OffsetCount, count_that_fits
from biopipe.io.relation_ends import concept_of_mention, distinct_relations
from biopipe.io.spans import aligned_span, check_mention

__all__ = ["read_annotations"]

_TEXT_BOUND = re.compile(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)\Z")
_RELATION = re.compile(r"(\S+) [^\s:]+:(\S+) [^\s:]+:(\S+)\s*\Z")
# The later shared tasks write N1<tab>OntoBiotope Annotation:T1 Referent:OBT:000061.
_NORMALISATION = re.compile(r"\S+ (?:Annotation:)?(\S+) (?:Referent:)?(.+)\Z")
_ATTRIBUTE = re.compile(r"(\S+) (\S+)(?: (.+))?\Z")
# The BioNLP shared tasks call them Negation and Speculation.
_ASSERTION_NAMES = {name: name for name in ASSERTIONS} | {
    "negation": NEGATED,
    "speculation": POSSIBLE,
}
_KINDS = {"E": "events", "#": "notes", "*": "equivalences"}

Tell = Callable[[str], None]


@dataclass(slots=True)
class _Lines:
    """The parts of the lines of a file, with their numbers."""

    mentions: dict[str, tuple[int, str, list[tuple[int, int]], str]] = field(default_factory=dict)
    relations: list[tuple[int, str, str, str]] = field(default_factory=list)
    ids: dict[str, list[str]] = field(default_factory=dict)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)


def read_annotations(
    text: str, lines: Iterable[str], tell: Tell, left_out: Counter[str]
) -> tuple[tuple[Mention, ...], tuple[Relation, ...]]:
    """Mentions and relations; `tell` hears of lines that are wrong, `left_out` counts what a
    Document does not hold."""
    parts = _parsed(lines, tell, left_out)
    copies = [(s[0][0], s[-1][1], copy) for _, _, s, copy in parts.mentions.values() if len(s) == 1]
    # Decided once a file, by all of its mentions: a single one may fit by chance.
    count = count_that_fits(text, copies)
    mentions: dict[str, Mention] = {}
    for name, (number, label, spans, copy) in parts.mentions.items():
        try:
            start, end, note = _placed(text, spans, copy, count, left_out)
        except ValueError as error:
            tell(f"line {number}: {name} is left out, {error}")
            continue
        if note:
            tell(f"line {number}: {name} {note}")
        ids = tuple(dict.fromkeys(parts.ids.get(name, ())))
        mentions[name] = Mention(start, end, label, concept_ids=ids)
    _add_assertions(mentions, parts, left_out)
    return tuple(mentions.values()), _relations(text, mentions, parts, tell, left_out)


def _parsed(lines: Iterable[str], tell: Tell, left_out: Counter[str]) -> _Lines:
    parts = _Lines()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            _parse_line(line, number, parts, left_out)
        except ValueError as error:
            tell(f"line {number}: {error}")
    return parts


def _parse_line(line: str, number: int, parts: _Lines, left_out: Counter[str]) -> None:
    # Twice at most: the words of a mention may hold tabs.
    columns = line.split("\t", 2)
    name, content = columns[0].strip(), "".join(columns[1:2]).strip()
    rest = "".join(columns[2:])
    kind = name[:1]
    # Counted and not told one by one: a corpus of events has thousands.
    if kind in _KINDS:
        left_out[_KINDS[kind]] += 1
    elif kind == "T" and (match := _TEXT_BOUND.match(content)):
        if name in parts.mentions:
            raise ValueError(f"{name[:20]} is there twice")
        spans = [_span(pair) for pair in match[2].split(";")]
        parts.mentions[name] = (number, match[1], sorted(spans), rest)
    elif kind == "R" and (match := _RELATION.match(content)):
        parts.relations.append((number, match[1], match[2], match[3]))
    elif kind == "N" and (match := _NORMALISATION.match(content)):
        parts.ids.setdefault(match[1], []).append(match[2])
    elif kind in "AM" and (match := _ATTRIBUTE.match(content)):
        parts.attributes.append((match[1], match[2], match[3] or ""))
    else:
        raise ValueError("it is no annotation of brat (T, R, E, A, M, N, # or *)")


def _span(pair: str) -> tuple[int, int]:
    start, end = pair.split(" ")
    return int(start), int(end)


def _placed(
    text: str,
    spans: list[tuple[int, int]],
    copy: str,
    count: OffsetCount,
    left_out: Counter[str],
) -> tuple[int, int, str]:
    """Start, end and what was done to place a mention, "" for nothing."""
    places = [(count.place(start), count.place(end)) for start, end in spans]
    start, end = places[0][0], places[-1][1]
    gaps = [text[one[1] : other[0]] for one, other in pairwise(places)]
    if any(gap.strip() for gap in gaps):
        check_mention(text, start, end, text[max(start, 0) : end])
        left_out["gaps in mentions of several pieces, whose words are read as part of them"] += 1
        return start, end, ""
    try:
        check_mention(text, start, end, copy)
    except ValueError:
        place = aligned_span(text, start, copy)
        if place is None:
            raise
        return *place, f"at {start}:{end} is read at {place[0]}:{place[1]}, where its text is"
    return start, end, ""


def _add_assertions(mentions: dict[str, Mention], parts: _Lines, left_out: Counter[str]) -> None:
    for attribute, name, value in parts.attributes:
        # "A1 Negation T1" and "A1 Assertion T1 negated" are both in use.
        category = value if attribute.lower() == "assertion" else attribute
        assertion = _ASSERTION_NAMES.get(category.lower())
        if assertion is None or name not in mentions:
            left_out["attributes that are no assertion of a mention"] += 1
            continue
        mention = mentions[name]
        mentions[name] = replace(mention, assertion=mention.assertion | {assertion})


def _relations(
    text: str,
    mentions: dict[str, Mention],
    parts: _Lines,
    tell: Tell,
    left_out: Counter[str],
) -> tuple[Relation, ...]:
    relations: list[Relation] = []
    for number, label, *names in parts.relations:
        if any(name.startswith("E") for name in names):
            left_out["relations of events"] += 1
            continue
        missing = [name for name in names if name not in mentions]
        if missing:
            tell(f"line {number}: the relation is left out, there is no mention {missing[0][:20]}")
            continue
        head, tail = (concept_of_mention(text, mentions[name]) for name in names)
        relations.append(Relation(head, tail, label))
    return distinct_relations(relations)
