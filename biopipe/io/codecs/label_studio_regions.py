"""The results of an annotation of Label Studio as mentions and relations.

A region has labels, and under the same id what was chosen (`choices`) or written (`textarea`) for
it. Of these the words of assertions become assertions, and CURIEs, also in the notes of a region
(`meta.text`), concept ids; others are counted.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from biopipe.document import Mention, Relation
from biopipe.document.labels import ASSERTIONS
from biopipe.document.value_type import value_type
from biopipe.io.offset_counts import OffsetCount, count_that_fits
from biopipe.io.relation_ends import concept_of_mention, distinct_relations
from biopipe.io.spans import aligned_span, check_mention

__all__ = ["CONCEPT_MARK", "CURIE", "read_results"]

CURIE = re.compile(r"[A-Za-z][\w.-]*:\S+")
"""What counts as a concept id among the notes of a region."""
CONCEPT_MARK = "concept:"
"""Begins a concept id that is no CURIE, by which it is told from other notes."""
_LABEL_TYPES = frozenset({"labels", "hypertextlabels", "paragraphlabels"})
_WORD_TYPES = frozenset({"choices", "textarea"})
_ASSERTIONS = frozenset(ASSERTIONS)

Tell = Callable[[str], None]


@dataclass(slots=True)
class _Region:
    """What a result says of the region of one id; `start` is None until its labels are there."""

    start: int | None = None
    end: int = 0
    copy: str | None = None
    labels: list[str] = field(default_factory=list)
    score: float = 1.0
    words: list[str] = field(default_factory=list)


def read_results(
    text: str,
    results: Sequence[Any],
    tell: Tell,
    left_out: Counter[str],
    source: tuple[str, ...] = (),
) -> tuple[tuple[Mention, ...], tuple[Relation, ...]]:
    """Mentions, which have `source` as their sources, and relations of results.

    A region with several labels is as many mentions. `tell` hears of what is wrong, `left_out`
    counts what a Document does not hold.
    """
    regions: dict[str, _Region] = {}
    relations: list[Mapping[str, Any]] = []
    for number, result in enumerate(results):
        try:
            _take_in(result, number, regions, relations, left_out)
        except (KeyError, TypeError, ValueError) as error:
            why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            tell(f"result {number} is left out, {why}")
    copies = [
        (region.start, region.end, region.copy)
        for region in regions.values()
        if region.start is not None and region.copy is not None
    ]
    count = count_that_fits(text, copies)
    mentions: list[Mention] = []
    first: dict[str, Mention] = {}
    for name, region in regions.items():
        try:
            made = list(_mentions(text, name, region, count, tell, left_out, source))
        except ValueError as error:
            tell(f"region {name[:40]} is left out, {error}")
            continue
        mentions += made
        if made:
            first[name] = made[0]
    return tuple(mentions), distinct_relations(_relations(text, relations, first, tell, left_out))


def _take_in(
    result: Any,
    number: int,
    regions: dict[str, _Region],
    relations: list[Mapping[str, Any]],
    left_out: Counter[str],
) -> None:
    if not isinstance(result, Mapping):
        raise ValueError(f"it is {value_type(result)}, not an object")
    kind = result.get("type")
    if kind == "relation":
        relations.append(result)
        return
    value = result["value"]
    if not isinstance(value, Mapping):
        raise ValueError(f"its value is {value_type(value)}, not an object")
    # Labels, choices and notes of a region are results of their own with its id, in any order.
    region = regions.setdefault(str(result.get("id") or f"result {number}"), _Region())
    if kind in _LABEL_TYPES:
        region.start, region.end = (_offset(value, name) for name in ("start", "end"))
        copy = value.get("text")
        region.copy = copy if isinstance(copy, str) else None
        region.labels += _texts(value.get(str(kind), value.get("labels")))
        region.score = _score(result.get("score", value.get("score")))
    elif kind in _WORD_TYPES:
        region.words += _texts(value.get("choices" if kind == "choices" else "text"))
    else:
        left_out[f"results of type {str(kind)[:40]}"] += 1
    meta = result.get("meta")
    if isinstance(meta, Mapping):
        region.words += _texts(meta.get("text"))


def _offset(value: Mapping[str, Any], name: str) -> int:
    """An offset into the text; of hypertext and dialogues the one into all of it."""
    places = value.get("globalOffsets")
    offset = places[name] if isinstance(places, Mapping) else value[name]
    if isinstance(offset, str) and offset.isdecimal():
        offset = int(offset)
    if not isinstance(offset, int) or isinstance(offset, bool):
        raise ValueError(f"its {name} is {value_type(offset)}, not a whole number")
    return offset


def _texts(values: Any) -> list[str]:
    if isinstance(values, str):
        return [values]
    return [value for value in values or () if isinstance(value, str)]


def _score(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return 1.0
    return float(value)


def _mentions(
    text: str,
    name: str,
    region: _Region,
    count: OffsetCount,
    tell: Tell,
    left_out: Counter[str],
    source: tuple[str, ...],
) -> Iterator[Mention]:
    assertions = [word for word in region.words if word.lower() in _ASSERTIONS]
    ids = [word.removeprefix(CONCEPT_MARK) for word in region.words if CURIE.fullmatch(word)]
    if others := len(region.words) - len(assertions) - len(ids):
        left_out["choices and notes that are no assertions or concept ids"] += others
    if region.start is None:
        return
    start, end = count.place(region.start), count.place(region.end)
    copy = text[max(start, 0) : end] if region.copy is None else region.copy
    try:
        check_mention(text, start, end, copy)
    except ValueError:
        place = None if region.copy is None else aligned_span(text, start, copy)
        if place is None:
            raise
        tell(f"region {name[:40]} at {start}:{end} is read at {place[0]}:{place[1]}")
        start, end = place
    if not region.labels:
        raise ValueError("it has no label")
    for label in region.labels:
        yield Mention(
            start,
            end,
            label,
            region.score,
            tuple(dict.fromkeys(ids)),
            assertion=frozenset(map(str.lower, assertions)),
            sources=source,
        )


def _relations(
    text: str,
    results: Sequence[Mapping[str, Any]],
    first: Mapping[str, Mention],
    tell: Tell,
    left_out: Counter[str],
) -> Iterator[Relation]:
    for result in results:
        names = [str(result.get(key)) for key in ("from_id", "to_id")]
        missing = [name for name in names if name not in first]
        if missing:
            tell(f"a relation is left out, there is no region {missing[0][:40]}")
            continue
        head, tail = (concept_of_mention(text, first[name]) for name in names)
        labels = _texts(result.get("labels"))
        if not labels:
            left_out["relations without a label"] += 1
        # "bi", or no direction, is a relation in which neither acts.
        subject = {"right": head, "left": tail}.get(str(result.get("direction")))
        for label in labels:
            yield Relation(head, tail, label, _score(result.get("score")), subject=subject)
