import re
from pathlib import Path

import pytest

from biopipe.assertion.trigger_files import (
    languages,
    load_triggers,
    read_triggers,
    write_triggers,
)
from biopipe.assertion.triggers import HYPHEN, Trigger, concerns, count_words, lowered, words
from biopipe.document.labels import ASSERTIONS
from biopipe.errors import ConfigError

HEADER = "term\tcategory\tdirection\tscope\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.tsv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("language", languages())
def test_every_shipped_file_has_all_assertions(language: str) -> None:
    triggers = load_triggers(language)
    assert {trigger.category for trigger in triggers} >= {
        *ASSERTIONS,
        "pseudo",
        "terminator",
        "negated relation",
    }
    assert {trigger.direction for trigger in triggers} >= {
        "forward",
        "backward",
        "both",
        "within",
        "section",
    }


def test_a_file_becomes_triggers(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "# a comment\n\n"
        + HEADER
        + "No Evidence of\tnegated\tforward\nmay\tpossible\tboth\t4\nno doubt\tpseudo\n"
        + "but\tterminator\n;\tterminator\t\tnegated, family\nPMH\thistorical\tsection\n"
        + "Plan\tterminator\tsection\n",
    )
    everything = frozenset(ASSERTIONS)
    assert read_triggers(path) == [
        Trigger(("no", "evidence", "of"), "negated", "forward"),
        Trigger(("may",), "possible", "both", 4),
        Trigger(("no", "doubt"), "pseudo"),
        Trigger(("but",), "terminator", ends=everything),
        Trigger((";",), "terminator", ends=frozenset({"negated", "family"})),
        Trigger(("pmh",), "historical", "section"),
        Trigger(("plan",), "terminator", "section"),
    ]


def test_word_classes_and_label_groups(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        HEADER.replace("\n", "\tlabels\n")
        + "mother\tclass\tkin\nbig sister\tclass\tkin\nhis\tclass\twhose\n"
        + "Chemical\tlabel\tdrugs\nDrug\tlabel\tdrugs\n"
        + "in <whose> <kin>\tfamily\tbackward\t3\n"
        + "off\tnegated\tforward\t\tdrugs\nstop\tnegated\tforward\t\tnot drugs, Gene\n",
    )
    drugs = frozenset({"Chemical", "Drug"})
    assert read_triggers(path) == [
        Trigger(("in", "his", "mother"), "family", "backward", 3),
        Trigger(("in", "his", "big", "sister"), "family", "backward", 3),
        Trigger(("off",), "negated", "forward", labels=drugs),
        Trigger(("stop",), "negated", "forward", labels=frozenset({"!Chemical", "!Drug", "Gene"})),
    ]


def test_a_users_file_may_name_the_shipped_classes(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "godmother\tclass\trelative\nnear <relative>\tpseudo\n")
    words_of = {trigger.words for trigger in load_triggers("en", [path])}
    assert {("near", "godmother"), ("near", "uncle")} <= words_of


def test_the_example_of_the_page_goes_over_the_shipped_triggers(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "assertion.md"
    (table,) = re.findall(r"```\n(term\t.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    own = load_triggers("en", [write(tmp_path, table)])
    # "mother" is a word of the shipped class too, and counts once.
    assert [t.words for t in own].count(("in", "her", "mother")) == 1


@pytest.mark.parametrize(
    ("labels", "label", "expected"),
    [
        (set(), "Disease", True),
        ({"Disease"}, "Disease", True),
        ({"Disease"}, "Gene", False),
        ({"!Disease"}, "Disease", False),
        ({"!Disease", "!Problem"}, "Gene", True),
        ({"!Disease", "Gene"}, "Gene", True),
        ({"!Disease", "Gene"}, "Species", False),
    ],
)
def test_which_mentions_a_trigger_concerns(labels: set[str], label: str, expected: bool) -> None:
    assert concerns(frozenset(labels), label) is expected


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    triggers = load_triggers("en")
    write_triggers(triggers, tmp_path / "all.tsv")
    assert read_triggers(tmp_path / "all.tsv") == triggers
    assert [path.name for path in tmp_path.iterdir()] == ["all.tsv"]


def test_a_users_lines_for_a_term_take_the_place_of_all_shipped_ones(tmp_path: Path) -> None:
    path = write(
        tmp_path, HEADER + "No\tpseudo\nruled out\tpossible\tboth\nquantum\tpossible\tforward\n"
    )
    merged = load_triggers("en", [path])
    assert [t.category for t in merged if t.words == ("no",)] == ["pseudo"]
    assert [t.category for t in merged if t.words == ("ruled", "out")] == ["possible"]
    assert Trigger(("quantum",), "possible", "forward") in merged
    assert Trigger(("w", "/", "o"), "negated", "forward") in merged
    assert load_triggers("tlh", [path], extend=False) == read_triggers(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "no\tnegation\tforward",
            "line 2: unknown category 'negation'; there are: negated, possible",
        ),
        (
            "no\tnegated\tforwards",
            "line 2: unknown direction 'forwards' of 'negated'; there are: forward, backward",
        ),
        ("no\tnegated", "line 2: unknown direction ''"),
        ("no\tnegated relation\tsection", "line 2: unknown direction 'section'"),
        ("no", "line 2: 1 columns; there are: term, category"),
        ("a\tnegated\tforward\t\t\tx", "line 2: 6 columns"),
        ("yes\taffirmed\tforward", "line 2: unknown direction 'forward' of 'affirmed'"),
        ("mother\tclass", "line 2: a row of the category 'class' needs a term and"),
        ("<kin>\tfamily\tforward", "line 2: there are no words of the class 'kin' before"),
        ("no\tnegated\tforward\tfive", "line 2: the scope 'five' is not a number of words above 0"),
        ("no\tnegated\tforward\t0", "line 2: the scope '0' is not a number"),
        ("  \tnegated\tforward", "line 2: the term '' has no words"),
        ("but\tterminator\tforward", "line 2: a terminator has no direction 'forward'"),
        (
            "but\tterminator\t\tnegation",
            "line 2: 'negation' is no assertion to end; there are: negated",
        ),
        ("no\tpseudo\tsection", "line 2: a pseudo has no direction 'section'"),
        ("no\tpseudo\t\tnegated", "line 2: a pseudo-trigger has no scope 'negated'"),
        ("no\tnegated\tforward\nNO\tnegated\tforward\t3", "line 3: 'no' is there twice"),
    ],
)
def test_a_wrong_line_is_named(row: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + row + "\n")
    with pytest.raises(ConfigError, match=message) as caught:
        read_triggers(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "term,category\n", "term\tcategory\tscope\n"]
)
def test_a_file_without_the_columns_says_which_there_are(text: str, tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"mine\.tsv is not a file of .* term, category, direction, scope"
    ):
        read_triggers(write(tmp_path, text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Cannot read the assertion triggers .*none\.tsv"):
        read_triggers(tmp_path / "none.tsv")
    (tmp_path / "latin.tsv").write_bytes("term\tné".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"Cannot read the assertion triggers .*latin\.tsv"):
        read_triggers(tmp_path / "latin.tsv")


def test_unknown_languages_say_what_there_is() -> None:
    with pytest.raises(
        ConfigError, match=f"for the language 'xx'; there are: {', '.join(languages())}; give"
    ):
        load_triggers("xx")
    with pytest.raises(ConfigError, match="there must be a file of triggers"):
        load_triggers("en", extend=False)


def test_words_and_their_places() -> None:
    text = "The Patient’s w/o no-reflow, İX -ve"
    low = lowered(text)
    assert len(low) == len(text)
    assert words(low) == [
        "the",
        "patient's",
        "w",
        "/",
        "o",
        "no",
        HYPHEN,
        "reflow",
        ",",
        "ix",
        "-",
        "ve",
    ]
    assert count_words(low, 4, 17) == 4
