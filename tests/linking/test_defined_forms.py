import pytest

from biopipe.document import Document, Mention
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.schema import Concept
from biopipe.linking.linker import Linker

CONCEPTS = (
    Concept("G:1", "RORC", ("RAR related orphan receptor C", "TOR", "TOX"), ("Gene",)),
    Concept("G:2", "MTOR", ("mechanistic target of rapamycin kinase", "FRAP"), ("Gene",)),
    Concept("G:3", "MEN1", ("menin 1",), ("Gene",)),
    Concept("G:4", "CPB2", ("carboxypeptidase B2", "TAFI"), ("Gene",)),
    Concept("G:5", "CTNS", ("cystinosin",), ("Gene",)),
    Concept("G:6", "EGFR", ("epidermal growth factor receptor",), ("Gene",)),
    Concept("D:1", "Ischemic Attack, Transient", ("TIA",), ("Disease",)),
    Concept("D:2", "Ito hypomelanosis", ("HI syndrome",), ("Disease",)),
    Concept("C:1", "adenosine phosphate", ("PAP",), ("Chemical",)),
)


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Linker:
    folder = compile_kb(
        CONCEPTS,
        tmp_path_factory.mktemp("forms") / "kb",
        name="forms",
        version="1",
        licence="CC0",
        sources={},
    )
    return Linker(KnowledgeBase.open(folder))


def linked(linker: Linker, text: str, name: str, label: str) -> tuple[str, ...]:
    """What the last mention of a name in a text is linked to."""
    start = text.rindex(name)
    document = Document("1", text, mentions=(Mention(start, start + len(name), label),))
    (answered,) = linker.predict([document])
    return answered.mentions[0].concept_ids


@pytest.mark.parametrize(
    ("text", "name", "label", "right"),
    [
        # Texts define it as something else, so by itself it is not sure enough.
        ("TOR is expressed.", "TOR", "Gene", ()),
        ("The target of rapamycin (TOR) is a kinase. TOR is expressed.", "TOR", "Gene", ()),
        ("The retinoid orphan receptor (TOX) is here. TOX acts.", "TOX", "Gene", ("G:1",)),
        # The symbol itself says which gene it is, whatever the long form.
        ("Endocrine neoplasia type one (MEN1) is hereditary.", "MEN1", "Gene", ("G:3",)),
        # More than three letters are hardly shared by chance.
        ("The fibrinolysis inhibitor of thrombin (TAFI) rose.", "TAFI", "Gene", ("G:4",)),
        ("Cardiac Troponin (cTn) rose. The cTn fell.", "cTn", "Gene", ()),
        (
            "The estimated glomerular filtration rate (eGFR) fell. The eGFR rose.",
            "eGFR",
            "Gene",
            (),
        ),
        ("The epidermal growth factor receptor (eGFR). The eGFR.", "eGFR", "Gene", ("G:6",)),
        ("Papanicolaou (Pap) smears.", "Papanicolaou", "Chemical", ()),
        ("A herpes virus infection (HI) is here.", "herpes virus infection", "Disease", ()),
        ("After a TIA.", "TIA", "Disease", ("D:1",)),
        ("The target induced astigmatism (TIA) was low. TIA is a vector.", "TIA", "Disease", ()),
        ("Transient ischaemic attacks (TIA) were rare. A TIA passes.", "TIA", "Disease", ("D:1",)),
    ],
)
def test_a_short_form_means_what_its_text_says(
    linker: Linker, text: str, name: str, label: str, right: tuple[str, ...]
) -> None:
    assert linked(linker, text, name, label) == right
