"""What a relation model says of texts without gold, for another one to learn from (Hinton et al.
2015).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.linking.linker import Linker
from biopipe.ner.name_features import told_names
from biopipe.ner.tagger import Tagger
from biopipe.relations.concept_facts import FactsOf
from biopipe.relations.extractor import RelationExtractor
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.relations.scores import ScoreTable
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.runtime.trunk import Trunk
from biopipe.text.abbreviations import AbbreviationFinder
from biopipe.text.concepts import concept_mentions
from biopipe.train.relations.mix import network_inputs
from biopipe.train.relations.model import NOVELTY_WEIGHT, RelationModel
from biopipe.train.relations.scheme import Scheme

__all__ = ["TeacherAnswer", "link_texts", "load_teacher", "teacher_answers", "teaching_loss"]

MOST_CONCEPTS = 40  # a document with more costs the time of many


@dataclass(frozen=True, slots=True)
class TeacherAnswer:
    """One pass with the teacher's probabilities: `label` (pairs, 1 + labels) and `novel` (pairs, 2),
    both float32. Where it does not know a pair all are 0, and those of novelty where it has none.
    """

    input: RelationInput
    label: torch.Tensor
    novel: torch.Tensor


def load_teacher(model: str, scheme: Scheme) -> RelationExtractor:
    """A relation model by directory or name; ConfigError where it has other labels."""
    teacher = RelationExtractor(model, trunk_features=told_names)
    wanted = scheme.tasks[0].relation_labels
    if set(teacher.labels) != set(wanted):
        raise ConfigError(
            f"The model {model} cannot teach: its labels are {', '.join(sorted(teacher.labels))}, "
            f"those of the scheme {', '.join(sorted(wanted))}."
        )
    return teacher


def link_texts(documents: Sequence[Document]) -> list[Document]:
    """The texts with mentions and links of the default models."""
    if not documents:
        return []
    bare = [Document(document.id, document.text) for document in documents]
    return Linker().predict(AbbreviationFinder().predict(Tagger().predict(bare)))


def teacher_answers(
    documents: Sequence[Document],
    teacher: RelationExtractor,
    scheme: Scheme,
    tokenizer: Tokenizer,
    trunk: Trunk | None,
    *,
    facts: FactsOf | None = None,
) -> list[TeacherAnswer]:
    """What `teacher` says of the pairs of each document, for a model of `scheme` that reads the
    tokens of `tokenizer`, or the states of `trunk`, and is told `facts`; the teacher may read
    others.
    """
    few = [document for document in documents if len(concept_mentions(document)) <= MOST_CONCEPTS]
    order = [teacher.labels.index(label) for label in scheme.tasks[0].relation_labels]
    return [
        answer
        for read, table in teacher.scored(few)
        for number, document in enumerate(read)
        for answer in _answers_of_document(
            document, table.rows(table.documents == number), order, scheme, tokenizer, trunk, facts
        )
    ]


def _answers_of_document(
    document: Document,
    table: ScoreTable,
    order: Sequence[int],
    scheme: Scheme,
    tokenizer: Tokenizer,
    trunk: Trunk | None,
    facts: FactsOf | None,
) -> Iterator[TeacherAnswer]:
    """`order` is where the table has each label of the scheme."""
    if trunk is None:
        tokens, states = tokenizer.encode([document.text])[0], None
    else:
        tokens, states = trunk.read([document])[0]
    # The last row is that of the pairs that the teacher does not have.
    related = np.append(table.scores, 0.0)
    label = np.zeros((len(related), 1 + len(order)), dtype=np.float32)
    label[:-1, 0] = 1.0 - table.scores
    label[:-1, 1:] = table.scores[:, None] * table.label_shares[:, order]
    novel = np.zeros((len(related), 2), dtype=np.float32)
    if table.novelty is not None:
        novel[:-1] = np.stack([1.0 - table.novelty, table.novelty], axis=1)
    ends = zip(table.heads.tolist(), table.tails.tolist(), strict=True)
    row_of = {frozenset(pair): row for row, pair in enumerate(ends)}
    for read in relation_inputs(
        document,
        tokens,
        document.concepts or (),
        tokenizer,
        labels=scheme.entity_labels,
        allowed=scheme.allowed(scheme.tasks[0]),
        triggers=scheme.triggers,
        max_length=scheme.max_length,
        stride=scheme.stride,
        states=states,
        further=scheme.further,
        facts=facts,
    ):
        rows = [row_of.get(frozenset(pair), -1) for pair in read.numbered_pairs().tolist()]
        yield TeacherAnswer(read, torch.from_numpy(label[rows]), torch.from_numpy(novel[rows]))


def teaching_loss(
    model: RelationModel, examples: Sequence[TeacherAnswer], *, count: int, seed: str
) -> torch.Tensor:
    """Cross-entropy with the teacher's answers, a mean over the pairs it knows of `count` examples
    drawn by `seed`; a scalar.
    """
    drawn = random.Random(seed).sample(examples, min(count, len(examples)))
    total, pairs = torch.zeros(()), 0
    for answer in drawn:
        labels, novelty, *_ = model.network(**network_inputs(answer.input))
        total = total - (answer.label * labels.log_softmax(-1)).sum()
        related = 1.0 - answer.label[:, :1]
        total = total - NOVELTY_WEIGHT * (related * answer.novel * novelty.log_softmax(-1)).sum()
        pairs += int((answer.label.sum(dim=-1) > 0).sum())
    return total / max(1, pairs)
