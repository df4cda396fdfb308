from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.evaluate.robustness import SUBSTITUTION, score_robustness
from biopipe.evaluate.robustness_names import replacement_names
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept

TEXT = "Lung cancer and TNF-alpha; lung cancer, aspirin."
KNOWN = {"lung cancer": "Disease", "asthma": "Disease", "TNF-alpha": "Gene", "aspirin": "Chemical"}


def find(texts: Sequence[Document]) -> list[Document]:
    """A recogniser of four names as they are written here."""
    found = []
    for document in texts:
        mentions = []
        for name, label in KNOWN.items():
            start = document.text.find(name)
            while start >= 0:
                mentions.append(Mention(start, start + len(name), label))
                start = document.text.find(name, start + 1)
        found.append(replace(document, mentions=tuple(mentions)))
    return found


@pytest.fixture
def gold() -> list[Document]:
    spans = [(0, 11, "Disease"), (16, 25, "Gene"), (27, 38, "Disease"), (40, 47, "Chemical")]
    return [Document("1", TEXT, mentions=tuple(Mention(*span) for span in spans))]


def test_recall_before_and_after_of_the_names_altered(gold: list[Document]) -> None:
    scores = score_robustness(gold, find, {"Disease": ["asthma"], "Chemical": ["ibuprofen"]})
    assert scores["documents"] == 1
    other = scores["changes"][SUBSTITUTION]
    assert (other["mentions"], other["before"], other["recall"]) == (
        3,
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
    )
    assert other["types"]["Disease"] == {"mentions": 2, "before": 0.5, "recall": 1, "fall": -0.5}
    assert other["types"]["Chemical"]["fall"] == 1
    assert other["types"]["Gene"] == {"mentions": 0, "before": None, "recall": None, "fall": None}
    assert other["worst"] == [
        {"label": "Chemical", "name": "ibuprofen", "was": "aspirin", "missed": 1, "mentions": 1}
    ]
    lower = scores["changes"]["lower case"]
    assert (lower["mentions"], lower["before"], lower["recall"]) == (2, 0.5, 0.5)
    assert (lower["precision"], lower["precision_fall"]) == (1, 0)
    upper = scores["changes"]["upper case"]
    assert (upper["mentions"], upper["recall"], upper["precision"]) == (4, 0, None)


def test_labels_not_asked_for_are_neither_altered_nor_counted(gold: list[Document]) -> None:
    scores = score_robustness(
        gold, find, {"Disease": ["flu"], "Chemical": ["x"]}, labels=["Chemical"], worst=0
    )
    assert scores["changes"][SUBSTITUTION]["mentions"] == 1
    assert list(scores["changes"]["typo"]["types"]) == ["Chemical"]
    assert scores["changes"][SUBSTITUTION]["worst"] == []
    assert scores["changes"]["dashes, primes"]["precision"] == 1


def test_the_same_seed_gives_the_same(gold: list[Document]) -> None:
    names = {"Disease": [f"disease {i}" for i in range(99)]}
    runs = [score_robustness(gold, find, names, seed=seed) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_names_are_those_of_a_type_or_the_golds(gold: list[Document], tmp_path: Path) -> None:
    concepts = [
        Concept(
            "MESH:D1", "asthma", ("Asthma, Bronchial", "x" * 70, "bronchial asthma"), ("Disease",)
        ),
        Concept("MESH:D2", "ibuprofen", (), ("Chemical",)),
    ]
    kb = str(
        compile_kb(concepts, tmp_path / "kb", name="small", version="1", licence="CC0", sources={})
    )
    names = replacement_names(gold, ["Chemical", "Disease", "Gene"], kb=kb)
    assert {label: (each.source, sorted(each.texts)) for label, each in names.items()} == {
        "Chemical": ("small 1", ["ibuprofen"]),
        "Disease": ("small 1", ["asthma", "bronchial asthma"]),
        "Gene": ("gold", ["TNF-alpha"]),
    }
    own = replacement_names(gold, ["Chemical", "Gene"], kb={"Gene": kb})
    assert sorted(own["Gene"].texts) == ["asthma", "bronchial asthma", "ibuprofen"]
    assert own["Chemical"].source == "gold"
