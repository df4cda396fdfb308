"""The pages: the README's example prints what it says, and no link leads nowhere."""

import re
from pathlib import Path

import pytest

from biopipe.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "reference").glob("*.md")),
]
NUMBER = re.compile(r"\b\d\.\d\d\b")


@pytest.fixture(scope="module")
def default_pipeline():
    import biopipe

    return biopipe.load()


@pytest.fixture
def loaded(monkeypatch, default_pipeline):
    """`biopipe.load()` gives one pipeline to all examples."""
    monkeypatch.setattr("biopipe.load", lambda: default_pipeline)


@pytest.mark.usefixtures("loaded")
def test_the_example_of_the_readme_prints_what_it_says(capsys):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code, output = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", readme, re.DOTALL)[0]
    exec(compile(code, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    # int8 scores differ between processors with and without VNNI, and with them the order.
    lines, said = (sorted(text.splitlines()) for text in (printed, output))
    assert [NUMBER.sub("N", line) for line in lines] == [NUMBER.sub("N", line) for line in said]
    scores, of_page = ([float(NUMBER.findall(line)[-1]) for line in part] for part in (lines, said))
    assert scores == pytest.approx(of_page, abs=0.15)


@pytest.mark.usefixtures("loaded")
def test_the_example_of_metadata_prints_what_it_says(capsys):
    page = (ROOT / "docs" / "coming-from.md").read_text(encoding="utf-8")
    retrieval = page.partition("## Retrieval")[2]
    code, output = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", retrieval, re.DOTALL)[0]
    exec(compile(code, "coming-from.md", "exec"), {})
    assert capsys.readouterr().out == output


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


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
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
    assert set(pages) == {
        *({path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}),
        "reference/index.md",  # which lists the other pages of its folder
    }


def _index():
    return (ROOT / "docs" / "index.md").read_text(encoding="utf-8")


def test_the_table_of_formats_is_that_of_the_code():
    from biopipe.components.docbin import all_formats

    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = [
        f"| {format.title} | `{name}` | {', '.join(f'`{ending}`' for ending in format.endings)} | yes "
        f"| {'yes' if format.write else ''} | {format.lacks} |"
        for name, format in sorted(all_formats().items())
    ]
    written = [line for line in page.splitlines() if line.startswith("| ") and "|---" not in line]
    assert written[1:] == rows


def test_the_readme_names_every_format():
    from biopipe.components.docbin import all_formats

    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("\n", " ")
    (sentence,) = re.findall(r"\*\*Formats\*\*, (.*?)\. All by", readme)
    both, read, written = (part.partition(": ")[2] for part in sentence.split("; "))
    formats = {name: f for name, f in all_formats().items() if name != "xml"}  # others in one
    titles = {name: re.split(r"[,:;]| or ", format.title)[0] for name, format in formats.items()}
    assert {titles[name] for name, format in formats.items() if format.write} == {
        *both.replace(" and ", ", ").split(", ")
    }
    assert not [title for title in titles.values() if title not in f"{both}, {read}"]
    assert written == "FHIR and OMOP"
