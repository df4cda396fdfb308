"""The vocabulary of entity labels and assertions that every part of biopipe shares.

All are plain strings, so they survive JSON, msgpack and Arrow as they are. `Mention.label` may hold
other labels too: a model or a dictionary of a user's own brings its own.
"""

from typing import Final

__all__ = [
    "ALLERGY",
    "ASSERTIONS",
    "CELL_LINE",
    "CHEMICAL",
    "CORPUS_LABELS",
    "DISEASE",
    "ENTITY_LABELS",
    "FAMILY",
    "GENE",
    "HISTORICAL",
    "HYPOTHETICAL",
    "NEGATED",
    "NIL_PREFIX",
    "PHENOTYPE",
    "POSSIBLE",
    "SPECIES",
    "VARIANT",
]

CELL_LINE: Final = "CellLine"
CHEMICAL: Final = "Chemical"
DISEASE: Final = "Disease"
GENE: Final = "Gene"
PHENOTYPE: Final = "Phenotype"
SPECIES: Final = "Species"
VARIANT: Final = "Variant"

ENTITY_LABELS: Final = (GENE, DISEASE, CHEMICAL, SPECIES, VARIANT, CELL_LINE, PHENOTYPE)
"""The labels that the shipped models, dictionaries and linking strategies know."""

CORPUS_LABELS: Final = {
    "DiseaseOrPhenotypicFeature": DISEASE,
    "DomainMotif": GENE,
    "GeneFamily": GENE,
    "GeneOrGeneProduct": GENE,
    "OrganismTaxon": SPECIES,
}
"""Labels of annotated corpora (BioRED, NLM-Gene) whose bare concept ids are of the kind named
beside them; readers leave the label itself as it stands in the file."""

NEGATED: Final = "negated"
POSSIBLE: Final = "possible"
HYPOTHETICAL: Final = "hypothetical"
HISTORICAL: Final = "historical"
FAMILY: Final = "family"
ALLERGY: Final = "allergy"

ASSERTIONS: Final = (NEGATED, POSSIBLE, HYPOTHETICAL, HISTORICAL, FAMILY, ALLERGY)
"""What a text may say of a mention other than that it is there, in the patient, now (ConText, with
what a patient is allergic to or does not tolerate).

`family` is anyone but the patient. `Mention.assertion` and `Relation.assertion` are sets of these.
"""

NIL_PREFIX: Final = "NIL:"
"""Begins the id of mentions that have no concept id where a relation ends at them, such as
`NIL:Chemical/aac262fb0c6fed07`.

The digits are a hash of the normalised name, so that the same name has the same id in every
document and no id carries words of a text. Whoever guesses the name can check it.
"""
