"""Names: how they are written, which slots take them, how often they are drawn, which never."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biopipe.document import Document
from biopipe.errors import ConfigError, InputError
from biopipe.kb.base import KnowledgeBase
from biopipe.train.frames.base_names import VocabularyNames, gather_names
from biopipe.train.frames.names import slot_names
from biopipe.train.frames.sources import open_frame_texts
from biopipe.train.frames.spelling import lower_case_words, written_name
from biopipe.train.frames.values import draw_value, read_values
from biopipe.train.frames.variants import VARIANT_FORMS, draw_variant

COMMON = lower_case_words(
    ["chronic renal failure", "juvenile arthritis", "diabetes mellitus, type 2"]
)


@pytest.mark.parametrize(
    ("name", "label", "concept_id", "written"),
    [
        ("Diabetes Mellitus, Type 2", "Disease", "MESH:D003924", "type 2 diabetes mellitus"),
        ("Deafness, autosomal dominant 12", "Disease", "OMIM:1", None),
        ("Renal Failure", "Disease", "X:1", "renal failure"),
        ("Asthma", "Disease", "X:1", "asthma"),
        ("Kienbock arthritis", "Disease", "X:1", "Kienbock arthritis"),
        ("Abnormality of the eye", "Disease", "HP:1", None),
        ("Arthritis (juvenile)", "Disease", "X:1", None),
        ("Chronic arthritis of " + "very " * 8 + "long names", "Disease", "X:1", None),
        ("Metformin", "Chemical", "X:1", "metformin"),
        ("2-(4-chlorophenyl)-1,3-thiazole", "Chemical", "X:1", None),
        ("BRCA1", "Gene", "X:1", "BRCA1"),
        ("breast cancer 1", "Gene", "X:1", None),
        ("human", "Species", "X:1", None),
        ("Escherichia coli", "Species", "X:1", "Escherichia coli"),
        ("HEK293T", "CellLine", "X:1", "HEK293T"),
    ],
)
def test_names_are_written_as_authors_do(
    name: str, label: str, concept_id: str, written: str | None
) -> None:
    assert written_name(name, label, concept_id, COMMON) == written


def test_names_of_a_base_go_to_the_slots_that_they_suit(opened_base: KnowledgeBase) -> None:
    names = slot_names(gather_names([opened_base]), [opened_base])

    def others(slot: str) -> set[str]:
        return {name.text for name in names[slot].others}

    assert others("Chemical.antibody") == {"zorvilumab"}
    assert others("Gene.symbol") == {"ZYGX3"}
    assert others("Gene.mouse") == {"Zygx3"}
    assert {"chronic spotted pneumonopathy", "chronic pneumonopathy"} <= others("Disease")
    assert not others("Disease.short")
    assert not {"DFNA12", "Deafness 12", "spotted (lung)"} & others("Disease")
    (hypertension,) = [n for n in names["Disease.common"].rows if n.text == "hypertension"]
    assert hypertension.concept_ids == ("MESH:D006973",)
    (short,) = [n for n in names["Disease.short"].rows if n.text == "HTN"]
    assert (short.concept_ids, short.meaning) == (("MESH:D006973",), "hypertension")
    assert not any(name.concept_ids for name in names["Gene.mouse"].rows)


def test_names_that_texts_have_come_as_often_as_there(opened_base: KnowledgeBase) -> None:
    text = "Parkinson disease. " * 9 + "Chronic spotted pneumonopathy. " * 3
    texts = [Document("1", text), Document("2", "Chronic pneumonopathy was seen once.")]
    vocabulary = gather_names([opened_base], texts)
    counts = {name.text: name.count for name in vocabulary.counted["Disease"]}
    assert counts == {"Parkinson disease": 9, "chronic spotted pneumonopathy": 3}
    slot = slot_names(vocabulary, [opened_base], frequent=1.0)["Disease"]
    assert [name.text for name in slot.counted] == sorted(counts)
    assert slot.counted[0].concept_ids == ("MESH:D010300",)
    # With no more rows than counted names, half of the frequent names are in proportion.
    few = replace(slot, rows=slot.rows[:2])
    random = Random(0)
    drawn = Counter(few.draw(random).text for _ in range(2000))
    assert 0.33 < drawn["Parkinson disease"] / 2000 < 0.43
    assert 0.09 < drawn["chronic spotted pneumonopathy"] / 2000 < 0.16
    # Among hundreds of rows two counted names come seldom.
    drawn = Counter(slot.draw(random).text for _ in range(2000))
    assert drawn["Parkinson disease"] < 60


def test_without_frequent_names_any_name_is_as_likely(opened_base: KnowledgeBase) -> None:
    vocabulary = gather_names([opened_base])
    slot = slot_names(vocabulary, [opened_base], frequent=0.0)["Disease"]
    random = Random(0)
    assert len({slot.draw(random).text for _ in range(3000)}) > 250


@pytest.mark.parametrize(
    "slot", ["Disease", "Disease.common", "Disease.short", "Disease.infection"]
)
def test_names_that_are_left_out_never_come(opened_base: KnowledgeBase, slot: str) -> None:
    left_out = ["HYPERTENSION", "Covid-19", "Parkinson Disease"]
    texts = [Document("1", "Parkinson disease. " * 9)]
    names = slot_names(gather_names([opened_base], texts), [opened_base], left_out=left_out)
    drawn = {names[slot].draw(Random(seed)) for seed in range(1500)}
    assert not {"hypertension", "covid-19", "parkinson disease"} & {
        n.text.casefold() for n in drawn
    }
    # Nor does the short form, whose meaning frames may spell out.
    assert "hypertension" not in {name.meaning for name in drawn}


def test_all_left_out_is_an_error() -> None:
    rows = [name.text for name in slot_names(VocabularyNames())["Gene.plant"].rows]
    with pytest.raises(ConfigError, match=r"Gene\.plant"):
        slot_names(VocabularyNames(), left_out=rows)["Gene.plant"].draw(Random(0))


@given(st.integers(0, 10**6), st.sampled_from(sorted(VARIANT_FORMS)))
def test_made_variants_are_words(seed: int, form: str) -> None:
    variant = draw_variant(form, Random(seed))
    assert variant == "".join(variant.split())
    assert any(letter.isdigit() for letter in variant)


@given(st.integers(0, 10**6), st.sampled_from(sorted(read_values())))
def test_values_are_drawn_to_the_end(seed: int, slot: str) -> None:
    value = draw_value(read_values(), slot, Random(seed))
    assert value
    assert not {"<", "{"} & set(value.replace("p < 0", "").replace("P < 0", "").replace("P<0", ""))


def test_files_of_names_and_shares_that_cannot_be(
    opened_base: KnowledgeBase, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        open_frame_texts([opened_base], left_out=[tmp_path / "no.txt"])
    with pytest.raises(ConfigError, match=r"is 1\.5"):
        open_frame_texts([opened_base], frequent=1.5)
