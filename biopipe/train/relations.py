"""Train the relation model on documents with gold mentions, concept ids and relations (BioRED's PubTator)."""

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

from biopipe.errors import ConfigError
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.relations.pairs import concepts
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.base import save_tokenizer
from biopipe.train.corpora import read_corpus, write_training_data
from biopipe.train.dropout import share_dropout_over_tokens
from biopipe.train.loop import Schedule, fit
from biopipe.train.relation_model import RelationModel
from biopipe.types import Document

__all__ = [
    "Scheme",
    "document_examples",
    "load_scheme",
    "load_trained",
    "load_trained_scheme",
    "train_relations",
]


@dataclass(frozen=True, slots=True)
class Scheme:
    """Entity labels, relation labels, the pairs of entity labels that may be related, and the corpora."""

    entity_labels: tuple[str, ...]
    relation_labels: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    train: tuple[str, ...]
    dev: tuple[str, ...]
    novelty: bool = True
    licence: str = ""
    max_length: int = 512
    stride: int = 64


@dataclass(frozen=True, slots=True)
class Example:
    """One encoder pass with its answers: `label` 0 is no relation; `novel` is -1 where nobody said."""

    input: RelationInput
    label: NDArray[np.int64]
    novel: NDArray[np.int64]


def load_scheme(path: Path) -> Scheme:
    """Read a scheme JSON; ConfigError says what is missing."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        lists = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
        pairs_ = tuple((str(head), str(tail)) for head, tail in raw["pairs"])
        return Scheme(**{**raw, **lists, "pairs": pairs_})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"Cannot read the relation scheme {path} ({error!r}); see docs/training.md."
        ) from error


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
    """Train from `base`: an encoder, or a relation checkpoint of the same labels to go on from.

    Writes `model.safetensors`, `scheme.json`, `training.json`, the encoder's config and the tokenizer.

    After each epoch the dev F1 (pair, type, novelty) at the best threshold is logged and kept in history.json;
    the epoch with the best sum of the three is the one that is written.
    """
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(save_tokenizer(base, output))
    examples = [
        e for d in _documents(scheme.train, data, log) for e in document_examples(d, scheme, tokenizer)
    ]
    dev = [(d, list(document_examples(d, scheme, tokenizer))) for d in _documents(scheme.dev, data, log)]
    write_training_data(output, {data / path: scheme.licence for path in scheme.train})
    torch.manual_seed(schedule.seed)
    model = _start(base, scheme)
    share_dropout_over_tokens(model.encoder)
    log(f"{len(examples)} passes, {sum(len(e.label) for e in examples)} pairs")

    def batches(epoch: int) -> list[list[int]]:
        order = list(range(len(examples)))
        random.Random(schedule.seed * 1009 + epoch).shuffle(order)
        return [order[i : i + batch_documents] for i in range(0, len(order), batch_documents)]

    def loss(batch: list[int]) -> torch.Tensor:
        return _loss(model, [examples[i] for i in batch])

    history: list[dict[str, float]] = []

    def on_epoch(epoch: int) -> None:
        scores = dev_scores(model, dev)
        log(f"epoch {epoch + 1}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        best = max((_sum(h) for h in history), default=0.0)
        history.append({"epoch": epoch + 1, **scores})
        if _sum(scores) > best:
            save_file(
                {k: v.contiguous().clone() for k, v in model.state_dict().items()},
                output / "model.safetensors",
            )
            model.encoder.config.save_pretrained(output)
            (output / "scheme.json").write_text(json.dumps(_as_json(scheme, scores["threshold"]), indent=2))
        (output / "history.json").write_text(json.dumps(history, indent=2))

    fit(
        model, batches, loss, schedule=schedule, checkpoint=output / "checkpoint", log=log, encoder=model.encoder,
        on_epoch=on_epoch,
    )  # fmt: skip
    return output


def load_trained_scheme(checkpoint: Path) -> tuple[Scheme, float]:
    """The scheme of a trained checkpoint and the threshold that was best on dev."""
    raw = json.loads((checkpoint / "scheme.json").read_text(encoding="utf-8"))
    threshold = float(raw.pop("threshold"))
    lists = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
    pairs_ = tuple((str(head), str(tail)) for head, tail in raw["pairs"])
    return Scheme(**{**raw, **lists, "pairs": pairs_, "train": (), "dev": ()}), threshold


def _start(base: str, scheme: Scheme) -> RelationModel:
    if not (Path(base) / "scheme.json").is_file():
        return RelationModel.start(
            base, entity_labels=scheme.entity_labels, relation_labels=scheme.relation_labels
        )
    earlier, _ = load_trained_scheme(Path(base))
    if (earlier.entity_labels, earlier.relation_labels) != (scheme.entity_labels, scheme.relation_labels):
        raise ConfigError(
            f"The checkpoint {base} has other labels than the scheme; start from an encoder instead."
        )
    return load_trained(Path(base), scheme, attention="sdpa")


def load_trained(checkpoint: Path, scheme: Scheme, *, attention: str = "eager") -> RelationModel:
    """The trained model; the exporter fuses `eager` attention, training is faster with `sdpa`."""
    config = AutoConfig.from_pretrained(checkpoint)
    encoder = AutoModel.from_config(config, attn_implementation=attention)  # type: ignore[no-untyped-call]
    model = RelationModel(
        encoder, entity_labels=len(scheme.entity_labels), relation_labels=len(scheme.relation_labels)
    )
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))
    return model.eval()


def _sum(scores: dict[str, float]) -> float:
    return scores["pair"] + scores["type"] + scores["novelty"]


def _as_json(scheme: Scheme, threshold: float) -> dict[str, object]:
    return {
        "entity_labels": scheme.entity_labels,
        "relation_labels": scheme.relation_labels,
        "pairs": scheme.pairs,
        "novelty": scheme.novelty,
        "max_length": scheme.max_length,
        "stride": scheme.stride,
        "threshold": threshold,
    }


def _documents(paths: Sequence[str], data: Path, log: Callable[[str], None]) -> list[Document]:
    return [document for path in paths for document in read_corpus(data / path, log)]


def document_examples(document: Document, scheme: Scheme, tokenizer: Tokenizer) -> list[Example]:
    """The encoder passes of a document over its gold concepts, with the gold answer of each pair."""
    found = concepts(document, nil=False)
    gold = {frozenset((r.head, r.tail)): r for r in document.relations}
    examples = []
    for unit in relation_inputs(
        document, tokenizer.encode([document.text])[0], found, tokenizer, labels=scheme.entity_labels,
        allowed=scheme.pairs, max_length=scheme.max_length, stride=scheme.stride,
    ):  # fmt: skip
        answers = [gold.get(frozenset((found[h].id, found[t].id))) for h, t in unit.concept_pairs()]
        label = [0 if a is None else 1 + scheme.relation_labels.index(a.label) for a in answers]
        novel = [-1 if a is None or a.novel is None else int(a.novel) for a in answers]
        examples.append(Example(unit, np.array(label, dtype=np.int64), np.array(novel, dtype=np.int64)))
    return examples


def _tensors(unit: RelationInput) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(value) for name, value in unit.feed().items()}


def _loss(model: RelationModel, batch: Sequence[Example]) -> torch.Tensor:
    logits, novelty = zip(*(model(**_tensors(example.input)) for example in batch), strict=True)
    label = torch.from_numpy(np.concatenate([example.label for example in batch]))
    novel = torch.from_numpy(np.concatenate([example.novel for example in batch]))
    relation = torch.nn.functional.cross_entropy(torch.cat(logits), label)
    said = novel >= 0
    if not bool(said.any()):
        return relation
    return relation + 0.3 * torch.nn.functional.cross_entropy(torch.cat(novelty)[said], novel[said])


def dev_scores(model: RelationModel, dev: Sequence[tuple[Document, Sequence[Example]]]) -> dict[str, float]:
    """F1 of pair, type and novelty at the threshold that gives the best sum of the three."""
    model.eval()
    gold = sum(len({frozenset((r.head, r.tail)) for r in document.relations}) for document, _ in dev)
    rows = []
    with torch.inference_mode():
        for _, examples in dev:
            for example in examples:
                logits, novelty = model(**_tensors(example.input))
                probability = logits.softmax(-1).numpy()
                right_label = (1 + probability[:, 1:].argmax(-1)) == example.label
                right_novel = novelty.argmax(-1).numpy() == example.novel
                rows.append(
                    np.stack([1 - probability[:, 0], example.label > 0, right_label, right_novel], axis=1)
                )
    return best_threshold(np.concatenate(rows), gold)


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
