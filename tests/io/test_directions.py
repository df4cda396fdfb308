from pathlib import Path

import pytest

from biopipe.document import Document, Mention, Relation
from biopipe.errors import InputError
from biopipe.io.directions import read_directions, with_subjects

HEADER = "pmid\tid1\tid2\tsubject\n"


def saved(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "directions.tsv"
    path.write_text(content, encoding="utf-8")
    return path


def test_relations_get_the_subject_of_their_pair(tmp_path: Path) -> None:
    mentions = (
        Mention(0, 1, "Gene", concept_ids=("NCBIGene:3175",)),
        Mention(2, 3, "Disease", concept_ids=("MESH:D003924",)),
        Mention(4, 5, "Chemical", concept_ids=("MESH:D000001",)),
    )
    relations = (
        Relation("MESH:D003924", "NCBIGene:3175", "Association"),
        Relation("MESH:D003924", "MESH:D000001", "Association", subject="MESH:D000001"),
    )
    document = Document("1", "a b c", mentions, relations)
    rows = "1\t3175\tD003924\t3175\n2\t3175\tD003924\tD003924\n"
    (read,) = with_subjects([document], read_directions(saved(tmp_path, HEADER + rows)))
    assert [relation.subject for relation in read.relations] == ["NCBIGene:3175", None]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is no table of directions; its columns are pmid, id1, id2, subject"),
        ("a\tb\tc\td\n", "is no table of directions"),
        (HEADER + "1\tA\tB\tC\n", "Line 2 of .* has no subject that is one of its two ids"),
        (HEADER + "1\tA\tB\n", "Line 2 of"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_directions(saved(tmp_path, content))


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot read the table of directions"):
        read_directions(tmp_path / "none.tsv")
