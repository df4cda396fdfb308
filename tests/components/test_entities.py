"""Entities of other components under our labels, our linker, and the names that code for scispaCy
and medSpaCy uses.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Span

import biopipe
from biopipe.components.document import to_document
from biopipe.errors import ConfigError
from biopipe.pipeline import COMPONENTS

TEXT = "EGFR and gefitinib in lung cancer of macrophages"
PATTERNS = [
    {"label": "DISEASE", "pattern": "lung cancer"},
    {"label": "GENE_OR_GENE_PRODUCT", "pattern": "EGFR"},
    {"label": "SIMPLE_CHEMICAL", "pattern": "gefitinib"},
    {"label": "CELL", "pattern": "macrophages"},
]


def pipeline(patterns: list[dict[str, str]] = PATTERNS, **options: object) -> Language:
    assert "biopipe_entities" in COMPONENTS
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(patterns)  # type: ignore[attr-defined]
    nlp.add_pipe("biopipe_entities", config=options)
    return nlp


def with_linker(nlp: Language, kb: Path) -> Language:
    nlp.add_pipe("biopipe_linker", name="scispacy_linker", config={"kb": str(kb), "prior": None})
    return nlp


def test_labels_of_scispacy_become_ours() -> None:
    doc = pipeline()(TEXT)
    labels = ["Gene", "Chemical", "Disease", "CELL"]
    assert [ent.label_ for ent in doc.ents] == labels
    assert [mention.label for mention in doc._.mentions] == labels
    assert {mention.sources for mention in doc._.mentions} == {("doc.ents",)}


def test_own_labels_go_before_the_table_and_empty_ones_are_left_out() -> None:
    doc = pipeline(labels={"disease": "Phenotype", "CELL": ""})(TEXT)
    assert [mention.label for mention in doc._.mentions] == ["Gene", "Chemical", "Phenotype"]
    assert [ent.label_ for ent in doc.ents] == ["Gene", "Chemical", "Phenotype", "CELL"]


def test_the_linker_links_them(tiny_kb: Path) -> None:
    doc = with_linker(pipeline(), tiny_kb)(TEXT)
    assert [(ent.text, ent.kb_id_) for ent in doc.ents] == [
        ("EGFR", "NCBIGene:1956"),
        ("gefitinib", "MESH:D000077156"),
        ("lung cancer", "MESH:D008175"),
        ("macrophages", ""),
    ]


def test_code_for_scispacy_reads_the_linker(tiny_kb: Path) -> None:
    nlp = with_linker(pipeline(), tiny_kb)
    linker = nlp.get_pipe("scispacy_linker")
    names = [
        linker.kb.cui_to_entity[concept_id].canonical_name
        for ent in nlp(TEXT).ents
        for concept_id, _ in ent._.kb_ents[:1]
    ]
    assert names == ["EGFR", "gefitinib", "lung cancer"]
    entity = linker.kb.cui_to_entity["MESH:D008175"]
    assert entity == ("MESH:D008175", "lung cancer", ["lung neoplasm"], ["Disease"], None)
    assert linker.kb.cui_to_entity["D008175"] == entity
    assert linker.kb.alias_to_cuis["iressa"] == {"MESH:D000077156"}
    assert len(linker.kb.cui_to_entity) == len(list(linker.kb.cui_to_entity)) == 3
    assert set(linker.kb.alias_to_cuis) >= {"EGFR", "ERBB1", "lung neoplasm"}
    assert "MESH:D000" not in linker.kb.cui_to_entity
    assert "nothing" not in linker.kb.alias_to_cuis


def test_fields_are_those_of_scispacy() -> None:
    linking = pytest.importorskip(
        "scispacy.linking_utils", reason="scispacy is not installed (it asks for numpy below 2)"
    )
    from biopipe.components.scispacy_names import ScispacyEntity

    assert ScispacyEntity._fields == linking.Entity._fields


def test_spans_of_a_key() -> None:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("span_ruler", config={"spans_key": "sc"})
    ruler.add_patterns(PATTERNS[:2])  # type: ignore[attr-defined]
    nlp.add_pipe("biopipe_entities", config={"spans": "sc"})
    doc = nlp(TEXT)
    assert [(m.label, m.sources) for m in doc._.mentions] == [
        ("Gene", ("doc.spans[sc]",)),
        ("Disease", ("doc.spans[sc]",)),
    ]
    assert [ent.label_ for ent in doc.ents] == ["Gene", "Disease"]
    with pytest.raises(ConfigError, match=r"doc\.spans\['other'\], which no component"):
        pipeline(spans="other")(TEXT)


def test_they_stand_beside_mentions_of_a_tagger_before(tiny_kb: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("biopipe_dictionary", config={"kb": str(tiny_kb)})
    nlp.add_pipe("entity_ruler").add_patterns(PATTERNS[3:])  # type: ignore[attr-defined]
    nlp.add_pipe("biopipe_entities")
    doc = nlp(TEXT)
    assert [mention.label for mention in doc._.mentions] == ["Gene", "Chemical", "Disease", "CELL"]
    again = nlp.get_pipe("biopipe_entities")(doc)
    assert len(again._.mentions) == 4
    assert [ent.label_ for ent in again.ents] == ["Gene", "Chemical", "Disease", "CELL"]


def test_assertions_of_another_component() -> None:
    if not Span.has_extension("is_negated_here"):
        Span.set_extension("is_negated_here", getter=lambda span: span.text == "lung cancer")
    doc = pipeline(assertions={"is_negated_here": "negated"})(TEXT)
    assert [ent.text for ent in doc.ents if ent._.negated] == ["lung cancer"]
    with pytest.raises(ConfigError, match=r"span\._\.is_missing, which no component has defined"):
        pipeline(assertions={"is_missing": "negated"})(TEXT)


def test_documents_come_back_from_disk(tiny_kb: Path, tmp_path: Path) -> None:
    nlp = with_linker(pipeline(), tiny_kb)
    expected = to_document(nlp(TEXT))
    nlp.to_disk(tmp_path / "saved")
    assert to_document(biopipe.load(tmp_path / "saved")(TEXT)) == expected


MEDSPACY = """
import json, sys
import medspacy
from medspacy.target_matcher import TargetRule
import biopipe

nlp = medspacy.load()
nlp.get_pipe("medspacy_target_matcher").add([TargetRule("lung cancer", "PROBLEM")])
nlp.add_pipe("medspacy_sectionizer")
marks = {"is_negated": "negated", "is_historical": "historical", "is_family": "family"}
options = {"labels": {"PROBLEM": "Disease"}, "assertions": marks}
nlp.add_pipe("biopipe_entities", config=options)
nlp.add_pipe("biopipe_linker", config={"kb": sys.argv[1], "prior": None})
nlp.add_pipe("biopipe_sections")
doc = nlp("Past Medical History:\\nno evidence of lung cancer.\\nFamily History:\\nlung cancer.")
found = {
    "mentions": [
        [*mention.concept_ids, mention.section, *sorted(mention.assertion)]
        for mention in biopipe.to_document(doc).mentions
    ],
    "theirs": [section.category for section in doc._.sections],
    "ours": [section.category for section in biopipe.to_document(doc).sections],
    "order": nlp.pipe_names,
}
print(json.dumps(found))
"""


@pytest.mark.skipif(find_spec("medspacy") is None, reason="medspacy is not installed")
def test_medspacy_targets_are_linked_with_its_negation_and_stand_in_sections(
    tiny_kb: Path,
) -> None:
    """In a process of its own: what medspaCy defines under `doc._` would stay for other tests."""
    command = [sys.executable, "-c", MEDSPACY, str(tiny_kb)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["order"][-6:] == [
        "medspacy_target_matcher",
        "medspacy_context",
        "medspacy_sectionizer",
        "biopipe_entities",
        "biopipe_linker",
        "biopipe_sections",
    ]
    assert found["theirs"] == found["ours"] == ["past_medical_history", "family_history"]
    assert found["mentions"] == [
        ["MESH:D008175", "past_medical_history", "historical", "negated"],
        ["MESH:D008175", "family_history", "family"],
    ]
