"""Nested, overlapping and twice labelled mentions through the formats and back, and through
`biopipe run`.
"""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from biopipe.document import Document, Mention, Passage
from biopipe.io.codecs import jsonl, parquet, pubtator
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

TEXT = "EGF receptor in non-small cell lung cancer."
NESTED = (
    Mention(0, 3, "Gene", concept_ids=("NCBIGene:1950",)),
    Mention(0, 12, "Gene", concept_ids=("NCBIGene:1956",)),
    Mention(4, 26, "Disease"),
    Mention(16, 42, "Disease", concept_ids=("MESH:D002289",)),
    Mention(31, 42, "Chemical"),
    Mention(31, 42, "Disease", concept_ids=("MESH:D008175", "OMIM:211980")),
    Mention(36, 42, "Disease", concept_ids=("MESH:D009369",)),
)
DOCUMENT = Document("1", TEXT, NESTED, passages=(Passage("title", 0, len(TEXT)),))
SPANS = st.tuples(st.integers(0, len(TEXT) - 1), st.integers(1, len(TEXT))).filter(
    lambda s: s[0] < s[1]
)
MENTIONS = st.lists(
    st.builds(
        lambda span, label, ids: Mention(*span, label, concept_ids=ids),
        SPANS.filter(lambda s: TEXT[s[0] : s[1]].strip() != ""),
        st.sampled_from(["Gene", "Disease"]),
        st.sampled_from([(), ("MESH:D002289",), ("MESH:D008175", "MESH:D009369")]),
    ),
    max_size=8,
)


@pytest.mark.parametrize("format", [parquet, pubtator, jsonl])
def test_all_come_back_in_order(format, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "a.txt"
    format.write([DOCUMENT], path)
    (document,) = format.read(path)
    assert document.mentions == NESTED


@settings(max_examples=30)
@given(MENTIONS)
def test_whatever_overlaps(
    tmp_path_factory: pytest.TempPathFactory, mentions: list[Mention]
) -> None:
    path = tmp_path_factory.getbasetemp() / "nested.txt"
    for format in (parquet, pubtator):
        format.write([Document("1", TEXT, tuple(mentions))], path)
        (document,) = format.read(path)
        assert document.mentions == tuple(mentions)


def test_through_a_run(tmp_path: Path) -> None:
    from biopipe.cli import app

    concepts = [
        Concept("MESH:D002289", "non-small cell lung cancer", types=("Disease",)),
        Concept("MESH:D008175", "lung cancer", types=("Disease",)),
        Concept("X:1", "lung cancer", types=("Finding",)),
        Concept("NCBIGene:1956", "EGF receptor", types=("Gene",)),
        Concept("NCBIGene:1950", "EGF", types=("Gene",)),
    ]
    kb = compile_kb(
        concepts, tmp_path / "kb", name="k", version="1", licence="", sources={}, ngrams=False
    )
    options = {
        "biopipe_dictionary": {"kb": str(kb), "overlaps": True},
        "biopipe_merge": {},
        "biopipe_linker": {"kb": str(kb)},
    }
    (tmp_path / "pipeline.json").write_text(json.dumps({"components": options}))
    pubtator.write([Document("1", TEXT)], tmp_path / "in.pubtator")
    arguments = ["run", "in.pubtator", "-o", "out", "--pipeline", "pipeline.json", "--workers", "0"]
    paths = [
        str(tmp_path / each) if (tmp_path / each).exists() or each == "out" else each
        for each in arguments
    ]
    result = CliRunner().invoke(app, paths)
    assert result.exit_code == 0, result.output
    rows = pq.read_table(tmp_path / "out" / "mentions").to_pylist()
    assert [(row["text"], row["label"], row["concept_id"]) for row in rows] == [
        ("EGF", "Gene", "NCBIGene:1950"),
        ("EGF receptor", "Gene", "NCBIGene:1956"),
        ("non-small cell lung cancer", "Disease", "MESH:D002289"),
        ("lung cancer", "Disease", "MESH:D008175"),
        ("lung cancer", "Finding", "X:1"),
    ]
    mentions = tuple(
        Mention(r["start"], r["end"], r["label"], concept_ids=tuple(r["concept_ids"])) for r in rows
    )
    pubtator.write([Document("1", TEXT, mentions)], tmp_path / "out.pubtator")
    assert next(pubtator.read(tmp_path / "out.pubtator")).mentions == mentions
