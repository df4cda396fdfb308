"""The readers over real corpora and articles, where they are at hand."""

import os
from pathlib import Path

import pytest

from biopipe.io import RowError, read
from biopipe.io.codecs import pubtator
from biopipe.text.sentences import sentence_spans

DATA = Path(os.environ.get("BIOPIPE_DATA", Path(__file__).parents[3] / "shared" / "data"))

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(),
    reason="the real corpora are not here: set BIOPIPE_DATA or put them at ../shared/data",
)


@pytest.mark.parametrize(
    ("corpus", "documents", "mentions", "relations"),
    [
        ("biored/dev", 100, 3533, 1162),
        ("bc5cdr/dev", 489, 9334, 992),
        ("ncbi-disease/dev", 100, 787, 0),
        ("hpo-gsc/dev", 22, 173, 0),
        ("linnaeus/train", 80, 2321, 0),
    ],
)
def test_corpora_are_read_whole(
    tmp_path: Path, corpus: str, documents: int, mentions: int, relations: int
) -> None:
    found = list(pubtator.read(DATA / "corpora" / f"{corpus}.pubtator"))
    assert len(found) == documents
    assert sum(len(document.mentions) for document in found) == mentions
    assert sum(len(document.relations) for document in found) == relations
    copy = tmp_path / "copy.pubtator"
    pubtator.write(found, copy)
    assert list(pubtator.read(copy)) == found


@pytest.mark.parametrize(
    ("name", "documents", "errors"),
    [
        ("medline16n0902.xml.gz", 604, 1),
        ("pubmed-29768149.xml", 1, 0),
        ("easyner-autophagy-999.json", 999, 0),
        ("pubmedqa-1000.json", 1000, 0),
        ("pone.0046493.nxml", 1, 0),
    ],
)
def test_texts_are_read_whole(name: str, documents: int, errors: int) -> None:
    told: list[RowError] = []
    found = list(read(DATA / "text" / name, on_error=told.append))
    assert (len(found), len(told)) == (documents, errors)
    for document in found:
        assert document.text == document.text.strip()
        assert all(0 <= p.start < p.end <= len(document.text) for p in document.passages)
        assert document.passages[0].type == "title"
        assert len(sentence_spans(document.text)) >= 1
