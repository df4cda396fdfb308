"""Documents with gold concepts and relations as what the relation model reads and should answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.runtime.trunk import Trunk
from biopipe.text.concepts import linked_concepts
from biopipe.train.common.corpora import read_gold_corpus, unseen
from biopipe.train.relations.scheme import Scheme, Task

__all__ = ["RelationCorpora", "RelationExample", "document_examples"]


@dataclass(frozen=True, slots=True)
class RelationExample:
    """One encoder pass with the gold's answers to its pairs.

    `label`: (pairs,) int64, 0 for no relation; `novel`: (pairs,) int64, -1 where the gold does not
    say.
    """

    input: RelationInput
    label: NDArray[np.int64]
    novel: NDArray[np.int64]


class RelationCorpora:
    """Training and dev documents of each task as examples. No dev document of any task is trained
    on, and no further scheme is fitted on documents the network was trained on: it knows their
    answers."""

    def __init__(
        self,
        scheme: Scheme,
        data: Path,
        tokenizer: Tokenizer,
        trunk: Trunk | None,
        log: Callable[[str], None],
    ) -> None:
        self.scheme, self.tokenizer, self.trunk, self.log = scheme, tokenizer, trunk, log
        self.held_out = [_documents(task.dev, data, log) for task in scheme.tasks]
        self.train = [_documents(task.train, data, log) for task in scheme.tasks]

    def examples(self, task: int) -> list[RelationExample]:
        """The training examples of a task, by its number in the scheme."""
        unwanted = [document for documents in self.held_out for document in documents]
        if task:
            unwanted += self.train[0]
        kept = list(unseen(self.train[task], unwanted))
        self.log(
            f"task {task}: {len(kept)} of {len(self.train[task])} documents are in no other set"
        )
        return self._examples(kept, task)

    def dev(self, task: int) -> tuple[list[RelationExample], int]:
        """The dev examples, and how many relations their gold has."""
        documents = self.held_out[task]
        gold = sum(
            len({frozenset((r.head, r.tail)) for r in document.relations}) for document in documents
        )
        return self._examples(documents, task), gold

    def _examples(self, documents: Sequence[Document], task: int) -> list[RelationExample]:
        return [
            example
            for document in documents
            for example in document_examples(
                document, self.scheme, self.tokenizer, task=task, trunk=self.trunk
            )
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
) -> list[RelationExample]:
    """The encoder passes of a document over its gold concepts, with the gold answer of each
    pair.
    """
    about: Task = scheme.tasks[task]
    concepts = linked_concepts(document)
    gold = {frozenset((r.head, r.tail)): r for r in document.relations}
    ((tokens, states),) = (
        [(tokenizer.encode([document.text])[0], None)] if trunk is None else trunk.read([document])
    )
    examples = []
    for unit in relation_inputs(
        document,
        tokens,
        concepts,
        tokenizer,
        labels=scheme.entity_labels,
        allowed=scheme.allowed(about),
        triggers=scheme.triggers,
        max_length=scheme.max_length,
        stride=scheme.stride,
        states=states,
    ):
        answers = [
            gold.get(frozenset((concepts[h].id, concepts[t].id)))
            for h, t in unit.numbered_pairs().tolist()
        ]
        label = [0 if a is None else 1 + about.relation_labels.index(a.label) for a in answers]
        novel = [-1 if a is None or a.novel is None else int(a.novel) for a in answers]
        examples.append(
            RelationExample(unit, np.array(label, dtype=np.int64), np.array(novel, dtype=np.int64))
        )
    return examples
