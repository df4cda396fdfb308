import pytest

from biopipe.document import Document, Mention
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker

CONCEPTS = (
    Concept("G:1", "KDR", ("VEGFR", "VEGFR2"), ("Gene",)),
    Concept("G:2", "PRKAA2", ("AMPK",), ("Gene",)),
    Concept("F:1", "AMPK", (), ("Gene",)),
    Concept("G:3", "TSBP1", ("LPS",), ("Gene",)),
    Concept("C:1", "Methyl Chloride", ("methyl",), ("Chemical",)),
    Concept("D:1", "Hypophysitis", ("pituitary",), ("Disease",)),
)


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Linker:
    folder = compile_kb(
        CONCEPTS,
        tmp_path_factory.mktemp("unlikely") / "kb",
        name="unlikely",
        version="1",
        licence="CC0",
        sources={},
    )
    return Linker(KnowledgeBase.open(folder), threshold=0.5)


@pytest.mark.parametrize(
    ("name", "label", "right"),
    [
        ("VEGFR", "Gene", ()),
        ("VEGF receptor", "Gene", ()),
        ("VEGFR2", "Gene", ("G:1",)),
        # A base that has the family is asked for it.
        ("AMPK", "Gene", ("F:1",)),
        ("LPS", "Gene", ()),
        ("methyl", "Chemical", ()),
        ("pituitary", "Disease", ()),
        ("hypophysitis", "Disease", ("D:1",)),
    ],
)
def test_a_misleading_name_is_not_linked_to_what_bears_it_as_a_synonym(
    linker: Linker, name: str, label: str, right: tuple[str, ...]
) -> None:
    text = f"We looked at {name} here."
    document = Document("1", text, mentions=(Mention(13, 13 + len(name), label),))
    (answered,) = linker.predict([document])
    assert answered.mentions[0].concept_ids == right
