"""Models side by side on the same gold documents, as the NER and relations benchmarks compare
them.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from biopipe import io
from biopipe.document import Document

__all__ = ["Predicting", "add_models", "compare", "corpora", "named"]


class Predicting(Protocol):
    """A tagger or a relation extractor."""

    @property
    def model_name(self) -> str: ...

    @property
    def model_hash(self) -> str: ...

    def predict(self, documents: Sequence[Document]) -> list[Document]: ...


def add_models(parser: argparse.ArgumentParser, default: str) -> None:
    """`--model NAME=MODEL` for each model to score; the first is the one the others are compared
    with.
    """
    parser.add_argument(
        "--model",
        action="append",
        metavar="NAME=MODEL",
        help=f"a name for the results and a model name or folder; default shipped={default}",
    )


def corpora(data: Path, files: dict[str, str]) -> dict[str, list[Document]]:
    """Gold documents of each corpus; stops where a file is missing."""
    missing = [str(data / file) for file in files.values() if not (data / file).is_file()]
    if missing:
        raise SystemExit(
            f"There is no {missing[0]}; give the folder of the corpora with --data or $BIOPIPE_DATA."
        )
    return {name: list(io.read(data / file)) for name, file in files.items()}


def compare(
    models: dict[str, Predicting],
    gold: dict[str, list[Document]],
    *,
    strip: Callable[[Document], Document],
    score: Callable[[list[Document], list[Document]], dict[str, Any]],
    headline: Callable[[dict[str, Any]], float],
) -> dict[str, Any]:
    """Scores and seconds of each model on each corpus, and the headline score less that of the
    first model.
    """
    result: dict[str, Any] = {}
    for name, model in models.items():
        scored = {}
        for corpus, documents in gold.items():
            started = time.perf_counter()
            predicted = model.predict([strip(document) for document in documents])
            seconds = time.perf_counter() - started
            scored[corpus] = {**score(documents, predicted), "seconds": round(seconds, 2)}
        result[name] = {"model": model.model_name, "hash": model.model_hash, "corpora": scored}
    first = next(iter(result.values()))
    for other in list(result.values())[1:]:
        other["difference_to_first"] = {
            corpus: round(
                headline(other["corpora"][corpus]) - headline(first["corpora"][corpus]), 5
            )
            for corpus in gold
        }
    return result


def named(models: Sequence[str] | None, default: str) -> dict[str, str]:
    """NAME=MODEL words as a mapping."""
    pairs = [word.partition("=") for word in models or [f"shipped={default}"]]
    if wrong := [name for name, equals, model in pairs if not (name and equals and model)]:
        raise SystemExit(f"--model {wrong[0]} is not NAME=MODEL.")
    return {name: model for name, _, model in pairs}
