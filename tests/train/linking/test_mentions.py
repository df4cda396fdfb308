from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.document import Document, Mention
from biopipe.errors import InputError, KnowledgeBaseError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.biencoder import BiEncoder
from biopipe.train.common.schedule import Schedule
from biopipe.train.export.model import export_model
from biopipe.train.export.sample import parity_sample
from biopipe.train.export.task import ModelDescription
from biopipe.train.linking.mentions import retrieved_of, tune_biencoder

CONCEPTS = [
    Concept(f"X:{i}", name, types=("Disease",))
    for i, name in enumerate(
        ("breast cancer", "lung cancer", "skin cancer", "bone cancer", "liver disease")
    )
]
TEXT = "breast tumour, heart attack and lung cancers"
DOCUMENT = Document(
    "1",
    TEXT,
    mentions=(
        Mention(0, 13, "Disease", concept_ids=("X:0",)),
        Mention(15, 27, "Disease", concept_ids=("Y:1",)),
        Mention(32, 44, "Disease", concept_ids=("X:1",)),
    ),
)


@pytest.fixture(scope="module")
def start(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start") / "start"
    export_model(
        str(tiny_bert),
        folder,
        about=ModelDescription("start"),
        precision="fp32",
        documents=parity_sample(None),
        task="bi-encoder",
    )
    return folder


@pytest.fixture(scope="module")
def kb(start: Path, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    path = compile_kb(
        CONCEPTS,
        tmp_path_factory.mktemp("kb") / "kb",
        name="n",
        version="1",
        licence="CC0",
        sources={},
        encoder=BiEncoder(start),
    )
    return KnowledgeBase.open(path)


def test_what_competes_for_a_mention(kb: KnowledgeBase, start: Path) -> None:
    breast, lung = retrieved_of([DOCUMENT, DOCUMENT], {"Disease": kb}, start)
    assert (breast.surface, lung.surface) == ("breast tumour", "lung cancers"), (
        "each once, unknown ids left out"
    )
    assert set(breast.names) == {concept.name for concept in CONCEPTS}
    assert [name for name, right in zip(breast.names, breast.right, strict=True) if right] == [
        "breast cancer"
    ]


def test_tuning_raises_the_likelihood_of_the_right_names(
    kb: KnowledgeBase, start: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    examples = retrieved_of([DOCUMENT], {"Disease": kb}, start)
    schedule = Schedule(epochs=30, learning_rate=2e-3)
    folder = tune_biencoder(
        examples, str(tiny_bert), tmp_path / "out", schedule=schedule, log=lambda _: None
    )
    export_model(
        str(folder),
        tmp_path / "m",
        about=ModelDescription("m"),
        precision="fp32",
        documents=parity_sample(None),
    )

    def margin(model: Path) -> float:
        mention, right, wrong = BiEncoder(model).encode(
            ["breast tumour", "breast cancer", "liver disease"]
        )
        return float(mention @ right - mention @ wrong)

    assert margin(tmp_path / "m") > margin(start) + 0.05


def test_nothing_to_learn_from(
    kb: KnowledgeBase, start: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="No mention has a concept"):
        tune_biencoder(
            [], str(tiny_bert), tmp_path / "o", schedule=Schedule(1, 1e-4), log=lambda _: None
        )
    bare = compile_kb(CONCEPTS, tmp_path / "kb", name="n", version="1", licence="CC0", sources={})
    with pytest.raises(KnowledgeBaseError, match="holds no vectors; build it again with --dense"):
        retrieved_of([DOCUMENT], {"Disease": KnowledgeBase.open(bare)}, start)
