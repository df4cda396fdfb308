"""What a relation model learns: labels, allowed pairs and corpora of one scheme, and of others
beside it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from biopipe.errors import ConfigError, reason
from biopipe.relations.features import Further, feature_count
from biopipe.relations.pairs import Allowed
from biopipe.relations.triggers import agent_words, default_triggers
from biopipe.train.relations.model import Columns

__all__ = ["Scheme", "Task", "load_scheme", "load_trained_scheme", "save_trained_scheme"]


@dataclass(frozen=True, slots=True)
class AddedCorpus:
    """A corpus beside the gold: the network learns it `weight` times as much a pair, the regressions
    only with `words`, and then what its relations are, as the gold's. It is of the main scheme, or
    of the further one that `scheme` names. Of more than `documents` those are taken whose ids have
    the lowest hashes. Pairs that it does not relate are unrelated, or with `complete` false teach
    nothing; with `subject` false it does not tell which end acts.
    """

    path: str
    weight: float = 0.3
    documents: int | None = None
    complete: bool = True
    subject: bool = True
    words: bool = False
    licence: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Labels, pairs and corpora of one scheme. A further one that is `learned` has outputs of the
    network of its own, for its labels alone; one that is not is fitted to what the network says by
    the main scheme.
    """

    relation_labels: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    train: tuple[str, ...] = ()
    dev: tuple[str, ...] = ()
    novelty: bool = False
    licence: str = ""
    subject: bool = False
    learned: bool = False


@dataclass(frozen=True, slots=True)
class Scheme:
    """Entity labels, relation labels, the pairs of entity labels that may be related, and the
    corpora.

    With `subject` the corpora say which end of a relation acts, and a relation without a subject is
    one in which neither does (`train directions` makes such corpora). The main task learns the
    corpora in `added` too. `also` are further schemes by
    name, fitted to what the model says and chosen by name at run time; `triggers` are words by class
    whose counts help the model (biopipe's English ones by default). `stated_by` are labels too rare
    to be learned, each with words one of which, in any form, has to stand in a sentence with both.
    `unlisted` are, by label, pairs of entity labels that do not have it where a text only lists
    them side by side. With `surroundings` the model is also told which sentences name both concepts,
    what else stands there, between and beside them, and which concepts have a broader or narrower
    name; with `hierarchy` which concepts are broader by the default knowledge base, and with `rates`
    how often the training documents of each scheme relate a concept.
    """

    entity_labels: tuple[str, ...]
    relation_labels: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    train: tuple[str, ...]
    dev: tuple[str, ...]
    novelty: bool = True
    licence: str = ""
    subject: bool = False
    max_length: int = 512
    stride: int = 64
    also: Mapping[str, Task] = field(default_factory=dict)
    triggers: Mapping[str, tuple[str, ...]] = field(default_factory=default_triggers)
    added: tuple[AddedCorpus, ...] = ()
    stated_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unlisted: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    surroundings: bool = False
    hierarchy: bool = False
    rates: bool = False

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All schemes, the main one first."""
        main = Task(
            self.relation_labels,
            self.pairs,
            self.train,
            self.dev,
            self.novelty,
            self.licence,
            self.subject,
        )
        return (main, *self.also.values())

    @property
    def kinds(self) -> tuple[tuple[str, str], ...]:
        """Every pair of entity labels that any scheme relates, those of the main one first."""
        pairs: list[tuple[str, str]] = []
        for task in self.tasks:
            pairs += [pair for pair in task.pairs if pair not in pairs and pair[::-1] not in pairs]
        return tuple(pairs)

    @property
    def further(self) -> Further:
        """What the model is told beside places and trigger words."""
        rates = len(self.tasks) if self.rates else 0
        return Further(self.subject, self.surroundings, self.hierarchy, rates)

    def allowed(self, task: Task) -> Allowed:
        """`kinds` with None for those that `task` does not relate."""
        return [
            kind if kind in task.pairs or kind[::-1] in task.pairs else None for kind in self.kinds
        ]

    def shape(self) -> dict[str, Any]:
        """The sizes of the model that learns this scheme."""
        return {
            "entity_labels": len(self.entity_labels),
            "kinds": len(self.kinds),
            "features": feature_count(self.triggers, self.further),
            "schemes": [
                Columns(len(task.relation_labels), task.novelty, task.subject, task.learned)
                for task in self.tasks
            ],
        }


def load_scheme(path: Path, *, needs_dev: bool = True) -> Scheme:
    """Read a scheme JSON; ConfigError says what is missing, without `needs_dev` not dev corpora."""
    try:
        scheme = _parse(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"Cannot read the relation scheme {path} ({reason(error)}); see docs/training.md."
        ) from error
    if needs_dev and not scheme.dev:
        raise ConfigError(
            f"The scheme {path} names no dev corpus; epoch and threshold are chosen on one."
        )
    labels = set(scheme.entity_labels)
    if unknown := {label for pair in scheme.kinds for label in pair} - labels:
        raise ConfigError(
            f"The pairs of {path} name {sorted(unknown)}, which its entity_labels lack."
        )
    _check_further(path, scheme)
    return scheme


def _check_further(path: Path, scheme: Scheme) -> None:
    for name, task in scheme.also.items():
        if task.learned and (task.novelty or task.subject):
            raise ConfigError(
                f"The scheme '{name}' of {path} is learned, and so has neither novelty nor subjects."
            )
    for name, by_label in (("stated_by", scheme.stated_by), ("unlisted", scheme.unlisted)):
        if unknown := by_label.keys() - set(scheme.relation_labels):
            raise ConfigError(
                f"'{name}' of {path} names {sorted(unknown)}, which its relation_labels lack."
            )
    ends = {label for pairs in scheme.unlisted.values() for pair in pairs for label in pair}
    if unknown := ends - set(scheme.entity_labels):
        raise ConfigError(
            f"'unlisted' of {path} names {sorted(unknown)}, which its entity_labels lack."
        )
    learned = {"", *(name for name, task in scheme.also.items() if task.learned)}
    if unknown := {corpus.scheme for corpus in scheme.added} - learned:
        raise ConfigError(
            f"The added corpora of {path} are of the schemes {sorted(unknown)}, which 'also' lacks "
            "or does not have learned."
        )


def _parse(raw: Mapping[str, Any]) -> Scheme:
    fields = _tuples(raw)
    also = {name: Task(**_tuples(task)) for name, task in raw.get("also", {}).items()}
    if "triggers" in raw:
        fields["triggers"] = {name: tuple(words) for name, words in raw["triggers"].items()}
    elif raw.get("subject"):
        fields["triggers"] = default_triggers() | agent_words()
    stated_by = raw.get("stated_by", {})
    fields["stated_by"] = {label: tuple(words) for label, words in stated_by.items()}
    fields["unlisted"] = {
        label: tuple((str(head), str(tail)) for head, tail in pairs)
        for label, pairs in raw.get("unlisted", {}).items()
    }
    fields["added"] = tuple(AddedCorpus(**corpus) for corpus in raw.get("added", ()))
    return Scheme(**{**fields, "also": also})


def _tuples(raw: Mapping[str, Any]) -> dict[str, Any]:
    lists = {key: tuple(value) for key, value in raw.items() if isinstance(value, list)}
    return {**raw, **lists, "pairs": tuple((str(head), str(tail)) for head, tail in raw["pairs"])}


def save_trained_scheme(checkpoint: Path, scheme: Scheme, thresholds: Mapping[str, float]) -> None:
    """Write scheme.json: the scheme, and the best threshold of each of its tasks ("" is the main
    one).
    """
    content = {**asdict(scheme), "thresholds": dict(thresholds)}
    (checkpoint / "scheme.json").write_text(json.dumps(content, indent=2), encoding="utf-8")


def load_trained_scheme(checkpoint: Path) -> tuple[Scheme, dict[str, float]]:
    """The scheme of a trained checkpoint and the thresholds that were best on dev."""
    raw = json.loads((checkpoint / "scheme.json").read_text(encoding="utf-8"))
    thresholds = {name: float(value) for name, value in raw.pop("thresholds").items()}
    return _parse(raw), thresholds
