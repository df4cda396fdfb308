from pathlib import Path

import pyarrow.parquet as pq

from biopipe.bulk import run
from biopipe.bulk.parts.unreadable import write_unreadable
from biopipe.bulk.retry import ExitCause
from biopipe.io.fragments import list_fragments
from biopipe.io.run_output.folder import part_file
from biopipe.io.run_output.journal import read_journal


def test_the_part_is_one_error_row_for_all_rows_of_the_fragment(
    tmp_path: Path, pipeline: str, write_input
) -> None:
    path, output = write_input("a", ["TNF"] * 5, row_group_size=3), tmp_path / "out"
    run([str(path)], output, pipeline=pipeline)
    fragment = list_fragments([str(path)])[1]
    (output / "journal" / f"{fragment.name}.json").unlink()
    write_unreadable(
        fragment, output, ExitCause("crash", "ended its process (SIGBUS)", certain=True)
    )
    (row,) = pq.read_table(part_file(output, "errors", fragment.name)).to_pylist()
    assert (row["input"], row["row"], row["document_id"], row["stage"]) == (
        str(path),
        3,
        None,
        "crash",
    )
    assert row["error"].startswith("ended its process (SIGBUS) again and again while no document")
    part = read_journal(output)[fragment.name]
    assert (part.counts.inputs, part.counts.documents, part.counts.errors) == (2, 0, 1)
    again = run([str(path)], output, pipeline=pipeline)
    assert (again.parts, again.damaged, again.failed) == (0, (), 2)
