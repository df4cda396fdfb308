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
from transformers import AutoConfig, AutoModel, AutoTokenizer

from biopipe.errors import ConfigError
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.relations.pairs import concepts
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.averaging import Averaged
from biopipe.train.base import save_tokenizer
from biopipe.train.corpora import read_corpus, unseen, write_training_data
from biopipe.train.dropout import share_dropout_over_tokens
from biopipe.train.loop import Schedule, fit
from biopipe.train.relation_model import RelationModel
from biopipe.train.relation_priors import fit_by_kind, two_classes
from biopipe.train.relation_scheme import Scheme, Task, load_trained_scheme, save_trained_scheme
from biopipe.types import Document

__all__ = ["Example", "document_examples", "load_trained", "train_relations"]

TYPE_WEIGHT, NOVELTY_WEIGHT, SMOOTHING = 0.5, 0.25, 0.05
LOSING = 0.3  # share of concepts that lose half of their mentions in a training step
DEV_DOCUMENTS = 60  # of each further scheme, scored after each epoch


@dataclass(frozen=True, slots=True)
class Example:
    """One encoder pass with its answers: `label` 0 is no relation; `novel` is -1 where nobody said."""

    input: RelationInput
    task: int
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
    log: Callable[[str], None],
) -> Path:
    """Train from `base`: an encoder, or a relation checkpoint of the same scheme to go on from.

    Writes `model.safetensors`, `scheme.json`, `training.json`, the encoder's config and the tokenizer.

    After each epoch the dev F1 (pair, type, novelty) at the best threshold is logged and kept in history.json;
    the epoch with the best sum of the three is the one that is written. Weights are moving averages.
    """
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(save_tokenizer(base, output))
    examples, dev = _examples(scheme, data, tokenizer, log)
    write_training_data(output, {data / path: t.licence for t in scheme.tasks for path in t.train})
    torch.manual_seed(schedule.seed)
    model = _start(base, scheme, examples)
    share_dropout_over_tokens(model.encoder)
    _freeze(model, scheme.frozen_layers)
    averaged = Averaged(model)
    blind = (AutoTokenizer.from_pretrained(output).mask_token_id, scheme.blind)
    log(f"{len(examples)} passes, {sum(len(e.label) for e in examples)} pairs")

    def batches(epoch: int) -> list[list[int]]:
        draw = random.Random(schedule.seed * 1009 + epoch)
        order = [i for i, e in enumerate(examples) if draw.random() < scheme.tasks[e.task].share]
        draw.shuffle(order)
        return [order[i : i + batch_documents] for i in range(0, len(order), batch_documents)]

    def loss(batch: list[int]) -> torch.Tensor:
        averaged.update()
        return _loss(model, [examples[i] for i in batch], blind)

    history: list[dict[str, float]] = []
    names = ["", *scheme.also]

    def on_epoch(epoch: int) -> None:
        with averaged.applied():
            scores = {names[task]: dev_scores(model, each, task) for task, each in enumerate(dev) if each}
            best = max((_sum(h) for h in history), default=0.0)
            row = {f"{name} {k}".strip(): v for name, s in scores.items() for k, v in s.items()}
            log(f"epoch {epoch + 1}: " + ", ".join(f"{k} {v:.4f}" for k, v in row.items()))
            history.append({"epoch": epoch + 1, **row})
            if _sum(row) >= best:
                _save(model, output)
                save_trained_scheme(output, scheme, {name: s["threshold"] for name, s in scores.items()})
        (output / "history.json").write_text(json.dumps(history, indent=2))

    fit(
        averaged, batches, loss, schedule=schedule, checkpoint=output / "checkpoint", log=log,
        encoder=model.encoder, on_epoch=on_epoch,
    )  # fmt: skip
    return output


def _save(model: RelationModel, output: Path) -> None:
    tensors = {name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}
    save_file(tensors, output / "model.safetensors")
    model.encoder.config.save_pretrained(output)


def _start(base: str, scheme: Scheme, examples: Sequence[Example]) -> RelationModel:
    if not (Path(base) / "scheme.json").is_file():
        model = RelationModel.start(base, **scheme.shape())
        _set_priors(model, examples)
        return model
    earlier, _ = load_trained_scheme(Path(base))
    if earlier.shape() != scheme.shape() or earlier.entity_labels != scheme.entity_labels:
        raise ConfigError(
            f"The checkpoint {base} has other labels than the scheme; start from an encoder instead."
        )
    return load_trained(Path(base), scheme, attention="sdpa")


def _set_priors(model: RelationModel, examples: Sequence[Example]) -> None:
    """Start from what the features alone say of each kind of pair; the rest of the model learns what is missing."""
    weights, biases = [], []
    for task, columns in enumerate(model.schemes):
        mine = [example for example in examples if example.task == task]
        features = torch.from_numpy(np.concatenate([e.input.features for e in mine]))
        kinds, label, novel = (
            _joined(each)
            for each in ([e.input.kinds for e in mine], [e.label for e in mine], [e.novel for e in mine])
        )
        fits = [two_classes(*_regression(model, features, kinds, (label > 0).long(), 2))]
        fits.append(_regression(model, features, kinds, label - 1, columns.labels))
        if columns.novelty:
            fits.append(_regression(model, features, kinds, novel, 2))
        weights += [weight for weight, _ in fits]
        biases += [bias for _, bias in fits]
    with torch.no_grad():
        weight, bias = torch.cat(weights, dim=-1), torch.cat(biases, dim=-1)
        model.words.weight.copy_(weight.transpose(1, 2).reshape(model.words.weight.shape))
        model.words.bias.copy_(bias.reshape(-1))


def _regression(
    model: RelationModel, features: torch.Tensor, kinds: torch.Tensor, answer: torch.Tensor, classes: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Over the rows that have an answer."""
    said = answer >= 0
    return fit_by_kind(features[said], kinds[said], answer[said], classes=classes, count=model.kinds)


def _freeze(model: RelationModel, layers: int) -> None:
    """The word table learns nothing from a few hundred documents, and its gradients cost a quarter of a step."""
    model.encoder.get_input_embeddings().weight.requires_grad_(False)
    for layer in model.encoder.encoder.layer[:layers]:
        layer.requires_grad_(False)


def load_trained(checkpoint: Path, scheme: Scheme, *, attention: str = "eager") -> RelationModel:
    """The trained model; the exporter fuses `eager` attention, training is faster with `sdpa`."""
    config = AutoConfig.from_pretrained(checkpoint)
    encoder = AutoModel.from_config(config, attn_implementation=attention)  # type: ignore[no-untyped-call]
    model = RelationModel(encoder, **scheme.shape())
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))
    return model.eval()


def _sum(scores: dict[str, float]) -> float:
    return scores["pair"] + scores["type"] + scores["novelty"]


Dev = list[list[tuple[Document, list[Example]]]]


def _examples(
    scheme: Scheme, data: Path, tokenizer: Tokenizer, log: Callable[[str], None]
) -> tuple[list[Example], Dev]:
    """Training passes, and dev documents with their passes by task; no dev document of any task is trained on."""
    held_out = [_documents(task.dev, data, log) for task in scheme.tasks]
    every = [document for documents in held_out for document in documents]
    examples: list[Example] = []
    for number, task in enumerate(scheme.tasks):
        documents = _documents(task.train, data, log)
        kept = list(unseen(documents, every))
        log(f"{len(kept)} of {len(documents)} documents of task {number} to train on, the others are in dev")
        examples += [e for d in kept for e in document_examples(d, scheme, tokenizer, task=number)]
    dev = [
        [(d, document_examples(d, scheme, tokenizer, task=n)) for d in (ds[:DEV_DOCUMENTS] if n else ds)]
        for n, ds in enumerate(held_out)
    ]
    return examples, dev


def _documents(paths: Sequence[str], data: Path, log: Callable[[str], None]) -> list[Document]:
    return [document for path in paths for document in read_corpus(data / path, log)]


def document_examples(
    document: Document, scheme: Scheme, tokenizer: Tokenizer, *, task: int = 0
) -> list[Example]:
    """The encoder passes of a document over its gold concepts, with the gold answer of each pair."""
    about: Task = scheme.tasks[task]
    found = concepts(document, nil=False)
    gold = {frozenset((r.head, r.tail)): r for r in document.relations}
    examples = []
    for unit in relation_inputs(
        document, tokenizer.encode([document.text])[0], found, tokenizer, labels=scheme.entity_labels,
        allowed=scheme.allowed(about), triggers=scheme.triggers, max_length=scheme.max_length,
        stride=scheme.stride,
    ):  # fmt: skip
        answers = [gold.get(frozenset((found[h].id, found[t].id))) for h, t in unit.concept_pairs()]
        label = [0 if a is None else 1 + about.relation_labels.index(a.label) for a in answers]
        novel = [-1 if a is None or a.novel is None else int(a.novel) for a in answers]
        examples.append(Example(unit, task, np.array(label, dtype=np.int64), np.array(novel, dtype=np.int64)))
    return examples


def _tensors(unit: RelationInput) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(value) for name, value in unit.feed().items()}


def _noisy(inputs: dict[str, torch.Tensor], mask_id: int | None, share: float) -> dict[str, torch.Tensor]:
    """Some concepts lose part of their mentions, as upstream mistakes take them; and `share` of the names are hidden:
    what relates two concepts must then be read in the text around them."""
    if share <= 0 or mask_id is None:
        return inputs
    ids, tokens = inputs["input_ids"].clone(), inputs["mention_tokens"]
    flat, mentions = ids.view(-1), inputs["mention_mask"] > 0
    hidden = (torch.rand(tokens.shape[0]) < share)[:, None] & mentions
    for first, last in tokens[hidden].tolist():
        flat[first : last + 1] = mask_id
    lost = (torch.rand(tokens.shape[0]) < LOSING)[:, None] & (torch.rand(mentions.shape) < 0.5) & mentions
    lost &= (mentions & ~lost).any(dim=1)[:, None]
    kept = (mentions & ~lost).to(inputs["mention_mask"].dtype)
    return {**inputs, "input_ids": ids, "mention_mask": kept}


def _loss(model: RelationModel, batch: Sequence[Example], blind: tuple[int | None, float]) -> torch.Tensor:
    outputs = [model(**_noisy(_tensors(example.input), *blind)) for example in batch]
    total = torch.zeros(())
    first = 0
    for task, columns in enumerate(model.schemes):
        mine = [(out, e) for out, e in zip(outputs, batch, strict=True) if e.task == task]
        if mine:
            logits = torch.cat([out[first] for out, _ in mine])
            total = total + _relation_loss(logits, _joined([e.label for _, e in mine]))
        if mine and columns.novelty:
            scores, said = torch.cat([out[first + 1] for out, _ in mine]), _joined([e.novel for _, e in mine])
            total = total + NOVELTY_WEIGHT * _mean(
                torch.nn.functional.cross_entropy(scores, said, ignore_index=-1, reduction="none"), said >= 0
            )
        first += 1 + columns.novelty
    return total


def _relation_loss(logits: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
    """Is it related, over all pairs; and how, over those that are."""
    related = label > 0
    yes = torch.logsumexp(logits[:, 1:], dim=-1)
    loss = -torch.where(related, yes, logits[:, 0]).mean()
    labels = logits[:, 1:] - yes[:, None]
    right = labels.gather(1, (label - 1).clamp(min=0)[:, None])[:, 0]
    wrong = -(1 - SMOOTHING) * right - SMOOTHING * labels.mean(dim=-1)
    return loss + TYPE_WEIGHT * _mean(wrong, related)


def _mean(values: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
    """Mean over the rows in `where`, drawn to nothing where they are few."""
    return (values * where).sum() / (where.sum() + 4.0)


def _joined(arrays: Sequence[NDArray[np.int64]]) -> torch.Tensor:
    return torch.from_numpy(np.concatenate(arrays))


def dev_scores(
    model: RelationModel, dev: Sequence[tuple[Document, Sequence[Example]]], task: int
) -> dict[str, float]:
    """F1 of pair, type and novelty at the threshold that gives the best sum of the three."""
    model.eval()
    gold = sum(len({frozenset((r.head, r.tail)) for r in document.relations}) for document, _ in dev)
    first = sum(1 + columns.novelty for columns in model.schemes[:task])
    rows = []
    with torch.inference_mode():
        for _, examples in dev:
            for example in examples:
                outputs = model(**_tensors(example.input))
                probability = outputs[first].softmax(-1).numpy()
                right_label = (1 + probability[:, 1:].argmax(-1)) == example.label
                right_novel = np.ones(len(right_label), dtype=bool)
                if model.schemes[task].novelty:
                    right_novel = outputs[first + 1].argmax(-1).numpy() == example.novel
                rows.append(
                    np.stack([1 - probability[:, 0], example.label > 0, right_label, right_novel], axis=1)
                )
    return best_threshold(np.concatenate(rows).astype(np.float64), gold)


def best_threshold(rows: NDArray[np.float64], gold: int) -> dict[str, float]:
    """Rows (pairs, 4): probability of any relation, is one, label right, novelty right. Ties: the middle one."""
    tried = []
    for threshold in np.arange(0.2, 0.8, 0.02):
        kept = rows[rows[:, 0] >= threshold]
        hits = np.cumprod(kept[:, 1:], axis=1).sum(axis=0)
        f1 = 2 * hits / max(1, len(kept) + gold)
        scores = {"pair": float(f1[0]), "type": float(f1[1]), "novelty": float(f1[2])}
        tried.append({**scores, "threshold": round(float(threshold), 2)})
    best = max(_sum(scores) for scores in tried)
    equal = [scores for scores in tried if _sum(scores) == best]
    return equal[len(equal) // 2]
