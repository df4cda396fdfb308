"""Diseases that a text says a drug brought about, as "levodopa-induced dyskinesia": terminologies
list some of them apart.

Of the train mentions of BC5CDR and BioRED behind "-induced" for which MEDIC has such a concept ("Dyskinesia,
Drug-Induced"), annotators mean it in 26 of 27.
"""

import re

from biopipe.kinds.context import DocumentContext
from biopipe.kinds.kind import DrugInduced

__all__ = ["drug_induced"]

_INDUCED = re.compile(r"(.*\S)[-‐–\s]induced\s+(\S.*)", re.IGNORECASE | re.DOTALL)
# Not with a space: "prednisolone induced osteoporosis" has a verb.
_INDUCED_BEFORE = re.compile(r"(\S.*)[-‐–]induced\s+\Z", re.IGNORECASE)
_SAYS_DRUG = ("chemical", "chemically", "drug", "medication", "substance")
# What alcohol brings about has concepts of its own.
_NO_DRUGS = ("alcohol", "ethanol")


def drug_induced(surface: str, before: str, context: DocumentContext) -> DrugInduced | None:
    """The names of a disease as one of drugs, where `surface` or the text `before` it on its line
    says that something induced it; None where nothing or no chemical did.
    """
    own: tuple[str, ...] = ()
    if match := _INDUCED.fullmatch(surface):
        own = (surface,)
        agent, disease = match.groups()
    elif match := _INDUCED_BEFORE.search(before):
        agent, disease = match[1], surface
    else:
        return None
    words = agent.lower().split()
    if words[-1] in _NO_DRUGS:
        return None
    names = *own, f"drug-induced {disease}", f"substance-induced {disease}"
    if words[-1] in _SAYS_DRUG or _ends_with_one(agent.lower(), context.chemicals):
        return DrugInduced(names, "")
    return DrugInduced(names, words[-1])


def _ends_with_one(text: str, chemicals: frozenset[str]) -> bool:
    """Whether a text ends with one of these names, as whole words."""
    return any(text.endswith(name) and not text[: -len(name)][-1:].isalnum() for name in chemicals)
