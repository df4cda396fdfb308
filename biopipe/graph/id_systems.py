"""Concept ids in the systems that a graph is to have, such as MONDO in place of MESH."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from biopipe.graph.tally import flat
from biopipe.kb.default import open_base

__all__ = ["IdSystems"]

_ID_COLUMNS = ("head", "tail", "subject")


class IdSystems:
    """Writes ids as those of preferred systems, by the cross-references of a knowledge base.

    `prefer` are systems, the most wanted first; a concept with ids of none of them gets the one
    that the base itself shows, and what the base does not know stays as it is. Raises
    KnowledgeBaseError for a system that the base has no ids of.
    """

    def __init__(self, prefer: Sequence[str], kb: str | Path) -> None:
        base = open_base(kb, prefer=prefer)
        own = [system for system in base.manifest.prefer if system in base.manifest.systems]
        self._base = base.preferring(tuple(dict.fromkeys((*prefer, *own))))

    @property
    def sha256(self) -> str:
        """Of the knowledge base."""
        return self._base.hash

    def rename(self, ids: pa.Array) -> pa.Array:
        """The ids, (n,) strings, each as the preferred system has it; nulls stay."""
        # Each distinct id is looked up once.
        encoded = pc.dictionary_encode(ids)
        renamed = [
            id_ and (self._base.canonical(id_) or id_) for id_ in encoded.dictionary.to_pylist()
        ]
        return pa.array(renamed, ids.type).take(encoded.indices)

    def rename_ends(self, relations: pa.Table) -> pa.Table:
        """Rows of a run's relations with their ends and subjects renamed."""
        for name in _ID_COLUMNS:
            place = relations.schema.get_field_index(name)
            renamed = self.rename(flat(relations[name]))
            relations = relations.set_column(place, name, renamed)
        return relations
