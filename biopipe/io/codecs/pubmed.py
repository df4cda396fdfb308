"""PubMed and MEDLINE XML: citations, book records and deletions, one at a time.

Document.text is title + " " + abstract; the sections of a structured abstract start with their
label.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from biopipe.document import Document
from biopipe.io.dates import iso_date, loose_date
from biopipe.io.passages import Block, Section, assemble
from biopipe.io.pieces import FilePiece
from biopipe.io.rows import BadRecord, OnError, OnPartError, build_documents
from biopipe.io.streams import open_binary
from biopipe.io.xml_records import inline_text, text_of, xml_records

__all__ = ["read"]

_TAGS = frozenset(
    {"PubmedArticle", "PubmedBookArticle", "MedlineCitation", "BookDocument", "DeleteCitation"}
)
_NO_CATEGORY = frozenset({"", "UNASSIGNED", "UNLABELLED"})
_FOR_LAYMEN = "plain-language-summary"
_NO_TITLE = frozenset({"", "[Not Available].", "[Not Available]", "Not Available"})


def read(
    path: Path, *, on_error: OnError | None = None, piece: FilePiece | None = None
) -> Iterator[Document]:
    """Documents of a PubMed XML file (also gzip), never more than one citation in memory.

    Ids are PMIDs. Passages: title, abstract, and in it one for each labelled section. Meta: date,
    journal, doi, pmc. Citations that the file says PubMed deleted go to `on_error` when there is
    one.
    """
    with open_binary(path) as stream:
        elements = _citations(xml_records(stream, _TAGS), deletions=on_error is not None)
        yield from build_documents(str(path), elements, _document, on_error, piece=piece)


def _citations(elements: Iterator[Element], *, deletions: bool) -> Iterator[Element]:
    for element in elements:
        if element.tag != "DeleteCitation":
            yield element
        # A row of the errors, where somebody listens: the citation was there in an earlier file.
        elif deletions:
            yield from element.iterfind("PMID")


def _document(element: Element, on_part_error: OnPartError) -> Document:
    if element.tag == "PMID":
        raise BadRecord("PubMed has deleted this citation; it has no text", inline_text(element))
    citation = _inner(element)
    pmid = text_of(citation, "PMID")
    if not pmid:
        raise BadRecord("the citation has no PMID")
    article = citation if citation.tag == "BookDocument" else citation.find("Article")
    if article is None:
        raise BadRecord("the citation has no Article element", pmid)
    title = Block(_title(article), (Section("title"),))
    text, passages = assemble([title, *_abstract(_abstract_of(citation, article))], " ")
    return Document(pmid, text, passages=passages, meta=_meta(element, citation, article))


def _inner(element: Element) -> Element:
    for name in ("MedlineCitation", "BookDocument"):
        if (citation := element.find(name)) is not None:
            return citation
    return element


def _title(article: Element) -> str:
    """The English title; where there is none, that of the original language, then that of the
    book.
    """
    for path in ("ArticleTitle", "VernacularTitle", "Book/BookTitle"):
        title = text_of(article, path)
        if title not in _NO_TITLE:
            return title
    return text_of(article, "ArticleTitle")


def _abstract_of(citation: Element, article: Element) -> Element | None:
    """The abstract; where there is none, the English one of another provider, those for laymen
    last.
    """
    abstract = article.find("Abstract")
    if abstract is not None and inline_text(abstract):
        return abstract
    others = [
        other
        for other in citation.iterfind("OtherAbstract")
        if (other.get("Language") or "eng").lower() in ("eng", "en")
    ]
    # False sorts before True: a summary for laymen comes last.
    return min(others, key=lambda other: other.get("Type") == _FOR_LAYMEN, default=abstract)


def _abstract(element: Element | None) -> Iterator[Block]:
    abstract = Section("abstract")
    for part in () if element is None else element.iterfind("AbstractText"):
        label, text = (part.get("Label") or "").strip(), inline_text(part)
        if label.upper() in _NO_CATEGORY or not text:
            yield Block(text, (abstract,))
            continue
        category = (part.get("NlmCategory") or "").strip()
        kind = label if category.upper() in _NO_CATEGORY else category
        yield Block(f"{label}: {text}", (abstract, Section(kind.lower())))


def _meta(element: Element, citation: Element, article: Element) -> dict[str, str]:
    journal = text_of(article, "Journal/Title") or text_of(article, "Journal/ISOAbbreviation")
    meta = {
        "date": _date(article),
        "journal": journal or text_of(citation, "MedlineJournalInfo/MedlineTA"),
        "doi": text_of(article, "ELocationID[@EIdType='doi']") or _article_id(element, "doi"),
        "pmc": _article_id(element, "pmc") or _pmc_of_medline(citation),
    }
    return {name: value for name, value in meta.items() if value}


def _article_id(element: Element, kind: str) -> str:
    for holder in ("PubmedData", "PubmedBookData", "."):
        if value := text_of(element, f"{holder}/ArticleIdList/ArticleId[@IdType='{kind}']"):
            return value
    return ""


def _pmc_of_medline(citation: Element) -> str:
    """MEDLINE files keep the PMC id as "PMC2784000" or "PMC2784000 [Available on 11/27/10]"."""
    for other in citation.iterfind("OtherID"):
        name = inline_text(other).split(" ")[0]
        if name.startswith("PMC"):
            return name
    return ""


def _date(article: Element) -> str:
    """The date of the issue; the electronic date where that is the same but more exact."""
    issue = article.find("Journal/JournalIssue/PubDate")
    if issue is None:
        issue = article.find("Book/PubDate")
    date = _element_date(issue)
    electronic = _element_date(article.find("ArticleDate"))
    return electronic if electronic.startswith(date) else date


def _element_date(element: Element | None) -> str:
    if element is None:
        return ""
    year, month, day = (text_of(element, name) for name in ("Year", "Month", "Day"))
    return iso_date(year, month, day) or loose_date(text_of(element, "MedlineDate"))
