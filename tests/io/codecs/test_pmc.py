from pathlib import Path

import pytest

from biopipe.document import Document
from biopipe.io import RowError
from biopipe.io.codecs.pmc import read

META = """
<journal-meta><journal-title-group><journal-title>J Test</journal-title></journal-title-group></journal-meta>
<article-meta>
<article-id pub-id-type="pmid">5</article-id><article-id pub-id-type="pmc">77</article-id>
<article-id pub-id-type="doi">10.1/y</article-id>
<title-group><article-title>A <italic>long</italic> title<fn><p>note</p></fn></article-title>
<subtitle>A trial</subtitle></title-group>
<pub-date pub-type="ppub"><month>8</month><year>2008</year></pub-date>
<pub-date pub-type="epub"><day>1</day><month>7</month><year>2008</year></pub-date>
<pub-date pub-type="pmc-release"><day>1</day><month>1</month><year>2010</year></pub-date>
<abstract><sec><title>Methods:</title><p>We did.</p></sec>
<sec><title>Conclusion</title><p>So.</p></sec></abstract>
<abstract abstract-type="summary"><title>Author Summary</title><p>In short.</p></abstract>
<trans-abstract xml:lang="fr"><p>Pas lu.</p></trans-abstract>
</article-meta>"""

BODY = """
<p>Loose text.</p>
<sec sec-type="materials|methods"><label>1</label><title>How</title>
  <p>First<xref ref-type="bibr">[1]</xref>, CO<sub>2</sub>
     rose<sup><xref ref-type="bibr">2</xref></sup>.
     <fig><label>Figure 1</label><caption><title>Curve.</title><p>Of growth.</p></caption></fig></p>
  <sec><title>Details</title><p>With:<list><list-item><p>item one</p></list-item>
    <list-item><p>item two</p></list-item></list>and
    <disp-formula><tex-math>\\x</tex-math><math><mi>x</mi></math></disp-formula>after.</p></sec>
  <table-wrap><label>Table 1</label><caption><p>Doses.</p></caption>
    <table><tr><td>cell</td></tr></table><table-wrap-foot><fn><p>foot</p></fn></table-wrap-foot></table-wrap>
</sec>
<sec><title>Odd heading.</title><p>Text.</p></sec>
"""


def article(front: str = META, body: str = BODY, rest: str = "") -> str:
    return f"<article><front>{front}</front><body>{body}</body>{rest}</article>"


def saved(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "a.nxml"
    path.write_text(f'<!DOCTYPE article PUBLIC "-//NLM//DTD JATS//EN" "JATS.dtd">{content}')
    return path


def read_all(path: Path) -> tuple[list[Document], list[RowError]]:
    errors: list[RowError] = []
    return list(read(path, on_error=errors.append)), errors


def test_a_whole_article(tmp_path: Path) -> None:
    back = (
        "<back><ack><p>Thanks.</p></ack><app-group><app><title>Appendix</title><p>More.</p></app></app-group>"
        "<ref-list><ref><mixed-citation>Ref</mixed-citation></ref></ref-list></back>"
        "<floats-group><fig><label>Figure 2</label><caption><p>Floating.</p></caption></fig></floats-group>"
        "<sub-article><front-stub/><body><p>Review.</p></body></sub-article>"
    )
    (document,) = read(saved(tmp_path, article(rest=back)))
    assert document.id == "PMC77"
    assert document.meta == {
        "date": "2008-07-01",
        "journal": "J Test",
        "doi": "10.1/y",
        "pmid": "5",
        "pmc": "PMC77",
    }
    assert [(p.type, document.text[p.start : p.end]) for p in document.passages] == [
        ("title", "A long title: A trial"),
        ("abstract", "Methods:\n\nWe did.\n\nConclusion\n\nSo."),
        ("methods", "Methods:\n\nWe did."),
        ("conclusions", "Conclusion\n\nSo."),
        ("author summary", "Author Summary\n\nIn short."),
        ("body", "Loose text."),
        (
            "methods",
            "How\n\nFirst[1], CO2 rose.\n\nDetails\n\nWith:\n\nitem one\n\nitem two\n\nand x after.",
        ),
        ("odd heading", "Odd heading.\n\nText."),
        ("appendix", "Appendix\n\nMore."),
        ("figure caption", "Figure 1 Curve. Of growth."),
        ("table caption", "Table 1 Doses."),
        ("figure caption", "Figure 2 Floating."),
    ]
    assert document.text.endswith("Figure 2 Floating.")


def front(ids: str) -> str:
    return f"<article-meta>{ids}<title-group><article-title>T</article-title></title-group></article-meta>"


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ("<article-id pub-id-type='pmc'>PMC1</article-id>", "PMC1"),
        ("<article-id pub-id-type='pmcid'>PMC2</article-id>", "PMC2"),
        (
            "<article-id pub-id-type='pmid'>3</article-id><article-id pub-id-type='doi'>10.1/z</article-id>",
            "3",
        ),
        ("<article-id pub-id-type='doi'>10.1/z</article-id>", "10.1/z"),
    ],
)
def test_the_best_id_there_is(tmp_path: Path, ids: str, expected: str) -> None:
    (document,) = read(saved(tmp_path, article(front(ids))))
    assert document.id == expected


def test_a_set_with_bad_articles_and_a_break(tmp_path: Path) -> None:
    good = "<article-id pub-id-type='pmc'>{}</article-id>"
    articles = [
        article(front(good.format(1))),
        article(front("")),
        "<article/>",
        article(front(good.format(4))),
    ]
    documents, errors = read_all(
        saved(tmp_path, f"<pmc-articleset>{''.join(articles)}<article><fr")
    )
    assert [d.id for d in documents] == ["PMC1", "PMC4"]
    assert [(e.row, e.error[:47]) for e in errors] == [
        (1, "the article has no PMC id, PMID or DOI"),
        (2, "the article has no front/article-meta element"),
        (4, "the XML is damaged or cut off here (unclosed to"),
    ]


def test_an_article_of_title_only(tmp_path: Path) -> None:
    meta = front("<article-id pub-id-type='pmid'>3</article-id>")
    documents = read(saved(tmp_path, f"<article><front>{meta}</front></article>"))
    assert [d.text for d in documents] == ["T"]


@pytest.mark.parametrize(
    ("attributes", "title", "expected"),
    [
        ("sec-type='intro'", "", "introduction"),
        ("", "Background", "introduction"),
        ("", "Patients and methods", "methods"),
        ("sec-type='subjects'", "Materials and Methods", "methods"),
        ("", "Results and Discussion", "results and discussion"),
        ("sec-type='results|discussion'", "", "results and discussion"),
        ("", "RESULTS", "results"),
        ("", "Concluding remarks", "concluding remarks"),
        ("", "Conclusions", "conclusions"),
        ("", "", "section"),
    ],
)
def test_types_of_sections(tmp_path: Path, attributes: str, title: str, expected: str) -> None:
    body = f"<sec {attributes}><title>{title}</title><p>x</p></sec>"
    content = article(front("<article-id pub-id-type='pmid'>3</article-id>"), body)
    (document,) = read(saved(tmp_path, content))
    assert document.passages[-1].type == expected


def test_nesting_without_end_is_an_error_row(tmp_path: Path) -> None:
    deep = article(
        front("<article-id pub-id-type='pmid'>3</article-id>"), "<sec>" * 3000 + "</sec>" * 3000
    )
    documents, errors = read_all(
        saved(tmp_path, f"<pmc-articleset>{deep}{article()}</pmc-articleset>")
    )
    assert [d.id for d in documents] == ["PMC77"]
    assert [(e.row, e.error) for e in errors] == [(0, "the record is nested too deeply to be read")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('asthma<xref ref-type="bibr">6</xref> is', "asthma is"),
        ('asthma<sup><xref ref-type="fn">a</xref></sup> is', "asthma is"),
        ('asthma<xref ref-type="bibr"><italic>11</italic></xref>, is', "asthma, is"),
        (
            'asthma<xref ref-type="bibr"><sup>3</sup></xref><sup>–</sup>'
            '<xref ref-type="bibr"><sup>5</sup></xref> is',
            "asthma is",
        ),
        ('asthma.<xref ref-type="bibr">3,4</xref> It', "asthma. It"),
        ('MLH1<xref ref-type="fn">*</xref> and', "MLH1 and"),
        ("stress<sup>†</sup> and", "stress and"),
        ("typhus<sup>a,b</sup> and rabies<sup>c</sup>", "typhus and rabies"),
        ("typhus<sup>4,7</sup> or rabies<sup>11–13</sup>", "typhus or rabies"),
        ("typhus.<sup>4</sup> Rabies,<sup>7</sup> too", "typhus. Rabies, too"),
        ("metre<sup>2</sup>, x<sup>a</sup> and BRAF<sup>V600E</sup>", "metre2, xa and BRAFV600E"),
        ("the 19<sup>th</sup> and white<sup>apricot</sup>", "the 19th and whiteapricot"),
        ('in [<xref ref-type="bibr">6</xref>] and', "in [6] and"),
        ('in ref. <xref ref-type="bibr">6</xref> and', "in ref. 6 and"),
        ('by Li (<xref ref-type="bibr">2001</xref>) and', "by Li (2001) and"),
        ('see<xref ref-type="bibr">Smith 2001</xref> and', "seeSmith 2001 and"),
        ('in Fig. <xref ref-type="fig">1</xref>a and', "in Fig. 1a and"),
        ("Ca<sup>2+</sup> and 10<sup>-3</sup> CYP2C19<sup>*</sup>2", "Ca2+ and 10-3 CYP2C19*2"),
    ],
)
def test_marks_of_references_and_notes_do_not_grow_onto_words(
    tmp_path: Path, written: str, read: str
) -> None:
    (document,), errors = read_all(saved(tmp_path, article(body=f"<p>{written}</p>")))
    assert document.text.endswith(f"\n\n{read}")
    assert errors == []


def test_the_glossary_and_boxes_that_float(tmp_path: Path) -> None:
    rest = (
        "<back><glossary><title>Abbreviations</title><def-list><def-item><term>OA</term>"
        "<def><p>osteoarthritis</p></def></def-item></def-list></glossary></back>"
        "<floats-group><boxed-text><title>Key points</title><p>One.</p></boxed-text></floats-group>"
    )
    (document,), _ = read_all(saved(tmp_path, article(body="<p>Text.</p>", rest=rest)))
    assert document.text.endswith("Text.\n\nKey points\n\nOne.\n\nOA: osteoarthritis")
    assert [p.type for p in document.passages][-2:] == ["boxed text", "glossary"]
