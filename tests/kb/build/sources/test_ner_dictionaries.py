"""The dictionaries of diseases and drugs, written small in their layout."""

import bz2
import pickle
from pathlib import Path

import pytest

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources import disease_ner, drug_ner
from biopipe.kb.build.sources.mesh_headings import read_headings
from biopipe.kb.schema import Concept

HEADINGS = {
    "lung diseases": "MESH:D008171",
    "asthma": "MESH:D001249",
    "marriage": "MESH:D008393",
    "imatinib mesylate": "MESH:D000068877",
    "benzamides": "MESH:D001549",
}
DISEASES = {
    "disease_variant_to_canonical": {
        "lung diseases": ["lung diseases"],
        "disease, lung": ["lung diseases"],
        "lung disease": ["lung diseases"],
        "asthma, bronchial": ["asthma"],
        "marriage": ["marriage"],
        "new disease": ["new disease"],
        "poverty": ["poverty"],
    },
    "disease_canonical_to_data": {
        # The ids of the file are those of other headings, as in the package.
        "lung diseases": {"mesh_id": "D000001", "mesh_tree": ["C08.381"], "name": "Lung Diseases"},
        "asthma": {"mesh_id": "D000002", "mesh_tree": ["C08.381.495", "94.750"], "name": "Asthma"},
        "marriage": {"mesh_id": "D000003", "mesh_tree": ["F01.829"], "name": "Marriage"},
        "new disease": {"mesh_id": "D9", "mesh_tree": ["C08.381.1"], "name": "New Disease"},
        "poverty": {"mesh_id": "D8", "mesh_tree": ["I01.880"], "name": "Poverty"},
    },
}
DRUGS = {
    "drug_variant_to_canonical": {
        "imatinib": ["imatinib"],
        "gleevec": ["imatinib"],
        "imatinib mesylate": ["imatinib mesylate"],
        "benzamides": ["benzamides"],
        "cough syrup": ["cough syrup"],
    },
    "drug_canonical_to_data": {
        "imatinib": {
            "name": "Imatinib",
            "drugbank_id": "DB00619",
            "medline_plus_id": "a606018",
        },
        "imatinib mesylate": {
            "name": "Imatinib Mesylate",
            "mesh_id": "D000004",
            "mesh_tree": ["D02.241.277"],
            "drugbank_id": "DB00001",
        },
        "benzamides": {"name": "Benzamides", "mesh_id": "D5", "mesh_tree": ["D02.241"]},
        "cough syrup": {"name": "Cough syrup"},
    },
}


def written(path: Path, content: object) -> Path:
    path.write_bytes(bz2.compress(pickle.dumps(content)))
    return path


def test_diseases_have_the_ids_of_their_headings(tmp_path: Path) -> None:
    concepts = list(disease_ner.read(written(tmp_path / "d", DISEASES), HEADINGS))
    assert concepts == [
        Concept("MESH:D008171", "Lung Diseases", ("lung disease",), ("Disease",), source="MeSH"),
        Concept(
            "MESH:D001249",
            "Asthma",
            ("asthma, bronchial",),
            ("Disease",),
            parents=("MESH:D008171",),
            source="MeSH",
        ),
        Concept("MESH:D008393", "Marriage", (), ("Behavior",), source="MeSH"),
    ]


def test_drugs_have_the_ids_of_their_headings_else_of_drugbank(tmp_path: Path) -> None:
    imatinib, salt, benzamides = drug_ner.read(written(tmp_path / "d", DRUGS), HEADINGS)
    assert (imatinib.id, imatinib.xrefs) == ("DrugBank:DB00619", ("MedlinePlus:a606018",))
    assert (imatinib.name, imatinib.synonyms) == ("Imatinib", ("gleevec",))
    assert (salt.id, salt.xrefs) == ("MESH:D000068877", ("DrugBank:DB00001",))
    assert salt.parents == (benzamides.id,) == ("MESH:D001549",)


@pytest.mark.parametrize("content", [{}, [], {"disease_variant_to_canonical": 1}])
def test_another_layout(content: object, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="is not laid out as a disease dictionary"):
        list(disease_ner.read(written(tmp_path / "d", content), HEADINGS))


def test_headings(tmp_path: Path) -> None:
    path = tmp_path / "subjects.jsonl"
    line = '{"id": "https://id.nlm.nih.gov/mesh/D001249", "scheme": "MeSH", "subject": "Asthma"}\n'
    path.write_text(line)
    assert read_headings(path) == {"asthma": "MESH:D001249"}
    path.write_text(line + '{"id": 1}\n')
    with pytest.raises(KnowledgeBaseError, match="line 2, is no subject with an id"):
        read_headings(path)
