"""Documents with gold concepts and relations as what the relation model reads and should answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document, Relation
from biopipe.relations.concept_facts import FactsOf
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.runtime.trunk import EncodedText, Trunk
from biopipe.text.concepts import linked_concepts
from biopipe.train.common.corpora import read_gold_corpus, share_position, unseen
from biopipe.train.relations.facts import half_told, training_facts
from biopipe.train.relations.scheme import Scheme, Task

__all__ = ["UNTOLD", "RelationCorpora", "RelationExample", "document_examples"]

# The label of a relation that no label of the scheme is like, and the subject that a corpus does
# not tell: they teach nothing.
UNTOLD = "?"

ENCODED_TOGETHER = 32  # documents; several windows are run side by side


@dataclass(frozen=True, slots=True)
class RelationExample:
    """One encoder pass with the gold's answers to its pairs.

    All (pairs,) int64, -1 where the gold does not say. `label`: 0 for no relation; `novel`: 0 or 1;
    `subject`: 0 where the head acts, 1 where the tail does, 2 where neither does. `weight` is how
    much its loss counts, `task` the number of its scheme.
    """

    input: RelationInput
    label: NDArray[np.int64]
    novel: NDArray[np.int64]
    subject: NDArray[np.int64]
    weight: float = 1.0
    task: int = 0


class RelationCorpora:
    """Training and dev documents of each task as examples. No dev document of any task is trained
    on, and no further scheme that the network does not learn is fitted on documents that it was
    trained on: it knows their answers."""

    def __init__(
        self,
        scheme: Scheme,
        data: Path,
        tokenizer: Tokenizer,
        trunk: Trunk | None,
        log: Callable[[str], None],
    ) -> None:
        self.scheme, self.tokenizer, self.trunk, self.log = scheme, tokenizer, trunk, log
        self.data = data
        # By text, for a corpus may be of two schemes.
        self._encoded: dict[str, EncodedText] = {}
        self.held_out = [_documents(task.dev, data, log) for task in scheme.tasks]
        self.train = [_documents(task.train, data, log) for task in scheme.tasks]
        self.facts = training_facts(scheme, self.train, self._held_out_of_all)

    @property
    def _held_out_of_all(self) -> list[Document]:
        return [document for documents in self.held_out for document in documents]

    def save_rates(self, checkpoint: Path) -> None:
        """Write the rates of concepts, where the scheme has them, as its model will be told them."""
        if self.scheme.rates:
            self.facts.rates.save(checkpoint)

    def examples(self, task: int) -> list[RelationExample]:
        """The training examples of a task, by its number in the scheme."""
        unwanted = self._held_out_of_all
        if task and not self.scheme.tasks[task].learned:
            unwanted += self.train[0]
        kept = list(unseen(self.train[task], unwanted))
        self.log(
            f"task {task}: {len(kept)} of {len(self.train[task])} documents are in no other set"
        )
        return self._examples(kept, task)

    def added(self, *, words: bool = False) -> list[RelationExample]:
        """The examples of the added corpora, without documents that are in any other set; with
        `words` of those alone that the regressions of the main scheme learn too.
        """
        others = [d for documents in (*self.held_out, *self.train[:1]) for d in documents]
        examples: list[RelationExample] = []
        wanted = [
            corpus
            for corpus in self.scheme.added
            if (corpus.words and not corpus.scheme if words else corpus.weight > 0)
        ]
        for corpus in wanted:
            documents = list(unseen(read_gold_corpus(self.data / corpus.path, self.log), others))
            documents.sort(key=lambda document: share_position(document.id))
            documents = documents[: corpus.documents]
            self.log(f"{corpus.path}: {len(documents)} documents")
            task = [*("", *self.scheme.also)].index(corpus.scheme)
            of_corpus = self._examples(documents, task, half_told(self.facts))
            if not corpus.complete:
                of_corpus = [_without_unrelated(example) for example in of_corpus]
            if not corpus.subject:
                of_corpus = [_without_subjects(example) for example in of_corpus]
            examples += [replace(example, weight=corpus.weight) for example in of_corpus]
        return examples

    def dev(self, task: int) -> tuple[list[RelationExample], int]:
        """The dev examples, and how many relations their gold has."""
        documents = self.held_out[task]
        gold = sum(
            len({frozenset((r.head, r.tail)) for r in document.relations}) for document in documents
        )
        return self._examples(documents, task), gold

    def _examples(
        self, documents: Sequence[Document], task: int, facts: FactsOf | None = None
    ) -> list[RelationExample]:
        return [
            example
            for start in range(0, len(documents), ENCODED_TOGETHER)
            for document in self._with_states(documents[start : start + ENCODED_TOGETHER])
            for example in document_examples(
                document,
                self.scheme,
                self.tokenizer,
                task=task,
                trunk=self.trunk,
                facts=facts or self.facts,
            )
        ]

    def _with_states(self, documents: Sequence[Document]) -> Sequence[Document]:
        """The documents carrying the states of the trunk, if there is one."""
        if (trunk := self.trunk) is None:
            return documents
        new = [document for document in documents if document.text not in self._encoded]
        texts = [document.text for document in new]
        self._encoded.update(zip(texts, trunk.read(new), strict=True))
        return [
            replace(document, shared={trunk.graph: self._encoded[document.text]})
            for document in documents
        ]


def _documents(paths: Sequence[str], data: Path, log: Callable[[str], None]) -> list[Document]:
    return [document for path in paths for document in read_gold_corpus(data / path, log)]


def document_examples(
    document: Document,
    scheme: Scheme,
    tokenizer: Tokenizer,
    *,
    task: int = 0,
    trunk: Trunk | None = None,
    facts: FactsOf | None = None,
) -> list[RelationExample]:
    """The encoder passes of a document over its gold concepts, with the gold answer of each
    pair; a scheme that asks for more than the text wants `facts`.
    """
    about: Task = scheme.tasks[task]
    concepts = linked_concepts(document)
    gold = {frozenset((r.head, r.tail)): r for r in document.relations}
    ((tokens, states),) = (
        [(tokenizer.encode([document.text])[0], None)] if trunk is None else trunk.read([document])
    )
    inputs = partial(relation_inputs, document, tokens, concepts, tokenizer, states=states)
    examples = []
    for unit in inputs(
        labels=scheme.entity_labels,
        allowed=scheme.allowed(about),
        triggers=scheme.triggers,
        max_length=scheme.max_length,
        stride=scheme.stride,
        further=scheme.further,
        facts=facts,
    ):
        ends = [(concepts[h].id, concepts[t].id) for h, t in unit.numbered_pairs().tolist()]
        examples.append(_with_answers(unit, ends, gold, scheme, task))
    return examples


def _with_answers(
    unit: RelationInput,
    ends: Sequence[tuple[str, str]],
    gold: Mapping[frozenset[str], Relation],
    scheme: Scheme,
    task: int,
) -> RelationExample:
    """A pass with the gold's answer to each of its pairs, whose concept ids are `ends`."""
    about = scheme.tasks[task]
    answers = [gold.get(frozenset(pair)) for pair in ends]
    label = [_label(a, about) for a in answers]
    novel = [-1 if a is None or a.novel is None else int(a.novel) for a in answers]
    subject = [
        _subject(a, pair) if about.subject else -1 for a, pair in zip(answers, ends, strict=True)
    ]
    return RelationExample(
        unit,
        np.array(label, dtype=np.int64),
        np.array(novel, dtype=np.int64),
        np.array(subject, dtype=np.int64),
        task=task,
    )


def _without_unrelated(example: RelationExample) -> RelationExample:
    """The example with -1, which teaches nothing, for pairs that the corpus does not relate."""
    return replace(example, label=np.where(example.label > 0, example.label, -1))


def _without_subjects(example: RelationExample) -> RelationExample:
    """The example of a corpus that does not tell which end acts."""
    return replace(example, subject=np.full_like(example.subject, -1))


def _label(relation: Relation | None, about: Task) -> int:
    """The column of a relation's label, 0 for no relation; -1 where the corpus has a label that the
    task has none like.
    """
    if relation is None:
        return 0
    return -1 if relation.label == UNTOLD else 1 + about.relation_labels.index(relation.label)


def _subject(relation: Relation | None, ends: tuple[str, str]) -> int:
    """The number of the end that acts in a relation, 2 for neither; -1 for no relation, or one
    whose subject is not told.
    """
    if relation is None or relation.subject == UNTOLD:
        return -1
    return ends.index(relation.subject) if relation.subject in ends else len(ends)
