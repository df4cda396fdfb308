"""The relations of one document from the scores of its pairs."""

from collections.abc import Mapping, Sequence

import numpy as np

from biopipe.document import ConceptMentions, Document, Relation
from biopipe.relations.evidence import EvidenceFinder
from biopipe.relations.prose import ProseFinder
from biopipe.relations.rare_labels import RareLabels
from biopipe.relations.readout import Unlisted
from biopipe.relations.scores import ScoreTable
from biopipe.text.concepts import NIL_PREFIX, concept_name

__all__ = ["LIKELIER", "reported_relations", "stated", "with_worded_labels"]

LIKELIER = 0.5  # a calibrated probability from which on a statement is likelier true than not


def stated(
    document: Document,
    table: ScoreTable,
    labels: Sequence[str],
    unlisted: Mapping[str, Unlisted],
    *,
    nil_ends: bool,
) -> ScoreTable:
    """The pairs that prose may relate, by their labels, and without `nil_ends` those of two concept
    ids; for `unlisted` see `Readout`.
    """
    if not len(table.heads):
        return table
    concepts = document.concepts or ()
    prose = ProseFinder(document)
    columns = (table.heads.tolist(), table.tails.tolist(), table.labels.tolist())
    kept = []
    for head, tail, label in zip(*columns, strict=True):
        ends = concepts[head], concepts[tail]
        kind = frozenset(end.label for end in ends)
        kept.append(
            prose.relates(*ends)
            and not (kind in unlisted.get(labels[label], ()) and prose.only_lists(*ends))
            and (nil_ends or not any(map(_is_nil, ends)))
        )
    return table.rows(np.array(kept, dtype=np.bool_))


def with_worded_labels(
    documents: Sequence[Document],
    table: ScoreTable,
    labels: Sequence[str],
    words: Mapping[str, Sequence[str]],
) -> ScoreTable:
    """The pairs, of which those of a label of `words` that no sentence with both has a word of get
    the likeliest label that is not so.
    """
    columns = {label: labels.index(label) for label in words}
    unworded = np.zeros(table.label_shares.shape, dtype=np.bool_)
    rare = np.flatnonzero(np.isin(table.labels, list(columns.values())))
    of_documents: dict[int, RareLabels] = {}
    for row in rare.tolist():
        number = int(table.documents[row])
        document = documents[number]
        if number not in of_documents:
            of_documents[number] = RareLabels(document, words)
        concepts = document.concepts or ()
        ends = concepts[int(table.heads[row])], concepts[int(table.tails[row])]
        for label, column in columns.items():
            unworded[row, column] = not of_documents[number].may_be(label, *ends)
    return table.without_labels(unworded) if unworded.any() else table


def reported_relations(
    document: Document, table: ScoreTable, labels: Sequence[str], *, subject_threshold: float
) -> list[Relation]:
    """A relation for each pair of `table`, strongest first; a subject where the probability of the
    likelier end is at least `subject_threshold`.
    """
    if not len(table.heads):
        return []
    concepts = document.concepts or ()
    finder = EvidenceFinder(document)
    names = {n: concept_name(document, concepts[n]) for n in {*table.heads, *table.tails}}
    columns = [c.tolist() for c in (table.heads, table.tails, table.labels, table.scores)]
    novelty = [None] * len(table.heads) if table.novelty is None else table.novelty.tolist()
    subjects = _subjects(table, concepts, subject_threshold)
    relations = [
        Relation(
            head=concepts[head].id,
            tail=concepts[tail].id,
            label=labels[label],
            score=score,
            novel=None if novel is None else novel >= LIKELIER,
            novel_score=novel,
            evidence=finder.spans(concepts[head], concepts[tail]),
            head_label=concepts[head].label,
            tail_label=concepts[tail].label,
            head_name=names[head],
            tail_name=names[tail],
            subject=subject,
            subject_score=subject_score,
        )
        for head, tail, label, score, novel, (subject, subject_score) in zip(
            *columns, novelty, subjects, strict=True
        )
    ]
    return sorted(relations, key=lambda r: (-r.score, r.head, r.tail))


def _is_nil(concept: ConceptMentions) -> bool:
    return concept.id.startswith(NIL_PREFIX)


def _subjects(
    table: ScoreTable, concepts: Sequence[ConceptMentions], threshold: float
) -> list[tuple[str | None, float | None]]:
    """The end of each pair that likelier acts, where the probability is at least `threshold`, and
    that probability.
    """
    if table.subjects is None or table.subject_scores is None:
        return [(None, None)] * len(table.heads)
    acting = np.where(table.subjects == 0, table.heads, table.tails).tolist()
    return [
        (concepts[end].id if score >= threshold else None, score)
        for end, score in zip(acting, table.subject_scores.tolist(), strict=True)
    ]
