from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from biopipe.document import Abbreviation, Document, Mention, Relation
from biopipe.errors import InputError
from biopipe.evaluate.gold import (
    pair_documents,
    read_documents,
    without_annotations,
    without_concepts,
    without_relations,
)
from biopipe.text.concepts import with_concepts

A, B = Document("a", "one"), Document("b", "two")


def test_reads_several_files(tmp_path):
    for name in ("1", "2"):
        (tmp_path / f"{name}.pubtator").write_text(f"{name}|t|Title\n{name}|a|Abstract\n\n")
    assert [d.id for d in read_documents([tmp_path / "2.pubtator", tmp_path / "1.pubtator"])] == [
        "2",
        "1",
    ]


def test_a_file_without_documents_is_an_error(tmp_path):
    empty = pa.table({"id": pa.array([], pa.string()), "text": pa.array([], pa.string())})
    pq.write_table(empty, tmp_path / "empty.parquet")
    with pytest.raises(InputError, match=r"empty\.parquet holds no documents"):
        read_documents([tmp_path / "empty.parquet"])


ODD_GOLD = (
    "1|t|Aspirin helps in gout.\n1|a|\n1\t0\t7\tAspirin\tChemical\tD001241\n"
    "1\t17\t21\tgout\tDisease\tD006073\n1\tCID\tD001241\tD006073\n1\tCID\tD001241\t-\n"
    "1\tCID\t-\t-\n1\t8\t13\theals\tDisease\tD1\n\n"
    "2|t|A  gout patient\n2|a|\n2\t2\t14\tgout patient\tDisease\tD006073\n\n"
)


def test_odd_rows_of_an_official_file_are_counted_and_named(tmp_path):
    path = tmp_path / "gold.pubtator"
    path.write_text(ODD_GOLD)
    told = []
    one, two = read_documents([path], tell=told.append)
    assert len(one.mentions) == 2
    assert [(r.head, r.tail) for r in one.relations] == [("MESH:D001241", "MESH:D006073")]
    assert two.text[two.mentions[0].start : two.mentions[0].end] == "gout patient"
    assert len(told) == 1
    assert f"{path}: 4 odd rows are left out or read otherwise, the first in record 0" in told[0]
    with pytest.warns(UserWarning, match="4 odd rows"):
        assert read_documents([path]) == [one, two]


def test_a_file_of_odd_records_alone_is_an_error_that_says_why(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(InputError, match=r"holds no documents .*no field 'text'"):
        read_documents([tmp_path / "a.jsonl"])


def test_strips_what_a_stage_may_not_see():
    document = Document(
        "a",
        "TSH rose",
        mentions=(Mention(0, 3, "Gene", concept_ids=("NCBIGene:7200",)),),
        relations=(Relation("x", "y", "Association"),),
        abbreviations=(Abbreviation(0, 3, 4, 8),),
    )
    assert without_annotations(document) == Document("a", "TSH rose")
    assert without_concepts(document) == Document(
        "a", "TSH rose", mentions=(Mention(0, 3, "Gene"),)
    )
    assert without_relations(document) == Document("a", "TSH rose", mentions=document.mentions)


def test_pairs_by_position_where_ids_agree_even_if_they_repeat():
    twins = [A, replace(A, text="other")]
    assert pair_documents(twins, twins) == list(zip(twins, twins, strict=True))


def test_pairs_by_id_in_the_order_of_the_gold():
    assert pair_documents([A, B], [B, Document("c", "three"), A]) == [(A, A), (B, B)]


def test_a_missing_prediction_is_named():
    with pytest.raises(
        InputError, match=r"1 of 2 gold documents have no prediction, the first 'b'"
    ):
        pair_documents([A, B], [A])


def test_predictions_with_one_id_cannot_be_told_apart():
    with pytest.raises(InputError, match="'a' stands for two"):
        pair_documents([A, B], [B, A, A])


def test_another_text_is_an_error():
    with pytest.raises(InputError, match="text of document 'a' differs"):
        pair_documents([A], [Document("a", "One")])


def test_a_document_without_annotations_carries_no_concepts_of_before() -> None:
    document = with_concepts(Document("1", "TP53", (Mention(0, 4, "Gene"),)))
    assert document.concepts
    assert without_annotations(document).concepts is None
