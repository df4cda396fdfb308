"""Fine-tune a BERT-family token classifier on corpora that each annotate some of the labels.

A token outside every mention of a corpus that does not annotate genes may well be a gene: its loss
is the negative log of the summed probability of all tags it may have (marginal likelihood over
partial labels), so one model learns from all corpora without any of them teaching that the others'
entities are outside.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer as FastTokenizer
from transformers import AutoModelForTokenClassification, PreTrainedModel

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.ner.decode import decode, word_scores
from biopipe.ner.labels import TagSet, bio_tags
from biopipe.runtime.batching import token_batches
from biopipe.runtime.tokenizer import Tokenizer, Tokens
from biopipe.text.windows import token_windows
from biopipe.train.common.base import save_tokenizer
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
from biopipe.train.common.tuning import Tuning, prepare, rates, twice

__all__ = ["train_ner"]

WINDOW, OVERLAP = 510, 64


@dataclass(frozen=True, slots=True)
class TaggerExample:
    """A window of tokens after `prefix`; bit t of `allowed[i]` says that token i may have tag t."""

    prefix: tuple[int, ...]
    ids: NDArray[np.int64]
    allowed: NDArray[np.int64]


def train_ner(
    recipe: TrainingRecipe,
    base: str,
    output: Path,
    *,
    schedule: Schedule,
    tuning: Tuning | None = None,
    batch_tokens: int = 4096,
    log: Callable[[str], None],
) -> Path:
    """Train on `recipe` from `base` (a local folder or hub id) and write a Hugging Face checkpoint
    to `output`.

    Texts of a corpus with a guideline of its own begin with another token than [CLS], so that the
    model learns what such annotators would mark without unlearning what the others did (after
    AIONER, Luo et al. 2023); which token is in the checkpoint's config. After each epoch the strict
    F1 on the recipe's dev corpora is logged and kept in `output/history.json`.
    """
    if of_classes := [corpus.path for corpus in recipe.corpora if corpus.classes]:
        raise ConfigError(
            f"A tagger has fixed labels and cannot learn the classes of {of_classes[0]}; train a GLiNER on it."
        )
    tuning = tuning or Tuning()
    output.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(save_tokenizer(base, output))
    dev = [(corpus, read_share(corpus, log)) for corpus in recipe.dev]
    held_out = [document for _, documents in dev for document in documents]
    prefixes = guideline_prefixes(recipe.guidelines, tokenizer, output / "tokenizer.json")
    pools = []
    chosen = training_documents(recipe, held_out, seed=schedule.seed, log=log)
    for corpus, documents in zip(recipe.corpora, chosen, strict=True):
        prefix = prefixes[corpus.guideline]
        pools.append(_examples(documents, corpus, recipe.labels, tokenizer, prefix))
        log(
            f"{corpus.path.parent.name}: {len(documents)} documents, {sum(len(e.ids) for e in pools[-1])} tokens"
        )
    write_training_data(output, {corpus.path: corpus.licence for corpus in recipe.corpora})
    examples = [example for pool in pools for example in pool]
    model = _load(base, recipe.labels, prefixes)
    prepare(model, tuning)

    def batches(epoch: int) -> list[list[int]]:
        return _epoch_batches(
            pools, recipe.corpora, epoch=epoch, seed=schedule.seed, batch_tokens=batch_tokens
        )

    def loss(batch: list[int]) -> torch.Tensor:
        collated = _collate([examples[i] for i in batch], tokenizer)
        return twice(lambda: partial_loss(model, *collated), tuning.consistency)

    history: list[dict[str, object]] = []

    def on_epoch(epoch: int) -> None:
        scores = {
            c.path.parent.name: dev_f1(
                model, docs, c, recipe.labels, tokenizer, prefixes[c.guideline]
            )
            for c, docs in dev
        }
        log(f"epoch {epoch + 1}: dev F1 " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        history.append({"epoch": epoch + 1, "dev_f1": scores})
        model.save_pretrained(output)
        (output / "history.json").write_text(json.dumps(history, indent=2))

    fit(
        model,
        batches,
        loss,
        schedule=schedule,
        checkpoint=output / "checkpoint",
        log=log,
        rates=rates(model, tuning),
        on_epoch=on_epoch,
    )
    return output


def guideline_prefixes(
    guidelines: Sequence[str], tokenizer: Tokenizer, path: Path
) -> dict[str, tuple[int, ...]]:
    """The tokens that texts of each guideline begin with, "" the usual ones; of BERT's vocabulary
    its unused ones.
    """
    vocabulary = FastTokenizer.from_file(str(path))
    prefixes = {"": tokenizer.prefix}
    for number, name in enumerate(guidelines, start=1):
        token = vocabulary.token_to_id(f"[unused{number}]")
        if token is None or not tokenizer.prefix:
            raise ConfigError(
                f"The vocabulary of the base has no token [unused{number}] for the guideline '{name}'; leave "
                "guidelines out of the recipe."
            )
        prefixes[name] = (token, *tokenizer.prefix[1:])
    return prefixes


def _load(
    base: str, labels: Sequence[str], prefixes: Mapping[str, tuple[int, ...]]
) -> PreTrainedModel:
    tags = bio_tags(labels)
    # Dropout of attention weights keeps PyTorch off its fused CPU attention: three times the time
    # for no gain seen.
    model: PreTrainedModel = AutoModelForTokenClassification.from_pretrained(
        base,
        num_labels=len(tags),
        id2label=dict(enumerate(tags)),
        label2id={tag: i for i, tag in enumerate(tags)},
        attention_probs_dropout_prob=0.0,
    )
    share_dropout_over_tokens(model)
    known = getattr(model.config, "guidelines", {})
    model.config.guidelines = {name: prefix[0] for name, prefix in prefixes.items() if name}
    table = cast(torch.nn.Embedding, model.get_input_embeddings()).weight
    with torch.no_grad():  # a guideline starts as the usual one
        for name in model.config.guidelines.keys() - known.keys():
            table[prefixes[name][0]] = table[prefixes[""][0]]
    return model


def _examples(
    documents: Sequence[Document],
    corpus: Corpus,
    labels: tuple[str, ...],
    tokenizer: Tokenizer,
    prefix: tuple[int, ...],
) -> list[TaggerExample]:
    examples = []
    for document, tokens in zip(
        documents, tokenizer.encode([d.text for d in documents]), strict=True
    ):
        allowed = allowed_tags(document, tokens, corpus, labels)
        for start, end in token_windows(len(tokens.ids), WINDOW, OVERLAP):
            if end > start:
                examples.append(TaggerExample(prefix, tokens.ids[start:end], allowed[start:end]))
    return examples


def allowed_tags(
    document: Document, tokens: Tokens, corpus: Corpus, labels: tuple[str, ...]
) -> NDArray[np.int64]:
    """Bit sets (tokens,) of the tags each token may have, by what `corpus` annotates."""
    everything = (1 << (1 + 2 * len(labels))) - 1
    outside = 1
    for index, label in enumerate(labels):
        if label not in corpus.labels:
            outside |= 0b11 << (1 + 2 * index)
    allowed = np.full(len(tokens.ids), outside, dtype=np.int64)
    for start, end in _word_spans(document.text, set(corpus.ambiguous)):
        allowed[_inside(tokens, start, end)] = everything
    # Longest last: where mentions overlap, the outermost one is taught.
    for mention in sorted(document.mentions, key=lambda m: m.end - m.start):
        covered = np.flatnonzero(_inside(tokens, mention.start, mention.end))
        if mention.label not in corpus.labels:
            allowed[covered] = everything
        elif len(covered):
            begin = 1 + 2 * labels.index(mention.label)
            allowed[covered] = 1 << (begin + 1)
            allowed[covered[0]] = 1 << begin
    return allowed


def _inside(tokens: Tokens, start: int, end: int) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (tokens.offsets[:, 0] < end) & (tokens.offsets[:, 1] > start)
    return inside


def _word_spans(text: str, words: set[str]) -> list[tuple[int, int]]:
    spans, position = [], 0
    for word in text.split():
        start = text.index(word, position)
        position = start + len(word)
        if word.strip(".,;:()[]'\"").lower() in words:
            spans.append((start, position))
    return spans


def _epoch_batches(
    pools: Sequence[Sequence[TaggerExample]],
    corpora: Sequence[Corpus],
    *,
    epoch: int,
    seed: int,
    batch_tokens: int,
) -> list[list[int]]:
    rng = random.Random(seed * 1009 + epoch)
    chosen: list[int] = []
    lengths: list[int] = []
    offset = 0
    for pool, corpus in zip(pools, corpora, strict=True):
        whole, part = divmod(corpus.repeat, 1)
        for index, example in enumerate(pool):
            keep = corpus.keep_empty if not _teaches_mentions(example) else 1.0
            copies = int(whole) + (rng.random() < part)
            for _ in range(copies):
                if rng.random() < keep:
                    chosen.append(offset + index)
                    # Noise keeps the make-up of batches changing from epoch to epoch.
                    lengths.append(int((len(example.ids) + 2) * rng.uniform(0.9, 1.0)))
        offset += len(pool)
    batches = [[chosen[i] for i in batch] for batch in token_batches(lengths, batch_tokens)]
    rng.shuffle(batches)
    return batches


def _teaches_mentions(example: TaggerExample) -> bool:
    return bool(np.any(example.allowed & 1 == 0))


def partial_loss(
    model: PreTrainedModel, ids: torch.Tensor, mask: torch.Tensor, allowed: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean negative log likelihood of the allowed tag sets, and the tokens' log probabilities
    (tokens, tags).
    """
    counted = allowed > 0
    scores = model(input_ids=ids, attention_mask=mask).logits[counted].float().log_softmax(dim=-1)
    bits = (allowed[counted][:, None] >> torch.arange(scores.shape[-1])) & 1
    possible = torch.logsumexp(scores.masked_fill(bits == 0, -1e9), dim=-1)
    return -possible.mean(), scores


def _collate(
    batch: Sequence[TaggerExample], tokenizer: Tokenizer
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    suffix = tokenizer.suffix
    longest = max(len(e.ids) for e in batch) + len(tokenizer.prefix) + len(suffix)
    ids = torch.full((len(batch), longest), tokenizer.pad_id, dtype=torch.long)
    mask = torch.zeros((len(batch), longest), dtype=torch.long)
    allowed = torch.zeros((len(batch), longest), dtype=torch.long)
    for row, example in enumerate(batch):
        sequence = [*example.prefix, *example.ids.tolist(), *suffix]
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
        first = len(example.prefix)
        allowed[row, first : first + len(example.ids)] = torch.from_numpy(example.allowed)
    return ids, mask, allowed


def dev_f1(
    model: PreTrainedModel,
    documents: Sequence[Document],
    corpus: Corpus,
    labels: tuple[str, ...],
    tokenizer: Tokenizer,
    prefix: tuple[int, ...],
) -> float:
    """Strict micro F1 over the labels that `corpus` annotates; a quick check, windows cut without
    overlap.
    """
    model.train(False)
    hit = predicted = gold = 0
    for document, tokens in zip(
        documents, tokenizer.encode([d.text for d in documents]), strict=True
    ):
        found = {
            m
            for m in _predict(model, tokens, labels, prefix, tokenizer.suffix)
            if m[2] in corpus.labels
        }
        wanted = {(m.start, m.end, m.label) for m in document.mentions if m.label in corpus.labels}
        hit, predicted, gold = hit + len(found & wanted), predicted + len(found), gold + len(wanted)
    return 2 * hit / max(1, predicted + gold)


def _predict(
    model: PreTrainedModel,
    tokens: Tokens,
    labels: tuple[str, ...],
    prefix: tuple[int, ...],
    suffix: tuple[int, ...],
) -> list[tuple[int, int, str]]:
    tags = TagSet.from_tags(bio_tags(labels))
    parts = []
    with torch.inference_mode():
        for start in range(0, len(tokens.ids), WINDOW):
            sequence = [*prefix, *tokens.ids[start : start + WINDOW].tolist(), *suffix]
            logits = model(input_ids=torch.tensor([sequence])).logits[0].float()
            parts.append(logits[len(prefix) : len(sequence) - len(suffix)].log_softmax(-1).numpy())
    if not parts:
        return []
    starts = np.flatnonzero(np.diff(tokens.words, prepend=-1))
    ends = np.append(starts[1:], len(tokens.words)) - 1
    spans = decode(word_scores(np.concatenate(parts), starts, tags))
    return [
        (
            int(tokens.offsets[starts[s.first], 0]),
            int(tokens.offsets[ends[s.last], 1]),
            tags.labels[s.label],
        )
        for s in spans
    ]
