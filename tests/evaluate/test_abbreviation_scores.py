import json
from pathlib import Path

import pytest

from biopipe.errors import InputError
from biopipe.evaluate.abbreviation_scores import read_defined, score_abbreviations
from biopipe.text.abbreviations import AbbreviationFinder

RECORD = {
    "id": 7,
    "title": "Heart failure (HF).",
    "text": "Chronic obstructive pulmonary disease (COPD).",
    "pairs": [["HF", "Heart failure"], ["XY", "ex why"]],
}


def write(folder: Path, *lines: str) -> Path:
    path = folder / "gold.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_pairs_count_when_both_strings_are_right(tmp_path: Path) -> None:
    gold = read_defined(
        write(tmp_path, json.dumps(RECORD), "", json.dumps({**RECORD, "title": "", "id": "8"}))
    )
    assert [each.document.id for each in gold] == ["7", "8"]
    assert (
        gold[0].document.text == "Heart failure (HF). Chronic obstructive pulmonary disease (COPD)."
    )
    scores = score_abbreviations(
        gold, AbbreviationFinder().predict([each.document for each in gold])
    )
    assert scores["documents"] == 2
    assert (scores["tp"], scores["fp"], scores["fn"]) == (1, 2, 3)
    assert scores["f1"] == pytest.approx(2 / 7)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "gold.jsonl holds no documents"),
        ("{", "line 1 is not an object with id, text and pairs"),
        ("[]", "line 1 is not an object"),
        ('{"id": 1, "text": "x"}', "line 1 has no field 'pairs'"),
        (
            '{"id": 1, "text": "x", "pairs": [["a"]]}',
            "line 1 is not an object with id, text and pairs",
        ),
    ],
)
def test_wrong_files(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_defined(write(tmp_path, line))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot read the abbreviations"):
        read_defined(tmp_path / "none.jsonl")
