"""Replaced-token detection (Clark et al. 2020, "ELECTRA"): every token teaches, not only the masked.

A small generator fills masked words in, and the encoder says of each token whether it is the
text's own. Unlike ELECTRA's generator, which is a narrower model, this one is the lowest layers of
the base, since it must start from a base that can already fill words in.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BertForMaskedLM, BertModel

from biopipe.train.encoder.blocks import TokenBlocks
from biopipe.train.encoder.masked_language import (
    NOT_ASKED,
    ROWS_AT_ONCE,
    asked_places,
    choose_masked_words,
    masked_logits,
    perplexity,
)
from biopipe.train.encoder.objective import Objective

__all__ = ["ReplacedTokenModel", "replaced_token_objective"]

GENERATOR_LAYERS = 2
# Weight of the detection's loss beside the generator's, ELECTRA's: it is a binary cross-entropy
# near 0.2, the other a cross-entropy over all pieces near 3.
DETECTION_WEIGHT = 50.0


class ReplacedTokenModel(torch.nn.Module):
    """A generator and an encoder, which share their embeddings, and the head of the detection.

    `generator` is cut to its lowest `GENERATOR_LAYERS` layers.
    """

    def __init__(self, generator: BertForMaskedLM, bert: BertModel) -> None:
        super().__init__()
        generator.bert.encoder.layer = generator.bert.encoder.layer[:GENERATOR_LAYERS]
        # As in ELECTRA: the generator's softmax teaches the embeddings of all pieces, the detection
        # those alone that it is shown.
        generator.bert.embeddings = bert.embeddings
        generator.tie_weights()
        width = int(bert.config.hidden_size)
        self.generator = generator
        self.bert = bert
        self.dense = torch.nn.Linear(width, width)
        self.out = torch.nn.Linear(width, 1)

    def detect(self, ids: torch.Tensor) -> torch.Tensor:
        """Logits (rows, length) float32 that a token of `ids`, (rows, length) int64, was
        replaced.
        """
        states = self.bert(input_ids=ids).last_hidden_state
        logits: torch.Tensor = self.out(torch.nn.functional.gelu(self.dense(states)))
        return logits[..., 0].float()


class _Replaced(NamedTuple):
    """`ids`, (rows, length) int64, with masked words filled in by the generator; `replaced`: where
    they are not the text's own; `counted`: where a token is not a special one; `generator_loss`.
    """

    ids: torch.Tensor
    replaced: torch.Tensor
    counted: torch.Tensor
    generator_loss: torch.Tensor


def replaced_token_objective(
    model: ReplacedTokenModel, text: TokenBlocks, *, share: float = 0.15
) -> Objective:
    """Train `model.bert` to find the tokens that its generator put in.

    The scores are the generator's perplexity and `detection`, the probability that a replaced token
    is given a higher score than an original one (area under the ROC curve; chance is 0.5).
    """

    def loss(rows: NDArray[np.int32], seed: int) -> torch.Tensor:
        drawn = _replace_tokens(model, rows, text, seed=seed, share=share)
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            model.detect(drawn.ids), drawn.replaced.float(), reduction="none"
        )
        detection = losses[drawn.counted].mean()
        return drawn.generator_loss + DETECTION_WEIGHT * detection

    def save(folder: Path) -> None:
        model.bert.save_pretrained(folder)

    def scores() -> dict[str, float]:
        return {
            **perplexity(model.generator, text, share=share),
            "detection": _detection(model, text, share=share),
        }

    return Objective(model, loss, scores, save)


def _replace_tokens(
    model: ReplacedTokenModel,
    rows: NDArray[np.int32],
    text: TokenBlocks,
    *,
    seed: int,
    share: float,
) -> _Replaced:
    """Mask words of `rows`, (rows, length) int32, and draw what the generator puts in their
    place.
    """
    rows = np.asarray(rows)
    is_masked, _ = choose_masked_words(rows, text, np.random.default_rng(seed % 2**32), share)
    original, masked = torch.from_numpy(rows.astype(np.int64)), torch.from_numpy(is_masked)
    targets = original.masked_fill(~masked, NOT_ASKED)
    places, asked = asked_places(targets)
    logits = masked_logits(model.generator, original.masked_fill(masked, text.mask), places)
    generator_loss = torch.nn.functional.cross_entropy(logits, asked, ignore_index=NOT_ASKED)
    ids = original.clone()
    with torch.no_grad():
        # The largest of logits with Gumbel noise is a draw from their softmax.
        drawn = (logits - torch.empty_like(logits).exponential_().log_()).argmax(dim=-1)
        # Behind these stand the places that `asked_places` filled up with.
        ids[masked] = drawn[: int(masked.sum())]
    counted = ~torch.isin(original, torch.tensor(sorted(text.special)))
    # Where the generator draws the text's own token, nothing was replaced.
    return _Replaced(ids, ids != original, counted, generator_loss)


def _detection(model: ReplacedTokenModel, text: TokenBlocks, *, share: float) -> float:
    model.train(False)
    scores, replaced = [], []
    # Measures draw the same each time, and leave the numbers of training where they were.
    with torch.inference_mode(), torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        for start in range(0, len(text.held_out), ROWS_AT_ONCE):
            rows = text.held_out[start : start + ROWS_AT_ONCE]
            drawn = _replace_tokens(model, rows, text, seed=start, share=share)
            scores.append(model.detect(drawn.ids)[drawn.counted])
            replaced.append(drawn.replaced[drawn.counted])
    model.train()
    return _area_under_roc(torch.cat(scores).numpy(), torch.cat(replaced).numpy())


def _area_under_roc(scores: NDArray[np.float32], positive: NDArray[np.bool_]) -> float:
    """By the ranks of the positive ones (Mann & Whitney 1947); NaN where all are of one kind."""
    ranks = np.empty(len(scores))
    ranks[np.argsort(scores, kind="stable")] = np.arange(1, len(scores) + 1)
    count = int(positive.sum())
    pairs = count * (len(scores) - count)
    return (
        float((ranks[positive].sum() - count * (count + 1) / 2) / pairs) if pairs else float("nan")
    )
