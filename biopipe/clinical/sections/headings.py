"""The headings of a clinical note, and the sections that they open.

A heading is a title of the table (see `biopipe.clinical.sections.titles`) before a colon or a dash,
or alone on its line, in any case, behind a bullet or a number too. Within a line it must begin
with a capital, follow the end of a sentence or a gap, and stand before a colon. What the table does
not list is a heading where it looks like the headings around it; its section is "other".
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from biopipe.clinical.sections.lines import Line
from biopipe.clinical.sections.titles import SectionTitle, normal_title, title_of
from biopipe.document import NoteSection

__all__ = ["OTHER", "Heading", "find_headings", "note_sections"]

OTHER = "other"
"""The category of a section whose heading no table lists."""

_LONGEST = 64
_MOST_WORDS = 8
# What stands behind a title on its line.
_DASH = re.compile(r"\s+[-\u2013\u2014]+\s+|[-\u2013\u2014]{1,2}\s+(?=[A-Z0-9])")
_GAP = re.compile(r"\t+| {3,}")
# "Bloods on 12/03/24", "Labs 3/1".
_DATE = re.compile(
    r"\s+(?:(?:on|from|dated|of)\s+)?\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\s*[:.]?\s*\Z"
)
# A heading inside of a line: behind a sentence, a gap, a bar.
_INSIDE = re.compile(
    r"(?:(?<=[.;!?|])[ \t]+|\t|[ ]{2,})\**([A-Z][A-Za-z0-9 ,/&'().-]{0,60}?)[*]*\s?[:]"
)
_UNLISTED = re.compile(r"[A-Z][A-Za-z0-9 ,/&'()\-]*")
# In these a title behind a bullet, as in "- Labs: CBC", names what is to be done or was looked at.
_OUTLINES = frozenset(
    {"plan", "assessment", "assessment_and_plan", "instructions", "hospital_course"}
)
# In these an impression is that of the study.
_STUDIES = frozenset({"results", "imaging", "laboratory"})
_OF_A_STUDY = frozenset({"impression", "impressions", "conclusion", "conclusions"})
# "EXAM: CT CHEST" names the study of a report, and opens no examination.
_EXAMS = frozenset({"exam", "examination"})
_MODALITY = re.compile(
    r"(?:CT|CTA|MRI?|MRA|MRCP|X-?RAYS?|XR|PET|SPECT|US|USG|ULTRASOUND|SONOGRAM|MAMMOGRA(?:M|PHY)|RADIOGRAPHS?|"
    r"FLUOROSCOPY|DEXA|DXA|ECHOCARDIOGRAM|ANGIOGRA(?:M|PHY)|CXR|KUB|DOPPLER|NUCLEAR MEDICINE)\b",
    re.IGNORECASE,
)
# In these a title of the table that has no colon and no capitals is a word of the text.
_SYSTEMS = frozenset({"physical_exam", "review_of_systems"})
# Heads inside of a list of medications.
_CHANGES = frozenset(
    {"change", "changed", "continue", "continued", "discontinue", "discontinued", "held", "hold", "new",
     "start", "started", "stop", "stopped", "unchanged"}
)  # fmt: skip
# What comes before an examination that has no heading of its own.
_BEFORE_EXAM = frozenset(
    {"", "vital_signs", "history_of_present_illness", "past_medical_history", "medications",
     "past_surgical_history", "family_history", "social_history", "allergies", "header",
     "chief_complaint"}
)  # fmt: skip
_SYSTEMS_IN_A_ROW = 3
# The heads of the columns of a checklist, behind its title.
_COLUMNS = re.compile(
    r"(?:\s+(?:yes|no|y|n|pos(?:itive)?|neg(?:ative)?|present|absent|normal|abnormal|comments?)\b)+\s*",
    re.IGNORECASE,
)
# What a heading of these says stands on its line or right under it: prose behind an empty line is
# of the note again.
_SHORT = frozenset({"allergies", "chief_complaint", "disposition", "header", "vital_signs"})
_PROSE = 60
# Lists with a date or a name under their title, as in "MEDICATION RECONCILIATION / Date: ...".
_TITLED = frozenset({"laboratory", "medications", "vital_signs"})
# Parts that an examination names and nothing else does, so that they open one.
_BODY = frozenset(
    {"heent", "neck", "lungs", "heart", "abdomen", "abd", "extremities", "ext", "cor"}
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading from `start` to `body`, where the text under it begins, and its category."""

    start: int
    body: int
    category: str


def note_sections(
    text: str, headings: Sequence[Heading], lines: Sequence[Line] = ()
) -> tuple[NoteSection, ...]:
    """The sections that headings open, to the next heading or the end; text before the first one
    is in none, nor is prose that an empty line parts from a section of a line or two.
    """
    if not headings:
        return ()
    ends = [heading.start for heading in headings[1:]] + [len(text)]
    ends = [
        _end_of_short(text, heading, end, lines) if heading.category in _SHORT else end
        for heading, end in zip(headings, ends, strict=True)
    ]
    return tuple(
        NoteSection(heading.category, heading.start, end, min(heading.body, end))
        for heading, end in zip(headings, ends, strict=True)
    )


def _end_of_short(text: str, heading: Heading, end: int, lines: Sequence[Line]) -> int:
    """Where a section whose text begins on the line of its heading ends: before an empty line that
    a line of prose follows.
    """
    first = bisect_right(lines, heading.body, key=lambda line: line.start) - 1
    if first < 0 or heading.body >= lines[first].end:
        return end
    for line, following in pairwise(lines[first:]):
        if following.start >= end:
            return end
        prose = not following.is_item and following.end - following.start >= _PROSE
        if line.blank and prose and text[following.end - 1] != ":":
            return following.start
    return end


def find_headings(
    text: str, lines: Sequence[Line], titles: Mapping[str, SectionTitle]
) -> list[Heading]:
    """The headings of a text in order; those of parts of an examination are no headings."""
    headings: list[Heading] = []
    for number, line in enumerate(lines):
        if line.blank:
            continue
        place = _Place(
            text,
            line,
            after_blank=number == 0 or lines[number - 1].blank,
            before_blank=number + 1 == len(lines) or lines[number + 1].blank,
            of_systems=_is_of_systems(text, lines[number : number + _SYSTEMS_IN_A_ROW], titles),
        )
        before = headings[-1] if headings else None
        found = _line_headings(place, titles, before)
        headings.extend(each for each in found if not _is_of_title(text, each, before))
    return headings


def _is_of_title(text: str, heading: Heading, before: Heading | None) -> bool:
    """Whether a field such as "Date:" stands right under the title of a list that has no text yet:
    the list goes on behind it.
    """
    if heading.category != "header" or before is None or before.category not in _TITLED:
        return False
    return not text[before.body : heading.start].strip()


def _is_of_systems(text: str, lines: Sequence[Line], titles: Mapping[str, SectionTitle]) -> bool:
    """Whether all of some lines begin with a part of an examination before a colon."""
    if len(lines) < _SYSTEMS_IN_A_ROW:
        return False
    for line in lines:
        colon = text.find(":", line.body, min(line.end, line.body + _LONGEST))
        title = title_of(titles, text[line.body : colon]) if colon >= 0 else None
        if title is None or title.form != "part":
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Place:
    """A line of a text with what stands around it; `of_systems` where it begins a row of lines that
    parts of an examination head.
    """

    text: str
    line: Line
    after_blank: bool
    before_blank: bool
    of_systems: bool = False


def _line_headings(
    place: _Place, titles: Mapping[str, SectionTitle], section: Heading | None
) -> Iterator[Heading]:
    first = _at_start(place, titles, section)
    if first is not None:
        yield first
        section = first
    text, line = place.text, place.line
    start = first.body if first is not None else line.body
    if text.find(":", start, line.end) < 0:
        return
    for match in _INSIDE.finditer(text, start, line.end):
        title = title_of(titles, match[1])
        if title is None or title.form == "part" or len(match[1].strip()) < 2:
            continue
        if section is not None and section.category in _SYSTEMS and not match[1].isupper():
            continue
        yield Heading(match.start(1), match.end(), title.category)


def _at_start(
    place: _Place, titles: Mapping[str, SectionTitle], section: Heading | None
) -> Heading | None:
    """The heading that a line begins with."""
    text, line = place.text, place.line
    for end, body, mark in _title_ends(text, line):
        written = text[line.body : end]
        title = title_of(titles, _DATE.sub("", written))
        if title is None or (mark == " " and title.form != "lead"):
            continue
        if title.form == "part":
            return _part(place, title, written, body, mark, section)
        if title.form == "colon" and section is not None and section.category == title.category:
            return None
        if _is_listed(place, title, written, mark, section):
            study = normal_title(written) in _EXAMS and _MODALITY.match(text, body, line.end)
            return Heading(line.start, body, "header" if study else title.category)
    return _unlisted(place, section)


def _title_ends(text: str, line: Line) -> Iterator[tuple[int, int, str]]:
    """Where a title may end, where its text then begins, and the mark behind it: ":", "-", a tab
    for any gap, "" for the end of the line, " " for a space.
    """
    last = min(line.end, line.body + _LONGEST)
    colon = text.find(":", line.body, last)
    if colon >= 0:
        yield colon, _skip(text, colon + 1, line.end), ":"
        # "Past medical history: per family: HTN" has its title before the first colon.
    dash = _DASH.search(text, line.body, last)
    if dash is not None and (colon < 0 or dash.start() < colon):
        yield dash.start(), dash.end(), "-"
    gap = _GAP.search(text, line.body, last)
    if gap is not None and (colon < 0 or gap.start() < colon):
        yield gap.start(), gap.end(), "\t"
    if line.end == last and colon in (-1, line.end - 1):
        yield line.end, line.end, ""
    space = text.find(" ", line.body, last)
    if space >= 0:
        yield space, _skip(text, space, line.end), " "


def _skip(text: str, place: int, end: int) -> int:
    while place < end and text[place] in " \t*_":
        place += 1
    return place


def _is_listed(
    place: _Place, title: SectionTitle, written: str, mark: str, section: Heading | None
) -> bool:
    """Whether a title of the table is a heading where it stands."""
    line = place.line
    category = section.category if section is not None else ""
    capitals = written.isupper()
    if _is_marked_up(place.text, line, written):
        return True
    if mark == " ":
        # "PMH asthma" and "HPI 65 yo man".
        return capitals and not line.is_item
    if mark == "\t":
        # "MEDICATION RECONCILIATION      reviewed by RN", "Review of systems     Yes   No"
        heads = _COLUMNS.fullmatch(place.text, line.body + len(written), line.end) is not None
        return (capitals or heads) and not line.is_item and title.form != "colon"
    if line.is_item and category in _OUTLINES and not (capitals and len(written) > 3):
        return False
    if mark == "":
        if title.form == "colon":
            alone = place.after_blank and not place.before_blank
            return (capitals or (alone and " " in written and written[0].isupper())) and (
                place.after_blank or place.before_blank or _shouts(place.text, section)
            )
        return capitals or not line.is_item or written[0].isupper()
    if normal_title(written) in _OF_A_STUDY and category in _STUDIES and not capitals:
        return not _shouts(place.text, section)
    if category in _SYSTEMS and not capitals and (line.is_item or mark == "-"):
        return mark == "-" and _has_dash(place.text, section)
    if mark == "-":
        return title.form != "colon" or capitals
    return True


def _part(
    place: _Place,
    title: SectionTitle,
    written: str,
    body: int,
    mark: str,
    section: Heading | None,
) -> Heading | None:
    """A part of an examination opens one that has no heading of its own."""
    if mark != ":" or body >= place.line.end:
        return None
    category = section.category if section is not None else ""
    # "Neuro: ... / Resp: ... / GI: ..." of a nurse's note is an examination without a heading.
    systems = place.of_systems and category in ("", OTHER, "header")
    body_part = category in _BEFORE_EXAM and written.strip("*_ ").lower() in _BODY
    if category == "vital_signs" or systems or body_part:
        return Heading(place.line.start, place.line.start, title.category)
    return None


def _unlisted(place: _Place, section: Heading | None) -> Heading | None:
    """A heading that no table lists: a line in capitals, or before a colon, that stands as headings
    do.
    """
    text, line = place.text, place.line
    written = text[line.start : line.end].strip("*_#= ")
    name = written.removesuffix(":").rstrip()
    if line.is_item or not 3 < len(name) <= _LONGEST or len(name.split()) > _MOST_WORDS:
        return None
    if not _UNLISTED.fullmatch(name):
        return None
    if section is not None and section.category == "medications" and name.lower() in _CHANGES:
        return None
    shouted = name.isupper() and place.after_blank
    titled = written.endswith(":") and place.after_blank and not place.before_blank
    # What a section of a line or two is followed by needs no empty line.
    after_short = section is not None and section.category in _SHORT and _has_text(place, section)
    titled = titled or (written.endswith(":") and after_short and not place.before_blank)
    if not (shouted or titled):
        return None
    # A line of capitals under a heading in small letters may be anything, such as a name.
    if section is not None and not titled and not _shouts(text, section):
        return None
    return Heading(line.start, line.end, OTHER)


def _has_text(place: _Place, section: Heading) -> bool:
    """Whether text stands on the line of a section's heading."""
    end = place.text.find("\n", section.body)
    return section.body < place.line.start and bool(place.text[section.body : end].strip())


def _is_marked_up(text: str, line: Line, written: str) -> bool:
    """Whether the whole line is a heading of Markdown or the like: **PE**, == PE ==."""
    before, _, behind = text[line.start : line.end].partition(written.strip("*_=#: "))
    return (
        bool(before.strip(" #") or "##" in before)
        and not behind.strip("*_=#: ")
        and (not line.is_item or "##" in before)
    )


def _shouts(text: str, heading: Heading | None) -> bool:
    """Whether a heading is in capitals."""
    return heading is not None and text[heading.start : heading.body].isupper()


def _has_dash(text: str, heading: Heading | None) -> bool:
    """Whether a dash stands behind a heading."""
    written = text[heading.start : heading.body].rstrip() if heading is not None else ""
    return written.endswith(("-", "\u2013", "\u2014"))
