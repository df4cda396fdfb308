"""Masked-language modelling (Devlin et al. 2019) with whole words masked.

A piece is never guessed from the rest of its own word, which would teach spelling alone.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy
from transformers import BertForMaskedLM

from biopipe.train.encoder.blocks import TokenBlocks
from biopipe.train.encoder.objective import Objective

__all__ = [
    "asked_places",
    "choose_masked_words",
    "mask_words",
    "masked_language_objective",
    "masked_logits",
    "perplexity",
]

# What becomes of a masked word, as in BERT: [MASK], a random piece, or it stays.
SHOWN_AS_MASK, SHOWN_AS_RANDOM = 0.8, 0.1
ROWS_AT_ONCE = 64
NOT_ASKED = -1
ASKED_MULTIPLE = 256


def choose_masked_words(
    blocks: NDArray[np.int32], text: TokenBlocks, rng: np.random.Generator, share: float
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which tokens are masked, (rows, length) bool, and the number of each token's word in its row,
    (rows, length) int64. A word is masked with probability `share`, special tokens never.
    """
    ordinary = ~np.isin(blocks, list(text.special))
    words: NDArray[np.int64] = np.cumsum(~(text.continues[blocks] & ordinary), axis=1)
    draws = rng.random((len(blocks), blocks.shape[1] + 1))
    masked = np.take_along_axis(draws, words, axis=1) < share
    return masked & ordinary, words


def mask_words(
    blocks: NDArray[np.int32], text: TokenBlocks, *, seed: int, share: float = 0.15
) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs and targets, (rows, length) int64, with `share` of the words masked.

    A target is -1 where nothing is asked. Of masked words 80 % become [MASK], 10 % random pieces,
    10 % stay. The same `seed` masks the same.
    """
    # A hash, which seeds are here, may be negative, and numpy takes none that is.
    rng = np.random.default_rng(seed % 2**32)
    blocks = np.asarray(blocks)
    masked, words = choose_masked_words(blocks, text, rng, share)
    # One fate a word: all of its pieces are hidden or none.
    fate = np.take_along_axis(rng.random((len(blocks), blocks.shape[1] + 1)), words, axis=1)
    inputs = np.where(masked & (fate < SHOWN_AS_MASK), text.mask, blocks)
    random_pieces = rng.integers(0, len(text.continues), blocks.shape)
    inputs = np.where(masked & (fate >= 1 - SHOWN_AS_RANDOM), random_pieces, inputs)
    targets = np.where(masked, blocks, NOT_ASKED)
    return torch.from_numpy(inputs.astype(np.int64)), torch.from_numpy(targets.astype(np.int64))


def asked_places(targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The places of `targets`, (rows, length) int64, that are asked for, counted through all rows,
    and what is asked there: both (asked,) int64.

    Filled up to a multiple of ASKED_MULTIPLE by places whose target is -1: a product of matrices of
    another shape at every step has the CPU's library keep code and memory for each of them (1 GB
    more after 120 steps, 0.1 GB so).
    """
    flat = targets.flatten()
    places = (flat != NOT_ASKED).nonzero()[:, 0]
    missing = -len(places) % ASKED_MULTIPLE
    asked = torch.nn.functional.pad(flat[places], (0, missing), value=NOT_ASKED)
    return torch.nn.functional.pad(places, (0, missing)), asked


def masked_logits(
    model: BertForMaskedLM, inputs: torch.Tensor, places: torch.Tensor
) -> torch.Tensor:
    """Logits (asked, pieces) float32 at `places`, (asked,) int64, of inputs (rows, length) int64.

    The head costs as much as all layers, so it reads those places alone.
    """
    states = model.bert(input_ids=inputs).last_hidden_state.flatten(0, 1)
    logits: torch.Tensor = model.cls(states[places]).float()
    return logits


def masked_language_objective(
    model: BertForMaskedLM, text: TokenBlocks, *, share: float = 0.15
) -> Objective:
    """Train `model` to name masked words; the score is its perplexity on the held-out blocks."""

    def loss(rows: NDArray[np.int32], seed: int) -> torch.Tensor:
        inputs, targets = mask_words(rows, text, seed=seed, share=share)
        places, asked = asked_places(targets)
        return cross_entropy(masked_logits(model, inputs, places), asked, ignore_index=NOT_ASKED)

    def save(folder: Path) -> None:
        model.save_pretrained(folder)

    def scores() -> dict[str, float]:
        return perplexity(model, text, share=share)

    return Objective(model, loss, scores, save, encoder=model.bert)


def perplexity(model: BertForMaskedLM, text: TokenBlocks, *, share: float) -> dict[str, float]:
    """Perplexity on the held-out blocks: `piece`, of a masked piece; `word`, of all masked pieces
    of a word together, which is the one to compare between vocabularies.
    """
    model.train(False)
    total, pieces, words = 0.0, 0, 0
    with torch.inference_mode():
        for start in range(0, len(text.held_out), ROWS_AT_ONCE):
            rows = text.held_out[start : start + ROWS_AT_ONCE]
            # The same words at every measure: two measures differ by the model alone.
            inputs, targets = mask_words(rows, text, seed=start, share=share)
            places, asked = asked_places(targets)
            logits = masked_logits(model, inputs, places)
            total += float(cross_entropy(logits, asked, ignore_index=NOT_ASKED, reduction="sum"))
            masked = asked[asked != NOT_ASKED].numpy()
            pieces += len(masked)
            # A word counts by its first piece.
            words += int((~text.continues[masked]).sum())
    model.train()
    return {"piece": float(np.exp(total / pieces)), "word": float(np.exp(total / max(1, words)))}
