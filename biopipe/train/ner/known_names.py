"""A tagger that is told which words are names of knowledge bases: its further input, and how names
are hidden and made up in training.

After gazetteer features of taggers (among others Song et al. 2020, "Improving neural named entity
recognition with gazetteers"): a name that is always announced teaches the network to look at
nothing else, so a share of the names of every document stays hidden, and some words are announced
that name nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoConfig, PreTrainedModel

from biopipe.errors import ConfigError
from biopipe.kb.base import KnowledgeBase
from biopipe.kinds.registry import concept_types_of
from biopipe.ner.name_features import (
    FEATURES_PER_LABEL,
    KnownName,
    announce,
    token_ranges,
)
from biopipe.runtime.tokenizer import Tokens

__all__ = [
    "NameNoise",
    "TokenName",
    "add_names_input",
    "features_with_noise",
    "labels_to_tell",
    "names_labels",
    "run_tagger",
    "token_names",
]

_CONFIG_FIELD = "names_labels"
# Words and likelihoods of names that are made up, drawn evenly: from a rare meaning to a sure one.
_LENGTHS = (1, 2, 3, 4)
_LIKELIHOODS = (0.2, 0.5, 0.65, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class NameNoise:
    """`hidden`: share of a document's names that is not announced, whole names at a time; `none`:
    share of the documents of which nothing is; `false`: names made up for a hundred words.
    """

    hidden: float = 0.33
    none: float = 0.05
    false: float = 0.5


@dataclass(frozen=True, slots=True)
class TokenName:
    """Tokens `[first, end)` of an example are a name of label number `label`; `form` is the same
    for equal names of a document.
    """

    first: int
    end: int
    label: int
    likelihood: float
    form: str


def token_names(text: str, names: Sequence[KnownName], tokens: Tokens) -> list[TokenName]:
    """The names of a text by its tokens."""
    return [
        TokenName(first, end, name.label, name.likelihood, text[name.start : name.end].casefold())
        for name, (first, end) in zip(names, token_ranges(names, tokens), strict=True)
        if first < end
    ]


def features_with_noise(
    names: Sequence[TokenName], count: int, labels: int, noise: NameNoise, random: Random
) -> NDArray[np.float32]:
    """Features (count, FEATURES_PER_LABEL * labels) float32 of an example of `count` tokens."""
    rows = np.zeros((count, FEATURES_PER_LABEL * labels), dtype=np.float32)
    if random.random() < noise.none:
        return rows
    # Whole names: where one place were announced and another not, the network could copy.
    hidden = {
        form for form in sorted({name.form for name in names}) if random.random() < noise.hidden
    }
    announced = [name for name in names if name.form not in hidden]
    # The random part rounds up or down so that the mean is kept in short examples too.
    for _ in range(int(count * noise.false / 100 + random.random())):
        first = random.randrange(count)
        length = random.choice(_LENGTHS)
        label, likelihood = random.randrange(labels), random.choice(_LIKELIHOODS)
        announced.append(TokenName(first, min(first + length, count), label, likelihood, ""))
    for name in announced:
        announce(rows, name.first, name.end, name.label, name.likelihood)
    return rows


def names_labels(model: PreTrainedModel) -> tuple[str, ...]:
    """The labels of the names that a tagger is told; () where it is told none."""
    return tuple(getattr(model.config, _CONFIG_FIELD, ()))


def labels_to_tell(
    source: str, labels: Sequence[str], bases: Sequence[KnowledgeBase]
) -> tuple[str, ...]:
    """The labels whose names a tagger of `labels` is told that goes on from the checkpoint `source`:
    those that this one is told, be they labels of the new tagger or not, and those of the new one
    that a base has concepts for.

    ConfigError where there are none, for then every name would stay untold without a word.
    """
    told = tuple(getattr(AutoConfig.from_pretrained(source), _CONFIG_FIELD, ()))
    types = {type_ for base in bases for type_ in base.types}
    own = [label for label in labels if not types.isdisjoint(concept_types_of(label))]
    if not (told or own):
        raise ConfigError(
            f"No knowledge base given has concepts for the labels {', '.join(labels)}; leave kb "
            "out, or start from a tagger that is told names."
        )
    return tuple(dict.fromkeys([*told, *own]))


def add_names_input(model: PreTrainedModel, labels: Sequence[str], source: str) -> None:
    """Give a tagger the layer that adds features of names to its word embeddings. What the
    checkpoint `source` has for a label goes on; for others it adds nothing yet.
    """
    table = cast(torch.nn.Embedding, model.get_input_embeddings()).weight
    layer = torch.nn.Linear(FEATURES_PER_LABEL * len(labels), table.shape[1], bias=False)
    earlier, stored = names_labels(model), _stored_layer(source)
    with torch.no_grad():
        # With zeros the tagger begins as what it was without names.
        layer.weight.zero_()
        for place, label in enumerate(labels if stored is not None else ()):
            if stored is not None and label in earlier:
                layer.weight[:, _columns(place)] = stored[:, _columns(earlier.index(label))]
    model.names_layer = layer
    setattr(model.config, _CONFIG_FIELD, list(labels))


def _columns(place: int) -> slice:
    return slice(FEATURES_PER_LABEL * place, FEATURES_PER_LABEL * (place + 1))


def _stored_layer(source: str) -> torch.Tensor | None:
    from safetensors import safe_open

    path = Path(source) / "model.safetensors"
    if not path.is_file():
        return None
    with safe_open(str(path), framework="pt") as file:
        key = "names_layer.weight"
        return cast(torch.Tensor, file.get_tensor(key)) if key in set(file.keys()) else None


def run_tagger(
    model: PreTrainedModel,
    ids: torch.Tensor,
    mask: torch.Tensor,
    names: torch.Tensor | None = None,
    **options: Any,
) -> Any:
    """The model's answer for `ids` and `mask`, (windows, tokens) int64 each, told `names`, (windows,
    tokens, FEATURES_PER_LABEL * labels) float32, where it has the layer for them.
    """
    if names is None or not names_labels(model):
        return model(input_ids=ids, attention_mask=mask, **options)
    words = model.get_input_embeddings()(ids)
    layer = cast(torch.nn.Linear, model.names_layer)
    return model(inputs_embeds=words + layer(names), attention_mask=mask, **options)
