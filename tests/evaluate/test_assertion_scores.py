from pathlib import Path

import pytest

from biopipe.errors import ConfigError, InputError
from biopipe.evaluate.assertion_scores import assert_judged, read_judged, score_assertions

ROWS = """\
1\t \tfever\tNo FEVER today.\tNegated\tRecent\tPatient
2\t \tbreast  cancer\tMother had breast   cancer, BREAST\u00a0CANCER.\tAffirmed\tHistorical\tFamily member
3\t \tpain\tReturn if PAIN.\tAffirmed\tNot particular\tPatient
4\t \tneck is supple. No mass\tNo mass.\tAffirmed\tRecent\tPatient
5\t \tasthma\tASTHMA.\tAffirmed\tHistorical\tPatient
6\t \txyz\tNothing at all.\tAffirmed\tRecent\tOther
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "gold.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_judged_sentences(tmp_path: Path) -> None:
    gold = read_judged(write(tmp_path, ROWS))
    found = [each.document.text[m.start : m.end] for each in gold for m in each.document.mentions]
    assert found == ["FEVER", "BREAST\u00a0CANCER", "PAIN", "No mass", "ASTHMA", "Nothing at all."]
    assert [sorted(each.labels) for each in gold] == [
        *(["Negated"], ["Historical", "Other"], ["Hypothetical"], [], ["Historical"], ["Other"])
    ]
    assert [each.document.id for each in gold] == list("123456")


def test_files_with_a_header_or_without_comments(tmp_path: Path) -> None:
    short = "id\tconcept\tsentence\tnegation\ttime\tperson\n1\tfever\tNo FEVER\tPossible\tRecent\tPatient\n"
    (judged,) = read_judged(write(tmp_path, short))
    assert judged.labels == {"Possible"}


def test_scores(tmp_path: Path) -> None:
    gold = read_judged(write(tmp_path, ROWS))
    pipeline = tmp_path / "p.json"
    pipeline.write_text('{"components": {"biopipe_assertion": {}}}')
    scores = score_assertions(gold, assert_judged(gold, pipeline))
    assert list(scores) == ["sentences", "Negated", "Historical", "Hypothetical", "Other"]
    assert scores["sentences"] == 6
    assert scores["Negated"]["f1"] == scores["Hypothetical"]["f1"] == 1
    assert (scores["Historical"]["tp"], scores["Historical"]["fn"]) == (0, 2)
    assert scores["Other"]["recall"] == 0.5
    nothing = score_assertions(gold, [each.document for each in gold], bootstrap=0)
    assert nothing["Negated"]["recall"] == 0
    assert nothing["Negated"]["ci95"] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "gold.tsv holds no judged sentences"),
        ("1\tfever\tNo fever\n", "gold.tsv line 1 has 3 columns; there must be id, comment"),
        (
            "\n1\t\tfever\tNo fever\tDenied\tRecent\tPatient\n",
            "line 2: unknown label 'Denied'; there are: affirm",
        ),
        (
            "1\t\tfever\tNo fever\tNegated\tOld\tPatient\n",
            "line 1: unknown label 'Old'; there are: recent",
        ),
    ],
)
def test_wrong_files(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_judged(write(tmp_path, text))


def test_missing_files_and_components(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Cannot read the judged sentences .*none\.tsv"):
        read_judged(tmp_path / "none.tsv")
    pipeline = tmp_path / "p.json"
    pipeline.write_text('{"components": {"biopipe_abbreviations": {}}}')
    with pytest.raises(
        ConfigError, match="has no biopipe_assertion; its components are: biopipe_abbreviations"
    ):
        assert_judged([], pipeline)
