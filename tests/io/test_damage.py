"""Whatever happens to a file, its reader ends with documents and error rows, never with another
exception.
"""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io import RowError, read

PUBTATOR = "".join(
    f"{n}|t|Aspirin {n}\n{n}|a|β.\n{n}\t0\t7\tAspirin\tChemical\tD1\n\n" for n in range(9)
)
JSONL = "".join(
    json.dumps({"id": n, "text": f"β {n}", "meta": {"date": "2020"}}) + "\n" for n in range(9)
)
PUBMED = "".join(
    f"<MedlineCitation><PMID>{n}</PMID>"
    "<Article><ArticleTitle>T <i>β</i></ArticleTitle></Article></MedlineCitation>"
    for n in range(9)
)
PMC = "".join(
    f"<article><front><article-meta><article-id pub-id-type='pmc'>{n}</article-id></article-meta></front>"
    "<body><sec><title>M</title><p>x <sup>2</sup></p></sec></body></article>"
    for n in range(5)
)
BIOC = "".join(
    f"<document><id>{n}</id><passage><offset>0</offset><text>Aspirin</text><annotation id='1'>"
    "<location offset='0' length='7'/><text>Aspirin</text></annotation></passage></document>"
    for n in range(5)
)


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.table(
        {"id": [str(n) for n in range(9)], "text": [f"β {n}" for n in range(9)], "date": [2020] * 9}
    )
    pq.write_table(table, sink, row_group_size=3, compression="none")
    return sink.getvalue().to_pybytes()


WHOLE = {
    "a.txt": PUBTATOR.encode(),
    "a.txt.gz": gzip.compress(PUBTATOR.encode(), mtime=0),
    "a.jsonl": JSONL.encode(),
    "a.json": f"[{','.join(JSONL.splitlines())}]".encode(),
    "pubmed.xml": (
        f"<?xml version='1.0' encoding='utf-8'?><PubmedArticleSet>{PUBMED}</PubmedArticleSet>"
    ).encode(),
    "pubmed.xml.gz": gzip.compress(
        f"<PubmedArticleSet>{PUBMED}</PubmedArticleSet>".encode(), mtime=0
    ),
    "pmc.nxml": f"<pmc-articleset>{PMC}</pmc-articleset>".encode(),
    "bioc.xml": f"<collection>{BIOC}</collection>".encode(),
    "a.parquet": parquet(),
}


def read_all(path: Path) -> tuple[list[Document], list[RowError]]:
    errors: list[RowError] = []
    return list(read(path, on_error=errors.append)), errors


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_the_whole_files_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(WHOLE[name])
    documents, errors = read_all(tmp_path / name)
    assert len(documents) in (5, 9)
    assert errors == []


@pytest.mark.parametrize("name", sorted(WHOLE))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files(tmp_path: Path, name: str, data: st.DataObject) -> None:
    raw = bytearray(WHOLE[name])
    places = st.integers(0, len(raw) - 1)
    for place, byte in data.draw(
        st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4)
    ):
        raw[place] = byte
    del raw[data.draw(st.one_of(st.just(len(raw)), places)) :]
    (tmp_path / name).write_bytes(raw)
    try:
        documents, errors = read_all(tmp_path / name)
    except InputError:
        # Only Parquet has columns that damage can rename.
        if name != "a.parquet":
            raise
        return
    assert all(document.id.strip() for document in documents)
    assert all(error.error for error in errors)


@pytest.mark.parametrize(
    "encoding", ["latin-1", "utf-16", "shift_jis", "nonsense", "utf-7", "idna"]
)
@pytest.mark.parametrize("convert", [str.encode, lambda text: text.encode("utf-16")])
def test_encodings_of_xml(tmp_path: Path, encoding: str, convert: Callable[[str], bytes]) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(
        convert(
            f"<?xml version='1.0' encoding='{encoding}'?><PubmedArticleSet>{PUBMED}</PubmedArticleSet>"
        )
    )
    documents, errors = read_all(path)
    assert len(documents) == 9 or errors
