"""CoNLL of corpora, with and without offsets."""

from pathlib import Path

import pytest

from biopipe.document import Document, Mention, Sentence
from biopipe.errors import InputError
from biopipe.io import RowError, read
from biopipe.io.formats import write


def read_all(tmp_path: Path, content: str) -> tuple[list[Document], list[RowError]]:
    path = tmp_path / "corpus.conll"
    path.write_bytes(content.encode())
    errors: list[RowError] = []
    return list(read(path, on_error=errors.append)), errors


def found(document: Document) -> list[tuple[str, str]]:
    return [(document.text[m.start : m.end], m.label) for m in document.mentions]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("between", ["\t", " ", "\tNN\tO\t"])
def test_documents_of_a_corpus(tmp_path: Path, line_end: str, between: str) -> None:
    rows = [
        "-DOCSTART- -X- -X- O",
        "",
        *(f"{w}{between}{t}" for w, t in [("Type", "B-Disease"), ("2", "I-Disease"), (".", "O")]),
        "",
        *(f"{w}{between}{t}" for w, t in [("insulin", "B-Drug"), ("IL-6", "B-Drug"), ("#", "O")]),
        "-DOCSTART-",
        f"β{between}S-Gene",
        f"𝛼{between}B-Gene",
        f"x{between}E-Gene",
        f"y{between}I-Gene",
    ]
    documents, errors = read_all(tmp_path, line_end.join(rows))
    assert errors == []
    assert [(d.id, d.text) for d in documents] == [
        ("corpus-1", "Type 2 .\ninsulin IL-6 #"),
        ("corpus-2", "β 𝛼 x y"),
    ]
    assert found(documents[0]) == [("Type 2", "Disease"), ("insulin", "Drug"), ("IL-6", "Drug")]
    assert found(documents[1]) == [("β", "Gene"), ("𝛼 x", "Gene"), ("y", "Gene")]


def test_a_file_that_is_not_divided_has_a_document_a_sentence(tmp_path: Path) -> None:
    documents, errors = read_all(tmp_path, "a\tI-X\nb\tI-Y\n\n\nc\tO\n")
    assert errors == []
    assert [d.text for d in documents] == ["a b", "c"]
    assert found(documents[0]) == [("a", "X"), ("b", "Y")]


def test_offsets_give_the_text_back_as_far_as_they_tell(tmp_path: Path) -> None:
    rows = "IL\t2\t4\tB-Gene\n-\t4\t5\tI-Gene\n6\t5\t6\tI-Gene\nrises\t8\t13\tO\n"
    (document,), _ = read_all(tmp_path, f"# newdoc id = PMID 7\n{rows}")
    assert document == Document("PMID 7", "  IL-6  rises", (Mention(2, 6, "Gene"),))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("a\tB-X\nb", "line 3: its last column is no tag such as O, B-Disease"),
        ("a\tGene", "line 2: its last column is no tag"),
        ('# text = "ab"\na\t1\t2\tO', "the token at 1:2 is not the text there"),
    ],
)
def test_a_wrong_line_costs_its_document_alone(tmp_path: Path, rows: str, said: str) -> None:
    content = f"# newdoc id = 1\n{rows}\n\n# newdoc id = 2\nc\tO\n"
    documents, errors = read_all(tmp_path, content)
    assert [d.id for d in documents] == ["2"]
    assert [(e.row, e.document_id) for e in errors] == [(0, "1")]
    assert said in errors[0].error
    with pytest.raises(InputError, match=r"corpus\.conll, record 0 \(1\)"):
        list(read(tmp_path / "corpus.conll"))


def test_sentences_are_divided_but_no_mention_is(tmp_path: Path) -> None:
    text = "IL-6 rises. TSH, too."
    sentences = (Sentence(0, 11), Sentence(12, 21))
    across = Mention(5, 15, "Event")
    document = Document("1", text, (Mention(0, 4, "Gene"), Mention(6, 8, "X"), across))
    write([Document("1", text, sentences=sentences)], tmp_path / "a.conll")
    lines = (tmp_path / "a.conll").read_text(encoding="utf-8").splitlines()
    assert lines[lines.index(".\t10\t11\tO") + 1] == ""
    written = write([document], tmp_path / "b.conll")
    assert written.losses.counts == {"mentions nested in others or overlapping them": 1}
    (back,) = read(tmp_path / "b.conll")
    assert back.mentions == (Mention(0, 4, "Gene"), across)


def test_blanks_at_the_edge_of_a_mention_are_counted(tmp_path: Path) -> None:
    document = Document("1", " a b ", (Mention(0, 2, "X"), Mention(3, 4, "Y")))
    written = write([document], tmp_path / "a.conll")
    assert written.losses.counts == {"mentions that begin or end with a blank or have no label": 1}
