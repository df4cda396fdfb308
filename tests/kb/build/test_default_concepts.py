"""What a supplement adds to the default base, and which joints stand before it."""

from biopipe.kb.build.default_concepts import (
    DISEASE_SYSTEMS,
    KnownJoints,
    Supplement,
    _joined,
    headings_named,
    under_headings,
    with_one_id_a_system,
    without_codes_of_makers,
    without_names_of_headings,
    without_rare_short_forms,
)
from biopipe.kb.build.name_join import chemical_key, lower_case_key, words_key
from biopipe.kb.schema import Concept

SUPPLEMENT = Supplement(
    (
        Concept("MESH:C1", "rare disease"),
        Concept("MESH:C2", "olanzapine"),
        Concept("MESH:C3", "new compound"),
    ),
    (("MONDO:1", "MESH:C1"), ("MONDO:1", "UMLS:9")),
)


def test_what_is_mapped_from_a_disease_is_one() -> None:
    assert SUPPLEMENT.diseases() == [Concept("MESH:C1", "rare disease", types=("Disease",))]


def test_a_chemical_whose_name_a_heading_has_is_left_out() -> None:
    assert [each.id for each in SUPPLEMENT.chemicals({"olanzapine"})] == ["MESH:C3"]


def test_names_join_before_mappings_of_another_time() -> None:
    concepts = [
        Concept("MONDO:1", "rumination syndrome", types=("Disease",)),
        Concept("MESH:D1", "Rumination Syndrome", types=("Disease",)),
        Concept("MESH:D2", "Eating Disorders of Childhood", types=("Disease",)),
        Concept("MONDO:2", "unlike", types=("Disease",)),
        Concept("MESH:D3", "another name", types=("Disease",)),
    ]
    last = (("MONDO:1", "MESH:D2"), ("MONDO:2", "MESH:D3"), ("MONDO:2", "UMLS:7"))
    joints = KnownJoints((), frozenset(), last)
    passes = [(words_key, DISEASE_SYSTEMS)]
    joined = _joined(concepts, [], DISEASE_SYSTEMS, passes, joints)
    assert {each.id: each.xrefs for each in joined} == {
        "MESH:D1": ("MONDO:1",),
        "MESH:D2": (),
        "MESH:D3": ("UMLS:7", "MONDO:2"),
    }


def test_everyday_names_are_added() -> None:
    concepts = [
        Concept("MESH:D1", "Hypertension", types=("Disease",)),
        Concept("MONDO:5", "hypertensive disorder", types=("Disease",)),
    ]
    everyday = [Concept("MESH:D1", "Hypertension", ("high blood pressure",), ("Disease",))]
    same = KnownJoints((("MESH:D1", "MONDO:5"),), frozenset())
    (joined,) = _joined(concepts, everyday, DISEASE_SYSTEMS, [(words_key, DISEASE_SYSTEMS)], same)
    assert joined.xrefs == ("MONDO:5",)
    assert joined.synonyms == ("hypertensive disorder", "high blood pressure")


def test_only_what_mesh_knows_keeps_a_few_capitals() -> None:
    names = ("RD", "R.D.", "rd", "RARE", "R2")
    kinds = ("related", "exact", "exact", "exact", "exact")
    rare = Concept("MONDO:7", "rare disease", names, ("Disease",), synonym_kinds=kinds)
    kept = without_rare_short_forms(rare)
    assert kept.synonyms == names[1:]
    assert kept.synonym_kinds == kinds[1:]
    known = Concept("MONDO:7", "known", names, ("Disease",), xrefs=("OMIM:1", "MESH:D9"))
    assert without_rare_short_forms(known) == known
    supplementary = Concept("MONDO:7", "rare", names, ("Disease",), xrefs=("MESH:C9",))
    assert without_rare_short_forms(supplementary).synonyms == names[1:]


def test_a_second_id_of_a_system_is_retired_for_the_concept() -> None:
    xrefs = ("MESH:C1", "UMLS:C1", "UMLS:C2", "MESH:D1", "OMIM:1")
    one, *retired = with_one_id_a_system(Concept("MONDO:1", "a", types=("Disease",), xrefs=xrefs))
    assert one.xrefs == ("UMLS:C1", "UMLS:C2", "MESH:D1", "OMIM:1")
    assert [(each.id, each.replaced_by) for each in retired] == [("MESH:C1", "MONDO:1")]
    single = Concept("MESH:D1", "a", xrefs=("MONDO:1", "OMIM:1"))
    assert with_one_id_a_system(single) == [single]


def test_a_supplementary_concept_goes_to_the_heading_that_has_its_name() -> None:
    rows = [
        Concept("MESH:C1", "osimertinib", ("AZD9291",), ("Chemical",)),
        Concept("MESH:C2", "SR 1", ("rimonabant",), ("Chemical",)),
    ]
    found = list(under_headings(rows, {"rimonabant": "MESH:D9"}))
    assert found[0] == rows[0]
    assert (found[1].id, found[1].replaced_by) == ("MESH:C2", "MESH:D9")


HEADINGS = {
    "amino acids, branched-chain": "MESH:D000597",
    "meconium": "MESH:D008470",
    "polystyrenes": "MESH:D011137",
    "styrene": "MESH:D020058",
}


def test_an_inverted_heading_is_the_class_that_another_source_has_in_order() -> None:
    concepts = [Concept("CHEBI:22918", "branched-chain amino acid", types=("Chemical",))]
    (heading,) = headings_named(concepts, HEADINGS, chemical_key, "Chemical")
    assert (heading.id, heading.name) == ("MESH:D000597", "Branched-chain amino acids")


def test_a_chemical_loses_synonyms_that_are_headings_for_something_else() -> None:
    kinds = ("exact", "related", "exact")
    concepts = [
        Concept(
            "MESH:D009020", "Morphine", ("meconium", "morphia", "styrene"), synonym_kinds=kinds
        ),
        Concept("MESH:D020058", "Styrene", ("polystyrene", "vinylbenzene")),
        Concept("MESH:D000181", "Acrylonitrile", ("polyacrylonitrile", "vinyl cyanide")),
    ]
    morphine, styrene, acrylonitrile = without_names_of_headings(concepts, HEADINGS)
    # Of a heading that the base has the base decides.
    assert morphine.synonyms == ("morphia", "styrene")
    assert morphine.synonym_kinds == kinds[1:]
    assert styrene.synonyms == ("vinylbenzene",)
    # A polymer is not its monomer.
    assert acrylonitrile.synonyms == ("vinyl cyanide",)


def test_a_code_by_which_papers_mean_something_else_is_no_name_of_a_heading() -> None:
    kinds = ("exact", "related")
    concepts = [
        Concept("MESH:D010420", "Pentanes", ("pentane", "mg 132"), synonym_kinds=kinds),
        Concept("PUBCHEM.COMPOUND:8003", "pentane", ("mg 132", "n-pentane")),
        Concept("PUBCHEM.COMPOUND:462382", "z-leu-leu-leu-al", ("mg 132",)),
    ]
    row = Concept("MESH:C072553", "MG-132", ("carbobenzoxyl-leucinal",), ("Chemical",))
    heading, same, other = without_codes_of_makers(concepts, [row])
    assert (heading.synonyms, heading.synonym_kinds) == (("pentane",), ("exact",))
    assert same.synonyms == ("n-pentane",)
    # Here it joins the compound and the row.
    assert other.synonyms == ("mg 132",)


def test_codes_are_one_name_with_or_without_their_hyphen() -> None:
    assert lower_case_key("SB-203580") == lower_case_key("SB 203580") == lower_case_key("SB203580")
    assert lower_case_key("vitamin B-12") != lower_case_key("vitamin B12")
    assert lower_case_key("tween 80") == "tween 80"
