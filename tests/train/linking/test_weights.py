from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra 'train'")

from biopipe.document import Document, Mention
from biopipe.errors import InputError
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.train.linking.examples import linking_examples
from biopipe.train.linking.weights import fit_weights

PLACES = ("breast", "ovarian", "lung", "skin", "liver", "bone", "brain", "colon")
CONCEPTS = [
    Concept(f"X:{i}", f"{place} cancer", (f"{place} carcinoma",), ("Disease",))
    for i, place in enumerate(PLACES)
]


def documents() -> list[Document]:
    found = []
    for i, place in enumerate(PLACES):
        for number, text in enumerate((f"{place} cancers", f"{place} carcinom", f"{place} fungus")):
            ids = (f"X:{i}",) if number < 2 else ()
            found.append(
                Document(
                    f"{i}.{number}",
                    text,
                    mentions=(Mention(0, len(text), "Disease", concept_ids=ids),),
                )
            )
    return found


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fit") / "kb"
    return compile_kb(CONCEPTS, folder, name="n", version="1", licence="CC0", sources={})


def test_fitted_weights_tell_names_from_others(kb: Path) -> None:
    linker = Linker(kb)
    weights = fit_weights(list(linking_examples(documents(), linker)))
    predicted = Linker(kb, weights=weights).predict(documents())
    right = [
        gold.mentions[0].concept_ids == found.mentions[0].concept_ids
        for gold, found in zip(documents(), predicted, strict=True)
    ]
    assert sum(right) >= 22
    assert {label: each.about for label, each in weights.items()} == {"": {"mentions": 24}}


def test_nothing_to_learn_from_is_an_error(kb: Path) -> None:
    strange = [
        Document("1", "lung cancer", mentions=(Mention(0, 11, "Disease", concept_ids=("Y:1",)),))
    ]
    with pytest.raises(InputError, match="whose ids are those of the knowledge base"):
        fit_weights(list(linking_examples(strange, Linker(kb))))
