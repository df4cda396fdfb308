"""docs/figures.md holds what its script writes from the results in the tree."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def figures():
    specification = importlib.util.spec_from_file_location(
        "figures", ROOT / "benchmarks" / "figures.py"
    )
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_page_is_what_the_script_writes(figures):
    descriptions = figures.describe()
    expected = figures.page(descriptions, figures.staleness(descriptions))
    written = figures.PAGE.read_text(encoding="utf-8")
    # A mark says whether code changed since it was measured: any commit may turn one, and a clone
    # may lack the commits to tell.
    assert _without_marks(written) == _without_marks(expected), "run python benchmarks/figures.py"


def test_a_figure_whose_code_changed_is_marked(figures, monkeypatch):
    descriptions = figures.describe()
    names = list(descriptions["depends_on"])
    for changed, mark in ((True, "**stale**"), (None, "unknown"), (False, "")):
        text = figures.page(descriptions, dict.fromkeys(names, changed))
        rows = [line for line in text.splitlines() if "../benchmarks/results/" in line]
        marks = [row.rsplit("|", 2)[1].strip() for row in rows if "json](" in row]
        assert marks == [mark] * len(descriptions["figures"])


def test_the_contents_of_a_path_decide_whether_a_figure_is_stale(figures):
    head = figures.staleness(
        {"depends_on": {"chain": ["LICENSE"]}, "figures": [{"benchmark": "chain"}]}
    )
    if head["chain"] is None:
        pytest.skip("needs git and the commit that was measured")
    assert head == {"chain": False}
    changed = {"depends_on": {"chain": ["README.md"]}, "figures": [{"benchmark": "chain"}]}
    assert figures.staleness(changed) == {"chain": True}


def test_every_path_that_a_figure_depends_on_is_there(figures):
    descriptions = figures.describe()
    for name, paths in descriptions["depends_on"].items():
        assert paths, name
        assert not [path for path in paths if not (ROOT / path).exists()], name
    assert set(descriptions["depends_on"]) == {f["benchmark"] for f in descriptions["figures"]}


def test_every_script_and_result_of_the_page_is_there(figures):
    links = re.findall(r"\]\((\.\./[^)#]+)", figures.PAGE.read_text(encoding="utf-8"))
    assert len(links) > 100
    assert not [link for link in set(links) if not (ROOT / "docs" / link).exists()]


def test_the_headlines_of_the_readme_are_figures(figures):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    headlines = [f for f in figures.describe()["figures"] if f.get("headline")]
    assert len(headlines) == 5
    assert not [text for text in map(figures.measured, headlines) if text not in readme]


def _without_marks(text):
    return re.sub(r"\| (\*\*stale\*\*|unknown)? ?\|$", "||", text, flags=re.MULTILINE)
