from pathlib import Path

import pytest

from biopipe.clinical.sections.titles import load_titles
from biopipe.clinical.short_forms.senses import load_senses, read_senses, write_senses
from biopipe.errors import ConfigError

HEADER = "short\tlong\tlabel\tcase\tweight\tsections\tcues\tsource\n"


def test_the_shipped_table_names_sections_and_sources_that_there_are() -> None:
    categories = {title.category for title in load_titles().values()}
    for sense in load_senses():
        assert {name.removeprefix("-") for name in sense.sections} <= categories, sense.short
        assert sense.source, sense.short
        assert len(sense.short.split("/")) in (1, len(sense.long.split("/"))), sense.short


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    senses = load_senses()
    write_senses(senses, tmp_path / "all.tsv")
    assert read_senses(tmp_path / "all.tsv") == senses


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("HTN\thypertension\n", r"is not a table of short forms; its first line must be"),
        (HEADER + "HTN\n", "line 2: a short form and its meaning are needed"),
        (HEADER + "HTN\tx\tDisease\tlower\n", "line 2: unknown case 'lower'; there are: 'any'"),
        (HEADER + "HTN\tx\tDisease\t\tmuch\n", "line 2: the weight 'much' is no number"),
        (HEADER + "HTN\tx\tDisease\t\t-1\n", "line 2: the weight '-1' is no number"),
        (HEADER + "\t".join("abcdefghi") + "\n", "in a row of at most 8 cells"),
    ],
)
def test_a_wrong_table_says_what_is_wrong(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.tsv"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_senses(path)


def test_unknown_languages_and_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no short forms for the language 'xx'; there are: en;"):
        load_senses("xx")
    with pytest.raises(ConfigError, match=r"Cannot read the short forms .*none\.tsv"):
        load_senses(files=[tmp_path / "none.tsv"])
