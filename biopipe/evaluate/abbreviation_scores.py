"""Abbreviation scores: a pair counts when short form and long form are both the gold's strings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.evaluate.bootstrap import count, score_groups

__all__ = ["Defined", "read_defined", "score_abbreviations"]

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Defined:
    """A document without annotations, and the (short form, long form) pairs that its text
    defines.
    """

    document: Document
    pairs: Pairs


def read_defined(path: Path) -> list[Defined]:
    """Records of a JSON lines file: id, title (or none), text, and pairs as [[short, long], ...].

    InputError where the file cannot be read as such or holds none.
    """
    try:
        # With or without a byte order mark, which editors on Windows add.
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(f"Cannot read the abbreviations {path} ({error}).") from error
    documents = [
        _defined(f"{path} line {n}", line) for n, line in enumerate(lines, 1) if line.strip()
    ]
    if not documents:
        raise InputError(
            f"{path} holds no documents; give JSON lines with id, title, text and pairs."
        )
    return documents


def _defined(where: str, line: str) -> Defined:
    try:
        record = json.loads(line)
        text = " ".join(part for part in (record.get("title"), record["text"]) if part)
        pairs = frozenset((str(short), str(long)) for short, long in record["pairs"])
        return Defined(Document(str(record["id"]), text), pairs)
    except KeyError as error:
        raise InputError(
            f"{where} has no field {error}; it must have id, text and pairs."
        ) from error
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(f"{where} is not an object with id, text and pairs ({error}).") from error


def score_abbreviations(
    gold: Sequence[Defined], predicted: Sequence[Document], *, bootstrap: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """`{"documents", "precision", "recall", "f1", "tp", "fp", "fn", "ci95"}`."""
    counts = count(
        [definition.pairs for definition in gold], [_pairs(document) for document in predicted]
    )
    return {
        "documents": len(gold),
        **score_groups({"all": counts}, bootstrap=bootstrap, seed=seed)["all"],
    }


def _pairs(document: Document) -> Pairs:
    text = document.text
    return frozenset(
        (text[a.start : a.end], text[a.long_start : a.long_end])
        for a in document.abbreviations or ()
    )
