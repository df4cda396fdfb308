"""What of a mention is compared with names by spelling and meaning."""

from collections.abc import Iterable

from biopipe.kinds.kind import NameForm
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.requests import LinkingRequest

__all__ = ["PLAINER_WEIGHT", "compared_texts", "is_part", "name_form_of"]

# How much the cosine of a plainer form counts, and how alike a name in another spelling or form is
# held to be: a little less than the very name.
PLAINER_WEIGHT = 0.95


def compared_texts(request: LinkingRequest) -> dict[str, float]:
    """What is compared by spelling and meaning, and how much its similarities count.

    The likeliest surface form, that with short forms written out, and a plainer name, which says
    less than the mention. A bare short form that has a long one is not compared: other concepts go
    by it too. But symbols are names of genes.
    """
    if request.drug_induced and request.surface_forms[0] in request.drug_induced.names:
        return {request.surface_forms[0]: 1.0}
    form = name_form_of(request.label)
    first = request.other_names()[:1] if form.first_may_be_plainer else ()
    plainer = [name for name in first if is_part(name, request.surface_forms)]
    last = request.surface_forms[-1]
    symbols = form.codes and not form.other_names_are_words
    written = [last] if " " in last or symbols else []
    return {
        **dict.fromkeys(plainer, PLAINER_WEIGHT),
        **dict.fromkeys(written, 1.0),
        request.surface_forms[0]: 1.0,
    }


def name_form_of(label: str) -> NameForm:
    """How names of a label are written; plain words where it has no kind."""
    kind = ENTITY_KINDS.get(label)
    return NameForm() if kind is None else kind.name_form


def is_part(name: str, surface_forms: Iterable[str]) -> bool:
    """Whether a name is a surface form with less around it."""
    return any(name in form for form in surface_forms)
