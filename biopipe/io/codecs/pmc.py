"""JATS and NLM full texts, as PubMed Central has them: one article (.nxml) or a pmc-articleset.

Document.text joins title, abstract, body and captions paragraph by paragraph with a blank line
between, then boxes that stand apart and the glossary. References, footnotes and their marks, table
cells and acknowledgements are left out.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from biopipe.document import Document
from biopipe.io.dates import iso_date
from biopipe.io.passages import Block, Section, assemble
from biopipe.io.pieces import FilePiece
from biopipe.io.rows import BadRecord, OnError, OnPartError, build_documents
from biopipe.io.streams import open_binary
from biopipe.io.xml_records import inline_text, running_children, squeeze, text_of, xml_records

__all__ = ["read"]

_PARAGRAPHS = frozenset(
    {
        "boxed-text",
        "def",
        "def-item",
        "def-list",
        "disp-quote",
        "list",
        "list-item",
        "p",
        "preformat",
        "sec",
    }
    | {
        "speech",
        "statement",
        "supplementary-material",
        "term",
        "title",
        "verse-group",
        "verse-line",
    }
)
_CAPTIONED = {"fig": "figure caption", "table-wrap": "table caption"}
_LEFT_OUT = frozenset(
    {"label", "permissions", "ref-list", "sec-meta", "sub-article", "response", "table"}
)
# The first that is in the sec-type or the title names the section; others keep their own title.
_SECTION_TYPES = {
    "supplementary": ("supplementary", "supporting information", "additional file"),
    "results and discussion": ("results and discussion", "results|discussion"),
    "introduction": ("introduction", "intro", "background"),
    "methods": ("methods", "materials|methods", "method", "experimental procedures"),
    "results": ("results", "findings"),
    "discussion": ("discussion",),
    "conclusions": ("conclusion",),
    "case report": ("case report", "case presentation"),
}
# By pub-type or, in newer files, date-type: which of several equally exact dates counts.
_DATE_ORDER = ("epub", "epub-ppub", "ppub", "pub", "collection", "")


def read(
    path: Path, *, on_error: OnError | None = None, piece: FilePiece | None = None
) -> Iterator[Document]:
    """Documents of a JATS file (also gzip), never more than one article in memory.

    The id is the PMC id (PMC123), else the PMID, else the DOI. Passages: title, abstract with its
    labelled sections inside, the top sections of the body, and figure and table captions after
    them. Meta: date, journal, doi, pmid, pmc.
    """
    with open_binary(path) as stream:
        elements = xml_records(stream, frozenset({"article"}))
        yield from build_documents(str(path), elements, _document, on_error, piece=piece)


def _document(article: Element, on_part_error: OnPartError) -> Document:
    front = article.find("front/article-meta")
    if front is None:
        raise BadRecord("the article has no front/article-meta element")
    meta = _meta(article, front)
    # PMC's own id first: it is the one that names the full text and not its abstract.
    identifier = meta.get("pmc") or meta.get("pmid") or meta.get("doi")
    if not identifier:
        raise BadRecord("the article has no PMC id, PMID or DOI")
    blocks = [Block(_title(front), (Section("title"),))]
    for abstract in front.iterfind("abstract"):
        blocks += _abstract(abstract)
    blocks += _body(article)
    blocks += _captions(article)
    blocks += _boxes(article)
    blocks += _glossary(article)
    text, passages = assemble(blocks, "\n\n")
    return Document(identifier, text, passages=passages, meta=meta)


def _title(front: Element) -> str:
    title, subtitle = (
        text_of(front, "title-group/article-title"),
        text_of(front, "title-group/subtitle"),
    )
    return f"{title}: {subtitle}" if title and subtitle else title or subtitle


def _abstract(abstract: Element) -> Iterator[Block]:
    kind = abstract.get("abstract-type") or ""
    whole = Section("abstract" if not kind else text_of(abstract, "title").lower() or kind)
    for part in abstract:
        sections = (whole, Section(_section_type(part))) if part.tag == "sec" else (whole,)
        for paragraph in _paragraphs(part):
            yield Block(paragraph, sections)


def _body(article: Element) -> Iterator[Block]:
    loose = Section("body")
    # Two versions of JATS put them in two places.
    appendices = [*article.iterfind("back/app-group/app"), *article.iterfind("back/app")]
    for part in [*article.iterfind("body/*"), *appendices]:
        section = loose
        if part.tag == "sec":
            section = Section(_section_type(part))
        elif part.tag == "app":
            section = Section("appendix")
        for paragraph in _paragraphs(part):
            yield Block(paragraph, (section,))


def _captions(article: Element) -> Iterator[Block]:
    for holder in ("body", "floats-group", "floats-wrap", "back"):
        for root in article.iterfind(holder):
            for element in root.iter():
                kind = _CAPTIONED.get(element.tag)
                caption = element.find("caption") if kind else None
                if kind and caption is not None:
                    label = text_of(element, "label")
                    yield Block(squeeze(f"{label} {inline_text(caption)}"), (Section(kind),))


def _boxes(article: Element) -> Iterator[Block]:
    """Boxes that stand apart from the body; those within it are read with it."""
    for holder in ("floats-group", "floats-wrap"):
        for box in article.iterfind(f"{holder}/boxed-text"):
            section = Section("boxed text")
            for paragraph in _paragraphs(box):
                yield Block(paragraph, (section,))


def _glossary(article: Element) -> Iterator[Block]:
    """Abbreviations and terms with what they mean, a paragraph each: "TNF: tumor necrosis
    factor".
    """
    section = Section("glossary")
    for root in (*article.iterfind("back/glossary"), *article.iterfind("front/glossary")):
        for item in root.iter("def-item"):
            term, meaning = text_of(item, "term"), text_of(item, "def")
            yield Block(f"{term}: {meaning}" if term and meaning else term or meaning, (section,))
        for paragraph in root.iterfind("p"):
            yield Block(inline_text(paragraph), (section,))


def _section_type(section: Element) -> str:
    title = text_of(section, "title").lower().rstrip(".:")
    for name in (section.get("sec-type") or "", title):
        for kind, starts in _SECTION_TYPES.items():
            if any(
                name == start or name.startswith(start) or name.endswith(start) for start in starts
            ):
                return kind
    return title or section.get("sec-type") or "section"


def _paragraphs(element: Element) -> Iterator[str]:
    """The paragraphs in an element, with headings and list items as paragraphs of their own."""
    pieces: list[str] = []
    for piece in _pieces(element):
        if piece is not None:
            pieces.append(piece)
            continue
        if paragraph := squeeze("".join(pieces)):
            yield paragraph
        pieces.clear()


def _pieces(element: Element) -> Iterator[str | None]:
    """Text as it comes, and None wherever a paragraph ends."""
    if element.tag in _LEFT_OUT or element.tag in _CAPTIONED:
        return
    breaks = element.tag in _PARAGRAPHS
    if breaks:
        yield None
    yield element.text or ""
    spaced = " " if element.tag in ("break", "disp-formula", "disp-formula-group") else ""
    yield spaced
    for child, is_text in running_children(element):
        if is_text:
            yield from _pieces(child)
        yield child.tail or ""
    yield None if breaks else spaced


def _meta(article: Element, front: Element) -> dict[str, str]:
    journal = "front/journal-meta"
    meta = {
        "date": _date(front),
        "journal": text_of(article, f"{journal}/journal-title-group/journal-title")
        or text_of(article, f"{journal}/journal-title"),
        "doi": text_of(front, "article-id[@pub-id-type='doi']"),
        "pmid": text_of(front, "article-id[@pub-id-type='pmid']"),
        "pmc": _pmc_id(front),
    }
    return {name: value for name, value in meta.items() if value}


def _pmc_id(front: Element) -> str:
    for kind in ("pmc", "pmcid"):
        if identifier := text_of(front, f"article-id[@pub-id-type='{kind}']"):
            # Files of the open-access subset leave the prefix out.
            return f"PMC{identifier}" if identifier.isdecimal() else identifier
    return ""


def _date(front: Element) -> str:
    """The most precise publication date; among equals the electronic one before print."""
    dates: dict[str, str] = {}
    for element in front.iterfind("pub-date"):
        parts = (text_of(element, name) for name in ("year", "month", "day"))
        dates.setdefault(
            element.get("pub-type") or element.get("date-type") or "", iso_date(*parts)
        )
    ordered = [dates[kind] for kind in _DATE_ORDER if dates.get(kind)]
    return max(ordered, key=len, default="")
