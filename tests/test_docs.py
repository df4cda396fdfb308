"""The pages: the README's example prints what it says, and no link leads nowhere."""

import re
from pathlib import Path

import pytest

from biopipe.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
NUMBER = re.compile(r"\b\d\.\d\d\b")


def test_the_example_of_the_readme_prints_what_it_says(capsys):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code, output = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", readme, re.DOTALL)[0]
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert NUMBER.sub("N", printed) == NUMBER.sub("N", output)
    # int8 scores differ a little between processors.
    scores = [float(number) for number in NUMBER.findall(output)]
    assert [float(number) for number in NUMBER.findall(printed)] == pytest.approx(scores, abs=0.1)


def test_the_reader_of_the_page_on_extending_reads(tmp_path):
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n# two_columns.py\n(.*?)```", page, re.DOTALL)
    reader = {}
    exec(compile(code, "two_columns.py", "exec"), reader)
    path = tmp_path / "notes.tsv"
    path.write_bytes("a\tIL-6 rises.\nno tab\n\xff\n".encode("latin-1") + b"b\tIt falls.\n")
    errors = []
    documents = list(reader["read"](path, on_error=errors.append))
    assert [(document.id, document.text) for document in documents] == [
        ("a", "IL-6 rises."),
        ("b", "It falls."),
    ]
    assert [error.row for error in errors] == [1, 2]
    with pytest.raises(InputError, match="has no tab"):
        list(reader["read"](path))


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_link_of_a_page_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert not [link for link in links if link and not (page.parent / link).exists()]


def test_every_path_that_a_page_or_a_card_names_is_there():
    cards = sorted((ROOT / "models").glob("*/README.md"))
    # What the wheel holds, and examples.
    others = {"biopipe/models", "biopipe/dictionaries", "biopipe/kinds/anatomy"}
    missing = [
        (page.name, path)
        for page in [*PAGES, *cards]
        for path in re.findall(
            r"`((?:biopipe|tests|benchmarks)/[\w/.*-]+)`", page.read_text(encoding="utf-8")
        )
        if path not in others and not any(ROOT.glob(path))
    ]
    assert not missing


def test_the_index_lists_every_page_once():
    links = re.findall(r"^- \[[^]]+\]\(([^)]+\.md)\)", _index(), re.MULTILINE)
    pages = [link for link in links if not link.startswith("..")]
    assert len(pages) == len(set(pages))
    assert set(pages) == {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}


def _index():
    return (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
