"""Drugs and chemicals with MeSH headings and DrugBank ids, from the package
drug-named-entity-recognition.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from biopipe.document.labels import CHEMICAL
from biopipe.kb.build.sources.ner_dictionary import DictionaryEntry, read_dictionary
from biopipe.kb.schema import Concept

__all__ = ["read"]


def read(path: Path, headings: Mapping[str, str]) -> Iterator[Concept]:
    """Chemicals under the MeSH id that `headings` (see `mesh_headings`) has for their name, else
    under their DrugBank or MedlinePlus id; those that have none are passed over.

    The package's own MeSH ids are those of other headings in two of five cases. Is-a goes by tree
    numbers.
    """
    entries = list(read_dictionary(path, "drug"))
    places = {
        number: headings.get(entry.name.lower(), "")
        for entry in entries
        for number in entry.tree_numbers
    }
    for entry in entries:
        ids = _ids(entry, headings)
        if ids:
            above = (number.rpartition(".")[0] for number in entry.tree_numbers)
            parents = dict.fromkeys(parent for number in above if (parent := places.get(number)))
            # A heading may stand in a tree below itself.
            parents.pop(ids[0], None)
            yield Concept(
                ids[0],
                entry.name,
                tuple(name for name in entry.names if name != entry.name.lower()),
                (CHEMICAL,),
                parents=tuple(parents),
                source="MeSH" if ids[0].startswith("MESH:") else "DrugBank",
                xrefs=tuple(ids[1:]),
            )


def _ids(entry: DictionaryEntry, headings: Mapping[str, str]) -> list[str]:
    ids = [headings.get(entry.name.lower(), "")]
    for prefix, field in (("DrugBank", "drugbank_id"), ("MedlinePlus", "medline_plus_id")):
        if value := entry.fields.get(field):
            ids.append(f"{prefix}:{value}")
    return [id_ for id_ in ids if id_]
