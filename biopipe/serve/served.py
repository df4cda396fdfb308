"""The pipelines of a server: loaded by name, described without a path, run in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biopipe.bulk.annotate import annotate, lanes_for
from biopipe.document import Document
from biopipe.errors import ConfigError, InputError
from biopipe.pipeline import describe, load, predictors
from biopipe.serve.batching import Outcome, RequestBatcher
from biopipe.serve.requests import TextError

__all__ = ["ServedPipeline", "load_served", "served_name"]

# Opens what a pipeline opens on first use, so that what is missing is an error at start.
_FIRST_TEXT = "Metformin lowers glucose in diabetes mellitus."


@dataclass(frozen=True, slots=True)
class ServedPipeline:
    """A pipeline under the name that requests give it.

    `mention_labels` are those that its recognisers say they find. `components` lists name, and name
    and hash of the models and knowledge bases, as JSON data.
    """

    name: str
    mention_labels: tuple[str, ...]
    components: tuple[dict[str, Any], ...]
    batcher: RequestBatcher


def load_served(names: Sequence[str], *, device: str | None = None) -> list[ServedPipeline]:
    """Load the pipelines that `biopipe.load` knows by these names, and run each once.

    ConfigError where two would have the same name; errors as of `biopipe.load`.
    """
    by_name: dict[str, str] = {}
    for given in names:
        name = served_name(given)
        if name in by_name:
            raise ConfigError(
                f"The pipelines '{by_name[name]}' and '{given}' would both be served as '{name}'; "
                "rename one."
            )
        by_name[name] = given
    return [_load(name, given, device) for name, given in by_name.items()]


def served_name(given: str) -> str:
    """What requests call a pipeline: its name, or the last part of its path without the ending."""
    return Path(given).stem if Path(given).exists() or "/" in given else given


def _load(name: str, given: str, device: str | None) -> ServedPipeline:
    nlp = load(given, device=device)
    # Opens models and bases now: the first request must not wait for it, nor find that one is
    # missing.
    _, errors = annotate([Document("first", _FIRST_TEXT)], nlp)
    if errors:
        raise InputError(
            f"The pipeline '{given}' fails on a plain sentence: {errors[0].error} "
            f"(in {errors[0].stage})."
        )
    labels = {
        label: None
        for predictor in predictors(nlp) or ()
        if "mentions" in predictor.info.gives
        for label in predictor.info.labels
    }
    # Options of components may hold paths of this machine.
    components = [
        {"name": component["name"], "uses": component["uses"]}
        for component in describe(nlp)["components"]
    ]

    def annotate_pass(documents: Sequence[Document]) -> list[Outcome]:
        annotated, failures = annotate(documents, nlp)
        outcomes: dict[int, Outcome] = {
            failure.position: TextError(
                failure.document_id, f"{failure.error} (in {failure.stage})."
            )
            for failure in failures
        }
        rest = iter(annotated)
        return [outcomes.get(place) or next(rest) for place in range(len(documents))]

    batcher = RequestBatcher(annotate_pass, lanes=max(1, lanes_for(nlp)))
    return ServedPipeline(name, tuple(labels), tuple(components), batcher)
