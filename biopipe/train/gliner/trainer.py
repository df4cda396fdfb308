"""Train a small GLiNER on corpora that each annotate some of the labels, under natural names."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.extras import require
from biopipe.ner.gliner_inputs import Layout
from biopipe.runtime.batching import token_batches
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.batches import epoch_seed, noisy_length
from biopipe.train.common.corpora import (
    Corpus,
    TrainingRecipe,
    read_share,
    training_documents,
    write_training_data,
)
from biopipe.train.common.dropout import share_dropout_over_tokens
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.gliner.examples import GlinerExample, collate_examples, gliner_examples
from biopipe.train.gliner.span_scores import SpanScores, layout_of_config
from biopipe.train.gliner.vocabulary import keep_most_used

__all__ = ["LABELS", "load_names", "train_gliner"]

# Beside a checkpoint of ours: the labels, and the words that the model reads for each.
LABELS = "gliner_labels.json"
HEAD = {"hidden_size": 192, "max_width": 12, "max_len": 256, "num_rnn_layers": 0, "dropout": 0.1}


def load_names(path: Path, labels: Sequence[str]) -> dict[str, list[str]]:
    """`names` of a recipe JSON: natural names of each label, the usual one first.

    ConfigError for a label without names.
    """
    raw = json.loads(path.read_text(encoding="utf-8")).get("names", {})
    if missing := [label for label in labels if not raw.get(label)]:
        raise ConfigError(
            f"The recipe {path} has no 'names' for the label '{missing[0]}'; give it some."
        )
    return {label: [str(name) for name in raw[label]] for label in labels}


def train_gliner(
    recipe: TrainingRecipe,
    names: Mapping[str, Sequence[str]],
    base: str,
    output: Path,
    *,
    schedule: Schedule,
    batch_tokens: int = 2048,
    pieces: int | None = None,
    log: Callable[[str], None],
) -> Path:
    """Train on `recipe` from the encoder `base` and write a checkpoint of the gliner package to
    `output`.

    A corpus is only asked for the labels it annotates, so that nothing it leaves out is taught to
    be absent. With `pieces` the encoder keeps that many of its WordPieces, those that the corpora
    use most. A `base` that is itself a checkpoint of the gliner package is trained further.
    """
    _check(recipe, base, pieces)
    pools = _documents(recipe, seed=schedule.seed, log=log)
    encoder = _with_fewer_pieces(base, pools, names, output / "base", pieces=pieces)
    gliner = _new_model(encoder)
    save = _saver(gliner, output, names, recipe)
    save()  # the tokenizer is read from there
    tokenizer, layout = Tokenizer(output / "tokenizer.json"), layout_of_config(gliner.config)
    examples = _examples(pools, recipe.corpora, tokenizer, log)
    scores = SpanScores(gliner.model)
    batches = partial(_epoch, examples, recipe.corpora, batch_tokens=batch_tokens)
    fit(
        scores,
        lambda epoch: batches(seed=epoch_seed(schedule.seed, epoch)),
        _batch_loss(scores, names, tokenizer, layout),
        schedule=schedule,
        checkpoint=output / "checkpoint",
        log=log,
        encoder=gliner.model.token_rep_layer.bert_layer,
        on_epoch=lambda _: save(),
    )
    return output


def _check(recipe: TrainingRecipe, base: str, pieces: int | None) -> None:
    if taught := [corpus.path for corpus in recipe.corpora if corpus.taught]:
        raise ConfigError(
            f"The corpus {taught[0]} is 'taught', and a GLiNER has no teachers; leave it out."
        )
    if pieces is not None and _is_gliner(base):
        raise ConfigError(
            f"The GLiNER {base} keeps the pieces it has; leave --pieces {pieces} out."
        )


def _batch_loss(
    scores: SpanScores, names: Mapping[str, Sequence[str]], tokenizer: Tokenizer, layout: Layout
) -> Callable[[tuple[int, list[GlinerExample]]], torch.Tensor]:
    """The loss of windows that are asked for `names` drawn with the batch's seed."""

    def loss(batch: tuple[int, list[GlinerExample]]) -> torch.Tensor:
        seed, windows = batch
        rng = random.Random(seed)
        return _span_loss(scores, *collate_examples(windows, names, tokenizer, layout, rng))

    return loss


def _span_loss(
    scores: SpanScores,
    inputs: Mapping[str, torch.Tensor],
    targets: torch.Tensor,
    weights: torch.Tensor,
) -> torch.Tensor:
    """Binary cross-entropy of all spans and labels, a word of the texts."""
    logits = scores(**inputs)
    total = binary_cross_entropy_with_logits(logits, targets, weights, reduction="sum")
    return total / inputs["text_lengths"].sum()


def _with_fewer_pieces(
    base: str,
    pools: Sequence[Sequence[Document]],
    names: Mapping[str, Sequence[str]],
    folder: Path,
    *,
    pieces: int | None,
) -> str:
    """The folder with `base` cut to the pieces that texts and names use most, made where it is not
    there; `base` itself where `pieces` is None.
    """
    if pieces is None:
        return base
    if not (folder / "config.json").is_file():
        texts = [document.text for pool in pools for document in pool]
        texts += [name for label_names in names.values() for name in label_names]
        keep_most_used(base, texts, folder, pieces=pieces)
    return str(folder)


def _documents(
    recipe: TrainingRecipe, *, seed: int, log: Callable[[str], None]
) -> list[list[Document]]:
    """By corpus the documents to train on, which are in no dev corpus."""
    held_out = [document for corpus in recipe.dev for document in read_share(corpus, log)]
    return training_documents(recipe, held_out, seed=seed, log=log)


def _examples(
    pools: Sequence[Sequence[Document]],
    corpora: Sequence[Corpus],
    tokenizer: Tokenizer,
    log: Callable[[str], None],
) -> list[list[GlinerExample]]:
    examples = []
    for pool, corpus in zip(pools, corpora, strict=True):
        windows = gliner_examples(pool, corpus, tokenizer)
        pieces = sum(len(window.words.ids) for window in windows)
        log(f"{corpus.path.parent.name}: {len(windows)} windows, {pieces} pieces")
        examples.append(windows)
    return examples


def _new_model(base: str) -> Any:
    """The GLiNER in the folder `base`, or a new one of the gliner package around the encoder
    `base`.
    """
    require("gliner", "gliner")
    if _is_gliner(base):
        from gliner import GLiNER

        return _prepared(GLiNER.from_pretrained(base, local_files_only=True))
    from gliner.config import UniEncoderSpanConfig
    from gliner.model import UniEncoderSpanGLiNER

    config = UniEncoderSpanConfig(model_name=base, **HEAD)
    return _prepared(UniEncoderSpanGLiNER.load_from_config(config))


def _is_gliner(base: str) -> bool:
    return (Path(base) / "gliner_config.json").is_file()


def _prepared(model: Any) -> Any:
    """The model, made quicker to train."""
    encoder = model.model.token_rep_layer.bert_layer.model
    # Dropout of attention weights keeps PyTorch off its fused CPU attention.
    for module in encoder.modules():
        if hasattr(module, "query") and hasattr(module, "dropout"):
            module.dropout.p = 0.0
    share_dropout_over_tokens(encoder)
    return model


def _saver(
    gliner: Any, output: Path, names: Mapping[str, Sequence[str]], recipe: TrainingRecipe
) -> Callable[[], None]:
    def save() -> None:
        gliner.save_pretrained(output, safe_serialization=True)
        prompts = json.dumps(
            {label: label_names[0] for label, label_names in names.items()}, indent=2
        )
        (output / LABELS).write_text(prompts + "\n", encoding="utf-8")
        write_training_data(output, {corpus.path: corpus.licence for corpus in recipe.corpora})

    return save


def _epoch(
    pools: Sequence[Sequence[GlinerExample]],
    corpora: Sequence[Corpus],
    *,
    seed: int,
    batch_tokens: int,
) -> list[tuple[int, list[GlinerExample]]]:
    """Batches of one epoch, each with a seed of its own for the names it is asked under."""
    rng = random.Random(seed)
    windows = []
    for pool, corpus in zip(pools, corpora, strict=True):
        for example in pool:
            copies = int(corpus.repeat) + (rng.random() < corpus.repeat % 1)
            if example.spans or rng.random() < corpus.keep_empty:
                windows += [example] * copies
    # Of like length, so that little is padded.
    lengths = [noisy_length(len(example.words.ids), rng) for example in windows]
    batches = [[windows[i] for i in batch] for batch in token_batches(lengths, batch_tokens)]
    rng.shuffle(batches)
    return [(rng.randrange(2**32), batch) for batch in batches]
