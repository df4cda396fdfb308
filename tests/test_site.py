"""The site builds without a warning, shows every public name and asks nothing of another host; the
notebooks run and give what they show.
"""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import biopipe

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
# Numbers that differ a little between processors, and folders and times of a run.
VOLATILE = re.compile(r"\d+\.\d+|/tmp/\S+|\d+ (?:s|ms|seconds)\b")

needs_docs = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("mkdocs", "mkdocstrings", "nbclient")),
    reason="the site's packages are not installed (extra 'docs')",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@needs_docs
def test_every_public_name_is_in_the_reference(site: Path) -> None:
    pages = "".join(
        page.read_text(encoding="utf-8") for page in (site / "reference").glob("*.html")
    )
    anchors = {anchor.rpartition(".")[2] for anchor in re.findall(r'id="(biopipe\.[\w.]+)"', pages)}
    assert set(biopipe.__all__) - {"__version__"} <= anchors


@needs_docs
def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    assert len(pages) > 30
    loaded = re.compile(
        r'<(?:script|img|iframe)[^>]*\ssrc="https?:|<link[^>]*stylesheet[^>]*https?:'
    )
    assert [page.name for page, text in pages.items() if loaded.search(text)] == []


@needs_docs
@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_a_notebook_runs_and_gives_what_it_shows(path: Path) -> None:
    import nbformat

    specification = importlib.util.spec_from_file_location(
        "notebooks", ROOT / "docs" / "site" / "notebooks.py"
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    kept, again = nbformat.read(path, as_version=4), module.execute(path)
    assert kinds(again) == kinds(kept), printed(again)
    if path.stem == "own-dictionary":  # the others order by scores, which processors round
        assert printed(again) == printed(kept)


def kinds(notebook: object) -> list[list[str]]:
    """By cell the kinds of its outputs, a stream by its name."""
    return [
        [output.get("name", output["output_type"]) for output in cell.get("outputs", ())]
        for cell in notebook.cells  # type: ignore[attr-defined]
    ]


def printed(notebook: object) -> list[str]:
    """What the cells give, as text, without what differs between machines."""
    return [
        VOLATILE.sub("N", output.get("text") or output.get("data", {}).get("text/plain", ""))
        for cell in notebook.cells  # type: ignore[attr-defined]
        for output in cell.get("outputs", ())
    ]
