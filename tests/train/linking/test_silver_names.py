"""What a program means by names that no concept bears counts where tagger and linker agree."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from biopipe.document import Document, Mention, Predictor, PredictorInfo
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.mention_prior import name_key
from biopipe.train.linking.silver_names import silver_counts

CONCEPTS = (
    Concept("D:1", "motor disorders", ("disorder of motion",), ("Disease",)),
    Concept("D:2", "intellectual disability", ("mental retardation",), ("Disease",)),
    Concept(
        "D:3", "chemical and drug induced liver injury", ("liver injury by drugs",), ("Disease",)
    ),
)


class Found(Predictor):
    """A tagger that finds the given words as diseases."""

    def __init__(self, *words: str) -> None:
        self._words = words

    @property
    def info(self) -> PredictorInfo:
        return PredictorInfo(name="found", needs=frozenset(), gives=frozenset({"mentions"}))

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        return [replace(d, mentions=_mentions(d.text, *self._words)) for d in documents]


def _mentions(text: str, *words: str) -> tuple[Mention, ...]:
    places = [(text.index(word), word) for word in words if word in text]
    return tuple(Mention(p, p + len(word), "Disease") for p, word in places)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    folder: Path = tmp_path_factory.mktemp("silver") / "kb"
    compile_kb(CONCEPTS, folder, name="d", version="1", licence="CC0", sources={})
    return KnowledgeBase.open(folder)


def _texts(name: str, *ids: str) -> list[Document]:
    text = f"We saw {name}."
    linked = [replace(_mentions(text, name)[0], concept_ids=(id_,)) for id_ in ids]
    return [Document(str(n), text, (mention,)) for n, mention in enumerate(linked)]


NAME = "disordered motor function"


def test_a_name_that_all_three_know_is_counted(kb: KnowledgeBase) -> None:
    found = silver_counts(_texts(NAME, *["D:1"] * 5), {"Disease": kb}, Found(NAME))
    assert found == {"Disease": {name_key(NAME): {"D:1": 3}}}, "no more than three documents count"


@pytest.mark.parametrize(
    ("name", "ids", "words"),
    [
        (NAME, ["D:1", "D:1"], []),  # the tagger does not find it
        (NAME, ["D:1", "D:2"], [NAME]),  # documents disagree
        (NAME, ["D:9"], [NAME]),  # no concept of the base
        ("motor disorders", ["D:2"], ["motor disorders"]),  # a concept bears the name
        ("flame retardant", ["D:2"], ["flame retardant"]),  # nothing that the linker would think of
        ("injury of the liver", ["D:3"], ["injury of the liver"]),  # the text says no cause
        ("MD", ["D:1"], ["MD"]),  # an undefined short form
    ],
)
def test_all_else_is_left_out(
    kb: KnowledgeBase, name: str, ids: list[str], words: list[str]
) -> None:
    assert silver_counts(_texts(name, *ids), {"Disease": kb}, Found(*words)) == {}
