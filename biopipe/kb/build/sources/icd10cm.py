"""ICD-10-CM: the tabular list in the XML of CDC's National Center for Health Statistics."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, iterparse

from biopipe.document.labels import DISEASE, PHENOTYPE
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.schema import Concept

__all__ = ["read", "read_version"]

# Chapters that are not of diseases, by the letter that their codes begin with.
_TYPES = {
    "R": PHENOTYPE,
    "V": "External Cause",
    "W": "External Cause",
    "X": "External Cause",
    "Y": "External Cause",
    "Z": "Health Factor",
}
_CODES = re.compile(r"\s*\(([A-Z]\w{2}(?:-[A-Z]\w{2})?)\)$")


def read(path: Path) -> Iterator[Concept]:
    """Chapters, sections, categories and codes of icd10cm-tabular-2027.xml, each under the one that
    holds it.

    Inclusion terms and "includes" notes are related names: they list what a code covers. Codes that
    a seventh character makes (initial encounter, left eye, ...) are not in the file as entries of
    their own.
    """
    any_concept = False
    try:
        with path.open("rb") as file:
            for _, element in iterparse(file):
                if element.tag == "chapter":
                    for concept in _of_chapter(element):
                        any_concept = True
                        yield concept
                    element.clear()
    except (ParseError, OSError) as error:
        raise KnowledgeBaseError(
            f"Cannot read {path} ({error}); give the file icd10cm-tabular-YEAR.xml, whole."
        ) from error
    if not any_concept:
        raise KnowledgeBaseError(
            f"{path} holds no chapter of ICD-10-CM; give icd10cm-tabular-YEAR.xml."
        )


def read_version(path: Path) -> str:
    """The fiscal year, such as 2027, or ""."""
    with suppress(ParseError, OSError), path.open("rb") as file:
        for _, element in iterparse(file):
            if element.tag == "version":
                return _plain(element.text)
            if element.tag == "chapter":
                break
    return ""


def _of_chapter(chapter: Element) -> Iterator[Concept]:
    name, codes = _without_codes(_text(chapter, "desc"))
    parent = f"ICD10CM:{codes}"
    if codes:
        yield _concept(codes, name, chapter, ())
    for section in chapter.iterfind("section"):
        name, codes = _without_codes(_text(section, "desc"))
        codes = section.get("id") or codes
        below = (parent,) if parent != "ICD10CM:" else ()
        # A section of one category has the code of that category, which then stands for both.
        if codes and all(codes != _text(category, "name") for category in section.iterfind("diag")):
            yield _concept(codes, name, section, below)
            below = (f"ICD10CM:{codes}",)
        for category in section.iterfind("diag"):
            yield from _of_category(category, below)


def _of_category(element: Element, parents: tuple[str, ...]) -> Iterator[Concept]:
    code = _text(element, "name")
    yield _concept(code, _text(element, "desc"), element, parents)
    for below in element.iterfind("diag"):
        yield from _of_category(below, (f"ICD10CM:{code}",))


def _concept(code: str, name: str, element: Element, parents: tuple[str, ...]) -> Concept:
    notes = [*element.iterfind("inclusionTerm/note"), *element.iterfind("includes/note")]
    names = dict.fromkeys(text for note in notes if (text := _plain(note.text)) and text != name)
    return Concept(
        f"ICD10CM:{code}",
        name,
        tuple(names),
        (_TYPES.get(code[0], DISEASE),),
        parents=parents,
        synonym_kinds=("related",) * len(names),
        source="ICD-10-CM",
    )


def _without_codes(description: str) -> tuple[str, str]:
    """("Intestinal infectious diseases", "A00-A09") of "Intestinal infectious diseases
    (A00-A09)".
    """
    codes = _CODES.search(description)
    return (description[: codes.start()], codes[1]) if codes else (description, "")


def _text(element: Element, tag: str) -> str:
    return _plain(element.findtext(tag))


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())
