"""Train a cross-encoder for linking: a mention in context against the candidates that our own
retrieval finds.
"""

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForSequenceClassification

from biopipe.errors import InputError
from biopipe.linking.rerank import CrossEncoderInputs
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import save_tokenizer
from biopipe.train.common.batches import epoch_seed
from biopipe.train.common.dropout import share_dropout_over_tokens
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.linking.choices import RerankingChoice, without_right
from biopipe.train.linking.mixture import UNFITTED, fit_mixture

__all__ = ["RERANKER_SETTINGS", "score_choices", "train_reranker"]

RERANKER_SETTINGS = "reranker.json"


def train_reranker(
    choices: Sequence[RerankingChoice],
    base: str,
    output: Path,
    *,
    schedule: Schedule,
    batch_mentions: int = 8,
    without: float = 0.1,
    dev: Sequence[RerankingChoice] = (),
    log: Callable[[str], None],
) -> Path:
    """Train by cross-entropy over each mention's candidates and none; a share `without` loses its
    right candidate.

    Writes a Hugging Face sequence classifier with one output, the tokenizer, and in `reranker.json`
    how much it counts beside the linker's probability, fitted on `dev`.
    """
    _check_choices(choices)
    output.mkdir(parents=True, exist_ok=True)
    pairs = CrossEncoderInputs(Tokenizer(save_tokenizer(base, output)))
    model = _start(base, seed=schedule.seed)
    log(f"{len(choices)} mentions")
    fit(
        model,
        lambda epoch: _batches(
            len(choices), batch_mentions, without=without, seed=epoch_seed(schedule.seed, epoch)
        ),
        _batch_loss(model, pairs, choices),
        schedule=schedule,
        checkpoint=output / "checkpoint",
        log=log,
        encoder=model.base_model,
    )
    model.save_pretrained(output)
    mixture = fit_mixture(dev, _scores(model, pairs, dev)) if dev else UNFITTED
    log(f"mixture {mixture}")
    (output / RERANKER_SETTINGS).write_text(json.dumps(mixture), encoding="utf-8")
    return output


def _check_choices(choices: Sequence[RerankingChoice]) -> None:
    if not choices:
        raise InputError(
            "No mention has candidates to choose from; give linked documents and their knowledge "
            "base."
        )


def _start(base: str, *, seed: int) -> Any:
    torch.manual_seed(seed)
    model = AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=1, attention_probs_dropout_prob=0.0
    )
    share_dropout_over_tokens(model)
    return model


def _batches(choices: int, size: int, *, without: float, seed: int) -> list[list[tuple[int, bool]]]:
    """Numbers of choices in random order, and whether each loses its right candidate."""
    rng = random.Random(seed)
    order = [(number, rng.random() < without) for number in range(choices)]
    rng.shuffle(order)
    return [order[start : start + size] for start in range(0, choices, size)]


def _batch_loss(
    model: torch.nn.Module, pairs: CrossEncoderInputs, choices: Sequence[RerankingChoice]
) -> Callable[[list[tuple[int, bool]]], torch.Tensor]:
    """The loss of a batch of `_batches`."""

    def loss(batch: list[tuple[int, bool]]) -> torch.Tensor:
        read = [without_right(choices[i]) if missing else choices[i] for i, missing in batch]
        return _choice_loss(model, pairs, read)

    return loss


def _choice_loss(
    model: torch.nn.Module, pairs: CrossEncoderInputs, choices: Sequence[RerankingChoice]
) -> torch.Tensor:
    """The mean cross-entropy of each choice's texts."""
    # All pairs of a batch at once, then a softmax for each mention.
    logits = torch.split(score_choices(model, pairs, choices), [len(c.texts) for c in choices])
    values = [
        torch.nn.functional.cross_entropy(scores[None], torch.tensor([choice.right]))
        for scores, choice in zip(logits, choices, strict=True)
    ]
    return torch.stack(values).mean()


def _scores(
    model: torch.nn.Module, pairs: CrossEncoderInputs, choices: Sequence[RerankingChoice]
) -> list[list[float]]:
    model.eval()
    with torch.inference_mode():
        return [score_choices(model, pairs, [choice]).tolist() for choice in choices]


def score_choices(
    model: torch.nn.Module, pairs: CrossEncoderInputs, choices: Sequence[RerankingChoice]
) -> torch.Tensor:
    """The logits of all texts of all choices, one after the other: (texts,) float32."""
    feeds = [feed for c in choices for feed in pairs.feeds(c.reading, c.context, c.texts)]
    longest = max(feed["input_ids"].shape[1] for feed in feeds)
    names = ("input_ids", "attention_mask", "token_type_ids")
    padded = {
        name: torch.stack(
            [
                torch.nn.functional.pad(
                    torch.from_numpy(f[name][0]), (0, longest - f[name].shape[1])
                )
                for f in feeds
            ]
        )
        for name in names
    }
    logits: torch.Tensor = model(**padded).logits[:, 0]
    return logits
