import sys
from typing import Any

import pyarrow as pa
import pytest
import spacy

import biopipe
from biopipe.bulk.tables import SCHEMAS
from biopipe.document import Document, Mention, Relation
from biopipe.errors import ConfigError, ExtraMissing

TEXT = "BRCA1 and breast cancer"
MENTIONS = (Mention(0, 5, "Gene", 0.9, ("NCBIGene:672",)), Mention(10, 23, "Disease"))
ONE = Document("d", TEXT, MENTIONS, (Relation("a", "b", "Bind"),))
OTHER = Document("d", TEXT, MENTIONS[:1])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_mentions_of_docs_and_documents(library: str) -> None:
    module = pytest.importorskip(library, reason=f"needs {library}")
    doc = biopipe.annotate_doc(spacy.blank("en").make_doc(TEXT), ONE)
    frame = biopipe.to_frame(iter([doc, OTHER]), library=library)
    assert isinstance(frame, module.DataFrame)
    assert list(frame.columns) == [name for name in SCHEMAS["mentions"].names if name != "input"]
    assert list(frame["text"]) == ["BRCA1", "breast cancer", "BRCA1"]
    assert list(frame["row"]) == [0, 0, 1]
    assert [list(ids) for ids in frame["concept_ids"]] == [["NCBIGene:672"], [], ["NCBIGene:672"]]


@pytest.mark.parametrize(("table", "rows"), [("documents", 1), ("relations", 1), ("mentions", 2)])
def test_every_table_of_one_document(table: Any, rows: int) -> None:
    pytest.importorskip("polars", reason="needs polars")
    assert biopipe.to_frame(ONE, table, library="polars").height == rows


def test_tables_of_a_table(tmp_path: Any) -> None:
    polars = pytest.importorskip("polars", reason="needs polars")
    nlp = biopipe.build({"components": {"biopipe_abbreviations": {}}})
    found = biopipe.annotate_table(pa.table({"id": ["1", "2"], "text": ["x", None]}), pipeline=nlp)
    assert repr(found) == "<Tables with rows: documents=1, mentions=0, relations=0, errors=1>"
    errors = biopipe.to_frame(found, "errors", library="polars")
    assert isinstance(errors, polars.DataFrame)
    assert errors["row"].to_list() == [1]
    with pytest.raises(ConfigError, match="no table 'tokens'; give one of"):
        biopipe.to_frame(found, "tokens")  # type: ignore[arg-type]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_library_that_is_missing_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ExtraMissing, match=rf"'{library}' is not installed.*biopipe\[frames\]"):
        biopipe.to_frame(ONE, library=library)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("text", "A str is no document"),
        (7, "A int is no document"),
        (["text"], "A str is no document; give Docs of nlp"),
    ],
)
def test_what_is_no_document_is_refused(source: Any, error: str) -> None:
    with pytest.raises(ConfigError, match=error):
        biopipe.to_frame(source)


def test_other_tables_and_libraries_are_refused() -> None:
    with pytest.raises(ConfigError, match="no table 'errors'; give one of: mentions"):
        biopipe.to_frame(ONE, "errors")
    with pytest.raises(ConfigError, match="no library 'dask' of frames"):
        biopipe.to_frame(ONE, library="dask")
