"""Folders of brat as brat and the shared tasks write them, and what is wrong in them."""

from pathlib import Path

import pytest

from biopipe.document import Document, Mention, Relation
from biopipe.errors import InputError, OutputError
from biopipe.io import RowError, list_fragments, read, read_fragment
from biopipe.io.codecs import brat, brat_write
from biopipe.io.formats import write
from biopipe.io.losses import Losses

TEXT = "🧬 Lithium raises TSH.\nNo goitre, small\nor large."
ANNOTATIONS = """\
T1\tChemical 2 9\tLithium
N1\tReference T1 MESH:D008094\tlithium
T2\tDisease 25 31\tgoitre
A1\tNegated T2
T3\tSize 33 38;39 47\tsmall or large
R1\tCauses Arg1:T1 Arg2:T2\t
"""


def folder(tmp_path: Path, annotations: str | bytes, text: str = TEXT) -> Path:
    path = tmp_path / "corpus"
    path.mkdir(exist_ok=True)
    (path / "DOC-1.txt").write_bytes(text.encode())
    raw = annotations if isinstance(annotations, bytes) else annotations.encode()
    (path / "DOC-1.ann").write_bytes(raw)
    return path


def read_all(path: Path) -> tuple[list[Document], list[RowError]]:
    errors: list[RowError] = []
    return list(brat.read(path, on_error=errors.append)), errors


def test_a_folder_becomes_documents(tmp_path: Path) -> None:
    path = folder(tmp_path, ANNOTATIONS)
    (path / "sub").mkdir()
    (path / "sub" / "b.txt").write_text("plain", encoding="utf-8")
    (path / "annotation.conf").write_text("[entities]\n")
    (document, plain), errors = read_all(path)
    assert errors == []
    assert document.id == "DOC-1"
    assert document.text == TEXT
    assert document.mentions == (
        Mention(2, 9, "Chemical", concept_ids=("MESH:D008094",)),
        Mention(25, 31, "Disease", assertion=frozenset({"negated"})),
        # brat cuts a mention where the line ends.
        Mention(33, 47, "Size"),
    )
    assert document.relations == (Relation("MESH:D008094", "NIL:Disease/goitre", "Causes"),)
    assert plain == Document("sub/b", "plain")
    assert [d.id for d in read(path)] == ["DOC-1", "sub/b"]
    assert list(read(path / "DOC-1.ann")) == [document]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_of_annotations(
    tmp_path: Path, line_end: str, mark: bytes
) -> None:
    raw = mark + ANNOTATIONS.replace("\n", line_end).encode()
    (document,), errors = read_all(folder(tmp_path, raw))
    assert (len(document.mentions), errors) == (3, [])


@pytest.mark.parametrize(("shift", "utf16", "joined"), [("a", 1, 0), ("b", 0, 1), ("c", 1, 1)])
def test_offsets_of_programs_that_count_otherwise(
    tmp_path: Path, shift: str, utf16: int, joined: int
) -> None:
    text = TEXT.replace("\n", "\r\n")
    at = 2 + utf16
    later = 26 + utf16 - joined
    lines = f"T1\tChemical {at} {at + 7}\tLithium\nT2\tDisease {later} {later + 6}\tgoitre\n"
    (document,), errors = read_all(folder(tmp_path, lines, text))
    assert errors == []
    assert [text[m.start : m.end] for m in document.mentions] == ["Lithium", "goitre"]


def test_what_a_document_has_no_place_for_is_counted_once_a_folder(tmp_path: Path) -> None:
    lines = (
        "T1\tProtein 2 9\tLithium\nT2\tTrigger 10 16\traises\nT3\tParts 2 9;17 20\tLithium TSH\n"
        "E1\tRegulation:T2 Theme:T1\nM1\tSpeculation T1\nA1\tLevel E1 L1\n*\tEquiv T1 T2\n"
        "#1\tAnnotatorNotes T1\tcheck this\nR1\tPart Arg1:E1 Arg2:T1\n"
    )
    (document,), errors = read_all(folder(tmp_path, lines))
    assert [(m.start, m.end) for m in document.mentions] == [(2, 9), (10, 16), (2, 20)]
    assert document.mentions[0].assertion == {"possible"}
    (error,) = errors
    assert error.document_id == ""
    assert error.error == (
        "a document has no place for 1 attributes that are no assertion of a mention, "
        "1 equivalences, 1 events, "
        "1 gaps in mentions of several pieces, whose words are read as part of them, 1 notes, "
        "1 relations of events of this file"
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("T1\tGene 2 9\tcalcium", "line 1: T1 is left out, the mention of 7 characters is not"),
        ("T1\tGene 900 907\tLithium", "line 1: T1 is left out"),
        ("T1\tGene two nine\tLithium", "line 1: it is no annotation of brat"),
        ("\nT1 Gene 2 9 Lithium", "line 2: it is no annotation of brat"),
        ("T1\tGene 2 9\tLithium\nT1\tGene 2 9\tLithium", "line 2: T1 is there twice"),
        ("T1\tGene 2 9\tLithium\nR1\tx Arg1:T1 Arg2:T9", "line 2: the relation is left out, there"),
        ("T1\tGene 1 8\tLithium", "line 1: T1 at 1:8 is read at 2:9, where its text is"),
    ],
)
def test_a_wrong_line_is_told_and_the_rest_is_read(tmp_path: Path, lines: str, said: str) -> None:
    (document,), errors = read_all(folder(tmp_path, f"{lines}\nT5\tGene 17 20\tTSH\n"))
    assert (17, 20) in [(m.start, m.end) for m in document.mentions]
    assert [error.document_id for error in errors] == ["DOC-1"]
    assert said in errors[0].error
    assert "calcium" not in errors[0].error


def test_a_bad_file_costs_its_document_alone(tmp_path: Path) -> None:
    path = folder(tmp_path, ANNOTATIONS)
    (path / "A.ann").write_text("T1\tGene 0 1\tx\n")
    (path / "B.txt").write_text("x")
    (path / "B.ann").write_bytes(b"T1\tGene 0 1\t\xff\n")
    documents, errors = read_all(path)
    assert [d.id for d in documents] == ["DOC-1"]
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (0, "A", "there is no text A.txt beside the annotations"),
        (1, "B", "B.ann is not valid UTF-8 at byte 12 (0xff)"),
    ]


def test_a_run_reads_a_text_with_its_annotations(tmp_path: Path) -> None:
    path = folder(tmp_path, ANNOTATIONS)
    (path / "plain.txt").write_text("plain")
    fragments = list_fragments([str(path)])
    documents = [d for fragment in fragments for d in read_fragment(fragment)]
    assert [(d.id, len(d.mentions)) for d in documents] == [("DOC-1", 3), ("plain", 0)]


def test_a_folder_without_annotations_is_none_of_brat(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(InputError, match=r"holds no \.ann file"):
        list(brat.read(tmp_path))


def test_what_is_written_is_what_brat_reads(tmp_path: Path) -> None:
    mentions = (
        Mention(2, 9, "Chemical", concept_ids=("MESH:D008094",)),
        Mention(25, 31, "Disease or sign", assertion=frozenset({"negated"})),
        Mention(33, 47, "Size"),
        Mention(22, 22, "Nothing"),
    )
    relations = (Relation("MESH:D008094", "NIL:Disease or sign/goitre", "Causes", 0.5),)
    document = Document("a/b:1", TEXT, mentions, relations)
    written = write([document], tmp_path / "out", format="brat")
    assert written.losses.counts == {
        "labels with blanks, written with _": 1,
        "mentions of no words": 1,
        "scores of relations": 1,
    }
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "a%2Fb%3A1.ann",
        "a%2Fb%3A1.txt",
    ]
    assert (tmp_path / "out" / "a%2Fb%3A1.ann").read_text(encoding="utf-8").splitlines() == [
        "T1\tChemical 2 9\tLithium",
        "N1\tReference T1 MESH:D008094\tLithium",
        "T2\tDisease_or_sign 25 31\tgoitre",
        "A1\tNegated T2",
        "T3\tSize 33 38;39 47\tsmall or large",
        "R1\tCauses Arg1:T1 Arg2:T2",
    ]


def test_ids_that_cannot_be_file_names_are_one_sentence(tmp_path: Path) -> None:
    twice = [Document("a", "x"), Document("A", "y")]
    with pytest.raises(InputError, match="Two documents have the id 'A'"):
        brat_write.write(twice, tmp_path / "out", Losses())
    with pytest.raises(InputError, match="is too long for a file name"):
        brat_write.write([Document("é" * 100, "x")], tmp_path / "out", Losses())
    assert not (tmp_path / "out").exists()


def test_other_files_are_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_text("mine")
    with pytest.raises(OutputError, match="holds other files"):
        brat_write.write([Document("a", "x")], tmp_path)
    with pytest.raises(OutputError, match="is a file"):
        brat_write.write([Document("a", "x")], tmp_path / "notes.docx")
    assert (tmp_path / "notes.docx").read_text() == "mine"
