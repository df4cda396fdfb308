"""What a linker asks a knowledge base about a mention."""

from dataclasses import dataclass

from biopipe.document import Candidate, Document, Mention
from biopipe.kinds.context import DocumentContext
from biopipe.kinds.registry import ENTITY_KINDS
from biopipe.linking.surface_forms import SurfaceForms

__all__ = ["LinkingRequest", "linking_requests"]


@dataclass(frozen=True, slots=True)
class LinkingRequest:
    """A mention as the retrievers see it; equal requests have equal answers.

    `surface_forms`: what the mention may be read as, the most telling first. `other_names`: names
    that its kind makes of them, looked up as exact names only. `preferred_types`: concept types
    that go before all others, the first that the base knows. `written_concept`: the concept that
    the mention itself writes, which makes all else idle.
    """

    label: str
    surface_forms: tuple[str, ...]
    other_names: tuple[str, ...] = ()
    preferred_types: tuple[str, ...] = ()
    written_concept: Candidate | None = None

    def __hash__(self) -> int:
        # The other fields follow from these in nearly every document, and hashing a dozen names for
        # every mention takes longer than the rest of the look-up.
        return hash((self.label, self.surface_forms))


def linking_requests(document: Document) -> list[LinkingRequest]:
    """The request of each mention of a document, in their order; equal ones are one object."""
    surface_forms, context = SurfaceForms(document), DocumentContext(document)
    requests: list[LinkingRequest] = []
    by_surface: dict[tuple[str, str, int], LinkingRequest] = {}
    for mention in document.mentions:
        place = mention.start if surface_forms.depend_on_place else 0
        key = (mention.label, document.text[mention.start : mention.end], place)
        request = by_surface.get(key)
        if request is None:
            request = _request(mention, surface_forms.of(mention), context)
            by_surface[key] = request
        requests.append(request)
    return requests


def _request(
    mention: Mention, surface_forms: tuple[str, ...], context: DocumentContext
) -> LinkingRequest:
    kind = ENTITY_KINDS.get(mention.label)
    if kind is None:
        return LinkingRequest(mention.label, surface_forms)
    other_names: dict[str, None] = {}
    if kind.other_names is not None:
        for form in surface_forms:
            other_names.update(dict.fromkeys(kind.other_names(form, context)))
    written = None
    if kind.written_concept is not None:
        for form in surface_forms:
            written = written or kind.written_concept(form, context)
    preferred = () if kind.preferred_types is None else kind.preferred_types(context)
    return LinkingRequest(mention.label, surface_forms, tuple(other_names), preferred, written)
