"""Filters by label and section over a small release of the UMLS."""

from pathlib import Path

import pytest

from biopipe.document import Document, Mention, NoteSection
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.sources import umls
from biopipe.linking.linker import Linker
from biopipe.pipeline import build

TEXT = "HPI: cold today. FH: cold in her mother. Allergies: cold"
ATOMS = (("C0009264", "cold temperature", "SNOMEDCT_US"), ("C0009443", "Common Cold", "MSH"),
         ("C0024117", "Chronic Airflow Obstruction", "MSH"))  # fmt: skip
TYPES = {
    "C0009264": "T070|B2.3|Natural Phenomenon or Process",
    "C0009443": "T047|B2.2.1.2.1|Disease or Syndrome",
    "C0024117": "T191|B2.2.1.2.1.2|Neoplastic Process",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three concepts that are all called "cold", of three semantic types in two groups."""
    folder = tmp_path_factory.mktemp("umls")
    atoms = [row for atom in ATOMS for row in (atom, (atom[0], "cold", atom[2]))]
    names = [
        f"{cui}|ENG|P|L{n}|PF|S{n}|Y|A{n}||M|D||{sab}|PT|U{n}|{name}|0|N||"
        for n, (cui, name, sab) in enumerate(atoms)
    ]
    (folder / "MRCONSO.RRF").write_text("".join(f"{row}\n" for row in names), encoding="utf-8")
    types = [f"{cui}|{type_}|AT{cui}||" for cui, type_ in TYPES.items()]
    (folder / "MRSTY.RRF").write_text("".join(f"{row}\n" for row in types), encoding="utf-8")
    ranks = "2|MSH|PT|N|\n1|SNOMEDCT_US|PT|N|\n"
    (folder / "MRRANK.RRF").write_text(ranks, encoding="utf-8")
    for name in ("MRDEF", "MRREL", "MRCUI"):
        (folder / f"{name}.RRF").touch()
    concepts = list(umls.read(folder))
    return compile_kb(concepts, folder / "kb", name="umls", version="1", licence="none", sources={})


def note() -> Document:
    starts = [0, TEXT.index("FH"), TEXT.index("Allergies"), len(TEXT)]
    names = ("history_of_present_illness", "family_history", "allergies")
    sections = tuple(
        NoteSection(name, start, end, start)
        for name, start, end in zip(names, starts[:-1], starts[1:], strict=True)
    )
    places = [place for place in range(len(TEXT)) if TEXT.startswith("cold", place)]
    mentions = tuple(
        Mention(place, place + 4, "Disease", section=name)
        for place, name in zip(places, names, strict=True)
    )
    return Document("1", TEXT, mentions, sections=sections)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (
            {"types": {"Disease": ["T047"], "Disease@family_history": ["T191"]}},
            ["C0009443", "C0024117", "C0009443"],
        ),
        (
            {"types": {"@allergies": ["PHEN"], "": ["T047"]}},
            ["C0009443", "C0009443", "C0009264"],
        ),
    ],
)
def test_semantic_types_and_groups_by_label_and_section(
    base: Path, filters: dict[str, dict[str, list[str]]], expected: list[str]
) -> None:
    linker = Linker(base, threshold=0, similar_threshold=0, prior=None, encoder=None, **filters)
    (document,) = linker.predict([note()])
    assert [m.concept_ids for m in document.mentions] == [(f"UMLS:{cui}",) for cui in expected]
    # What was asked in one section is not the answer of another.
    (again,) = linker.predict([note()])
    assert again == document


def test_a_pipeline_of_notes_takes_them(base: Path) -> None:
    nlp = build(
        {
            "components": {
                "biopipe_sections": None,
                "biopipe_entities": {"labels": {"PROBLEM": "Disease"}},
                "biopipe_mention_sections": {"factory": "biopipe_sections"},
                "biopipe_linker": {
                    "kb": str(base), "threshold": 0, "similar_threshold": 0, "prior": None,
                    "encoder": None,
                    "types": {"": ["T047"], "Disease@family_history": ["T191"]},
                },
            }
        }
    )  # fmt: skip
    ruler = nlp.add_pipe("entity_ruler", first=True)
    ruler.add_patterns([{"label": "PROBLEM", "pattern": "cold"}])
    doc = nlp("HPI: cold today.\nFamily history: cold\n")
    assert [ent.kb_id_ for ent in doc.ents] == ["UMLS:C0009443", "UMLS:C0024117"]
