"""Adapt an encoder to a field's texts by masked-language modelling (Devlin et al. 2019; Gururangan
et al. 2020).

Whole words are masked, so that a piece is never guessed from the rest of its own word. With a
vocabulary of the field's own (see `biopipe.train.encoder.vocabulary`) the embeddings of new pieces
start from those of the old ones.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer
from transformers import AutoConfig, AutoModelForMaskedLM, AutoTokenizer, BertForMaskedLM

from biopipe.errors import ConfigError
from biopipe.io import read
from biopipe.train.common.base import save_tokenizer
from biopipe.train.common.dropout import share_dropout_over_tokens
from biopipe.train.common.loop import Schedule, fit
from biopipe.train.encoder.vocabulary import CONTINUES, initial_embeddings

__all__ = ["Text", "mask_words", "mixed_texts", "perplexity", "train_encoder"]

MASKED = 0.15  # of the words
HELD_OUT = 256  # blocks kept for the perplexity
TEXTS_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Text:
    """Blocks of tokens, int32 (blocks, length) with special tokens, and which pieces go on with a
    word, by id.
    """

    blocks: NDArray[np.int32]
    continues: NDArray[np.bool_]
    special: frozenset[int]
    mask: int


def mixed_texts(paths: Sequence[Path]) -> Iterator[str]:
    """The texts of files of any format that biopipe reads, one of each file in turn."""
    streams = [read(path) for path in paths]
    while streams:
        going = []
        for stream in streams:
            document = next(stream, None)
            if document is not None:
                yield document.text
                going.append(stream)
        streams = going


def train_encoder(
    texts: Iterable[str],
    base: str,
    output: Path,
    *,
    schedule: Schedule,
    vocabulary: Path | None = None,
    tokens: int,
    block: int = 128,
    batch_tokens: int = 4096,
    log: Callable[[str], None],
) -> Path:
    """Train `base` on `tokens` tokens of `texts` and write a Hugging Face checkpoint to `output`.

    `vocabulary` is a tokenizer.json to use in place of the base's. The tokens are gone through
    once, in `schedule.epochs` parts; after each, `output/history.json` gets the perplexity of
    held-out text: of a masked piece, and of a masked word, which is the one to compare between
    vocabularies.
    """
    output.mkdir(parents=True, exist_ok=True)
    path = _write_tokenizer(base, vocabulary, output)
    model = _load(base, path)
    text = _blocks(texts, path, output / "blocks.npy", tokens=tokens, block=block, log=log)
    held_out, learned = text.blocks[:HELD_OUT], text.blocks[HELD_OUT:]
    if len(learned) < schedule.epochs:
        raise ConfigError(
            f"The texts fill {len(text.blocks)} blocks of {block} tokens, {HELD_OUT} of which are held out; "
            "give more text."
        )
    rows = max(1, batch_tokens // block)
    order = np.random.default_rng(schedule.seed).permutation(len(learned))

    def batches(part: int) -> list[tuple[int, ...]]:
        chosen = np.array_split(order, schedule.epochs)[part].tolist()
        return [tuple(chosen[i : i + rows]) for i in range(0, len(chosen), rows)]

    def loss(batch: tuple[int, ...]) -> torch.Tensor:
        inputs, targets = mask_words(learned[list(batch)], text, seed=hash((schedule.seed, *batch)))
        return torch.nn.functional.cross_entropy(
            _logits(model, inputs, targets), targets[targets >= 0]
        )

    history: list[dict[str, float]] = []

    def on_part(part: int) -> None:
        about = {
            "tokens": (part + 1) * tokens // schedule.epochs,
            **perplexity(model, held_out, text, rows),
        }
        log(", ".join(f"{name} {value:,.2f}" for name, value in about.items()))
        history.append(about)
        model.save_pretrained(output)
        (output / "history.json").write_text(json.dumps(history, indent=2), encoding="utf-8")

    fit(
        model,
        batches,
        loss,
        schedule=schedule,
        checkpoint=output / "checkpoint",
        log=log,
        encoder=model.bert,
        on_epoch=on_part,
    )
    return output


def _write_tokenizer(base: str, vocabulary: Path | None, output: Path) -> Path:
    path = save_tokenizer(base, output)
    if vocabulary is not None:
        path.write_bytes(vocabulary.read_bytes())
        AutoTokenizer.from_pretrained(output)  # what transformers will read must be whole
    return path


def _load(base: str, tokenizer: Path) -> BertForMaskedLM:
    config = AutoConfig.from_pretrained(base)
    if config.model_type != "bert":
        raise ConfigError(
            f"The base encoder {base} is of type {config.model_type}; train encoder takes BERT's."
        )
    model: BertForMaskedLM = AutoModelForMaskedLM.from_pretrained(
        base, attention_probs_dropout_prob=0.0
    )
    old = (
        FastTokenizer.from_pretrained(base)
        if not Path(base).is_dir()
        else FastTokenizer.from_file(str(Path(base) / "tokenizer.json"))
    )
    new = FastTokenizer.from_file(str(tokenizer))
    if old.get_vocab() != new.get_vocab():
        table = initial_embeddings(old, new, model.bert.embeddings.word_embeddings.weight.detach())
        model.resize_token_embeddings(len(table), mean_resizing=False)
        with torch.no_grad():
            model.bert.embeddings.word_embeddings.weight.copy_(table)
            model.cls.predictions.bias.zero_()
    share_dropout_over_tokens(model)
    return model


def _blocks(
    texts: Iterable[str],
    path: Path,
    kept: Path,
    *,
    tokens: int,
    block: int,
    log: Callable[[str], None],
) -> Text:
    """The first `tokens` tokens of the texts in blocks; `kept` holds them for a run that is
    resumed.
    """
    tokenizer = FastTokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    names = tokenizer.get_vocab()
    start, end = names["[CLS]"], names["[SEP]"]
    if not kept.exists():
        wanted = tokens + HELD_OUT * block
        filled = np.fromiter(islice(_stream(texts, tokenizer, end), wanted), dtype=np.int32)
        inner = block - 2
        body = filled[: len(filled) // inner * inner].reshape(-1, inner)
        edge = np.ones((len(body), 1), dtype=np.int32)
        body = np.random.default_rng(0).permutation(body)
        np.save(kept, np.concatenate([edge * start, body, edge * end], axis=1))
    blocks = np.load(kept, mmap_mode="r")
    log(f"{len(blocks)} blocks of {block} tokens")
    continues = np.zeros(len(names), dtype=bool)
    continues[[row for piece, row in names.items() if piece.startswith(CONTINUES)]] = True
    special = frozenset(names[piece] for piece in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"))
    return Text(blocks, continues, special, names["[MASK]"])


def _stream(texts: Iterable[str], tokenizer: FastTokenizer, end: int) -> Iterator[int]:
    waiting = iter(texts)
    while some := list(islice(waiting, TEXTS_AT_ONCE)):
        for encoding in tokenizer.encode_batch(some, add_special_tokens=False):
            yield from (*encoding.ids, end)


def mask_words(
    blocks: NDArray[np.int32], text: Text, *, seed: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """(inputs, targets), both (rows, length): 15 % of the words masked, targets -1 where nothing is
    asked.

    Of the chosen words 80 % become [MASK], 10 % random pieces, 10 % stay, as in BERT.
    """
    rng = np.random.default_rng(seed % 2**32)
    blocks = np.asarray(blocks)
    ordinary = ~np.isin(blocks, list(text.special))
    words: NDArray[np.int64] = np.cumsum(~(text.continues[blocks] & ordinary), axis=1)
    draws = rng.random((len(blocks), blocks.shape[1] + 1))
    chosen = np.take_along_axis(draws, words, axis=1) < MASKED
    chosen &= ordinary
    fate = np.take_along_axis(rng.random(draws.shape), words, axis=1)
    inputs = np.where(chosen & (fate < 0.8), text.mask, blocks)
    inputs = np.where(
        chosen & (fate >= 0.9), rng.integers(0, len(text.continues), blocks.shape), inputs
    )
    targets = np.where(chosen, blocks, -1)
    return torch.from_numpy(inputs.astype(np.int64)), torch.from_numpy(targets.astype(np.int64))


def _logits(model: BertForMaskedLM, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Logits (asked, pieces) of the positions asked for alone: the head costs as much as all
    layers.
    """
    states = model.bert(input_ids=inputs).last_hidden_state[targets >= 0]
    logits: torch.Tensor = model.cls(states)
    return logits


def perplexity(
    model: BertForMaskedLM, blocks: NDArray[np.int32], text: Text, rows: int
) -> dict[str, float]:
    """Perplexity of masked pieces, and of masked words (all pieces of a word together)."""
    model.train(False)
    total, pieces, words = 0.0, 0, 0
    with torch.inference_mode():
        for start in range(0, len(blocks), rows):
            inputs, targets = mask_words(blocks[start : start + rows], text, seed=start)
            asked = targets[targets >= 0]
            total += float(
                torch.nn.functional.cross_entropy(
                    _logits(model, inputs, targets), asked, reduction="sum"
                )
            )
            pieces += len(asked)
            words += int((~text.continues[asked.numpy()]).sum())
    return {"piece": float(np.exp(total / pieces)), "word": float(np.exp(total / max(1, words)))}
