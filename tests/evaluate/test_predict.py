import json

import pytest

from biopipe.document import Document, Mention, Relation
from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.evaluate.predict import known_concepts, predict
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

TEXT = "Metformin treats type 2 diabetes (T2D). T2D patients took metformin."
GOLD = Document(
    "1",
    TEXT,
    mentions=(
        Mention(0, 9, "Chemical", concept_ids=("MESH:D008687",)),
        Mention(17, 32, "Disease", concept_ids=("MESH:D003924",)),
        Mention(40, 43, "Disease", concept_ids=("MESH:D003924",)),
    ),
    relations=(Relation("MESH:D008687", "MESH:D003924", "Negative_Correlation", novel=False),),
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory):
    concepts = [
        Concept("MESH:D003924", "Diabetes Mellitus, Type 2", ("type 2 diabetes",), ("Disease",)),
        Concept("MESH:D008687", "Metformin", (), ("Chemical",)),
    ]
    folder = tmp_path_factory.mktemp("kb") / "small"
    return str(compile_kb(concepts, folder, name="small", version="1", licence="CC0", sources={}))


def pipeline(folder, **components):
    path = folder / "pipeline.json"
    path.write_text(json.dumps({"components": components}))
    return path


def test_gold_mentions_are_linked_without_their_own_ids(tmp_path, kb):
    name = pipeline(tmp_path, biopipe_abbreviations={}, biopipe_linker={"kb": kb})
    prediction = predict([GOLD], stage="linking", pipeline=name, gold_mentions=True)
    (document,) = prediction.documents
    assert prediction.kb == kb
    assert document.relations == ()
    assert [m.concept_ids for m in document.mentions] == [m.concept_ids for m in GOLD.mentions]
    assert all(m.candidates for m in document.mentions)


def test_a_given_knowledge_base_replaces_that_of_the_pipeline(tmp_path, kb):
    name = pipeline(
        tmp_path, biopipe_linker={"kb": str(tmp_path / "no-such-kb"), "threshold": 0.25}
    )
    prediction = predict(
        [GOLD], stage="linking", pipeline=name, gold_mentions=True, kb={"Chemical": kb}
    )
    assert prediction.kb == {"Chemical": kb}
    assert [m.concept_ids for m in prediction.documents[0].mentions] == [("MESH:D008687",), (), ()]


def test_relations_see_gold_mentions_and_ids_but_no_gold_relations(tmp_path, tiny_relations):
    name = pipeline(tmp_path, biopipe_relations={"model": str(tiny_relations), "threshold": 0.0})
    prediction = predict([GOLD], stage="relations", pipeline=name, gold_mentions=True)
    (document,) = prediction.documents
    assert prediction.kb is None
    assert document.mentions == GOLD.mentions
    assert {frozenset((r.head, r.tail)) for r in document.relations} == {
        frozenset(("MESH:D008687", "MESH:D003924"))
    }
    assert document.relations != GOLD.relations


def test_without_gold_mentions_the_pipeline_starts_from_the_text(tmp_path, kb, tiny_tagger):
    name = pipeline(tmp_path, biopipe_ner={"model": str(tiny_tagger)}, biopipe_linker={"kb": kb})
    (document,) = predict([GOLD], stage="ner", pipeline=name).documents
    assert document.text == TEXT
    assert document.mentions != GOLD.mentions
    assert not any(m.candidates or m.concept_ids for m in document.mentions)


def test_a_missing_component_is_named(tmp_path, kb):
    name = pipeline(tmp_path, biopipe_linker={"kb": kb})
    with pytest.raises(
        ConfigError, match="has no biopipe_relations; its components are: biopipe_linker"
    ):
        predict([GOLD], stage="relations", pipeline=name, gold_mentions=True)
    with pytest.raises(ConfigError, match="has no biopipe_linker; its components are: none"):
        predict([GOLD], stage="ner", pipeline=pipeline(tmp_path), kb=kb)


def test_known_concepts_by_label(kb):
    by_label = known_concepts({"Disease": kb})
    assert by_label("Disease", "MESH:D003924")
    assert not by_label("Chemical", "MESH:D008687")
    assert not by_label("Disease", "MESH:D000001")
    assert known_concepts(kb)("Chemical", "MESH:D008687")
    with pytest.raises(KnowledgeBaseError):
        known_concepts({"Disease": kb + "-none"})
