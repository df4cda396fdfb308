"""Drugs that MeSH has under the name of their salt alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from biopipe.kb.schema import Concept

__all__ = ["joints_of_salts"]

# Ends of international nonproprietary names of salts and esters (WHO, INN modified).
_SALTS = frozenset(
    {
        *("acetate", "besylate", "bromide", "calcium", "chloride", "citrate", "dihydrochloride"),
        *("dimesylate", "disodium", "fumarate", "hydrobromide", "hydrochloride", "lactate"),
        *("magnesium", "malate", "maleate", "mesylate", "nitrate", "phosphate", "potassium"),
        *("sodium", "succinate", "sulfate", "tartrate", "tosylate"),
    }
)


def joints_of_salts(concepts: Iterable[Concept]) -> Iterator[tuple[str, str]]:
    """(MeSH id of a salt, id of its drug) where MeSH has one salt of the drug and not the drug.

    MeSH then gives the drug as an entry term of the salt: its heading Imatinib Mesylate is imatinib.
    """
    headings: set[str] = set()
    salts: dict[str, list[str]] = defaultdict(list)
    others: dict[str, list[str]] = defaultdict(list)
    for concept in concepts:
        name = concept.name.lower()
        if concept.id.startswith("MESH:"):
            headings.add(name)
            drug, _, salt = name.rpartition(" ")
            if salt in _SALTS:
                salts[drug].append(concept.id)
        else:
            others[name].append(concept.id)
    for drug, ids in salts.items():
        # Of two salts neither is the drug, and a heading for the drug is the drug.
        if len(ids) == 1 and drug not in headings:
            for other in others[drug]:
                yield ids[0], other
