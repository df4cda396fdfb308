import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.bulk.parts import batches as batches_module
from biopipe.bulk.parts.batches import Record, _batches
from biopipe.document import Document


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
