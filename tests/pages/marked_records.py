"""Inputs of runs whose mentions are in them, so that no model is needed."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["NAMES", "record", "relation"]

NAMES = {
    "aspirin": ("Chemical", "MESH:D001241", "Aspirin"),
    "pain": ("Disease", "MESH:D010146", "Pain"),
    "fever": ("Disease", "MESH:D005334", "Fever"),
    "PTGS2": ("Gene", "NCBIGene:5743", "PTGS2"),
    "mice": ("Species", "NCBITaxon:10090", "Mus musculus"),
}


def record(id: str, text: str, relations: Sequence[Mapping[str, Any]] = (), **fields: Any) -> dict:
    """An input of JSON lines; every word of NAMES in the text is a mention."""
    mentions = []
    for word, (label, concept, name) in NAMES.items():
        start = text.find(word)
        while start >= 0:
            mentions.append(
                {
                    "start": start,
                    "end": start + len(word),
                    "label": label,
                    "score": 0.9,
                    "concept_ids": [concept],
                    "candidates": [{"concept_id": concept, "name": name, "score": 0.8}],
                }
            )
            start = text.find(word, start + 1)
    mentions.sort(key=lambda mention: mention["start"])
    return {"id": id, "text": text, "mentions": mentions, "relations": list(relations), **fields}


def relation(head: str, tail: str, label: str, score: float, **fields: Any) -> dict[str, Any]:
    """A relation between two words of NAMES."""
    ends = {"head": NAMES[head][1], "tail": NAMES[tail][1]}
    labels = {"head_label": NAMES[head][0], "tail_label": NAMES[tail][0]}
    return {**ends, **labels, "label": label, "score": score, **fields}
