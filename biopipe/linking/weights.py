"""The weights that turn a linker's features into probabilities: one number a feature, by label.

They ship as a model directory of the task "linker-weights" (`biopipe-linker-weights`), whose card
says what they were fitted on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from biopipe.errors import ConfigError, reason
from biopipe.linking.name_comparison import COMPARISON_FEATURES

__all__ = [
    "CANDIDATE_FEATURES",
    "NIL_FEATURES",
    "WEIGHTS_FILE",
    "WEIGHTS_MODEL",
    "WEIGHTS_TASK",
    "LinkerWeights",
    "WeightsByLabel",
    "parse_weights",
    "read_weights",
    "shipped_weights",
]

WEIGHTS_MODEL, WEIGHTS_TASK = "biopipe-linker-weights", "linker-weights"
WEIGHTS_FILE = "weights.json"

CANDIDATE_FEATURES = (
    "exact",
    "has exact",
    "exact through another form",
    "exact by a made name",
    "dense",
    "dense over 0.7",
    "dense over 0.85",
    "dense lead",
    "dense first",
    "n-gram",
    "n-gram over 0.6",
    "n-gram over 0.85",
    "n-gram lead",
    "n-gram first",
    "both first",
    "dense, short",
    "n-gram, short",
    "has exact, gene",
    "preferred type",
    "names",
    "names, has exact",
    "prior",
    "has prior",
    *COMPARISON_FEATURES,
)
NIL_FEATURES = ("always", "short", "gene", "species", "best dense", "best n-gram", "no exact")


@dataclass(frozen=True, slots=True)
class LinkerWeights:
    """Weights of candidates' features and of those of NIL by name, 0 where a name is missing.

    `temperature` divides all logits (Guo et al. 2017). `about` says what they were fitted on.
    """

    candidate: Mapping[str, float]
    nil: Mapping[str, float]
    temperature: float = 1.0
    about: Mapping[str, Any] = field(default_factory=dict)


# By mention label; "" is for labels without weights of their own.
WeightsByLabel = Mapping[str, LinkerWeights]


def read_weights(path: Path) -> WeightsByLabel:
    """Weights from a JSON file of `biopipe train linker`; ConfigError says what is wrong with
    it.
    """
    try:
        return parse_weights(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"Cannot read the linker's weights {path} ({reason(error)}); fit them again."
        ) from error


def parse_weights(raw: Mapping[str, Any]) -> WeightsByLabel:
    """Weights from JSON data, `{label: {"candidate", "nil", "temperature"}}`; ValueError where a
    feature is unknown.
    """
    features = {*CANDIDATE_FEATURES, *NIL_FEATURES}
    weights = {}
    for label, values in raw.items():
        weights[label] = LinkerWeights(
            values["candidate"],
            values["nil"],
            float(values["temperature"]),
            values.get("about", {}),
        )
        if unknown := sorted({*values["candidate"], *values["nil"]} - features):
            raise ValueError(f"unknown feature '{unknown[0]}'")
    return weights


def shipped_weights(*, dense: bool) -> WeightsByLabel:
    """The weights that came with biopipe: for names and vectors (of the default bi-encoder), or for
    names alone.
    """
    # Commands name models, and start without ONNX Runtime.
    from biopipe.runtime.opened import open_model

    path, _ = open_model(WEIGHTS_MODEL, task=WEIGHTS_TASK)
    raw = json.loads((path / WEIGHTS_FILE).read_text(encoding="utf-8"))
    return parse_weights(raw["names and vectors" if dense else "names"])
