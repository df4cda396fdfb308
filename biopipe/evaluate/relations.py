"""Relations as unordered pairs of concepts of a document: the pair, with its type, and with its novelty."""

from collections.abc import Sequence
from itertools import product
from typing import Any

from biopipe.errors import InputError
from biopipe.evaluate.bootstrap import count, score_groups
from biopipe.evaluate.concepts import bare
from biopipe.evaluate.gold import pair_documents
from biopipe.types import Document, Relation

__all__ = ["score_relations"]

Labels = dict[str, set[str]]


def score_relations(
    gold: Sequence[Document], predicted: Sequence[Document], *, bootstrap: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """`{"documents", "pair", "type", "novelty", "types": {relation label: {...}}}`.

    Ids compare without prefix. "type" asks for pair and label, "novelty" for novelty too, None where the
    gold has none. Predictions between mention labels that the gold never relates (a gene in a corpus of
    chemical-disease relations) do not count.
    """
    pairs = pair_documents(gold, predicted)
    if not any(document.relations for document in gold):
        raise InputError(
            f"None of the {len(gold)} gold documents has a relation; give a gold with relations."
        )
    allowed: set[frozenset[str]] = set().union(*(_label_pairs(d.relations, _labels(d)) for d in gold))
    wanted = [g.relations for g, _ in pairs]
    found = [_allowed(p.relations, _merged(_labels(g), _labels(p)), allowed) for g, p in pairs]
    scores = score_groups(_groups(wanted, found), bootstrap=bootstrap, seed=seed)
    types = {name.removeprefix("types "): scores[name] for name in scores if name.startswith("types ")}
    return {
        "documents": len(pairs),
        "pair": scores["pair"],
        "type": scores["type"],
        "novelty": scores.get("novelty"),
        "types": types,
    }


def _groups(wanted: Sequence[Sequence[Relation]], found: Sequence[Sequence[Relation]]) -> dict[str, Any]:
    labels = sorted({relation.label for relations in (*wanted, *found) for relation in relations})
    groups = {
        "pair": count([{_pair(r) for r in rs} for rs in wanted], [{_pair(r) for r in rs} for rs in found]),
        "type": count([_typed(rs) for rs in wanted], [_typed(rs) for rs in found]),
    }
    if any(relation.novel is not None for relations in wanted for relation in relations):
        groups["novelty"] = count([_novel(rs) for rs in wanted], [_novel(rs) for rs in found])
    for label in labels:
        groups[f"types {label}"] = count(
            [{_pair(r) for r in rs if r.label == label} for rs in wanted],
            [{_pair(r) for r in rs if r.label == label} for rs in found],
        )
    return groups


def _pair(relation: Relation) -> frozenset[str]:
    return frozenset((bare(relation.head), bare(relation.tail)))


def _typed(relations: Sequence[Relation]) -> set[tuple[frozenset[str], str]]:
    return {(_pair(r), r.label) for r in relations}


def _novel(relations: Sequence[Relation]) -> set[tuple[frozenset[str], str, bool | None]]:
    return {(_pair(r), r.label, r.novel) for r in relations}


def _labels(document: Document) -> Labels:
    """Mention labels of each bare concept id."""
    found: Labels = {}
    for mention in document.mentions:
        for concept_id in mention.concept_ids:
            found.setdefault(bare(concept_id), set()).add(mention.label)
    return found


def _merged(one: Labels, other: Labels) -> Labels:
    return {key: one.get(key, set()) | other.get(key, set()) for key in one.keys() | other.keys()}


def _label_pairs(relations: Sequence[Relation], labels: Labels) -> set[frozenset[str]]:
    return {
        frozenset(pair)
        for r in relations
        for pair in product(labels.get(bare(r.head), ()), labels.get(bare(r.tail), ()))
    }


def _allowed(relations: Sequence[Relation], labels: Labels, allowed: set[frozenset[str]]) -> list[Relation]:
    """A relation whose concepts have no mention, so no label, is kept: it is wrong, not out of scope."""
    if not allowed:
        return list(relations)
    kept = []
    for relation in relations:
        pairs = _label_pairs([relation], labels)
        if not pairs or pairs & allowed:
            kept.append(relation)
    return kept
