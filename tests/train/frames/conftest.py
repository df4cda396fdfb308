"""A small knowledge base, and documents of frames with its names; no model is needed."""

from pathlib import Path

import pytest

from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.train.frames.documents import FrameTexts
from biopipe.train.frames.sources import open_frame_texts

CONCEPTS = (
    Concept("MESH:D003924", "Diabetes Mellitus, Type 2", ("NIDDM",), ("Disease",)),
    Concept("MESH:D006973", "Hypertension", ("Raised blood pressure",), ("Disease",)),
    Concept("MESH:D010300", "Parkinson disease", types=("Disease",)),
    Concept("OMIM:1", "Deafness 12", ("DFNA12", "Deafness, autosomal dominant 12"), ("Disease",)),
    Concept("X:1", "chronic spotted pneumonopathy", ("spotted (lung)",), ("Disease",)),
    Concept("X:2", "Chronic pneumonopathy", types=("Disease",)),
    Concept("MESH:D000068878", "Trastuzumab", types=("Chemical",)),
    Concept("X:3", "Zorvilumab", types=("Chemical",)),
    Concept("X:4", "2-(4-chlorophenyl)-1,3-thiazole-5-amine", types=("Chemical",)),
    Concept("NCBIGene:672", "BRCA1", ("breast cancer 1",), ("Gene",)),
    Concept("NCBIGene:9999", "ZYGX3", types=("Gene",)),
    Concept("NCBITaxon:10090", "Mus musculus", ("mice", "mouse"), ("Species",)),
)


@pytest.fixture(scope="session")
def small_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a knowledge base of a dozen concepts."""
    directory = tmp_path_factory.mktemp("kb") / "kb"
    return compile_kb(CONCEPTS, directory, name="test", version="1", licence="CC0", sources={})


@pytest.fixture(scope="session")
def opened_base(small_base: Path) -> KnowledgeBase:
    return KnowledgeBase.open(small_base)


@pytest.fixture(scope="session")
def shipped_frames(opened_base: KnowledgeBase) -> FrameTexts:
    """The frames of biopipe with names of the small base and of the tables."""
    return open_frame_texts([opened_base])
