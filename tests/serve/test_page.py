"""The page of a server in a real browser: what a person does, and what the page must not do."""

import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from browser import Browser
from running_server import RunningServer, wait_until

pytest.importorskip("fastapi", reason="needs the extra 'serve'")

TEXT = (
    "Gefitinib (Iressa) in lung cancer with EGFR 𝛼. There was no lung neoplasm. "
    "ERBB1 was seen in lung cancer."
)


@pytest.fixture
def page(browser_page: Browser, server: RunningServer) -> Browser:
    """The page as it opens, with its pipelines listed."""
    browser_page.open(server.address)
    wait(browser_page, "return document.querySelectorAll('#pipeline option').length === 1")
    return browser_page


def wait(page: Browser, condition: str) -> None:
    """Until a JavaScript function body returns true."""
    wait_until(lambda: page.run(condition))


def annotate(page: Browser, text: str) -> None:
    page.run(
        """
        document.getElementById("text").value = arguments[0];
        document.getElementById("annotate").click();
        """,
        text,
    )
    wait(page, "return !document.getElementById('annotate').disabled")


def texts(page: Browser, selector: str) -> list[str]:
    return page.run(
        "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)", selector
    )


def test_mentions_are_coloured_and_named(page: Browser) -> None:
    annotate(page, TEXT)
    assert texts(page, ".mention") == [
        "GefitinibChemical",
        "IressaChemical",
        "lung cancerDisease",
        "EGFRGene",
        "¬lung neoplasmDisease",
        "ERBB1Gene",
        "lung cancerDisease",
    ]
    colours = page.run(
        "return [...document.querySelectorAll('.mention')].map((m) => getComputedStyle(m).backgroundColor)"
    )
    assert colours[0] == colours[1] != colours[2]
    assert texts(page, "#legend button") == ["Chemical 2", "Disease 3", "Gene 2"]
    assert texts(page, "#marks") == ["¬ negated"]
    shown = page.run(
        """
        const copy = document.getElementById("annotated").cloneNode(true);
        for (const added of copy.querySelectorAll(".tag, .sign")) added.remove();
        return copy.textContent;
        """
    )
    assert shown == TEXT


def test_a_mention_shows_its_candidates_and_assertion(page: Browser) -> None:
    annotate(page, TEXT)
    page.run("document.querySelectorAll('.mention')[4].click()")
    (details,) = texts(page, "#details")
    for part in ("lung neoplasm", "negated", "MESH:D008175", "lung cancer", "Candidates"):
        assert part in details
    assert len(texts(page, "#concepts tr.selected")) == 1


def test_concepts_are_counted_and_lead_to_their_mentions(page: Browser) -> None:
    annotate(page, TEXT)
    rows = texts(page, "#concepts tbody tr")
    assert len(rows) == 3
    assert "MESH:D0081753" in rows[0]
    page.run("document.querySelector('#concepts tbody tr').click()")
    assert texts(page, ".mention.selected") == [
        "lung cancerDisease",
        "¬lung neoplasmDisease",
        "lung cancerDisease",
    ]


def test_relations_are_drawn_and_lead_to_their_evidence(page: Browser) -> None:
    annotate(page, TEXT)
    edges, rows = texts(page, "#graph .edge title"), texts(page, "#relations tbody tr")
    assert len(edges) == len(rows) == 3
    assert len(texts(page, "#graph .node")) == 3
    page.run("document.querySelector('#graph .edge').dispatchEvent(new MouseEvent('click'))")
    assert texts(page, "#details blockquote")[0] in TEXT
    assert len(texts(page, "#relations tr.selected")) == 1
    page.run("document.querySelector('#graph .node').dispatchEvent(new MouseEvent('click'))")
    assert texts(page, ".mention.selected")


def test_an_arrow_leads_from_the_end_that_acts(page: Browser) -> None:
    drawn = page.run(
        """
        const [place, relation] = [document.createElement("div"), arguments[0]];
        const [{ showGraph }, { Palette }] = await Promise.all([
          import("/graph.js"), import("/annotations.js"),
        ]);
        const palette = new Palette({ labels: { "*": { fill: "#fff", line: "#000" } }, assertions: {} });
        return [relation, { ...relation, subject: "b" }, { ...relation, subject: "a" }].map((each) => {
          showGraph(place, [each], palette, {});
          return [place.querySelectorAll(".arrow").length, place.querySelector(".edge title").textContent];
        });
        """,
        {
            "head": "a",
            "tail": "b",
            "label": "Bind",
            "score": 0.5,
            "head_name": "A",
            "tail_name": "B",
        },
    )
    assert drawn == [[0, "A – bind – B"], [1, "B → bind → A"], [1, "A → bind → B"]]


def test_a_kind_can_be_hidden(page: Browser) -> None:
    annotate(page, TEXT)
    page.run("document.querySelector('#legend button').click()")
    assert texts(page, ".mention.muted") == ["GefitinibChemical", "IressaChemical"]
    page.run("document.querySelector('#legend button').click()")
    assert texts(page, ".mention.muted") == []


def test_markup_stays_text(page: Browser) -> None:
    text = '<img src=x onerror="document.title=1"><script>document.title=2</script> EGFR <b>bold'
    annotate(page, text)
    assert texts(page, ".mention") == ["EGFRGene"]
    assert page.run("return document.querySelectorAll('#annotated img, #annotated b').length") == 0
    assert page.run("return document.title") == "biopipe"
    assert texts(page, "#annotated") == [text.replace("EGFR", "EGFRGene")]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  ", "Paste a text first."),
        ("poison", "ValueError: cannot read"),
        ("a" * 1001, "takes at most 1,000"),
        ("a" * 5000, "larger than 4,000 bytes"),
    ],
    ids=["empty", "failing", "long", "too large"],
)
def test_what_cannot_be_is_said(page: Browser, text: str, sentence: str) -> None:
    annotate(page, text)
    assert sentence in texts(page, "#status.failed")[0]


def test_nothing_leaves_for_another_host_and_nothing_is_kept(
    page: Browser, server: RunningServer
) -> None:
    annotate(page, TEXT)
    page.run("document.querySelector('#graph .edge').dispatchEvent(new MouseEvent('click'))")
    requests = page.requests()
    assert f"{server.address}/annotate" in requests
    assert {address.startswith(f"{server.address}/") for address in requests} == {True}
    assert page.console() == []
    assert page.driver.get_cookies() == []
    assert page.run("return localStorage.length + sessionStorage.length") == 0


def test_the_example_is_annotated(page: Browser) -> None:
    page.run("document.getElementById('example').click()")
    wait(page, "return document.getElementById('status').textContent.startsWith('Done')")
    assert page.run("return document.getElementById('results').hidden") is False


@pytest.mark.parametrize(("name", "begin"), [("json", '{"pipeline"'), ("pubtator", "1|t|")])
def test_an_answer_can_be_downloaded(page: Browser, tmp_path: Path, name: str, begin: str) -> None:
    page.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    annotate(page, "EGFR.")
    page.run(f"document.querySelector('[data-format={name}]').click()")
    file = tmp_path / f"annotated.{name}"
    wait_until(file.is_file)
    assert file.read_text(encoding="utf-8").startswith(begin)


def test_no_file_of_the_page_names_another_host() -> None:
    folder = files("biopipe.serve").joinpath("page")
    for file in folder.iterdir():
        content = file.read_text(encoding="utf-8")
        addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[\w/.]*", content))
        assert addresses <= {"http://www.w3.org/2000/svg"}, file.name
        assert "innerHTML" not in content


def test_colours_are_those_of_the_table(server: RunningServer) -> None:
    from biopipe.language.colours import label_colour

    with server.client() as client:
        colours = json.loads(client.get("/colours.json").content)
    assert colours["labels"]["Gene"]["fill"] == label_colour("Gene").fill
    assert colours["labels"]["*"]
    assert colours["assertions"]["negated"]["sign"] == "¬"
