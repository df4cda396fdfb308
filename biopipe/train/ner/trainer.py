"""Fine-tune a BERT-family token classifier on corpora that each annotate some of the labels.

The loss of a token is the negative log of the summed probability of all tags it may have (see
`biopipe.train.ner.examples`), so one model learns from all corpora without any of them teaching
that the others' entities are outside.

Texts of a corpus with a guideline of its own begin with another token than [CLS], so that the model
learns what such annotators would mark without unlearning what the others did (after AIONER, Luo et
al. 2023); which token is in the checkpoint's config.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import cast

import torch
from tokenizers import Tokenizer as FastTokenizer
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    PretrainedConfig,
    PreTrainedModel,
)

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.ner.labels import bio_tags
from biopipe.ner.name_features import NameFeatures
from biopipe.ner.tagger import Tagger
from biopipe.runtime.tokenizer import Tokenizer
from biopipe.train.common.base import longest_input, save_tokenizer
from biopipe.train.common.checkpoint_folder import reading_checkpoint
from biopipe.train.common.corpora import (
    Corpus,
    TrainingRecipe,
    read_share,
    training_documents,
    write_training_data,
)
from biopipe.train.common.dropout import share_dropout_over_tokens
from biopipe.train.common.history import add_to_history
from biopipe.train.common.loop import fit
from biopipe.train.common.schedule import Schedule
from biopipe.train.common.tuning import Tuning, prepare, rates, twice
from biopipe.train.ner.dev_f1 import dev_f1
from biopipe.train.ner.examples import (
    WINDOW_TOKENS,
    TaggerExample,
    collate_names,
    collate_tagged,
    collate_taught,
    tagger_batches,
    tagger_examples,
)
from biopipe.train.ner.known_names import NameNoise, add_names_input
from biopipe.train.ner.partial_loss import partial_loss
from biopipe.train.ner.teachers import check_teachers

__all__ = ["train_ner"]


def train_ner(
    recipe: TrainingRecipe,
    base: str,
    output: Path,
    *,
    schedule: Schedule,
    tuning: Tuning | None = None,
    batch_tokens: int = 4096,
    window: int = WINDOW_TOKENS,
    names: NameFeatures | None = None,
    noise: NameNoise | None = None,
    teachers: Sequence[Tagger] = (),
    log: Callable[[str], None],
) -> Path:
    """Train `base` (a local folder or hub id) on `recipe`; gives `output`, a checkpoint's folder.

    Windows have at most `window` tokens. With `names` the tagger is told which words are names of
    their knowledge bases, in training with the `noise` of `NameNoise`; the checkpoint's config has
    the labels as `names_labels`. `teachers` answer for the corpora that are `taught`, whose own
    labels, if any, count too. After each epoch the strict F1 on dev is kept in `history.json`.

    ConfigError where a corpus has classes, or the base no token for a guideline; see also `fit`.
    """
    _check(recipe, teachers)
    tuning = tuning or Tuning()
    data = _read_data(recipe, base, output, names, teachers, window, schedule.seed, log)
    model = _load(base, recipe.labels, data.prefixes, names, bf16=schedule.bf16)
    prepare(model, tuning)
    batches = partial(tagger_batches, data.pools, recipe.corpora, batch_tokens=batch_tokens)
    fit(
        model,
        lambda epoch: batches(epoch=epoch, seed=schedule.seed),
        _batch_loss(model, data, tuning.consistency, noise or NameNoise()),
        schedule=schedule,
        checkpoint=output / "checkpoint",
        log=log,
        rates=rates(model, tuning),
        on_epoch=lambda epoch: _measure(model, data, recipe, output, epoch + 1, log),
    )
    return output


def _check(recipe: TrainingRecipe, teachers: Sequence[Tagger]) -> None:
    if of_classes := [corpus.path for corpus in recipe.corpora if corpus.classes]:
        raise ConfigError(
            f"A tagger has fixed labels and cannot learn the classes of {of_classes[0]}; train a "
            "GLiNER on it."
        )
    taught = [corpus for corpus in recipe.corpora if corpus.taught]
    if bool(taught) != bool(teachers):
        raise ConfigError(
            "Teachers and corpora that are 'taught' in the recipe go together; give both or "
            "neither."
        )
    for corpus in taught:
        if corpus.taught < 0:
            raise ConfigError(
                f"The corpus {corpus.path} is taught {corpus.taught} times; give 0 or more."
            )
        if corpus.guideline:
            raise ConfigError(
                f"The corpus {corpus.path} is taught and has the guideline '{corpus.guideline}'; "
                "teachers know the usual one."
            )
    check_teachers(teachers, recipe.labels)


def _batch_loss(
    model: PreTrainedModel, data: "_Data", consistency: float, noise: NameNoise
) -> Callable[[list[int]], torch.Tensor]:
    """The loss of a batch by the numbers of its examples, counted through all pools."""
    examples = [example for pool in data.pools for example in pool]

    def loss(batch: list[int]) -> torch.Tensor:
        batch_examples = [examples[i] for i in batch]
        collated = collate_tagged(batch_examples, data.tokenizer)
        announced = None
        if data.names is not None:
            # From PyTorch's numbers, whose state a checkpoint keeps: a resumed run hides the same.
            random = Random(int(torch.randint(1 << 31, ())))
            labels = len(data.names.labels)
            announced = collate_names(batch_examples, data.tokenizer, labels, noise, random)
        taught = collate_taught(batch_examples, data.tokenizer)
        return twice(lambda: partial_loss(model, *collated, announced, taught), consistency)

    return loss


def _measure(
    model: PreTrainedModel,
    data: "_Data",
    recipe: TrainingRecipe,
    output: Path,
    epoch: int,
    log: Callable[[str], None],
) -> None:
    """Write the checkpoint after an epoch, and its dev F1 to the history."""
    scores = data.dev_scores(model, recipe.labels)
    log(f"epoch {epoch}: dev F1 " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
    model.save_pretrained(output)
    add_to_history(output, {"epoch": epoch, "dev_f1": scores})


@dataclass(frozen=True, slots=True)
class _Data:
    """`pools` are the examples of each training corpus, `prefixes` the first tokens of a text by
    guideline, `names` what finds the names that the tagger is told.
    """

    tokenizer: Tokenizer
    prefixes: Mapping[str, tuple[int, ...]]
    pools: Sequence[Sequence[TaggerExample]]
    dev: Sequence[tuple[Corpus, Sequence[Document]]]
    names: NameFeatures | None = None
    window: int = WINDOW_TOKENS

    def dev_scores(self, model: PreTrainedModel, labels: tuple[str, ...]) -> dict[str, float]:
        """The F1 of each dev corpus, by the name of its folder."""
        return {
            corpus.path.parent.name: dev_f1(
                model,
                documents,
                corpus,
                labels,
                self.tokenizer,
                self.prefixes[corpus.guideline],
                self.names,
                self.window,
            )
            for corpus, documents in self.dev
        }


def _read_data(
    recipe: TrainingRecipe,
    base: str,
    output: Path,
    names: NameFeatures | None,
    teachers: Sequence[Tagger],
    window: int,
    seed: int,
    log: Callable[[str], None],
) -> _Data:
    output.mkdir(parents=True, exist_ok=True)
    tokenizer, window = _with_window(base, output, window, log)
    dev = [(corpus, read_share(corpus, log)) for corpus in recipe.dev]
    held_out = [document for _, documents in dev for document in documents]
    # A base that was trained with guidelines keeps their tokens.
    earlier = getattr(AutoConfig.from_pretrained(base), "guidelines", {})
    prefixes = guideline_prefixes(recipe.guidelines, tokenizer, output / "tokenizer.json", earlier)
    pools = []
    training = training_documents(recipe, held_out, seed=seed, log=log)
    for corpus, documents in zip(recipe.corpora, training, strict=True):
        prefix = prefixes[corpus.guideline]
        pools.append(
            tagger_examples(
                documents, corpus, recipe.labels, tokenizer, prefix, names, window, teachers
            )
        )
        tokens = sum(len(example.ids) for example in pools[-1])
        log(f"{corpus.path.parent.name}: {len(documents)} documents, {tokens} tokens")
    write_training_data(output, {corpus.path: corpus.licence for corpus in recipe.corpora})
    return _Data(tokenizer, prefixes, pools, dev, names, window)


def _with_window(
    base: str, output: Path, window: int, log: Callable[[str], None]
) -> tuple[Tokenizer, int]:
    """The tokenizer, which says in `output` how long a window the tagger is to be read in, and that
    length, of what the base can read at most.
    """
    tokenizer = Tokenizer(save_tokenizer(base, output))
    special = len(tokenizer.prefix) + len(tokenizer.suffix)
    most = longest_input(base, AutoConfig.from_pretrained(base)) - special
    if most < window:
        log(f"windows of {most} tokens, the most that the base reads, in place of {window}")
        window = most
    save_tokenizer(base, output, longest=window + special)
    return tokenizer, window


def guideline_prefixes(
    guidelines: Sequence[str], tokenizer: Tokenizer, path: Path, earlier: Mapping[str, int]
) -> dict[str, tuple[int, ...]]:
    """The tokens that texts of each guideline begin with, "" the usual ones; of BERT's vocabulary
    its unused ones.

    A guideline that the base has, by `earlier`, keeps its token, and no other gets it. ConfigError
    where no token is left.
    """
    vocabulary = FastTokenizer.from_file(str(path))
    numbered = (vocabulary.token_to_id(f"[unused{number}]") for number in count(1))
    free = (token for token in numbered if token not in earlier.values())
    prefixes = {"": tokenizer.prefix}
    for name in guidelines:
        token = earlier[name] if name in earlier else next(free)
        if token is None or not tokenizer.prefix:
            raise ConfigError(
                f"The vocabulary of the base has no unused token for the guideline '{name}'; leave "
                "guidelines out of the recipe."
            )
        prefixes[name] = (token, *tokenizer.prefix[1:])
    return prefixes


def _load(
    base: str,
    labels: Sequence[str],
    prefixes: Mapping[str, tuple[int, ...]],
    names: NameFeatures | None,
    *,
    bf16: bool,
) -> PreTrainedModel:
    tags = bio_tags(labels)
    earlier = AutoConfig.from_pretrained(base)
    model: PreTrainedModel
    # Dropout of attention weights keeps PyTorch off its fused CPU attention: three times the time
    # in fp32 for no gain seen. In bf16 the backward pass of the fused one is the slower by far.
    with reading_checkpoint(base):
        model, loading = AutoModelForTokenClassification.from_pretrained(
            base,
            num_labels=len(tags),
            id2label=dict(enumerate(tags)),
            label2id={tag: i for i, tag in enumerate(tags)},
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager" if bf16 else None,
            ignore_mismatched_sizes=True,  # a base of other labels: their layer starts anew, below
            output_loading_info=True,
        )
    _check_sizes(base, loading["mismatched_keys"])
    if _has_other_tags(earlier, tags):
        _start_anew(model, cast(torch.nn.Module, model.classifier))
    share_dropout_over_tokens(model)
    model.config.guidelines = {name: prefix[0] for name, prefix in prefixes.items() if name}
    table = cast(torch.nn.Embedding, model.get_input_embeddings()).weight
    with torch.no_grad():  # a guideline starts as the usual one
        for name in model.config.guidelines.keys() - getattr(earlier, "guidelines", {}).keys():
            table[prefixes[name][0]] = table[prefixes[""][0]]
    if names is not None:
        add_names_input(model, names.labels, base)
    return model


def _check_sizes(base: str, mismatched: Iterable[Sequence[object]]) -> None:
    """ConfigError where other weights than those of the labels are not of the configured size, for
    they would start anew.
    """
    names = sorted(str(key[0]) for key in mismatched)
    if others := [name for name in names if not name.startswith("classifier.")]:
        raise ConfigError(
            f"The weights {others[0]} of {base} are not of the size that its config.json gives; get "
            "the checkpoint again."
        )


def _has_other_tags(config: PretrainedConfig, tags: Sequence[str]) -> bool:
    """Whether the base is a tagger of other labels; an encoder has the names of classes that
    transformers gives it.
    """
    earlier = [str(tag) for tag in (config.id2label or {}).values()]
    return earlier != list(tags) and any(tag.startswith("B-") for tag in earlier)


def _start_anew(model: PreTrainedModel, layer: torch.nn.Module) -> None:
    for parameter in layer.parameters():
        parameter.__dict__.pop("_is_hf_initialized", None)  # loaded weights are marked to stay
    model._init_weights(layer)  # type: ignore[no-untyped-call]
