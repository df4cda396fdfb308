"""Texts that a tagger annotates for self-training."""

import itertools
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from biopipe.cli import app
from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.io.codecs import pubtator
from biopipe.ner.dictionary import Dictionary
from biopipe.ner.tagger import Tagger
from biopipe.train.ner.silver import DOUBTFUL, silver_documents, write_silver

TEXT = (
    "Imatinib is active in patients with chronic myeloid leukemia. The BCR gene was found in all of them. "
    "Nausea and arachnodactyly were rare."
)


def _labels(document: Document) -> dict[str, str]:
    return {document.text[m.start : m.end]: m.label for m in document.mentions}


def test_what_is_not_sure_teaches_nothing() -> None:
    tagger = Tagger(threshold=0.05)
    scores = {
        TEXT[m.start : m.end]: m.score for m in tagger.predict([Document("1", TEXT)])[0].mentions
    }
    least, *_, most = sorted(scores.values())
    assert least < most
    (silver,) = silver_documents([Document("1", TEXT)], tagger, sure=most)
    labels = _labels(silver)
    assert labels.keys() == scores.keys()
    assert {name for name, label in labels.items() if label == DOUBTFUL} == {
        n for n, s in scores.items() if s < most
    }


def test_names_of_a_dictionary_that_the_tagger_missed_teach_nothing() -> None:
    """A tagger above whose threshold nothing is, and one that finds things itself."""
    dictionary = Dictionary("default", shortest=6)
    (silver,) = silver_documents(
        [Document("1", TEXT)], Tagger(threshold=1.0), [dictionary], sure=1.0
    )
    assert _labels(silver).keys() >= {"Nausea", "arachnodactyly"}
    assert set(_labels(silver).values()) == {DOUBTFUL}
    (silver,) = silver_documents(
        [Document("1", TEXT)], Tagger(threshold=0.05), [dictionary], sure=0.5
    )
    spans = [(m.start, m.end) for m in silver.mentions]
    assert _labels(silver)["Imatinib"] == "Chemical"
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_the_command_writes_what_a_recipe_reads(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": TEXT} for n in range(3)] + [
        {"id": "empty", "text": "Nothing to see here at all."}
    ]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    output = tmp_path / "silver.pubtator"
    result = CliRunner().invoke(
        app,
        [
            "train",
            "silver",
            str(tmp_path / "t.jsonl"),
            "-o",
            str(output),
            "--fewest",
            "1",
            "--sure",
            "0.5",
        ],
    )
    assert result.exit_code == 0, result.output
    assert "3 of 4 passages" in result.output
    assert f"{output}: 3 passages" in result.output
    documents = list(pubtator.read(output))
    assert {d.id for d in documents} == {"t-0", "t-1", "t-2"}
    assert all(_labels(d)["Imatinib"] == "Chemical" for d in documents)


def test_a_score_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(json.dumps({"id": "1", "text": TEXT}))
    with pytest.raises(ConfigError, match="cannot be sure from a score of 60"):
        write_silver(
            [tmp_path / "t.jsonl"], Tagger(), tmp_path / "o", passages=1, sure=60, log=print
        )
