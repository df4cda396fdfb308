"""The page in a real browser: what it shows, that it asks for nothing, that text stays text."""

import json
import re
import shutil
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_records import NAMES, record, relation

from biopipe.errors import ExtraMissing
from biopipe.extras import require
from biopipe.report import ReportOptions, write_report
from biopipe.report.page import json_for_script

PACKAGE = Path(__file__).resolve().parents[2] / "biopipe" / "report"

HOSTILE = (
    "</script><script>document.title = 'taken'</script><!--<script> aspirin "
    "<img src=http://127.0.0.1:9/x onerror=\"document.title = 'taken'\"> & pain \U0001f9ec\u2028 "
    "<b>fever</b>."
)


def records():
    evidence = {"evidence": [{"start": 0, "end": 23}]}
    return [
        record(
            "one",
            "No aspirin eases  pain. In mice, fever fell.",
            [relation("aspirin", "pain", "Negative_Correlation", 0.9, novel=True, **evidence)],
            date="2001",
        ),
        record(
            "two",
            "When aspirin met fever. PTGS2 came with pain.",
            [
                relation("aspirin", "pain", "Negative_Correlation", 0.4, novel=False, **evidence),
                relation("PTGS2", "pain", "Association", 0.7, novel=True, assertion=["negated"]),
            ],
            date="2003-02",
        ),
        record(
            "<i>three</i>",
            HOSTILE,
            [relation("aspirin", "fever", "Bind", 0.3)],
            date="2005",
        ),
    ]


@pytest.fixture
def page(write_run, tmp_path, browser_page):
    """The report of three documents and a failed one, open in the browser."""
    pytest.importorskip("jinja2", reason="needs the extra 'report'")
    out = write_run([*records(), {"id": "<script>bad", "text": None}], name="<b>out")
    write_report(out, tmp_path / "page.html")
    open_report(browser_page, tmp_path / "page.html")
    yield browser_page
    assert browser_page.console() == []
    assert browser_page.requests() == [(tmp_path / "page.html").as_uri()]
    assert browser_page.run("return document.title") == "<b>out · biopipe report"


def go(page, room):
    page.run("location.hash = arguments[0]", f"#/{room}")
    wait(page, "return document.querySelector('nav a[aria-current=page]').hash.slice(2) === "
         f"'{room.split('/')[0]}'")  # fmt: skip


def wait(page, condition):
    """Until a condition holds in the page; 30 seconds are longer than any machine takes."""
    assert page.driver.execute_async_script(
        "const [code, done] = arguments; const holds = new Function(code); let tries = 0;"
        "(function look() { if (holds()) done(true); else if (++tries > 600) done(false);"
        " else setTimeout(look, 50); })();",
        condition,
    ), condition


def open_report(page, path):
    """Open a report, and wait until its script has filled it: it starts when the page is there."""
    page.open(path)
    wait(page, "return document.documentElement.dataset.ready === 'yes'")


def texts(page, selector):
    return page.run(
        "return [...document.querySelectorAll(arguments[0])].map((found) => found.innerText)",
        selector,
    )


def edges(page):
    return [text.replace("\n", ": ") for text in texts(page, "#evidence .edge")]


def put(page, name, value):
    """Set a filter as a reader does, and wait until the graph is drawn anew."""
    before = page.run("return document.querySelector('#network').dataset.drawn")
    page.run(
        "const field = document.querySelector('#filters').elements[arguments[0]];"
        "field.value = arguments[1];"
        "(field.length && !field.options ? field[0] : field)"
        ".dispatchEvent(new Event('input', {bubbles: true}))",
        name,
        value,
    )
    wait(page, f"return document.querySelector('#network').dataset.drawn !== '{before}'")


def test_the_overview_counts(page):
    tiles = [text.split("\n") for text in texts(page, ".tile")]
    assert [tile[:2] for tile in tiles] == [
        ["3", "documents"],
        ["11", "mentions"],
        ["5", "concepts"],
        ["4", "relations"],
        ["1", "failed"],
    ]
    assert texts(page, "#years canvas") == [""]
    assert "most in 2001 (1 document)" in page.run(
        "return document.querySelector('#years .chart').getAttribute('aria-label')"
    )
    assert texts(page, "#cut li") == [
        "Nothing: every document, concept and relation of the run is here."
    ]


def test_concepts_are_ranked_and_searched(page):
    go(page, "concepts")
    rows = [row.split("\t") for row in texts(page, "#concept-table tbody tr")]
    assert [row[:2] for row in rows[:3]] == [["1", "Aspirin"], ["2", "Fever"], ["3", "Pain"]]
    assert page.run("return document.querySelectorAll('#concept-table canvas').length") == 5
    page.run("document.querySelector('#concept-labels [data-label=Disease]').click()")
    assert len(texts(page, "#concept-table tbody tr")) == 2
    search = page.driver.find_element("id", "concept-search")
    search.send_keys("feVER")
    wait(page, "return document.querySelectorAll('#concept-table tbody tr').length === 1")
    page.run("document.querySelector('#concept-table .link').click()")
    wait(page, "return !document.querySelector('#concept-card').hidden")
    assert "3 documents, 3 mentions" in page.run(
        "return document.querySelector('#concept-card').innerText"
    )


def test_filters_act_on_the_evidence(page):
    go(page, "graph")
    assert [text.split(": ")[1] for text in edges(page)] == [
        "negative correlation · 2 documents",
        "association · 1 document",
        "bind · 1 document",
    ]
    put(page, "score", "60")
    assert sorted(text.split(": ")[1] for text in edges(page)) == [
        "association · 1 document",
        "negative correlation · 1 document",
    ]
    put(page, "novelty", "background")
    assert edges(page) == []
    put(page, "score", "0")
    assert [text.split(": ")[1] for text in edges(page)] == ["negative correlation · 1 document"]
    put(page, "novelty", "any")
    put(page, "assertion", "negated")
    assert [text.split(": ")[1] for text in edges(page)] == ["association · 1 document"]
    put(page, "assertion", "any")
    put(page, "from", "2004")
    assert [text.split(": ")[1] for text in edges(page)] == ["bind · 1 document"]
    put(page, "from", "")
    put(page, "least", "2")
    assert [text.split(": ")[1] for text in edges(page)] == ["negative correlation · 2 documents"]
    put(page, "least", "1")
    put(page, "kind", "together")
    assert all("named together" in text for text in edges(page))
    put(page, "kind", "both")
    put(page, "focus", "PTGS2")
    assert edges(page)
    assert all("PTGS2" in text for text in edges(page))


def test_types_are_switched_off_and_on_again(page):
    go(page, "graph")
    assert len(edges(page)) == 3
    for label, left in (("Chemical", 1), ("Gene", 0)):
        page.run("document.querySelector(`#filter-labels [value=${arguments[0]}]`).click()", label)
        wait(page, f"return document.querySelectorAll('#evidence .edge').length === {left}")
    page.run("document.querySelector('#filters [type=reset]').click()")
    wait(page, "return document.querySelectorAll('#evidence .edge').length === 3")
    page.run("document.querySelector('#filter-relations [value=Bind]').click()")
    wait(page, "return document.querySelectorAll('#evidence .edge').length === 2")


def test_an_edge_leads_to_its_sentences_and_they_to_the_document(page):
    go(page, "graph")
    edge = page.run(
        "return [...document.querySelectorAll('#evidence .edge')]"
        ".find((found) => found.innerText.includes('negative correlation')).dataset.edge"
    )
    page.run("document.querySelector(`#evidence [data-edge='${arguments[0]}']`).click()", edge)
    wait(page, "return document.querySelectorAll('#evidence .item').length === 2")
    assert texts(page, "#evidence blockquote") == [
        "No aspirin eases pain.",
        "When aspirin met fever.",
    ]
    assert texts(page, "#evidence .item:first-child mark.strong") == ["aspirin", "pain"]
    assert "score 0.90" in texts(page, "#evidence .item .meta")[0]
    assert "novel" in texts(page, "#evidence .item .meta")[0]
    page.run("document.querySelector('#evidence .item .meta .link').click()")
    wait(page, "return !document.querySelector('#documents').hidden")
    assert texts(page, "#document .reading mark") == ["aspirin", "pain", "mice", "fever"]
    page.run("document.querySelector('#document mark').click()")
    wait(page, "return !document.querySelector('#concepts').hidden")
    assert texts(page, "#concept-card h2") == ["Aspirin"]


def test_the_keyboard_reaches_an_edge(page):
    go(page, "graph")
    page.run("document.querySelector('#evidence .edge').focus()")
    page.driver.switch_to.active_element.send_keys("\ue007")  # Enter, of WebDriver
    wait(page, "return document.querySelectorAll('#evidence .item').length > 0")
    assert page.run("return document.activeElement.tagName") == "H2"


def test_documents_are_searched_by_text_and_by_concept(page):
    go(page, "documents")
    assert len(texts(page, "#document-list li")) == 3
    for asked, id in (
        ("aspirin MET", "two"),
        ("2005", "<i>three</i>"),
        (NAMES["PTGS2"][1], "two"),
    ):
        page.run(
            "const field = document.querySelector('#document-search'); field.value = arguments[0];"
            "field.dispatchEvent(new Event('input'))",
            asked,
        )
        wait(
            page,
            "const shown = [...document.querySelectorAll('#document-list small')];"
            f"return shown.length === 1 && shown[0].innerText.startsWith('{id}')",
        )


def test_markup_and_scripts_in_texts_stay_text(page):
    go(page, "documents/2")
    assert texts(page, "#document h2") == ["<i>three</i>"]
    shown = page.run("return document.querySelector('#document .reading').textContent")
    assert shown == HOSTILE
    assert texts(page, "#document .reading mark") == ["aspirin", "pain", "fever"]
    assert (
        page.run("return document.querySelectorAll('#document script, #document img').length") == 0
    )
    go(page, "run")
    assert "<script>bad" in page.run("return document.querySelector('#run-errors').innerText")
    assert "<b>out" in page.run("return document.querySelector('.brand').innerText")


def test_a_page_without_texts_shows_the_words_of_mentions(write_run, tmp_path, browser_page):
    out = write_run(records())
    shutil.rmtree(tmp_path / "in")
    summary = write_report(out, tmp_path / "page.html")
    assert summary.missing_texts == 3
    open_report(browser_page, tmp_path / "page.html")
    assert "The texts of 3 documents were not found" in "".join(texts(browser_page, "#cut li"))
    go(browser_page, "documents/0")
    assert texts(browser_page, "#document .words mark") == ["aspirin", "pain", "mice", "fever"]
    go(browser_page, "graph/0")
    wait(browser_page, "return document.querySelectorAll('#evidence .item .words').length > 0")
    assert browser_page.console() == []


def test_what_is_cut_is_said(write_run, tmp_path, browser_page):
    many = [{**one, "id": f"{one['id']}-{copy}"} for copy in range(20) for one in records()]
    options = ReportOptions(documents=5, concepts=1, pairs=2, evidence=3)
    summary = write_report(write_run(many), tmp_path / "page.html", options=options)
    assert (summary.documents, summary.all_documents) == (5, 60)
    open_report(browser_page, tmp_path / "page.html")
    said = texts(browser_page, "#cut li")
    assert said[0].startswith("5 of 60 documents can be opened")
    assert any("4 of 5 concepts are ranked" in sentence for sentence in said)
    assert any("2 of 3 relations" in sentence for sentence in said)
    assert any("Of one edge at most 3 documents are kept" in sentence for sentence in said)
    go(browser_page, "graph")
    assert edges(browser_page)[0].endswith("negative correlation · 40 documents")
    put(browser_page, "score", "10")
    assert edges(browser_page)[0].endswith("at least 3 documents")
    assert browser_page.console() == []


@given(st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()))
def test_json_in_a_script_is_the_same_and_cannot_end_it(value):
    text = json_for_script(value)
    assert json.loads(text) == value
    assert not re.search("[<>&\u2028\u2029]", text)


def test_the_libraries_are_those_that_are_named():
    libraries = json.loads((PACKAGE / "libraries" / "libraries.json").read_text())
    named = {library["file"] for library in libraries}
    files = {path.name for path in (PACKAGE / "libraries").iterdir()}
    licences = {f"{name.split('.')[0]}.LICENSE" for name in named}
    assert files == named | licences | {"libraries.json"}
    for library in libraries:
        content = (PACKAGE / "libraries" / library["file"]).read_bytes()
        assert sha256(content).hexdigest() == library["sha256"]
        licence = PACKAGE / "libraries" / f"{library['file'].split('.')[0]}.LICENSE"
        assert library["copyright"].removesuffix(".") in licence.read_text(), library["name"]


def test_no_script_could_end_its_element_or_carries_the_sign_of_a_comment():
    scripts = [*(PACKAGE / "page").glob("*.js"), *(PACKAGE / "libraries").glob("*.js")]
    assert len(scripts) > 10
    for script in scripts:
        assert not re.search("</script|<!--|\r", script.read_text(encoding="utf-8"), re.IGNORECASE)


def test_data_never_becomes_markup():
    for script in (PACKAGE / "page").glob("*.js"):
        forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function"
        assert not re.search(forbidden, script.read_text(encoding="utf-8")), script.name


def test_without_jinja_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ExtraMissing, match=re.escape("pip install 'biopipe[report]'")):
        require("jinja2", "report")


def crowd(number):
    """A document that relates so many concepts of long names to one another."""
    names = [f"substance {n:02} of a long name" for n in range(number)]
    text = ". ".join(names)
    mentions = [
        {
            "start": text.index(name),
            "end": text.index(name) + len(name),
            "label": "Chemical",
            "score": 0.9,
            "concept_ids": [f"X:{n}"],
            "candidates": [{"concept_id": f"X:{n}", "name": name, "score": 0.9}],
        }
        for n, name in enumerate(names)
    ]
    ends = {"head_label": "Chemical", "tail_label": "Chemical"}
    relations = [
        {"head": f"X:{n}", "tail": f"X:{n // 3}", "label": "Bind", "score": 0.9, **ends}
        for n in range(1, number)
    ]
    return {"id": "crowd", "text": text, "mentions": mentions, "relations": relations}


def test_no_name_in_the_graph_covers_another(write_run, tmp_path, browser_page):
    pytest.importorskip("jinja2", reason="needs the extra 'report'")
    write_report(write_run([crowd(60)]), tmp_path / "page.html")
    open_report(browser_page, tmp_path / "page.html")
    go(browser_page, "graph")
    wait(browser_page, "return document.querySelector('#network').dataset.drawn")
    overlaps = browser_page.run(
        """
        const boxes = document.querySelector('#network')._cyreg.cy.nodes().map(
          (node) => node.boundingBox({ includeOverlays: false }));
        return boxes.map((a, i) => boxes.slice(i + 1).filter((b) =>
          Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1) > 1 &&
          Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1) > 1).length);
        """
    )
    assert len(overlaps) == 60
    assert sum(overlaps) == 0
