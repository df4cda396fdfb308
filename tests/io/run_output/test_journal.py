import json
import zlib
from collections import Counter
from pathlib import Path

import pytest

from biopipe.bulk.tables import TABLES
from biopipe.document import Document, Mention, Relation
from biopipe.errors import OutputError
from biopipe.io.run_output.counts import Counts
from biopipe.io.run_output.folder import JOURNAL, SCRATCH, part_file
from biopipe.io.run_output.journal import FileMark, Part, finished_names, read_journal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (JOURNAL, SCRATCH, *TABLES):
        (tmp_path / name).mkdir()
    return tmp_path


def _part(folder: Path, name: str = "a-123") -> Part:
    counts = Counts(inputs=3, errors=1)
    linked = Mention(0, 1, "Gene", concept_ids=("NCBIGene:1",))
    counts.add_documents(
        [
            Document("1", "ab", mentions=(linked, Mention(1, 2, "Gene"), Mention(1, 2, "Disease"))),
            Document(
                "2",
                "ab",
                relations=(Relation("A:1", "B:1", "Bind", novel=True),),
                windows=4,
            ),
        ]
    )
    marks = {}
    for table in TABLES:
        part_file(folder, table, name).write_text(table)
        marks[table] = FileMark(len(table), zlib.crc32(table.encode()))
    return Part(name, "/in/a.parquet", 0, (10, 20), counts, marks, 1.5)


def test_what_is_recorded_is_read_back(folder: Path) -> None:
    part = _part(folder)
    part.record(folder)
    assert read_journal(folder) == {"a-123": part}
    assert part.counts.mentions == Counter(Gene=2, Disease=1)
    assert part.counts.linked == Counter(Gene=1)
    assert part.counts.relations == part.counts.novel == Counter(Bind=1)
    assert (part.counts.documents, part.counts.windows) == (2, 4)


def test_a_part_is_whole_while_its_files_are(folder: Path) -> None:
    part = _part(folder)
    assert part.is_whole(folder)
    for change in ("relation", "relationS", "relations!"):
        part_file(folder, "relations", part.name).write_text(change)
        assert not part.is_whole(folder)
    part_file(folder, "relations", part.name).unlink()
    assert not part.is_whole(folder)


def test_a_part_can_be_forgotten_twice(folder: Path) -> None:
    part = _part(folder)
    part.record(folder)
    part.forget(folder)
    part.forget(folder)
    assert read_journal(folder) == {}


@pytest.mark.parametrize("damage", ["", "{", "[]", "1", '{"name": "a"}', "\x00\x00"])
def test_a_damaged_entry_is_named(folder: Path, damage: str) -> None:
    _part(folder).record(folder)
    _part(folder, "b").record(folder)
    (folder / JOURNAL / "a-123.json").write_text(damage)
    with pytest.raises(
        OutputError, match=r"journal entry .*a-123.json is damaged; start its biopipe run"
    ):
        read_journal(folder)
    damaged: list[Path] = []
    assert list(read_journal(folder, on_damage=damaged.append)) == ["b"]
    assert damaged == [folder / JOURNAL / "a-123.json"]


def test_an_entry_under_the_name_of_another_part_is_damage(folder: Path) -> None:
    _part(folder).record(folder)
    (folder / JOURNAL / "a-123.json").rename(folder / JOURNAL / "b.json")
    with pytest.raises(OutputError, match=r"b\.json is damaged"):
        read_journal(folder)


def test_entries_are_plain_json_with_labels_in_order(folder: Path) -> None:
    _part(folder).record(folder)
    entry = json.loads((folder / JOURNAL / "a-123.json").read_text())
    assert list(entry["counts"]["mentions"]) == ["Disease", "Gene"]
    assert entry["input_state"] == [10, 20]


def test_counts_add_up(folder: Path) -> None:
    counts = Counts()
    for _ in range(2):
        counts.add(_part(folder).counts)
    assert (counts.inputs, counts.documents, counts.errors, counts.windows) == (6, 4, 2, 8)
    assert counts.mentions == Counter(Gene=4, Disease=2)


def test_a_journal_that_may_not_be_read_is_not_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert finished_names(tmp_path) == set()
    (tmp_path / JOURNAL).touch()
    assert finished_names(tmp_path) == set()

    def refuses(self: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", refuses)
    for read in (finished_names, read_journal):
        with pytest.raises(OutputError, match=r"journal cannot be read \(Permission denied\)"):
            read(tmp_path)
