from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from biopipe.components.document import ENTS_SOURCE, annotate_doc, to_document
from biopipe.document import Document, Mention
from biopipe.errors import KnowledgeBaseError
from biopipe.linking.linker import Linker

TEXT = "ERBB1 in lung neoplasm (LN), LN and Iressa; unheard-of disease."
MENTIONS = (
    Mention(0, 5, "Gene"),
    Mention(9, 22, "Disease"),
    Mention(24, 26, "Disease"),
    Mention(29, 31, "Disease"),
    Mention(36, 42, "Chemical"),
    Mention(44, 62, "Disease"),
)
IDS = ["NCBIGene:1956", "MESH:D008175", "MESH:D008175", "MESH:D008175", "MESH:D000077156", ""]


@pytest.fixture
def nlp(tiny_kb: Path) -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_abbreviations")
    nlp.add_pipe("biopipe_linker", config={"kb": str(tiny_kb)})
    return nlp


def test_links_mentions(nlp: Language, tiny_kb: Path) -> None:
    document = Document("d", TEXT, MENTIONS)
    doc = nlp(annotate_doc(nlp.make_doc(TEXT), document))
    assert [span.kb_id_ for span in doc.spans["biopipe"]] == IDS
    assert [ent.kb_id_ for ent in doc.ents] == IDS
    abbreviations = nlp.get_pipe("biopipe_abbreviations").predictor.predict([document])
    assert to_document(doc) == Linker(tiny_kb).predict(abbreviations)[0]
    (concept_id, score), *_ = doc.ents[0]._.kb_ents
    assert concept_id == "NCBIGene:1956"
    assert 0.5 <= score <= 1
    assert doc.ents[-1]._.kb_ents == []


def test_links_entities_of_others(tiny_kb: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_linker", config={"kb": {"Gene": str(tiny_kb)}, "threshold": 0.1})
    patterns = [{"label": "Gene", "pattern": "ERBB1"}, {"label": "Chemical", "pattern": "Iressa"}]
    nlp.add_pipe("entity_ruler", before="biopipe_linker").add_patterns(patterns)
    doc = nlp(TEXT)
    found = [(ent.text, ent.label_, ent.kb_id_) for ent in doc.ents]
    assert found == [("ERBB1", "Gene", "NCBIGene:1956"), ("Iressa", "Chemical", "")]
    assert ["|".join(m.sources) for m in doc._.mentions] == [ENTS_SOURCE, ENTS_SOURCE]
    assert doc.ents[0]._.kb_ents[0][0] == "NCBIGene:1956"


def test_types_option(tiny_kb: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_linker", config={"kb": str(tiny_kb), "types": {"Gene": ["Chemical"]}})
    doc = nlp(annotate_doc(nlp.make_doc(TEXT), Document("d", TEXT, MENTIONS[:1])))
    assert doc.ents[0].kb_id_ == ""


def test_missing_knowledge_base(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_linker", config={"kb": str(tmp_path / "none")})
    with pytest.raises(KnowledgeBaseError):
        nlp(annotate_doc(nlp.make_doc(TEXT), Document("d", TEXT, MENTIONS)))
