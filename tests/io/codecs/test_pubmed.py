import gzip
import io
import tracemalloc
from pathlib import Path

import pytest

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io import RowError
from biopipe.io.codecs.pubmed import read
from biopipe.io.xml_records import xml_records

HEAD = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://example.org/pubmed.dtd">
"""


def citation(pmid: str, article: str, rest: str = "") -> str:
    head = f"<MedlineCitation><PMID Version='1'>{pmid}</PMID>"
    return f"{head}<Article>{article}</Article>{rest}</MedlineCitation>"


def saved(tmp_path: Path, body: str, root: str = "MedlineCitationSet") -> Path:
    path = tmp_path / "a.xml"
    path.write_text(f"{HEAD}<{root}>{body}</{root}>")
    return path


def read_all(path: Path) -> tuple[list[Document], list[RowError]]:
    errors: list[RowError] = []
    return list(read(path, on_error=errors.append)), errors


FULL = """
<PubmedArticle>
  <MedlineCitation Status="MEDLINE">
    <PMID Version="1">101</PMID>
    <Article PubModel="Print">
      <Journal>
        <JournalIssue><PubDate><Year>2018</Year><Month>May</Month></PubDate></JournalIssue>
        <Title>Journal of Tests</Title>
      </Journal>
      <ArticleTitle>Effect of CO<sub>2</sub> on <i>E. coli</i>.</ArticleTitle>
      <ELocationID EIdType="pii">S1</ELocationID>
      <ELocationID EIdType="doi">10.1/x</ELocationID>
      <Abstract>
        <AbstractText Label="BACKGROUND AND AIMS" NlmCategory="BACKGROUND">Why
          we did it.</AbstractText>
        <AbstractText Label="STATISTICS" NlmCategory="UNASSIGNED">p &lt; 0.05.</AbstractText>
        <AbstractText Label="UNLABELLED">Plain.</AbstractText>
        <CopyrightInformation>Copyright</CopyrightInformation>
      </Abstract>
      <ArticleDate DateType="Electronic"><Year>2018</Year><Month>05</Month><Day>17</Day></ArticleDate>
    </Article>
    <OtherAbstract Type="Publisher"><AbstractText>Pas lu.</AbstractText></OtherAbstract>
  </MedlineCitation>
  <PubmedData>
    <ArticleIdList><ArticleId IdType="pubmed">101</ArticleId>
      <ArticleId IdType="pmc">PMC55</ArticleId></ArticleIdList>
    <ReferenceList><Reference><ArticleIdList>
      <ArticleId IdType="pmc">PMC9</ArticleId>
    </ArticleIdList></Reference></ReferenceList>
  </PubmedData>
</PubmedArticle>
"""


def test_a_whole_citation(tmp_path: Path) -> None:
    (document,) = read(saved(tmp_path, FULL, "PubmedArticleSet"))
    title = "Effect of CO2 on E. coli."
    assert document.id == "101"
    assert (
        document.text == f"{title} BACKGROUND AND AIMS: Why we did it. STATISTICS: p < 0.05. Plain."
    )
    assert [(p.type, document.text[p.start : p.end]) for p in document.passages] == [
        ("title", title),
        ("abstract", document.text[len(title) + 1 :]),
        ("background", "BACKGROUND AND AIMS: Why we did it."),
        ("statistics", "STATISTICS: p < 0.05."),
    ]
    assert document.meta == {
        "date": "2018-05-17",
        "journal": "Journal of Tests",
        "doi": "10.1/x",
        "pmc": "PMC55",
    }


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("<PubDate><Year>2007</Year></PubDate>", "2007"),
        ("<PubDate><Year>2007</Year><Season>Spring</Season></PubDate>", "2007"),
        ("<PubDate><Year>2007</Year><Month>Feb</Month><Day>3</Day></PubDate>", "2007-02-03"),
        ("<PubDate><MedlineDate>1998 Dec-1999 Jan</MedlineDate></PubDate>", "1998-12"),
        ("<PubDate><MedlineDate>Winter</MedlineDate></PubDate>", None),
        ("", None),
    ],
)
def test_dates(tmp_path: Path, dates: str, expected: str | None) -> None:
    article = (
        f"<Journal><JournalIssue>{dates}</JournalIssue></Journal><ArticleTitle>T.</ArticleTitle>"
    )
    (document,) = read(saved(tmp_path, citation("1", article)))
    assert document.meta.get("date") == expected


def test_the_electronic_date_does_not_replace_another_date_of_the_issue(tmp_path: Path) -> None:
    article = (
        "<Journal><JournalIssue><PubDate><Year>2008</Year></PubDate></JournalIssue></Journal>"
        "<ArticleDate><Year>2007</Year><Month>12</Month><Day>1</Day></ArticleDate>"
    )
    (document,) = read(saved(tmp_path, citation("1", article)))
    assert document.meta == {"date": "2008"}


@pytest.mark.parametrize(
    ("article", "text"),
    [
        (
            "<ArticleTitle>[Les vaccins].</ArticleTitle><VernacularTitle>V</VernacularTitle>",
            "[Les vaccins].",
        ),
        ("<ArticleTitle/><VernacularTitle>Les vaccins</VernacularTitle>", "Les vaccins"),
        ("<ArticleTitle>[Not Available].</ArticleTitle><VernacularTitle>V</VernacularTitle>", "V"),
        ("<ArticleTitle>[Not Available].</ArticleTitle>", "[Not Available]."),
        ("<Abstract><AbstractText>A.</AbstractText></Abstract>", "A."),
        ("<ArticleTitle>T.</ArticleTitle><Abstract><AbstractText/></Abstract>", "T."),
        (
            "<Abstract><AbstractText>A.</AbstractText><AbstractText>B.</AbstractText></Abstract>",
            "A. B.",
        ),
        ("", ""),
    ],
)
def test_titles_and_abstracts(tmp_path: Path, article: str, text: str) -> None:
    (document,) = read(saved(tmp_path, citation("1", article)))
    assert document.text == text


def test_ids_and_journal_of_medline_files(tmp_path: Path) -> None:
    rest = (
        "<MedlineJournalInfo><MedlineTA>J Test</MedlineTA></MedlineJournalInfo>"
        "<OtherID Source='NLM'>NIHMS1</OtherID><OtherID Source='NLM'>PMC7 [Available on 11/27/10]</OtherID>"
    )
    (document,) = read(saved(tmp_path, citation("1", "", rest)))
    assert document.meta == {"journal": "J Test", "pmc": "PMC7"}


def test_a_book_record(tmp_path: Path) -> None:
    book = (
        "<PubmedBookArticle><BookDocument><PMID>9</PMID>"
        "<ArticleIdList><ArticleId IdType='bookaccession'>NBK1</ArticleId></ArticleIdList>"
        "<Book><BookTitle>GeneReviews</BookTitle><PubDate><Year>1993</Year></PubDate></Book>"
        "<ArticleTitle>Long QT</ArticleTitle><Abstract><AbstractText>A.</AbstractText></Abstract>"
        "</BookDocument></PubmedBookArticle>"
    )
    (document,) = read(saved(tmp_path, book, "PubmedArticleSet"))
    assert (document.id, document.text, document.meta) == ("9", "Long QT A.", {"date": "1993"})


def test_deleted_citations_are_told_when_someone_listens(tmp_path: Path) -> None:
    body = (
        citation("1", "<ArticleTitle>T</ArticleTitle>")
        + "<DeleteCitation><PMID>2</PMID><PMID>3</PMID></DeleteCitation>"
    )
    path = saved(tmp_path, body)
    documents, errors = read_all(path)
    assert [d.id for d in documents] == ["1"]
    assert [(e.row, e.document_id) for e in errors] == [(1, "2"), (2, "3")]
    assert [d.id for d in read(path)] == ["1"]


def test_a_citation_without_pmid_or_article_is_an_error_row(tmp_path: Path) -> None:
    body = "<MedlineCitation><Article/></MedlineCitation><MedlineCitation><PMID>2</PMID></MedlineCitation>"
    documents, errors = read_all(
        saved(tmp_path, body + citation("3", "<ArticleTitle>T</ArticleTitle>"))
    )
    assert [d.id for d in documents] == ["3"]
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (0, "", "the citation has no PMID"),
        (1, "2", "the citation has no Article element"),
    ]


def test_an_empty_set_is_no_error(tmp_path: Path) -> None:
    assert read_all(saved(tmp_path, "", "PubmedArticleSet")) == ([], [])


def many(count: int) -> str:
    abstract = "<Abstract><AbstractText>Some words about aspirin. </AbstractText></Abstract>"
    authors = "<AuthorList>" + "<Author><LastName>Doe</LastName></Author>" * 20 + "</AuthorList>"
    return "".join(
        citation(str(n), f"<ArticleTitle>T{n}.</ArticleTitle>{abstract}{authors}")
        for n in range(count)
    )


@pytest.mark.parametrize("packed", [False, True])
def test_a_truncated_file_gives_what_is_before_the_break(tmp_path: Path, packed: bool) -> None:
    raw = f"{HEAD}<MedlineCitationSet>{many(500)}</MedlineCitationSet>".encode()
    path = tmp_path / "a.xml.gz"
    raw = gzip.compress(raw, mtime=0) if packed else raw
    path.write_bytes(raw[: len(raw) * 3 // 4])
    documents, errors = read_all(path)
    assert 300 < len(documents) < 400
    assert [d.id for d in documents] == [str(n) for n in range(len(documents))]
    assert [e.row for e in errors] == [len(documents)]
    assert ("truncated" if packed else "damaged or cut off here") in errors[0].error
    with pytest.raises(InputError):
        list(read(path))


def test_an_empty_file_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.touch()
    documents, errors = read_all(path)
    assert documents == []
    assert [e.error for e in errors] == [
        "the file is not XML or is empty (no element found: line 1, column 0)"
    ]


class CountingStream(io.BytesIO):
    count = 0

    def read1(self, size: int | None = -1, /) -> bytes:
        chunk = super().read1(size)
        self.count += len(chunk)
        return chunk


def test_the_first_citation_comes_before_the_file_is_read() -> None:
    raw = f"<MedlineCitationSet>{many(2000)}</MedlineCitationSet>".encode()
    stream = CountingStream(raw)
    next(xml_records(stream, frozenset({"MedlineCitation"})))
    assert 0 < stream.count < len(raw) / 10


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xml.gz"
    path.write_bytes(
        gzip.compress(f"<MedlineCitationSet>{many(5000)}</MedlineCitationSet>".encode(), 1, mtime=0)
    )
    tracemalloc.start()
    try:
        count = sum(1 for _ in read(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 5000
    assert peak < 3_000_000


def test_the_english_abstract_of_another_provider(tmp_path: Path) -> None:
    title = "<ArticleTitle>T.</ArticleTitle>"
    others = (
        '<OtherAbstract Type="Publisher" Language="fre"><AbstractText>Fr.</AbstractText></OtherAbstract>'
        '<OtherAbstract Type="plain-language-summary" Language="eng"><AbstractText>Plain.</AbstractText>'
        "</OtherAbstract>"
        '<OtherAbstract Type="Publisher" Language="eng"><AbstractText Label="AIM">En.</AbstractText>'
        "</OtherAbstract>"
    )
    own = title + "<Abstract><AbstractText>Own.</AbstractText></Abstract>"
    path = saved(tmp_path, citation("1", title, others) + citation("2", own, others))
    documents, errors = read_all(path)
    assert [document.text for document in documents] == ["T. AIM: En.", "T. Own."]
    assert errors == []
