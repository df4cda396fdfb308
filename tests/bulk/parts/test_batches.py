from collections.abc import Iterator

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc

from biopipe.bulk.parts import batches as batches_module
from biopipe.bulk.parts.batches import Record, _batches, annotated, records
from biopipe.document import Document
from biopipe.io.rows import OnError


@given(
    lengths=st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=40),
    documents=st.integers(1, 7),
    characters=st.integers(1, 50),
)
def test_batches_keep_order_and_bounds(
    lengths: list[int | None], documents: int, characters: int
) -> None:
    records = [
        Record(row, None if length is None else Document(str(row), "x" * length))
        for row, length in enumerate(lengths)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches_module, "BATCH_CHARACTERS", characters)
        cut = list(_batches(records, documents=documents))
    assert [record for batch in cut for record in batch] == records
    assert all(1 <= len(batch) <= documents for batch in cut)
    for batch in cut:
        before_last = sum(len(record.document.text) for record in batch[:-1] if record.document)
        assert before_last < characters


# What a component of somebody's own may give, by the text of the document.
ODD_MENTIONS = {
    "surrogate": {"start": 0, "end": 1, "label": "\ud800"},
    "huge": {"start": 0, "end": 2**40, "label": "Gene"},
    "negative": {"start": -(2**40), "end": 1, "label": "Gene"},
}


@Language.component("odd_mentions")
def odd_mentions(doc: Doc) -> Doc:
    if doc.text in ODD_MENTIONS:
        doc.user_data["biopipe"] = {"format": 2, "mentions": [ODD_MENTIONS[doc.text]]}
    return doc


@pytest.mark.parametrize("order", [list(ODD_MENTIONS), ["fine", *ODD_MENTIONS, "fine", "fine"]])
def test_a_document_that_fits_no_table_is_an_error_row(order: list[str]) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("odd_mentions")
    inputs = [Record(row, Document(f"d{row}", text)) for row, text in enumerate(order)]
    (batch,) = annotated(inputs, nlp, source="a", kb_names={}, lanes=0)
    fine = [f"d{row}" for row, text in enumerate(order) if text == "fine"]
    assert batch.tables["documents"]["id"].to_pylist() == fine
    errors = batch.tables["errors"].to_pylist()
    assert [(row["row"], row["document_id"], row["stage"]) for row in errors] == [
        (row, f"d{row}", "tables") for row, text in enumerate(order) if text != "fine"
    ]
    counts = batch.counts
    assert (counts.inputs, counts.documents, counts.errors) == (
        len(order),
        len(fine),
        len(order) - len(fine),
    )


@pytest.mark.parametrize("error", [OverflowError("far"), MemoryError(), TypeError("odd")])
def test_a_reader_that_fails_ends_its_file_alone(error: Exception) -> None:
    def read(on_error: OnError) -> Iterator[Document]:
        yield Document("0", "x")
        raise error

    made = list(records(read, source="a", first_row=7))
    assert [(record.row, record.document is None) for record in made] == [(7, False), (8, True)]
    assert type(error).__name__ in made[1].errors[0].error
