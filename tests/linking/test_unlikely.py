from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker
from biopipe.train.linking.prior import write_prior

CONCEPTS = (
    Concept("G:1", "KDR", ("VEGFR", "VEGFR2"), ("Gene",)),
    Concept("G:2", "PRKAA2", ("AMPK",), ("Gene",)),
    Concept("F:1", "AMPK", (), ("Gene",)),
    Concept("G:3", "TSBP1", ("LPS",), ("Gene",)),
    Concept("G:4", "EGFR", ("ERBB1",), ("Gene",)),
    Concept("G:5", "IGHD2-15", ("D2",), ("Gene",)),
    Concept("G:7", "METTL3", ("M6A",), ("Gene",)),
    Concept("G:6", "C3", (), ("Gene",)),
    Concept("C:2", "Rituximab", (), ("Chemical",)),
    Concept("C:3", "Resiniferatoxin", ("RTX",), ("Chemical",)),
    Concept("C:1", "Methyl Chloride", ("methyl",), ("Chemical",)),
    Concept("D:1", "Hypophysitis", ("pituitary",), ("Disease",)),
)


@pytest.fixture(scope="module")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    folder = compile_kb(
        CONCEPTS,
        tmp_path_factory.mktemp("unlikely") / "kb",
        name="unlikely",
        version="1",
        licence="CC0",
        sources={},
    )
    return KnowledgeBase.open(folder)


@pytest.fixture(scope="module")
def linker(kb: KnowledgeBase) -> Linker:
    return Linker(kb, threshold=0.5)


@pytest.mark.parametrize(
    ("name", "label", "right"),
    [
        ("VEGFR", "Gene", ()),
        ("VEGF receptor", "Gene", ()),
        ("VEGFR2", "Gene", ("G:1",)),
        # A base that has the family is asked for it.
        ("AMPK", "Gene", ("F:1",)),
        ("LPS", "Gene", ()),
        # A rate of filtration is no receptor, whose symbol has no small letters.
        ("eGFR", "Gene", ()),
        ("EGFR", "Gene", ("G:4",)),
        # A letter and a digit stand behind the name of a family.
        ("D2", "Gene", ()),
        ("m6A", "Gene", ()),
        ("M6A", "Gene", ("G:7",)),
        ("C3", "Gene", ("G:6",)),
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


def test_what_texts_usually_define_it_as_goes_before_what_bears_it(
    tmp_path: Path, kb: KnowledgeBase
) -> None:
    meant = [
        Document(str(n), "RTX helped.", mentions=(Mention(0, 3, "Chemical", concept_ids=("C:2",)),))
        for n in range(6)
    ]
    prior = tmp_path / "prior"
    write_prior(meant, prior)
    document = Document("1", "RTX helped.", mentions=(Mention(0, 3, "Chemical"),))
    (answered,) = Linker(kb, prior=prior, threshold=0.5).predict([document])
    assert answered.mentions[0].concept_ids == ("C:2",)
