from pathlib import Path

import pytest

from biopipe.clinical.sections.titles import (
    FORMS,
    SectionTitle,
    load_titles,
    normal_title,
    read_titles,
    title_of,
    write_titles,
)
from biopipe.errors import ConfigError


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("** P.M.H. **", "pmh"),
        ("Past Medical Hx (per chart)", "past medical history"),
        ("FAMILY HISTORY / SOCIAL HISTORY", "family history and social history"),
        ("Assessment & Plan", "assessment and plan"),
        ("Patient\u2019s Medications", "patients medications"),
        ("A/P", "a and p"),
    ],
)
def test_normal_form(heading: str, name: str) -> None:
    assert normal_title(heading) == name


def test_shipped_titles_are_in_normal_form_and_say_where_they_come_from() -> None:
    path = Path(load_titles.__code__.co_filename).parent / "titles" / "en.tsv"
    rows = [
        line.split("\t")
        for line in path.read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]
    assert len(rows) == len({normal_title(row[0]) for row in rows}) == len(load_titles())
    assert all(len(row) == 4 and row[2] in FORMS for row in rows)
    assert {row[3] for row in rows} == {"C-CDA", "PRSB", "usage"}


def test_two_titles_joined_are_the_first() -> None:
    titles = load_titles()
    assert title_of(titles, "Allergies and Medications") == titles["allergies"]
    assert title_of(titles, "Lungs and Plan") is None
    assert title_of(titles, "Fever and Plan") is None


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("plan", "line 1 has no title and category"),
        ("plan\tplan\tloud", "line 1 has the form 'loud'; give one of: colon, lead, part"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, content: str, error: str) -> None:
    path = tmp_path / "titles.tsv"
    path.write_text(content)
    with pytest.raises(ConfigError, match=error):
        read_titles(path)


def test_missing_languages_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no titles of sections for the language 'xx'"):
        load_titles("xx")
    with pytest.raises(ConfigError, match="Cannot read the section titles"):
        load_titles(files=[tmp_path / "missing.tsv"])
    with pytest.raises(ConfigError, match="must be a file of section titles"):
        load_titles(extend=False)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    titles = load_titles() | {"wound care": SectionTitle("wound_care", "colon")}
    write_titles(titles, tmp_path / "titles.tsv")
    assert read_titles(tmp_path / "titles.tsv") == titles
