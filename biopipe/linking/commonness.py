"""Candidates by what their name meant in annotated text, alone or together with others.

How often a name means a concept is its commonness (Milne and Witten 2008).
"""

from collections.abc import Mapping

from biopipe.linking.evidence import Channel, EvidenceBuilder
from biopipe.linking.filters import ConceptSelection
from biopipe.linking.mention_prior import ID_SEPARATOR

__all__ = ["add_prior", "joint_meaning"]

# What the meanings that were never seen count as: one document says half.
_UNSEEN_DOCUMENTS = 1.0
_LEAST_DOCUMENTS = 2
# A name that meant several concepts at once as often as this, in at least so many documents, means
# them again.
_JOINT_SHARE, _JOINT_DOCUMENTS = 0.6, 2


def add_prior(
    builder: EvidenceBuilder,
    mention: int,
    counts: Mapping[str, int],
    selection: ConceptSelection,
    label: str,
) -> None:
    """Add the concepts that a name meant by itself, with their shares, as far as the base has
    them.

    `counts` are those of `MentionPrior.counts`. Where a concept of the base bears the name, what a
    single document meant by it is passed over: terminologies change, and annotators err.
    """
    total = sum(counts.values()) + _UNSEEN_DOCUMENTS
    least = _LEAST_DOCUMENTS if builder.has_candidates(mention) else 1
    shares: dict[int, float] = {}
    for concept_id, count in counts.items():
        row = None if ID_SEPARATOR in concept_id else selection.row(label, concept_id)
        if row is not None and count >= least:
            shares[row] = round(shares.get(row, 0.0) + count / total, 4)
    for row, share in shares.items():
        builder.add(mention, row, Channel.PRIOR, share)


def joint_meaning(
    counts: Mapping[str, int], selection: ConceptSelection, label: str
) -> tuple[tuple[int, ...], float]:
    """The rows of the concepts that a name meant together in most annotated text, and that share of
    its mentions; no rows where it meant one, or where the base lacks one of them.
    """
    joint, count = max(counts.items(), key=lambda item: item[1], default=("", 0))
    share = count / (sum(counts.values()) + _UNSEEN_DOCUMENTS)
    if ID_SEPARATOR not in joint or count < _JOINT_DOCUMENTS or share < _JOINT_SHARE:
        return (), 0.0
    rows = dict.fromkeys(selection.row(label, id_) for id_ in joint.split(ID_SEPARATOR))
    in_base = tuple(row for row in rows if row is not None)
    if len(in_base) < len(rows) or len(in_base) < 2:
        return (), 0.0
    return in_base, round(share, 4)
