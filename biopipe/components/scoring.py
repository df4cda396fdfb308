"""Strict scores of annotated Docs against reference Docs, for `nlp.evaluate`, under keys of spaCy's
style.

A mention counts where start, end and label are right, a link where a concept id of such a mention
is right too, a relation where its two concepts, in either order, and its label are right. Offsets
are characters, so the tokens of the two Docs may differ. All are micro averages; a score is None
where no reference is annotated so, as in spaCy. A reference is a Doc that `annotate_doc` wrote on,
or one whose `doc.spans` or `doc.ents` somebody has set.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from spacy.scorer import PRFScore
from spacy.tokens import Doc, Span
from spacy.training import Example

from biopipe.components.document import adopt_ents, searched_for_mentions, to_document
from biopipe.document import Document, Layer, Mention

__all__ = ["score_layers"]

Items = set[tuple[str, Hashable]]
"""What is compared: a label and what has it."""


def score_layers(
    examples: Iterable[Example], *, layers: Collection[Layer], spans_key: str
) -> dict[str, Any]:
    """The scores of `layers`, of those that can be scored.

    mentions: `ents_p`, `ents_r`, `ents_f`, `ents_per_type`, and the same for `spans_KEY`; concepts:
    `nel_micro_p`, `nel_micro_r`, `nel_micro_f`, `nel_per_type`; relations: the same for `rel`.
    `per_type` maps each label to its `p`, `r` and `f`.
    """
    pairs = [(example.predicted, example.reference) for example in examples]
    documents = [(to_document(doc), _reference(gold, spans_key)) for doc, gold in pairs]
    golds = [gold for _, gold in pairs]
    scores: dict[str, Any] = {}
    if "mentions" in layers:
        annotated = any(gold.has_annotation("ENT_IOB") for gold in golds)
        scores |= _scores("ents", "ents", _compared(pairs, _ents), annotated)
        annotated = any(searched_for_mentions(g) or spans_key in g.spans for g in golds)
        name = f"spans_{spans_key}"
        scores |= _scores(name, name, _compared(documents, _spans), annotated)
    if "concepts" in layers:
        scores |= _scores("nel_micro", "nel", _compared(documents, _links))
    if "relations" in layers:
        scores |= _scores("rel_micro", "rel", _compared(documents, _relations))
    return scores


def _reference(gold: Doc, spans_key: str) -> Document:
    document = to_document(gold)
    if searched_for_mentions(gold):
        return document
    if spans_key in gold.spans:
        return replace(document, mentions=tuple(map(_mention, gold.spans[spans_key])))
    return adopt_ents(gold, document)


def _mention(span: Span) -> Mention:
    ids = (span.kb_id_,) if span.kb_id_ else ()
    return Mention(span.start_char, span.end_char, span.label_, concept_ids=ids)


def _compared(
    pairs: Iterable[tuple[Any, Any]], items: Callable[[Any], Items]
) -> list[tuple[Items, Items]]:
    return [(items(predicted), items(gold)) for predicted, gold in pairs]


def _scores(
    micro: str,
    name: str,
    compared: Sequence[tuple[Items, Items]],
    annotated: bool | None = None,
) -> dict[str, Any]:
    """Scores over (predicted, reference) of each document; `annotated` where the references have
    any unless something else says so.
    """
    if not (any(gold for _, gold in compared) if annotated is None else annotated):
        return {
            f"{micro}_p": None,
            f"{micro}_r": None,
            f"{micro}_f": None,
            f"{name}_per_type": None,
        }
    total = PRFScore()
    by_label: dict[str, PRFScore] = defaultdict(PRFScore)
    for predicted, gold in compared:
        total.score_set(predicted, gold)
        # Labels of either side: one that is only predicted has to show as precision 0.
        for label in {label for label, _ in predicted | gold}:
            by_label[label].score_set(_with_label(predicted, label), _with_label(gold, label))
    return {
        **{f"{micro}_{key}": value for key, value in total.to_dict().items()},
        f"{name}_per_type": {label: by_label[label].to_dict() for label in sorted(by_label)},
    }


def _with_label(items: Items, label: str) -> Items:
    return {item for item in items if item[0] == label}


def _ents(doc: Doc) -> Items:
    return {(ent.label_, (ent.start_char, ent.end_char)) for ent in doc.ents}


def _spans(document: Document) -> Items:
    return {(m.label, (m.start, m.end)) for m in document.mentions}


def _links(document: Document) -> Items:
    return {
        (m.label, (m.start, m.end, concept_id))
        for m in document.mentions
        for concept_id in m.concept_ids
    }


def _relations(document: Document) -> Items:
    # Unordered, as the order of the ends means nothing in BioRED.
    return {(r.label, frozenset((r.head, r.tail))) for r in document.relations}
