"""The layout of clinical notes as a predictor: sections, and sentences that respect lines."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from biopipe.clinical.sections.headings import OTHER, find_headings, note_sections
from biopipe.clinical.sections.lines import note_lines
from biopipe.clinical.sections.sentences import note_sentences
from biopipe.clinical.sections.titles import load_titles
from biopipe.document import Document, Mention, Predictor, PredictorInfo, Resource
from biopipe.document.sections import section_of, with_mention_sections

__all__ = ["SectionFinder"]

# Headings may name what the section tells of.
_OF_HEADINGS = frozenset({"Procedure", "Test"})
# Sections that a test or a procedure heads.
_STUDIES = frozenset({"imaging", "laboratory", "procedures", "results", "vital_signs"})


class SectionFinder(Predictor):
    """Finds the sections of notes, and their sentences line by line, and sets the section of every
    mention that a document has by then.

    What a document carries already is kept, so that a second one behind the recognisers sets the
    sections of their mentions and no more. `titles` are files of titles over those of the language,
    or in their place if `extend` is false.
    """

    def __init__(
        self,
        language: str = "en",
        *,
        titles: str | Path | Sequence[str | Path] = (),
        extend: bool = True,
    ) -> None:
        files = [titles] if isinstance(titles, str | Path) else list(titles)
        self.titles = load_titles(language, files, extend=extend)

    @property
    def info(self) -> PredictorInfo:
        """Gives sections; sentences are no layer."""
        return PredictorInfo(name="sections", gives=frozenset({"sections"}))

    def resources(self) -> tuple[Resource, ...]:
        """The titles in use."""
        rows = sorted((name, title.category, title.form) for name, title in self.titles.items())
        digest = hashlib.sha256(repr(rows).encode("utf-8")).hexdigest()
        return (Resource(role="titles", name="titles", hash=digest),)

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with `sections`, `sentences` and the section of every mention.

        A mention inside of a heading that the tables list, such as "BLOOD LOSS" in "ESTIMATED BLOOD
        LOSS: 50 mL", is no longer there, unless it is a test or a procedure ("CXR: clear").
        """
        return [
            with_mention_sections(_without_headings(self._laid_out(document)))
            for document in documents
        ]

    def _laid_out(self, document: Document) -> Document:
        if document.sections is not None and document.sentences is not None:
            return document
        text = document.text
        lines = list(note_lines(text))
        headings = find_headings(text, lines, self.titles)
        sections, sentences = document.sections, document.sentences
        if sections is None:
            sections = note_sections(text, headings, lines)
        if sentences is None:
            sentences = note_sentences(text, lines, headings)
        return replace(document, sections=sections, sentences=sentences)


def _without_headings(document: Document) -> Document:
    """The document without the mentions that are words of a listed heading."""
    kept = tuple(mention for mention in document.mentions if not _in_heading(document, mention))
    if len(kept) == len(document.mentions):
        return document
    return replace(document, mentions=kept, concepts=None)


def _in_heading(document: Document, mention: Mention) -> bool:
    section = section_of(document, mention.start)
    if section is None or section.category == OTHER or mention.end > section.body:
        return False
    # "CXR: clear" is a test, "HOSPITAL COURSE:" none, whatever a recogniser says.
    return mention.label not in _OF_HEADINGS or section.category not in _STUDIES
