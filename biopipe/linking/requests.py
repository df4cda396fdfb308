"""What a linker asks a knowledge base about a mention."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from biopipe.document import Candidate, Document, Mention
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.kind import DrugInduced, names_to_look_up
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.surface_forms import SurfaceForms

__all__ = ["LinkingRequest", "linking_requests"]

_INDUCED = "induced "
# "valproic acid-induced", "docetaxel- and doxorubicin-induced".
_CAUSE_REACH = 60
_SPELLED_OUT = re.compile(r"[^\W\d_][a-z]{3}")


@dataclass(frozen=True, slots=True)
class LinkingRequest:
    """A mention as the retrievers see it; equal requests have equal answers.

    `surface_forms`: what the mention may be read as, the most telling first. `names_in_text`:
    for each of them the names that the document gives it; () where its kind has none.
    `preferred_types`: concept types that go before all others, the first that the base knows.
    `unlikely_types`: types of concepts that are hardly meant. `about_animals`: the text is about
    animals and not about people.
    `written_concept`: the concept that the mention itself writes, which makes all else idle.
    `section`: the category of the mention's section where that has filters of its own, else "".
    `drug_induced`: the names of a disease that a drug may have brought about, which go before all
    others where the base has one.
    """

    label: str
    surface_forms: tuple[str, ...]
    names_in_text: tuple[tuple[str, ...], ...] = ()
    preferred_types: tuple[str, ...] = ()
    unlikely_types: tuple[str, ...] = ()
    written_concept: Candidate | None = None
    section: str = ""
    about_animals: bool = False
    drug_induced: DrugInduced | None = None

    def __hash__(self) -> int:
        # The other fields follow from these in nearly every document, and every mention is hashed.
        return hash((self.label, self.surface_forms))

    def other_names(self) -> tuple[str, ...]:
        """The names that the kind makes of the surface forms, the likeliest first; looked up as
        exact names only, and made only when asked for: most mentions are names as they stand.

        Where names are words, a code that the text spells out lends none: "HI syndrome" is no name
        of a "herpes virus infection (HI)".
        """
        kind = ENTITY_KINDS.get(self.label)
        if kind is None:
            return ()
        other_names: dict[str, None] = {}
        in_text = self.names_in_text or ((),) * len(self.surface_forms)
        in_words = kind.name_form.other_names_are_words
        for form, given in zip(self.surface_forms, in_text, strict=True):
            if in_words and form != self.surface_forms[0] and not _SPELLED_OUT.search(form):
                continue
            other_names.update(dict.fromkeys(names_to_look_up(kind, form, given)))
        return tuple(other_names)


def linking_requests(
    document: Document, sections: Collection[str] = (), *, animals: bool = True
) -> list[LinkingRequest]:
    """The request of each mention of a document, in their order; equal ones are one object.

    `sections` are the categories that have filters of their own. Without `animals` no request is
    about them.
    """
    surface_forms, context = SurfaceForms(document), DocumentContext(document)
    requests: list[LinkingRequest] = []
    by_surface: dict[tuple[str, str, str, int, str, str], LinkingRequest] = {}
    for mention in document.mentions:
        place = mention.start if surface_forms.depend_on_place else 0
        surface = document.text[mention.start : mention.end]
        section = mention.section if mention.section in sections else ""
        cause = _cause_before(document.text, mention.start)
        key = (mention.label, surface, mention.long_form, place, section, cause)
        request = by_surface.get(key)
        if request is None:
            request = _request(mention, surface_forms.of(mention), context, animals=animals)
            kind = ENTITY_KINDS.get(mention.label)
            if kind is not None and kind.drug_induced is not None:
                names = kind.drug_induced(request.surface_forms[0], cause, context)
                request = replace(request, drug_induced=names) if names else request
            if section:
                request = replace(request, section=section)
            by_surface[key] = request
        requests.append(request)
    return requests


def _cause_before(text: str, place: int) -> str:
    """What stands on the line before a name, up to "-induced"; "" where that is not there."""
    if text[max(0, place - len(_INDUCED)) : place].lower() != _INDUCED:
        return ""
    return text[max(0, place - _CAUSE_REACH) : place].rpartition("\n")[2]


def _request(
    mention: Mention, surface_forms: tuple[str, ...], context: DocumentContext, *, animals: bool
) -> LinkingRequest:
    kind = ENTITY_KINDS.get(mention.label)
    if kind is None:
        return LinkingRequest(mention.label, surface_forms)
    if kind.spelled_out is not None and len(surface_forms) == 1:
        name = kind.spelled_out(surface_forms[0], context)
        surface_forms = (name, *surface_forms) if name else surface_forms
    names_in_text: tuple[tuple[str, ...], ...] = ()
    if kind.names_in_text is not None:
        names_in_text = tuple([kind.names_in_text(form, context) for form in surface_forms])
    written = None
    if kind.written_concept is not None:
        for form in surface_forms:
            written = written or kind.written_concept(form, context)
    preferred = () if kind.preferred_types is None else kind.preferred_types(context)
    if kind.mention_types is not None:
        for form in surface_forms:
            if types := kind.mention_types(form, context):
                preferred = tuple(dict.fromkeys((*types, *preferred)))
                break
    unlikely: tuple[str, ...] = ()
    if kind.unlikely_types is not None:
        for form in surface_forms:
            unlikely = unlikely or kind.unlikely_types(form, context)
    is_about_animals = kind.is_about_animals if animals else None
    return LinkingRequest(
        mention.label,
        surface_forms,
        names_in_text,
        preferred,
        unlikely,
        written,
        about_animals=is_about_animals is not None and is_about_animals(context),
    )
