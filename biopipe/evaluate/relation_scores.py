"""Relations as unordered pairs of concepts of a document: the pair, with its type, with its novelty,
and with the end that acts.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

from biopipe.document import Document, Relation
from biopipe.errors import InputError
from biopipe.evaluate.bootstrap import count, score_groups
from biopipe.evaluate.canonical_ids import bare
from biopipe.evaluate.gold import pair_documents
from biopipe.text.concepts import NIL_PREFIX

__all__ = ["score_relations"]

Labels = dict[str, set[str]]


def score_relations(
    gold: Sequence[Document], predicted: Sequence[Document], *, bootstrap: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """`{"documents", "pair", "type", "novelty", "subject", "direction", "unlinked", "types": {relation
    label: {...}}}`.

    Ids compare without prefix. "type" asks for pair and label, "novelty" for novelty too, "subject"
    for the pair and which end acts (or that neither does), "direction" for the label besides; None
    where the gold has none. Predictions between mention labels that the gold never relates (a gene
    in a corpus of chemical-disease relations) do not count; nor do those of concepts without an id,
    which no id can match: "unlinked" is how many there were. InputError for a gold without
    relations.
    """
    pairs = pair_documents(gold, predicted)
    if not any(document.relations for document in gold):
        raise InputError(
            f"None of the {len(gold)} gold documents has a relation; give a gold with relations."
        )
    # Pairs of labels that the gold relates: in a corpus of chemicals and diseases a related gene is
    # not wrong, only not asked for.
    allowed: set[frozenset[str]] = set().union(
        *(_label_pairs(d.relations, _labels(d)) for d in gold)
    )
    wanted = [g.relations for g, _ in pairs]
    linked = [[r for r in p.relations if not _unlinked(r)] for _, p in pairs]
    comparable = [
        _allowed(rs, _merged(_labels(g), _labels(p)), allowed)
        for rs, (g, p) in zip(linked, pairs, strict=True)
    ]
    scores = score_groups(_groups(wanted, comparable), bootstrap=bootstrap, seed=seed)
    prefix = "types "
    types = {k.removeprefix(prefix): v for k, v in scores.items() if k.startswith(prefix)}
    return {
        "documents": len(pairs),
        "pair": scores["pair"],
        "type": scores["type"],
        "novelty": scores.get("novelty"),
        "subject": scores.get("subject"),
        "direction": scores.get("direction"),
        "unlinked": sum(len(p.relations) for _, p in pairs) - sum(len(rs) for rs in linked),
        "types": types,
    }


def _groups(
    wanted: Sequence[Sequence[Relation]], predicted: Sequence[Sequence[Relation]]
) -> dict[str, Any]:
    labels = sorted(
        {relation.label for relations in (*wanted, *predicted) for relation in relations}
    )
    groups = {
        "pair": count(
            [{_pair(r) for r in rs} for rs in wanted], [{_pair(r) for r in rs} for rs in predicted]
        ),
        "type": count([_typed(rs) for rs in wanted], [_typed(rs) for rs in predicted]),
    }
    if any(relation.novel is not None for relations in wanted for relation in relations):
        groups["novelty"] = count([_novel(rs) for rs in wanted], [_novel(rs) for rs in predicted])
    if any(relation.subject is not None for relations in wanted for relation in relations):
        for name, facts in (("subject", _acting), ("direction", _directed)):
            groups[name] = count([facts(rs) for rs in wanted], [facts(rs) for rs in predicted])
    for label in labels:
        groups[f"types {label}"] = count(
            [{_pair(r) for r in rs if r.label == label} for rs in wanted],
            [{_pair(r) for r in rs if r.label == label} for rs in predicted],
        )
    return groups


def _unlinked(relation: Relation) -> bool:
    return relation.head.startswith(NIL_PREFIX) or relation.tail.startswith(NIL_PREFIX)


def _pair(relation: Relation) -> frozenset[str]:
    # A concept that is related to itself is a set of one, and counts as a pair like others.
    return frozenset((bare(relation.head), bare(relation.tail)))


def _typed(relations: Sequence[Relation]) -> set[tuple[frozenset[str], str]]:
    return {(_pair(r), r.label) for r in relations}


def _novel(relations: Sequence[Relation]) -> set[tuple[frozenset[str], str, bool | None]]:
    return {(_pair(r), r.label, r.novel) for r in relations}


def _acting(relations: Sequence[Relation]) -> set[tuple[frozenset[str], str]]:
    return {(_pair(r), bare(r.subject or "")) for r in relations}


def _directed(relations: Sequence[Relation]) -> set[tuple[frozenset[str], str, str]]:
    return {(_pair(r), r.label, bare(r.subject or "")) for r in relations}


def _labels(document: Document) -> Labels:
    """Mention labels of each bare concept id."""
    labels: Labels = {}
    for mention in document.mentions:
        for concept_id in mention.concept_ids:
            labels.setdefault(bare(concept_id), set()).add(mention.label)
    return labels


def _merged(one: Labels, other: Labels) -> Labels:
    return {key: one.get(key, set()) | other.get(key, set()) for key in one.keys() | other.keys()}


def _label_pairs(relations: Sequence[Relation], labels: Labels) -> set[frozenset[str]]:
    return {
        frozenset(pair)
        for r in relations
        for pair in product(labels.get(bare(r.head), ()), labels.get(bare(r.tail), ()))
    }


def _allowed(
    relations: Sequence[Relation], labels: Labels, allowed: set[frozenset[str]]
) -> list[Relation]:
    """A relation whose concepts have no mention, so no label, is kept: it is wrong, not out of
    scope.
    """
    if not allowed:
        return list(relations)
    kept = []
    for relation in relations:
        pairs = _label_pairs([relation], labels)
        if not pairs or pairs & allowed:
            kept.append(relation)
    return kept
