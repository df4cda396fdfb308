"""Semantic types of the UMLS Semantic Network, and the semantic groups that gather them.

NLM's table SemGroups.txt: 127 types in 15 groups (McCray, Burgun and Bodenreider, MedInfo 2001).
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from itertools import chain

from biopipe.document.labels import CHEMICAL
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.near_values import near_values

__all__ = ["SEMANTIC_GROUPS", "SEMANTIC_TYPES", "semantic_types", "types_of_base"]

SEMANTIC_GROUPS: Mapping[str, str] = {
    "ACTI": "Activities & Behaviors",
    "ANAT": "Anatomy",
    "CHEM": "Chemicals & Drugs",
    "CONC": "Concepts & Ideas",
    "DEVI": "Devices",
    "DISO": "Disorders",
    "GENE": "Genes & Molecular Sequences",
    "GEOG": "Geographic Areas",
    "LIVB": "Living Beings",
    "OBJC": "Objects",
    "OCCU": "Occupations",
    "ORGA": "Organizations",
    "PHEN": "Phenomena",
    "PHYS": "Physiology",
    "PROC": "Procedures",
}
"""Names of the semantic groups by code."""

_TYPES: Mapping[str, Mapping[str, str]] = {
    "ACTI": {
        "T052": "Activity",
        "T053": "Behavior",
        "T056": "Daily or Recreational Activity",
        "T051": "Event",
        "T064": "Governmental or Regulatory Activity",
        "T055": "Individual Behavior",
        "T066": "Machine Activity",
        "T057": "Occupational Activity",
        "T054": "Social Behavior",
    },
    "ANAT": {
        "T017": "Anatomical Structure",
        "T029": "Body Location or Region",
        "T023": "Body Part, Organ, or Organ Component",
        "T030": "Body Space or Junction",
        "T031": "Body Substance",
        "T022": "Body System",
        "T025": "Cell",
        "T026": "Cell Component",
        "T018": "Embryonic Structure",
        "T021": "Fully Formed Anatomical Structure",
        "T024": "Tissue",
    },
    "CHEM": {
        "T116": "Amino Acid, Peptide, or Protein",
        "T195": "Antibiotic",
        "T123": "Biologically Active Substance",
        "T122": "Biomedical or Dental Material",
        "T103": CHEMICAL,
        "T120": "Chemical Viewed Functionally",
        "T104": "Chemical Viewed Structurally",
        "T200": "Clinical Drug",
        "T196": "Element, Ion, or Isotope",
        "T126": "Enzyme",
        "T131": "Hazardous or Poisonous Substance",
        "T125": "Hormone",
        "T129": "Immunologic Factor",
        "T130": "Indicator, Reagent, or Diagnostic Aid",
        "T197": "Inorganic Chemical",
        "T114": "Nucleic Acid, Nucleoside, or Nucleotide",
        "T109": "Organic Chemical",
        "T121": "Pharmacologic Substance",
        "T192": "Receptor",
        "T127": "Vitamin",
    },
    "CONC": {
        "T185": "Classification",
        "T077": "Conceptual Entity",
        "T169": "Functional Concept",
        "T102": "Group Attribute",
        "T078": "Idea or Concept",
        "T170": "Intellectual Product",
        "T171": "Language",
        "T080": "Qualitative Concept",
        "T081": "Quantitative Concept",
        "T089": "Regulation or Law",
        "T082": "Spatial Concept",
        "T079": "Temporal Concept",
    },
    "DEVI": {
        "T203": "Drug Delivery Device",
        "T074": "Medical Device",
        "T075": "Research Device",
    },
    "DISO": {
        "T020": "Acquired Abnormality",
        "T190": "Anatomical Abnormality",
        "T049": "Cell or Molecular Dysfunction",
        "T019": "Congenital Abnormality",
        "T047": "Disease or Syndrome",
        "T050": "Experimental Model of Disease",
        "T033": "Finding",
        "T037": "Injury or Poisoning",
        "T048": "Mental or Behavioral Dysfunction",
        "T191": "Neoplastic Process",
        "T046": "Pathologic Function",
        "T184": "Sign or Symptom",
    },
    "GENE": {
        "T087": "Amino Acid Sequence",
        "T088": "Carbohydrate Sequence",
        "T028": "Gene or Genome",
        "T085": "Molecular Sequence",
        "T086": "Nucleotide Sequence",
    },
    "GEOG": {
        "T083": "Geographic Area",
    },
    "LIVB": {
        "T100": "Age Group",
        "T011": "Amphibian",
        "T008": "Animal",
        "T194": "Archaeon",
        "T007": "Bacterium",
        "T012": "Bird",
        "T204": "Eukaryote",
        "T099": "Family Group",
        "T013": "Fish",
        "T004": "Fungus",
        "T096": "Group",
        "T016": "Human",
        "T015": "Mammal",
        "T001": "Organism",
        "T101": "Patient or Disabled Group",
        "T002": "Plant",
        "T098": "Population Group",
        "T097": "Professional or Occupational Group",
        "T014": "Reptile",
        "T010": "Vertebrate",
        "T005": "Virus",
    },
    "OBJC": {
        "T071": "Entity",
        "T168": "Food",
        "T073": "Manufactured Object",
        "T072": "Physical Object",
        "T167": "Substance",
    },
    "OCCU": {
        "T091": "Biomedical Occupation or Discipline",
        "T090": "Occupation or Discipline",
    },
    "ORGA": {
        "T093": "Health Care Related Organization",
        "T092": "Organization",
        "T094": "Professional Society",
        "T095": "Self-help or Relief Organization",
    },
    "PHEN": {
        "T038": "Biologic Function",
        "T069": "Environmental Effect of Humans",
        "T068": "Human-caused Phenomenon or Process",
        "T034": "Laboratory or Test Result",
        "T070": "Natural Phenomenon or Process",
        "T067": "Phenomenon or Process",
    },
    "PHYS": {
        "T043": "Cell Function",
        "T201": "Clinical Attribute",
        "T045": "Genetic Function",
        "T041": "Mental Process",
        "T044": "Molecular Function",
        "T032": "Organism Attribute",
        "T040": "Organism Function",
        "T042": "Organ or Tissue Function",
        "T039": "Physiologic Function",
    },
    "PROC": {
        "T060": "Diagnostic Procedure",
        "T065": "Educational Activity",
        "T058": "Health Care Activity",
        "T059": "Laboratory Procedure",
        "T063": "Molecular Biology Research Technique",
        "T062": "Research Activity",
        "T061": "Therapeutic or Preventive Procedure",
    },
}

SEMANTIC_TYPES: Mapping[str, str] = {
    tui: name for types in _TYPES.values() for tui, name in types.items()
}
"""Names of the semantic types by TUI, such as T047: "Disease or Syndrome"."""


def semantic_types(names: Iterable[str]) -> tuple[str, ...]:
    """TUIs of semantic types and groups, each given by its code or its name in whatever case.

    ("DISO", "T121", "hormone") gives the 12 types of Disorders, T121 and T125. KnowledgeBaseError
    for an unknown one.
    """
    members = _members()
    given = {name: name.strip().casefold() for name in names}
    for name, folded in given.items():
        if folded not in members:
            all_names = (SEMANTIC_TYPES.values(), SEMANTIC_TYPES, SEMANTIC_GROUPS.values())
            near = near_values(name, [*chain(*all_names, SEMANTIC_GROUPS)])
            raise KnowledgeBaseError(f"Unknown semantic type or group '{name}' in UMLS; {near}.")
    return tuple(dict.fromkeys(tui for folded in given.values() for tui in members[folded]))


def types_of_base(names: Iterable[str], types: Collection[str]) -> tuple[str, ...]:
    """Types as a base calls them: `names` that are among its `types` as they are, and semantic
    types and groups, however they are given, as the types of them that the base has.

    A base of UMLS itself has names such as "Disease or Syndrome", one of scispaCy's files TUIs;
    both are asked for by "T047" or "DISO". Names that are none of these stay as they are.
    """
    expanded: dict[str, None] = {}
    for name in names:
        tuis = () if name in types else _members().get(name.strip().casefold(), ())
        own = [given for tui in tuis for given in (tui, SEMANTIC_TYPES[tui]) if given in types]
        expanded.update(dict.fromkeys(own or (name,)))
    return tuple(expanded)


@cache
def _members() -> dict[str, tuple[str, ...]]:
    members: dict[str, tuple[str, ...]] = {}
    for code, types in _TYPES.items():
        members[code.casefold()] = members[SEMANTIC_GROUPS[code].casefold()] = tuple(types)
    for tui, name in SEMANTIC_TYPES.items():
        members[tui.casefold()] = members[name.casefold()] = (tui,)
    return members
