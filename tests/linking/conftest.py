"""A knowledge base of a few diseases, genes, chemicals and species."""

from pathlib import Path

import pytest

from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

CONCEPTS = (
    Concept("MESH:D001943", "breast cancer", ("breast carcinoma",), ("Disease",)),
    Concept("MESH:D010051", "ovarian cancer", types=("Disease",)),
    Concept("MESH:D009103", "multiple sclerosis", types=("Disease",)),
    Concept("MESH:D008944", "mitral stenosis", ("MS",), ("Disease",)),
    Concept("MESH:D000690", "amyotrophic lateral sclerosis", types=("Disease",)),
    Concept("MESH:D000691", "familial amyotrophic lateral sclerosis", types=("Disease",)),
    Concept("MESH:D006509", "hepatitis B", types=("Disease",)),
    Concept("MESH:D006526", "hepatitis C", types=("Disease",)),
    Concept("MESH:D010661", "phenylalanine hydroxylase deficiency", types=("Disease",)),
    Concept("HP:0001250", "seizure", types=("Phenotype",)),
    Concept("NCBIGene:672", "BRCA1", types=("Gene",)),
    Concept("NCBIGene:675", "BRCA2", types=("Gene",)),
    Concept("NCBIGene:847", "CAT", types=("Gene",)),
    Concept("NCBITaxon:9685", "cat", types=("Species",)),
    Concept("MESH:D001241", "aspirin", types=("Chemical",)),
)


@pytest.fixture(scope="session")
def kb_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("kb") / "kb"
    return compile_kb(CONCEPTS, directory, name="small", version="1", licence="CC0", sources={})
