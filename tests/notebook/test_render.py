import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

import biopipe
from biopipe.document import Candidate, Document, Mention, Relation
from biopipe.notebook.render import render_html

TEXT = "No <b>BRCA1</b> in breast cancer & HeLa."
DOCUMENT = Document(
    "1",
    TEXT,
    (
        Mention(
            6,
            11,
            "Gene",
            0.9,
            ("NCBIGene:672",),
            (Candidate("NCBIGene:672", 'BRCA1 "DNA" <repair>', 0.87),),
            frozenset({"negated"}),
            ("<script>alert(1)</script>",),
        ),
        Mention(19, 32, "Disease", section="<history>"),
        Mention(19, 25, "Odd label", concept_ids=("p|SUB|V|600|E;CorrespondingGene:673",)),
    ),
    (Relation("NCBIGene:672", "NIL:Disease/breast cancer", "</svg><script>", 0.5),),
)


class Page(HTMLParser):
    """Element names, links, and the text outside of styles and cards."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        names = dict(attributes)
        assert not any(name.startswith("on") for name in names)
        if tag == "a":
            self.links.append(names["href"] or "")
        if tag not in ("br", "rect", "path"):
            self.open.append(tag if "hidden" not in names else "hidden")

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("br", "rect", "path"):
            assert self.open.pop() in (tag, "hidden")

    def handle_data(self, data: str) -> None:
        if not {"style", "hidden", "small", "b", "svg"} & set(self.open):
            self.text += data


def test_markup_in_a_document_stays_text() -> None:
    page = Page(render_html(DOCUMENT))
    assert set(page.elements) <= {
        *("style", "div", "span", "small", "b", "a", "br"),
        *("svg", "g", "title", "path", "rect", "text", "defs", "marker"),
    }
    assert page.text == TEXT
    assert page.links == ["https://identifiers.org/NCBIGene:672"]


def test_scores_concepts_and_assertions_are_told() -> None:
    html = render_html(DOCUMENT)
    for told in (
        "Gene, score 0.90",
        "BRCA1 &quot;DNA&quot; &lt;repair&gt; (0.87)",
        "<b>¬ </b>",
        "asserted: negated",
        "section: &lt;history&gt;",
        "no concept",
        "p|SUB|V|600|E;CorrespondingGene:673",
    ):
        assert told in html


def test_what_is_not_drawn_is_said() -> None:
    crossing = Document("", "abcdef", (Mention(0, 4, "Gene"), Mention(2, 5, "Gene")))
    assert "1 of 2 mentions cross others: not drawn." in render_html(crossing)
    assert "not drawn" not in render_html(DOCUMENT)


@given(
    st.text(max_size=40).flatmap(
        lambda text: st.builds(
            Document,
            st.just(""),
            st.just(text),
            st.lists(
                st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(
                    lambda span: Mention(min(span), max(span), "Gene")
                ),
                max_size=6,
            ).map(tuple),
        )
    )
)
def test_any_text_comes_out_whole(document: Document) -> None:
    if document.text.isprintable():
        assert Page(render_html(document)).text.startswith(document.text)


def test_a_doc_and_its_document_look_the_same() -> None:
    nlp = spacy.blank("en")
    doc = biopipe.annotate_doc(nlp.make_doc(TEXT), DOCUMENT)
    assert biopipe.render(doc) == biopipe.render(biopipe.to_document(doc))
    assert isinstance(biopipe.render(doc), str)


def test_in_a_notebook_it_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    display = pytest.importorskip("IPython.display", reason="needs IPython")
    shown = biopipe.render(DOCUMENT, jupyter=True)
    assert isinstance(shown, display.HTML)
    assert shown.data == biopipe.render(DOCUMENT)

    class Shell:
        kernel = object()

    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", Shell)
    assert isinstance(biopipe.render(DOCUMENT), display.HTML)


def test_nothing_is_imported_for_what_is_not_used() -> None:
    code = (
        "import sys, biopipe; biopipe.to_frame; biopipe.render(biopipe.Document('1', 'x')); "
        "sys.exit(repr({'IPython', 'pandas', 'polars'} & set(sys.modules)) "
        "if {'IPython', 'pandas', 'polars'} & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_browser_shows_cards_on_hover(browser_page: Any, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8">{render_html(DOCUMENT)}')
    browser_page.open(page)
    shown = (
        "return [...document.querySelectorAll('.biopipe-card')]"
        ".map(card => getComputedStyle(card).display)"
    )
    assert set(browser_page.run(shown)) == {"none"}
    browser_page.run("document.querySelector('.biopipe-mention').focus()")
    assert browser_page.run(shown)[0] == "block"
    assert browser_page.run("return document.querySelectorAll('svg path').length") == 1
    assert browser_page.run("return document.scripts.length") == 0
    assert [line for line in browser_page.console() if "favicon" not in line] == []
    assert browser_page.requests() == [page.resolve().as_uri()]
