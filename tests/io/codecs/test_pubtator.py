import gzip
import string
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document, Mention, Passage, Relation
from biopipe.errors import InputError, OutputError
from biopipe.io import RowError
from biopipe.io.codecs.pubtator import read, write


def saved(tmp_path: Path, content: str | bytes, name: str = "a.pubtator") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read_all(path: Path) -> tuple[list[Document], list[RowError]]:
    errors: list[RowError] = []
    return list(read(path, on_error=errors.append)), errors


BIORED = """\
11|t|SLC5A5 deletion in goitre.
11|a|A patient had the R140Q change.
11\t0\t6\tSLC5A5\tGene\t6528
11\t19\t25\tgoitre\tDisease\tD006042
11\t29\t36\tpatient\tSpecies\t9606
11\t45\t50\tR140Q\tVariant\tp|SUB|R|140|Q
11\tAssociation\t6528\tD006042\tNovel
11\tPositive_Correlation\tp|SUB|R|140|Q\tD006042\tNo

"""


def test_reads_mentions_with_curies_and_relations_with_novelty(tmp_path: Path) -> None:
    (document,) = read(saved(tmp_path, BIORED))
    assert document.text == "SLC5A5 deletion in goitre. A patient had the R140Q change."
    assert document.passages == (Passage("title", 0, 26), Passage("abstract", 27, 58))
    assert [
        (document.text[m.start : m.end], m.label, m.concept_ids) for m in document.mentions
    ] == [
        ("SLC5A5", "Gene", ("NCBIGene:6528",)),
        ("goitre", "Disease", ("MESH:D006042",)),
        ("patient", "Species", ("NCBITaxon:9606",)),
        ("R140Q", "Variant", ("p|SUB|R|140|Q",)),
    ]
    assert document.relations == (
        Relation("NCBIGene:6528", "MESH:D006042", "Association", novel=True),
        Relation("p|SUB|R|140|Q", "MESH:D006042", "Positive_Correlation", novel=False),
    )


def test_relation_without_novelty_and_ids_that_no_mention_has(tmp_path: Path) -> None:
    content = "1|t|lithium\n1|a|\n1\t0\t7\tlithium\tChemical\tD008094\n1\tCID\tD008094\tD003490\n"
    (document,) = read(saved(tmp_path, content))
    assert document.relations == (Relation("MESH:D008094", "MESH:D003490", "CID", novel=None),)


def test_a_relation_of_a_composite_concept_is_one_relation_for_each(tmp_path: Path) -> None:
    content = "1|t|x\n1|a|\n1\tAssociation\tD010862\tD017180|D014693\tNovel\n"
    (document,) = read(saved(tmp_path, content))
    assert [(r.head, r.tail) for r in document.relations] == [
        ("MESH:D010862", "MESH:D017180"),
        ("MESH:D010862", "MESH:D014693"),
    ]


def test_directions_name_the_subject_of_the_relations_of_a_pair(tmp_path: Path) -> None:
    content = (
        "1|t|x\n1|a|\n"
        "1\tD010862\tD017180|D014693\tSubject:D017180|D014693\n"
        "1\tAssociation\tD010862\tD017180|D014693\tNovel\n"
        "1\tBind\tD017180\tD010862\n"
        "1\tBind\tD010862\tD000001\n"
        "1\tD010862\tD000001\tSubject:D000002\n"
    )
    documents, errors = read_all(saved(tmp_path, content))
    assert [(r.tail, r.subject) for r in documents[0].relations] == [
        ("MESH:D017180", "MESH:D017180"),
        ("MESH:D014693", "MESH:D014693"),
        ("MESH:D010862", "MESH:D017180"),
        ("MESH:D000001", None),
    ]
    assert [error.error for error in errors] == [
        "line 7: the subject in its fourth column is neither of its two concepts"
    ]


def test_a_gene_wins_over_a_species_of_the_same_number_in_a_relation(tmp_path: Path) -> None:
    mentions = "1\t0\t1\ta\tSpecies\t10090\n1\t1\t2\tb\tGene\t10090\n"
    content = f"1|t|ab\n1|a|\n{mentions}1\tAssociation\t10090\tD000001\tNo\n"
    (document,) = read(saved(tmp_path, content))
    assert document.relations[0].head == "NCBIGene:10090"


@pytest.mark.parametrize(
    "content",
    [
        "1|t|One.\n1|a|Two.\n\n2|t|Three.\n2|a|Four.\n",
        "1|t|One.\n1|a|Two.\n2|t|Three.\n2|a|Four.",
        "1|t|One.\r\n1|a|Two.\r\n\r\n2|t|Three.\r\n2|a|Four.\r\n",
        "\ufeff1|t|One.\n1|a|Two.\n\n\n\n2|t|Three.\n2|a|Four.\n\n\n",
        "\n\n1|t|One.\n\n1|a|Two.\n \n2|t|Three.\n2|a|Four.\n",
    ],
    ids=["blank line", "no blank line", "CRLF", "BOM", "blank lines everywhere"],
)
def test_layouts_of_a_file(tmp_path: Path, content: str) -> None:
    documents, errors = read_all(saved(tmp_path, content))
    assert [(d.id, d.text) for d in documents] == [("1", "One. Two."), ("2", "Three. Four.")]
    assert errors == []


@pytest.mark.parametrize("content", ["1|t|Title\n1|a|\n", "1|t|Title\n"])
def test_without_abstract_the_text_is_the_title(tmp_path: Path, content: str) -> None:
    (document,) = read(saved(tmp_path, content))
    assert document.text == "Title"
    assert document.passages == (Passage("title", 0, 5),)


def test_an_empty_text_is_a_document(tmp_path: Path) -> None:
    (document,) = read(saved(tmp_path, "1|t|\n1|a|\n"))
    assert document.text == ""


def test_offsets_count_characters_and_line_separators_of_unicode_do_not_end_a_line(
    tmp_path: Path,
) -> None:
    title = "e\u0301 \U0001f9ec\u2028\x85\x0c β-catenin"
    start = title.index("β")
    content = f"1|t|{title}\n1|a|\n1\t{start}\t{start + 9}\tβ-catenin\tGene\t1499\n"
    (document,) = read(saved(tmp_path, content))
    assert document.text == title
    assert document.text[document.mentions[0].start : document.mentions[0].end] == "β-catenin"


def test_a_text_with_tabs_and_bars_is_text(tmp_path: Path) -> None:
    (document,) = read(saved(tmp_path, "1|t|a\tb|c|t|d\n1|a|e\tf\n"))
    assert document.text == "a\tb|c|t|d e\tf"


def test_gzip_is_known_by_its_bytes(tmp_path: Path) -> None:
    assert [
        d.id for d in read(saved(tmp_path, gzip.compress(BIORED.encode(), mtime=0), "a.txt"))
    ] == ["11"]


def test_a_bad_mention_is_reported_and_the_document_kept(tmp_path: Path) -> None:
    content = (
        "1|t|aspirin\n1|a|\n1\t0\t7\tibuprofen\tChemical\t-\n1\t0\t7\taspirin\tChemical\t-\n2|t|b\n"
    )
    documents, errors = read_all(saved(tmp_path, content))
    assert [len(d.mentions) for d in documents] == [1, 0]
    assert [(e.row, e.document_id) for e in errors] == [(0, "1")]
    assert "line 3: the mention of 9 characters is not the text at 0:7" in errors[0].error


@pytest.mark.parametrize("span", ["0\t9", "5\t5", "6\t3"])
def test_a_span_outside_the_text_is_reported(tmp_path: Path, span: str) -> None:
    _, errors = read_all(saved(tmp_path, f"1|t|aspirin\n1\t{span}\taspirin\tChemical\t-\n"))
    assert len(errors) == 1


def test_a_copy_of_the_mention_may_differ_in_case_and_white_space(tmp_path: Path) -> None:
    (document,) = read(saved(tmp_path, "1|t|Erk  two\n1\t0\t8\tERK two \tGene\t-\n"))
    assert document.mentions == (Mention(0, 8, "Gene"),)


@pytest.mark.parametrize(
    "line", ["1\tgarbage", "1\tAssociation\tD000001\tD000002\tMaybe", "1\tAssociation\t-\tD000002"]
)
def test_a_line_that_is_neither_mention_nor_relation_is_reported(tmp_path: Path, line: str) -> None:
    documents, errors = read_all(saved(tmp_path, f"1|t|x\n1|a|\n{line}\n2|t|y\n"))
    assert [d.id for d in documents] == ["1", "2"]
    assert [e.error[:7] for e in errors] == ["line 3:"]


def test_an_abstract_broken_over_lines_is_an_error_not_a_shorter_text(tmp_path: Path) -> None:
    documents, errors = read_all(saved(tmp_path, "1|t|x\n1|a|first\nsecond\n\n2|t|y\n2|a|z\n"))
    assert [d.id for d in documents] == ["2"]
    assert (errors[0].row, errors[0].document_id) == (0, "1")


def test_annotations_without_a_title_are_one_error(tmp_path: Path) -> None:
    documents, errors = read_all(
        saved(tmp_path, "1|t|x\n\n7\t0\t1\tx\tGene\t-\n7\t0\t1\tx\tGene\t-\n\n2|t|y\n")
    )
    assert [d.id for d in documents] == ["1", "2"]
    assert [(e.row, e.document_id) for e in errors] == [(1, "7")]


@pytest.mark.parametrize("line", ["The patient is called Smith.", "Smith", "Smith was\t0\t1"])
def test_a_line_of_text_is_no_id(tmp_path: Path, line: str) -> None:
    documents, errors = read_all(saved(tmp_path, f"{line}\n\n2|t|y\n"))
    assert [d.id for d in documents] == ["2"]
    assert [e.document_id for e in errors] == [""]
    assert not any("Smith" in e.error for e in errors)


def test_bad_utf8_is_an_error_row_with_its_offset_and_the_rest_is_read(tmp_path: Path) -> None:
    documents, errors = read_all(
        saved(tmp_path, b"1|t|caf\xe9 x\n1|a|\n\n2|t|\xed\xa0\x80\n\n3|t|fine\n")
    )
    assert [d.id for d in documents] == ["3"]
    assert [(e.row, e.document_id, e.error) for e in errors] == [
        (0, "1", "title is not valid UTF-8 at byte 3 (0xe9)"),
        (1, "2", "title is not valid UTF-8 at byte 0 (0xed)"),
    ]


def test_an_empty_id_is_an_error(tmp_path: Path) -> None:
    documents, errors = read_all(saved(tmp_path, "|t|x\n|a|y\n\n2|t|y\n"))
    assert [d.id for d in documents] == ["2"]
    assert errors[0].error == "the id before |t| is empty"


@pytest.mark.parametrize("content", [b"", b"\n\n", gzip.compress(b"", mtime=0)])
def test_a_file_without_documents_is_an_error(tmp_path: Path, content: bytes) -> None:
    documents, errors = read_all(saved(tmp_path, content))
    assert documents == []
    assert [e.error for e in errors] == ["the file holds no PubTator document"]


def test_prose_is_one_error(tmp_path: Path) -> None:
    documents, errors = read_all(saved(tmp_path, "Dear all,\nplease find\nenclosed.\n"))
    assert documents == []
    assert len(errors) == 1


def test_a_truncated_gzip_gives_what_is_before_the_break(tmp_path: Path) -> None:
    content = "".join(f"{n}|t|Title {n}\n{n}|a|{'x' * (n % 97)} {n * n}\n\n" for n in range(5000))
    packed = gzip.compress(content.encode(), mtime=0)
    documents, errors = read_all(saved(tmp_path, packed[: len(packed) // 2], "a.txt.gz"))
    assert 1000 < len(documents) < 5000
    assert [d.id for d in documents] == [str(n) for n in range(len(documents))]
    assert [(e.row, e.error) for e in errors] == [
        (len(documents), "the file ends in the middle of its compressed data (truncated)")
    ]


def test_without_a_listener_the_first_error_is_raised(tmp_path: Path) -> None:
    path = saved(tmp_path, "1|t|x\n\n2|t|y\n2\t0\t1\tz\tGene\t-\n")
    documents = read(path)
    assert next(documents).id == "1"
    with pytest.raises(
        InputError, match=r"a\.pubtator, record 1 \(2\): line 4: the mention of 1 char"
    ):
        next(documents)


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_missing_file_or_a_folder_is_an_input_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"does not exist|is a folder"):
        next(read(tmp_path / name, on_error=print))


def test_the_first_document_comes_before_the_file_is_read(tmp_path: Path) -> None:
    path = saved(tmp_path, "1|t|x\n\n2|t|y\n")
    with path.open("ab") as stream:
        stream.truncate(1 << 30)
    assert next(read(path)).text == "x"


# Round trip

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r"), max_size=40)
IDS = {
    "Gene": st.integers(0, 10**6).map("NCBIGene:{}".format),
    "Species": st.integers(0, 10**6).map("NCBITaxon:{}".format),
    "Disease": st.one_of(
        st.integers(0, 999999).map("MESH:D{:06d}".format),
        st.integers(100000, 700000).map("OMIM:{}".format),
    ),
    "Chemical": st.integers(0, 999999999).map("MESH:C{:06d}".format),
    "Phenotype": st.integers(0, 9999999).map("HP:{:07d}".format),
    "CellLine": st.integers(0, 9999).map("Cellosaurus:CVCL_{:04d}".format),
    "Variant": st.one_of(
        st.integers(1, 10**8).map("dbSNP:rs{}".format),
        st.sampled_from(["p|SUB|V|600|E", "c|DEL|1314_1328|", "|INS|118_119|A", "c|SUB|C||T"]),
    ),
    "Odd": st.sampled_from(["ORPHA:123", "x y", "SNOMEDCT:44054006"]),
}


@st.composite
def pubtator_documents(draw: st.DrawFn) -> Document:
    title, abstract = draw(TEXT), draw(TEXT)
    text = f"{title} {abstract}" if abstract else title
    passages = [Passage("title", 0, len(title))]
    passages += [Passage("abstract", len(title) + 1, len(text))] if abstract else []
    mentions = []
    for _ in range(draw(st.integers(0, 4)) if text else 0):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        label = draw(st.sampled_from(sorted(IDS)))
        ids = draw(st.lists(IDS[label], max_size=3, unique=True))
        mentions.append(Mention(start, end, label, concept_ids=tuple(ids)))
    known = sorted(
        {
            i
            for m in mentions
            for i in m.concept_ids
            if m.label in ("Gene", "Disease", "Chemical", "Variant")
        }
    )
    ends = st.one_of(st.sampled_from(known), IDS["Chemical"]) if known else IDS["Chemical"]
    label = st.text(string.ascii_letters + "_", min_size=1)
    novel = st.sampled_from([True, False, None])
    relation = st.builds(lambda h, t, n, v: Relation(h, t, n, novel=v), ends, ends, label, novel)
    relations = _with_subjects(draw(st.lists(relation, max_size=3)), draw(st.randoms()))
    identifier = draw(
        st.text(string.ascii_letters + string.digits + ".:/-", min_size=1, max_size=8)
    )
    return Document(identifier, text, tuple(mentions), tuple(relations), tuple(passages))


def _with_subjects(relations: list[Relation], random: Random) -> list[Relation]:
    """The same subject, or none, in all relations of a pair."""
    pairs = {frozenset((r.head, r.tail)): (r.head, r.tail) for r in relations}
    subjects = {key: random.choice((*pair, None)) for key, pair in pairs.items()}
    return [replace(r, subject=subjects[frozenset((r.head, r.tail))]) for r in relations]


@given(documents=st.lists(pubtator_documents(), min_size=1, max_size=4), packed=st.booleans())
def test_writing_then_reading_gives_the_same_documents(
    tmp_path_factory: pytest.TempPathFactory, documents: list[Document], packed: bool
) -> None:
    path = tmp_path_factory.mktemp("round") / ("a.pubtator.gz" if packed else "a.pubtator")
    assert write(documents, path) == len(documents)
    assert (path.read_bytes()[:2] == b"\x1f\x8b") is packed
    assert list(read(path)) == documents


def test_ids_are_written_bare_as_other_tools_expect_them(tmp_path: Path) -> None:
    path = tmp_path / "out.pubtator"
    write(read(saved(tmp_path, BIORED)), path)
    assert path.read_text() == BIORED


def test_a_text_with_a_line_break_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="The text of document '7' has a line break"):
        write([Document("7", "a\nb")], tmp_path / "out.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_lone_surrogate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="text of document '7' has a lone surrogate"):
        write([Document("7", "a\ud800")], tmp_path / "out.txt")


def test_a_folder_that_does_not_exist_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write([Document("7", "a")], tmp_path / "no" / "out.txt")


def test_variants_as_pubtator_3_writes_them_are_one_concept_with_their_relations(
    tmp_path: Path,
) -> None:
    content = (
        "7|t|IDH1 R132H, JAK2 V617F\n7|a|\n"
        "7\t0\t4\tIDH1\tGene\t3417\n"
        "7\t5\t10\tR132H\tProteinMutation\t"
        "tmVar:p|SUB|R|132|H;HGVS:p.R132H;VariantGroup:0;CorrespondingGene:3417\n"
        "7\t17\t22\tV617F\tProteinMutation\t"
        "tmVar:p|SUB|V|617|F;HGVS:p.V617F;CorrespondingGene:3717;RS#:77375493;CA#:124\n"
        "7\tAssociation\t3417\tHGVS:p.R132H;CorrespondingGene:3417\n"
        "7\tAssociation\t3417\tRS#:77375493;HGVS:p.V617F;CorrespondingGene:3717\n"
    )
    (document,) = read(saved(tmp_path, content))
    ids = ("p|SUB|R|132|H;CorrespondingGene:3417", "dbSNP:rs77375493")
    assert tuple(i for m in document.mentions[1:] for i in m.concept_ids) == ids
    assert tuple(relation.tail for relation in document.relations) == ids
    write([document], tmp_path / "again.pubtator")
    (again,) = read(tmp_path / "again.pubtator")
    assert again.mentions == document.mentions
    assert again.relations == document.relations
