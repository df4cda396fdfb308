"""Relations of other corpora: from mentions to concepts, and under BioRED's labels."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from typer.testing import CliRunner

from biopipe.cli import app
from biopipe.document import Document, Mention, Relation
from biopipe.errors import InputError
from biopipe.io.codecs import jsonl, pubtator
from biopipe.train.common.corpora import read_gold_corpus
from biopipe.train.relations.other_corpora import (
    MentionRelation,
    label_tables,
    read_mention_relations,
    read_sentences,
    relabelled,
    with_mention_relations,
)

TEXT = "Acetylsalicylic acid (ASA) inhibits COX-1 and COX-2. Asa also activated cox-1. Zinc too."


def _mention(words: str, label: str, after: int = 0) -> Mention:
    start = TEXT.index(words, after)
    return Mention(start, start + len(words), label)


def _document() -> Document:
    mentions = (
        _mention("Acetylsalicylic acid", "Chemical"),
        _mention("ASA", "Chemical"),
        _mention("COX-1", "Gene"),
        _mention("COX-2", "Gene"),
        _mention("cox-1", "Gene"),
        _mention("Zinc", "Chemical"),
    )
    return Document("7", TEXT, mentions)


def _start(words: str) -> int:
    return TEXT.index(words)


def test_mentions_of_one_name_or_its_short_form_are_one_concept() -> None:
    rows = [
        MentionRelation("INHIBITOR", _start("Acetyl"), _start("COX-1")),
        MentionRelation("INHIBITOR", _start("ASA"), _start("COX-1")),
        MentionRelation("ACTIVATOR", _start("ASA"), _start("cox-1")),
        MentionRelation("PART-OF", _start("ASA"), _start("COX-2")),
        MentionRelation("INHIBITOR", _start("Acetyl"), _start("ASA")),
    ]
    (document,) = with_mention_relations([_document()], {"7": rows, "8": rows})
    long, short, one, two, again, zinc = (mention.concept_ids for mention in document.mentions)
    assert long == short
    assert one == again
    assert len({long, one, two, zinc}) == 4
    found = {(r.head, r.tail): r.label for r in document.relations}
    assert found == {(*long, *one): "INHIBITOR", (*long, *two): "PART-OF"}

    (ours,) = relabelled([document], "drugprot")
    assert {(r.label, r.subject) for r in ours.relations} == {
        ("Negative_Correlation", long[0]),
        ("?", "?"),
    }


def test_every_row_of_the_table_is_a_label_of_the_shipped_schemes() -> None:
    labels = {c.label for table in label_tables().values() for c in table.values()}
    assert labels - {""} == {
        *("Association", "Bind", "CID", "Cotreatment", "Drug_Interaction", "?"),
        *("Negative_Correlation", "Positive_Correlation"),
    }
    assert {c.acts for table in label_tables().values() for c in table.values()} <= {0, 1, 2, None}


def test_what_has_no_counterpart_is_named() -> None:
    document = Document("7", TEXT, relations=(Relation("A:1", "A:2", "BLESSES"),))
    with pytest.raises(InputError, match="BLESSES of document 7 has no counterpart"):
        list(relabelled([document], "drugprot"))
    with pytest.raises(InputError, match="no table of the relation labels of poems; choose of"):
        list(relabelled([document], "poems"))


def test_sentences_relate_every_two_ends(tmp_path: Path) -> None:
    row = {
        "id": "s1",
        "text": "Aspirin, zinc and iron for glioma.",
        "entities": [
            [0, 7, "Drug", "0"],
            [9, 13, "Drug", "1"],
            [18, 22, "Drug", "2"],
            [27, 33, "cancer", "T3", {"ids": "DOID:1"}],
        ],
        "relations": [["POS", [0, 1, 2], True], ["Driver", ["cancer:T3", "Drug:2"]]],
    }
    path = tmp_path / "sentences.jsonl.gz"
    path.write_bytes(gzip.compress(f"{json.dumps(row)}\n".encode()))
    (document,) = read_sentences(path)
    assert [m.label for m in document.mentions] == ["Chemical"] * 3 + ["Disease"]
    assert sorted(r.label for r in document.relations) == ["Driver", "POS", "POS", "POS"]
    path.write_bytes(gzip.compress(b'{"id": "s2"}\n'))
    with pytest.raises(InputError, match=r"Line 1 of .* is no sentence with entities"):
        list(read_sentences(path))
    plain = tmp_path / "sentences.jsonl"
    plain.write_bytes(b"\xff\xfe{}\n")
    with pytest.raises(InputError, match="Cannot read the sentences"):
        list(read_sentences(plain))
    with pytest.raises(InputError, match="Cannot read the sentences"):
        list(read_sentences(tmp_path / "none.jsonl"))


def test_a_line_that_relates_nothing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.tsv"
    path.write_text("7\tINHIBITOR\t0\t20\t36\t41\tY\n7\tINHIBITOR\tzero\t20\t36\t41\n")
    with pytest.raises(InputError, match=r"Line 2 of .*rows\.tsv is no relation of two mentions"):
        read_mention_relations(path)
    with pytest.raises(InputError, match="Cannot read"):
        read_mention_relations(tmp_path / "none.tsv")


def test_the_command_writes_what_training_reads(tmp_path: Path) -> None:
    document = _document()
    pubtator.write([document], tmp_path / "c.pubtator")
    (tmp_path / "r.tsv").write_text(f"7\tINHIBITOR\t0\t20\t{_start('COX-1')}\t0\n")
    arguments = ["train", "relabel", str(tmp_path / "c.pubtator"), "--labels", "drugprot"]
    options = ["--mention-relations", str(tmp_path / "r.tsv"), "-o", str(tmp_path / "o.jsonl")]
    result = CliRunner().invoke(app, [*arguments, *options])
    assert result.exit_code == 0, result.output
    (read,) = read_gold_corpus(tmp_path / "o.jsonl", print)
    assert [(r.label, r.subject == r.head) for r in read.relations] == [
        ("Negative_Correlation", True)
    ]
    assert list(jsonl.read(tmp_path / "o.jsonl")) == [read]


def test_the_command_leaves_out_documents_that_relate_nothing(tmp_path: Path) -> None:
    related, other = _document(), replace(_document(), id="8")
    pubtator.write([related, other], tmp_path / "c.pubtator")
    rows = [
        f"{number}\t{label}\t0\t20\t{_start('COX-1')}\t0\n"
        for number, label in ((7, "INHIBITOR"), (8, "PART-OF"))
    ]
    (tmp_path / "r.tsv").write_text("".join(rows))
    arguments = ["train", "relabel", str(tmp_path / "c.pubtator"), "--labels", "drugprot"]
    options = ["--mention-relations", str(tmp_path / "r.tsv"), "-o", str(tmp_path / "o.jsonl")]
    found = {}
    for further in ((), ("--related",)):
        result = CliRunner().invoke(app, [*arguments, *options, *further])
        assert result.exit_code == 0, result.output
        found[further] = [document.id for document in jsonl.read(tmp_path / "o.jsonl")]
    assert found == {(): ["7", "8"], ("--related",): ["7"]}
