"""What `biopipe kb search` finds, and how it says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import typer

from biopipe.errors import KnowledgeBaseError, ModelError
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.schema import Concept

if TYPE_CHECKING:
    from biopipe.kb.groups import NameHit

__all__ = ["FoundConcept", "concepts_by_id", "find_concepts", "in_words"]

# Below these cosines a name has little in common with what was asked for.
_LEAST = {"spelling": 0.4, "meaning": 0.6}
_HEADINGS = {"spelling": "with similar spelling:", "meaning": "with similar meaning:"}
_SHOWN_SYNONYMS = 5


@dataclass(frozen=True, slots=True)
class FoundConcept:
    """A concept, how it was found ("id", "name", "spelling" or "meaning"), and by which of its
    names.

    `score` is a probability for "name" and a cosine for "spelling" and "meaning".
    """

    concept: Concept
    score: float
    by: str
    matched: str = ""

    def as_json(self) -> dict[str, Any]:
        """The concept's fields beside the others."""
        return {"score": self.score, "by": self.by, "matched": self.matched, **asdict(self.concept)}


def find_concepts(
    kb: KnowledgeBase,
    name: str,
    filters: Mapping[str, Sequence[str]],
    *,
    most: int,
    encoder: str = "",
) -> list[FoundConcept]:
    """The concepts with this id in any system, with or without its prefix, a retired one before its
    successor; else those so named, then up to `most` by spelling and `most` by meaning.

    What is an id without its prefix and a name too, such as "293", gives those so named before
    those with the id.
    """
    with_id = [FoundConcept(concept, 1.0, "id") for concept in concepts_by_id(kb, name)]
    # A bare number or word may be an id and a name ("1636", "CAT"); with a prefix it is an id.
    if with_id and (":" in name or not kb.lookup(name)):
        return with_id
    # Filters that were not given are left out: an empty one would allow nothing.
    allowed = kb.select(**{what: values for what, values in filters.items() if values})
    concepts = {
        candidate.concept_id: FoundConcept(
            kb.concept(candidate.concept_id), candidate.score, "name"
        )
        for candidate in kb.lookup(name, allowed=allowed)
    }
    if with_id:
        return [*concepts.values(), *(c for c in with_id if c.concept.id not in concepts)]
    searches: list[tuple[str, list[NameHit]]] = []
    if kb.has_ngrams and most:
        # The exact ones are found again by spelling, so more are asked for.
        hits = kb.search_ngrams([name], most + len(concepts), allowed)[0]
        searches.append(("spelling", hits))
    if kb.has_dense and most and (vectors := _vectors(kb, name, encoder)) is not None:
        # Those shown before are among the hits and are passed over, so more are asked for.
        hits = kb.search_dense(vectors, most + len(concepts) + most, allowed)[0]
        searches.append(("meaning", hits))
    for by, hits in searches:
        for similar in list(_new_concepts(kb, hits, by, concepts))[:most]:
            concepts[similar.concept.id] = similar
    return list(concepts.values())


def concepts_by_id(kb: KnowledgeBase, concept_id: str) -> list[Concept]:
    """The concepts with an id, each retired one followed by what replaced it."""
    concepts: dict[str, Concept] = {}
    for concept in kb.concepts_with_id(concept_id):
        concepts.setdefault(concept.id, concept)
        successor = kb.canonical(concept.id) if concept.replaced_by else None
        if successor:
            concepts.setdefault(successor, kb.concept(successor))
    return list(concepts.values())


def in_words(concepts: Sequence[FoundConcept], kb: str, name: str) -> Iterator[str]:
    """Lines: concepts that are meant for certain first, the others under a heading."""
    if not any(concept.by in ("id", "name") for concept in concepts):
        yield f"No concept of {kb} has the name '{name}'."
    by = ""
    for concept in concepts:
        if concept.by != by and concept.by in _HEADINGS:
            yield _HEADINGS[concept.by]
        by = concept.by
        yield _line(concept)


def _new_concepts(
    kb: KnowledgeBase, hits: "Sequence[NameHit]", by: str, found: Mapping[str, FoundConcept]
) -> Iterator[FoundConcept]:
    for hit in hits:
        id_ = kb.concept_id(hit.concept)
        if id_ not in found and hit.score >= _LEAST[by]:
            yield FoundConcept(
                kb.concept(id_), round(float(hit.score), 4), by, kb.name_text(hit.name)
            )


def _vectors(kb: KnowledgeBase, name: str, encoder: str) -> Any:
    from biopipe.linking.biencoder import BiEncoder

    own = kb.encoder[0] if kb.encoder else ""
    try:
        model = BiEncoder(encoder or own)
        # Vectors of another encoder would give cosines that look right and mean nothing.
        kb.check_encoder(model.name, model.hash)
    except (ModelError, KnowledgeBaseError) as error:
        # Who names an encoder wants it; otherwise spelling still answers.
        if encoder:
            raise
        typer.echo(f"Not searched by meaning: {error}", err=True)
        return None
    return model.encode([name])


def _line(hit: FoundConcept) -> str:
    concept = hit.concept
    also = f"; also {', '.join(concept.synonyms[:_SHOWN_SYNONYMS])}" if concept.synonyms else ""
    rest = len(concept.synonyms) - _SHOWN_SYNONYMS
    more = f" and {rest} more" if rest > 0 else ""
    replaced = f" (replaced by {concept.replaced_by})" if concept.replaced_by else ""
    types = f" [{', '.join(concept.types)}]" if concept.types else ""
    ids = f" ({', '.join(concept.xrefs)})" if concept.xrefs else ""
    matched = f" by its name '{hit.matched}'" if hit.matched not in ("", concept.name) else ""
    return (
        f"{hit.score:.2f}  {concept.id}  {concept.name}{replaced}{types}{ids}{matched}{also}{more}"
    )
