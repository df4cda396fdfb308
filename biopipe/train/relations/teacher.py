"""What an earlier relation model says of texts without gold, for a smaller one to learn from
(Hinton et al. 2015).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.linking.linker import Linker
from biopipe.ner.tagger import Tagger
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.runtime.trunk import Trunk
from biopipe.text.abbreviations import AbbreviationFinder
from biopipe.text.concepts import concept_mentions
from biopipe.train.relations.mix import network_inputs
from biopipe.train.relations.model import NOVELTY_WEIGHT, RelationModel
from biopipe.train.relations.scheme import Scheme

__all__ = ["TeacherAnswer", "link_texts", "teacher_answers", "teaching_loss"]

MOST_CONCEPTS = 40  # a document with more costs the time of many


@dataclass(frozen=True, slots=True)
class TeacherAnswer:
    """One pass with the teacher's probabilities: `label` (pairs, 1 + labels) and `novel` (pairs, 2),
    both float32.
    """

    input: RelationInput
    label: torch.Tensor
    novel: torch.Tensor


def link_texts(documents: Sequence[Document]) -> list[Document]:
    """The texts with mentions and links of the default models."""
    if not documents:
        return []
    bare = [Document(document.id, document.text) for document in documents]
    return Linker().predict(AbbreviationFinder().predict(Tagger().predict(bare)))


def teacher_answers(
    documents: Sequence[Document],
    teacher: RelationModel,
    scheme: Scheme,
    tokenizer: Tokenizer,
    trunk: Trunk | None,
) -> list[TeacherAnswer]:
    """What `teacher`, a model that reads texts, says of the pairs of each document; `scheme` is
    that of both.
    """
    teacher.eval()
    return [
        answer
        for document in documents
        for answer in _answers_of_document(document, teacher, scheme, tokenizer, trunk)
    ]


def _answers_of_document(
    document: Document,
    teacher: RelationModel,
    scheme: Scheme,
    tokenizer: Tokenizer,
    trunk: Trunk | None,
) -> Iterator[TeacherAnswer]:
    concepts = concept_mentions(document)
    if len(concepts) > MOST_CONCEPTS:
        return
    tokens = tokenizer.encode([document.text])[0]
    states = None if trunk is None else trunk.read([document])[0][1]

    def passes(states: NDArray[np.float32] | None) -> Iterator[RelationInput]:
        return relation_inputs(
            document,
            tokens,
            concepts,
            tokenizer,
            labels=scheme.entity_labels,
            allowed=scheme.allowed(scheme.tasks[0]),
            triggers=scheme.triggers,
            max_length=scheme.max_length,
            stride=scheme.stride,
            states=states,
            order=scheme.subject,
        )

    for read, given in zip(passes(None), passes(states), strict=True):
        with torch.inference_mode():
            labels, novelty, *_ = teacher.network(**network_inputs(read))
        yield TeacherAnswer(given, labels.softmax(-1).clone(), novelty.softmax(-1).clone())


def teaching_loss(
    model: RelationModel, examples: Sequence[TeacherAnswer], *, count: int, seed: str
) -> torch.Tensor:
    """Cross-entropy with the teacher's answers, a mean over the pairs of `count` examples drawn by
    `seed`; a scalar.
    """
    drawn = random.Random(seed).sample(examples, min(count, len(examples)))
    total, pairs = torch.zeros(()), 0
    for answer in drawn:
        labels, novelty, *_ = model.network(**network_inputs(answer.input))
        total = total - (answer.label * labels.log_softmax(-1)).sum()
        related = 1.0 - answer.label[:, :1]
        total = total - NOVELTY_WEIGHT * (related * answer.novel * novelty.log_softmax(-1)).sum()
        pairs += len(answer.label)
    return total / max(1, pairs)
