"""Train the relation model on documents with gold mentions, concept ids and relations."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModel

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.runtime.trunk import Trunk
from biopipe.text.concepts import linked_concepts
from biopipe.train.common.base import save_tokenizer
from biopipe.train.common.corpora import read_gold_corpus, unseen, write_training_data
from biopipe.train.common.dropout import share_dropout_over_tokens
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.relations.mix import (
    AnswerRows,
    answer_rows,
    choose_mixture,
    fit_readout,
    fit_words,
    network_inputs,
    scores_of,
)
from biopipe.train.relations.model import RelationModel, read_states
from biopipe.train.relations.scheme import Scheme, Task, load_trained_scheme, save_trained_scheme
from biopipe.train.relations.teacher import teacher_answers, teaching_loss
from biopipe.train.relations.trunk import load_trunk, save_trunk

__all__ = ["RelationExample", "document_examples", "load_trained", "train_relations"]

TAUGHT_A_BATCH = 3


@dataclass(frozen=True, slots=True)
class RelationExample:
    """One encoder pass with its answers: `label` 0 is no relation; `novel` is -1 where nobody
    said.
    """

    input: RelationInput
    label: NDArray[np.int64]
    novel: NDArray[np.int64]


def train_relations(
    scheme: Scheme,
    base: str,
    output: Path,
    *,
    data: Path,
    schedule: Schedule,
    batch_documents: int = 4,
    trunk: Trunk | None = None,
    own_layers: int = 2,
    teacher: Path | None = None,
    texts: Sequence[Document] = (),
    log: Callable[[str], None],
) -> Path:
    """Train from `base`: an encoder, or a relation checkpoint of the same labels to go on from.

    With a `trunk` the model reads that encoder's hidden states, which stay as they are, and trains
    only the last `own_layers` layers of `base` on top of them. A `teacher`, a relation checkpoint
    of the same scheme without a trunk, answers for `texts` that have mentions but no gold, and the
    model learns its answers too.

    Writes `model.safetensors`, `scheme.json`, `training.json`, the encoder's config and the
    tokenizer.

    After each epoch the network's dev F1 (pair, type, novelty), mixed with what words and places
    say, is logged and kept in history.json; the epoch with the best sum of the three is the one
    that is written. With no epochs a relation checkpoint keeps its network, and all else is fitted
    anew. Further schemes are fitted last.
    """
    if (teacher is None) != (not texts):
        raise ConfigError("A teacher and texts for it to answer go together; give both or neither.")
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(save_tokenizer(base if trunk is None else str(trunk.path), output))
    save_trunk(output, trunk)
    corpora = _Corpora(scheme, data, tokenizer, trunk, log)
    write_training_data(output, {data / path: t.licence for t in scheme.tasks for path in t.train})
    lessons = (
        []
        if teacher is None
        else teacher_answers(texts, _teacher(teacher, scheme), scheme, tokenizer, trunk)
    )
    torch.manual_seed(schedule.seed)
    examples = corpora.examples(0)
    model = _start(base, scheme, None if trunk is None else own_layers)
    share_dropout_over_tokens(model.encoder)
    fit_words(model, _rows(model, examples, network=False))
    log(f"{len(examples)} passes, {sum(len(e.label) for e in examples)} pairs")

    def batches(epoch: int) -> list[list[int]]:
        order = list(range(len(examples)))
        random.Random(schedule.seed * 1009 + epoch).shuffle(order)
        return [order[i : i + batch_documents] for i in range(0, len(order), batch_documents)]

    def loss(batch: list[int]) -> torch.Tensor:
        gold = _loss(model, [examples[i] for i in batch])
        if not lessons:
            return gold
        return gold + teaching_loss(
            model, lessons, count=TAUGHT_A_BATCH, seed=f"{schedule.seed} {batch}"
        )

    history: list[dict[str, float]] = []
    dev, gold = corpora.dev(0)

    def on_epoch(epoch: int) -> None:
        scores = choose_mixture(model, _rows(model, dev), gold)
        log(f"epoch {epoch + 1}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        best = max((_sum(h) for h in history), default=0.0)
        history.append({"epoch": epoch + 1, **scores})
        if _sum(scores) > best:
            _save(model, output)
            save_trained_scheme(output, scheme, {"": scores["threshold"]})
        (output / "history.json").write_text(json.dumps(history, indent=2))

    if schedule.epochs:
        fit(
            model,
            batches,
            loss,
            schedule=schedule,
            checkpoint=output / "checkpoint",
            log=log,
            encoder=model.encoder,
            on_epoch=on_epoch,
        )
    else:
        on_epoch(-1)
    _fit_others(load_trained(output, scheme, attention="sdpa"), scheme, corpora, output, log)
    return output


def _fit_others(
    model: RelationModel,
    scheme: Scheme,
    corpora: "_Corpora",
    output: Path,
    log: Callable[[str], None],
) -> None:
    _, thresholds = load_trained_scheme(output)
    for task, name in enumerate(scheme.also, start=1):
        fit_readout(model, task, _rows(model, corpora.examples(task)))
        dev, gold = corpora.dev(task)
        scores = scores_of(model, _rows(model, dev), task, gold)
        log(f"{name}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        thresholds[name] = scores["threshold"]
        _save(model, output)
        save_trained_scheme(output, scheme, thresholds)


def _rows(
    model: RelationModel, examples: Sequence[RelationExample], *, network: bool = True
) -> AnswerRows:
    return answer_rows(model, [(e.input, e.label, e.novel) for e in examples], network=network)


def _save(model: RelationModel, output: Path) -> None:
    tensors = {name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}
    save_file(tensors, output / "model.safetensors")
    model.encoder.config.save_pretrained(output)


def _start(base: str, scheme: Scheme, own_layers: int | None) -> RelationModel:
    if not (Path(base) / "scheme.json").is_file():
        return RelationModel.start(base, **scheme.shape(), own_layers=own_layers)
    earlier, _ = load_trained_scheme(Path(base))
    if earlier.shape() != scheme.shape() or earlier.entity_labels != scheme.entity_labels:
        raise ConfigError(
            f"The checkpoint {base} has other labels than the scheme; start from an encoder instead."
        )
    model = load_trained(Path(base), scheme, attention="sdpa")
    if own_layers is not None:
        read_states(model.encoder, own_layers)
    return model


def _teacher(checkpoint: Path, scheme: Scheme) -> RelationModel:
    earlier, _ = load_trained_scheme(checkpoint)
    if load_trunk(checkpoint) is not None or earlier.shape() != scheme.shape():
        raise ConfigError(
            f"The checkpoint {checkpoint} cannot teach: it must have the scheme's labels and no trunk."
        )
    return load_trained(checkpoint, scheme, attention="sdpa")


def load_trained(checkpoint: Path, scheme: Scheme, *, attention: str = "eager") -> RelationModel:
    """The trained model; the exporter fuses `eager` attention, training is faster with `sdpa`."""
    config = AutoConfig.from_pretrained(checkpoint)
    encoder = AutoModel.from_config(config, attn_implementation=attention)  # type: ignore[no-untyped-call]
    if load_trunk(checkpoint) is not None:
        read_states(encoder, config.num_hidden_layers)
    model = RelationModel(encoder, **scheme.shape())
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))
    return model.eval()


def _sum(scores: dict[str, float]) -> float:
    return scores["pair"] + scores["type"] + scores["novelty"]


class _Corpora:
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
    found = linked_concepts(document)
    gold = {frozenset((r.head, r.tail)): r for r in document.relations}
    ((tokens, states),) = (
        [(tokenizer.encode([document.text])[0], None)] if trunk is None else trunk.read([document])
    )
    examples = []
    for unit in relation_inputs(
        document,
        tokens,
        found,
        tokenizer,
        labels=scheme.entity_labels,
        allowed=scheme.allowed(about),
        triggers=scheme.triggers,
        max_length=scheme.max_length,
        stride=scheme.stride,
        states=states,
    ):
        answers = [gold.get(frozenset((found[h].id, found[t].id))) for h, t in unit.concept_pairs()]
        label = [0 if a is None else 1 + about.relation_labels.index(a.label) for a in answers]
        novel = [-1 if a is None or a.novel is None else int(a.novel) for a in answers]
        examples.append(
            RelationExample(unit, np.array(label, dtype=np.int64), np.array(novel, dtype=np.int64))
        )
    return examples


def _loss(model: RelationModel, batch: Sequence[RelationExample]) -> torch.Tensor:
    logits, novelty = zip(
        *(model.network(**network_inputs(each.input)) for each in batch), strict=True
    )
    label = torch.from_numpy(np.concatenate([example.label for example in batch]))
    novel = torch.from_numpy(np.concatenate([example.novel for example in batch]))
    relation = torch.nn.functional.cross_entropy(torch.cat(logits), label)
    said = novel >= 0
    if not bool(said.any()):
        return relation
    return relation + 0.3 * torch.nn.functional.cross_entropy(torch.cat(novelty)[said], novel[said])
