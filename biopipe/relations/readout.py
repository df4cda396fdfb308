"""A scheme of a relation model: what its outputs mean, and from which score on a pair counts as a
relation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.relations.pairs import Allowed
from biopipe.runtime.manifest import Manifest

__all__ = ["MAIN", "Readout", "readout", "scheme_names", "scheme_of_gold"]

MAIN = "main"

Unlisted = frozenset[frozenset[str]]
"""Pairs of entity labels, in either order."""


@dataclass(frozen=True, slots=True)
class Readout:
    """Labels and allowed pairs of one scheme, the number of its first output, thresholds and
    calibration.

    `thresholds` are of the calibrated score, by label, or where they are `typed` of that of the
    relation with its label; `novelty` says whether the next output is
    novelty, `subject` whether the one behind is which end acts. `precise` are thresholds for
    precision, empty where the model has none. `stated_by` are the words, one of which a text needs
    for a label, by label; labels that need none are not in it. `unlisted` are, by label, the pairs
    of entity labels that do not have it where they only stand side by side: two drugs that a text
    lists are no opponents.
    """

    name: str
    labels: tuple[str, ...]
    allowed: Allowed
    output: int
    novelty: bool
    thresholds: Mapping[str, float]
    typed: bool = False
    calibration: Mapping[str, Any] = field(default_factory=dict)
    subject: bool = False
    precise: Mapping[str, float] = field(default_factory=dict)
    stated_by: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unlisted: Mapping[str, Unlisted] = field(default_factory=dict)


def scheme_names(manifest: Manifest) -> tuple[str, ...]:
    """The schemes of a model, the main one first."""
    return (MAIN, *manifest.settings.get("schemes", {}))


def readout(manifest: Manifest, scheme: str | None = None) -> Readout:
    """The scheme of that name, by default the model's main one; ConfigError lists the schemes it
    has.
    """
    settings = manifest.settings
    others = settings.get("schemes", {})
    main = {**settings, "labels": manifest.labels, "calibration": manifest.calibration}
    every: dict[str, Mapping[str, Any]] = {MAIN: main, **others}
    if (name := scheme or MAIN) not in every:
        raise ConfigError(
            f"The model {manifest.name} has no relation scheme '{scheme}'; its schemes are: "
            f"{', '.join(every)}."
        )
    before = list(every)[: list(every).index(name)]
    about = every[name]
    pairs = {tuple(pair) for pair in about["pairs"]}
    kinds = [(str(head), str(tail)) for head, tail in settings.get("kinds", settings["pairs"])]
    own = about.get("thresholds", {})
    return Readout(
        name=name,
        labels=tuple(about["labels"]),
        allowed=[kind if kind in pairs or kind[::-1] in pairs else None for kind in kinds],
        output=sum(_output_count(every[scheme_name]) for scheme_name in before),
        novelty=bool(about.get("novelty")),
        thresholds={label: float(own.get(label, about["threshold"])) for label in about["labels"]},
        typed=bool(about.get("typed_thresholds")),
        calibration=about["calibration"],
        subject=bool(about.get("subject")),
        precise={label: float(t) for label, t in about.get("precise", {}).get("", {}).items()},
        stated_by={label: tuple(words) for label, words in about.get("stated_by", {}).items()},
        unlisted={
            label: frozenset(map(frozenset, pairs))
            for label, pairs in about.get("unlisted", {}).items()
        },
    )


def scheme_of_gold(manifest: Manifest, gold: Sequence[Document]) -> str:
    """The scheme of a relation model that has all relation labels of the gold; the main one where
    none has.
    """
    wanted = {relation.label for document in gold for relation in document.relations}
    named = (
        n for n in scheme_names(manifest) if wanted and wanted <= set(readout(manifest, n).labels)
    )
    return next(named, MAIN)


def _output_count(scheme: Mapping[str, Any]) -> int:
    return 1 + bool(scheme.get("novelty")) + bool(scheme.get("subject"))
