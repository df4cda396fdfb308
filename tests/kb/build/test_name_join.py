"""Joints by names alone."""

from biopipe.kb.build.name_join import chemical_key, joints_by_name, words_key
from biopipe.kb.build.salts import joints_of_salts
from biopipe.kb.schema import Concept


def joints(*concepts: Concept, loose: str = "") -> list[tuple[str, str]]:
    return list(joints_by_name(concepts, ("A", "B", "C"), words_key, loose=loose))


def test_preferred_names_join_before_synonyms() -> None:
    concepts = [
        Concept("A:1", "Breast Neoplasms", ("breast cancer", "breast carcinoma")),
        Concept("B:1", "breast neoplasm", ("breast tumor",)),
        Concept("B:2", "breast cancer"),
        Concept("B:3", "breast carcinoma"),
    ]
    assert joints(*concepts) == [("A:1", "B:1")]


def test_a_preferred_name_among_the_synonyms_of_the_other() -> None:
    assert joints(Concept("A:1", "Stroke"), Concept("B:1", "stroke disorder", ("stroke",))) == [
        ("A:1", "B:1")
    ]


def test_words_in_another_order() -> None:
    one = Concept("A:1", "Diabetes Mellitus, Type 2")
    assert joints(one, Concept("B:1", "type 2 diabetes mellitus")) == [("A:1", "B:1")]


def test_numbers_of_types_and_renamed_diseases() -> None:
    one = Concept("A:1", "spinocerebellar ataxia type 40")
    assert joints(one, Concept("B:1", "Spinocerebellar ataxia 40")) == [("A:1", "B:1")]
    two = Concept("A:2", "intellectual disability, autosomal recessive 27")
    assert joints(two, Concept("B:2", "Mental retardation, autosomal recessive 27"))
    assert not joints(two, Concept("B:2", "Mental retardation, autosomal recessive 28"))


def test_a_name_that_two_of_one_vocabulary_have_joins_nothing() -> None:
    two = [Concept("B:1", "x syndrome", ("lupus",)), Concept("B:2", "y syndrome", ("lupus",))]
    assert joints(Concept("A:1", "lupus"), *two) == []


def test_one_synonym_or_an_abbreviation_alone_joins_nothing() -> None:
    one = Concept("A:1", "some disease", ("shared name", "ABC"))
    assert joints(one, Concept("B:1", "other disease", ("shared name", "ABC"))) == []
    more = Concept("A:1", "some disease", ("shared name", "second name"))
    other = Concept("B:1", "other disease", ("shared name", "second name"))
    assert joints(more, other) == [("A:1", "B:1")]


def test_related_synonyms_and_retired_concepts_join_nothing() -> None:
    related = Concept("B:1", "y", ("asthma",), synonym_kinds=("related",))
    retired = Concept("B:2", "asthma", replaced_by="B:3")
    assert joints(Concept("A:1", "asthma"), related, retired) == []


def test_an_entry_term_of_a_broader_heading_joins_only_where_it_is_much_of_it() -> None:
    broad = Concept("A:1", "arbovirus encephalitis", ("one fever", "two fever", "murray fever"))
    narrow = Concept("B:1", "murray fever")
    assert joints(broad, narrow) == [("A:1", "B:1")]
    assert joints(broad, narrow, loose="A") == []
    assert joints(Concept("A:1", "nyctalopia", ("night blindness",)), Concept("B:1", "nyctalopia"))


def test_an_id_of_another_system_counts_for_that_system() -> None:
    drug = Concept("A:1", "aspirin", xrefs=("B:7",))
    assert ("B:7", "C:9") in joints(drug, Concept("C:9", "aspirin"))


def test_keys_of_chemicals() -> None:
    assert chemical_key("Steroids") == chemical_key("steroid")
    assert chemical_key("N-Methyl  aspartate") == "n methyl aspartate"
    assert chemical_key("2,4-D") != chemical_key("2,4,D")
    assert chemical_key("Bis") == "bis"


def test_a_drug_that_mesh_has_as_its_only_salt() -> None:
    salt = Concept("MESH:D1", "Imatinib Mesylate")
    drug = Concept("DrugBank:DB1", "imatinib")
    assert list(joints_of_salts([salt, drug])) == [("MESH:D1", "DrugBank:DB1")]
    assert list(joints_of_salts([salt, drug, Concept("MESH:D2", "Imatinib Sodium")])) == []
    assert list(joints_of_salts([salt, drug, Concept("MESH:D3", "Imatinib")])) == []
    assert list(joints_of_salts([Concept("MESH:D1", "Lipid Bodies"), drug])) == []
