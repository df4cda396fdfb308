"""Assertion scores on a gold standard in the shape of the NegEx/ConText kit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biopipe.components.assertion import AssertionComponent
from biopipe.document import Document, Mention
from biopipe.document.labels import FAMILY, HISTORICAL, HYPOTHETICAL, NEGATED, POSSIBLE
from biopipe.errors import ConfigError, InputError
from biopipe.evaluate.bootstrap import count, score_groups
from biopipe.pipeline import load

__all__ = ["JudgedConcept", "assert_judged", "read_judged", "score_assertions"]

# The kit's words for what biopipe calls negated, historical, hypothetical and family; "Other" is
# anyone else's.
_NEGATION = {"affirmed": "", "negated": "Negated", "possible": "Possible"}
_TIME = {
    "recent": "",
    "historical": "Historical",
    "not particular": "Hypothetical",
    "hypothetical": "Hypothetical",
}
_PERSON = {"patient": "", "other": "Other", "family": "Other", "family member": "Other"}
_OURS: Mapping[str, str] = {
    "Negated": NEGATED,
    "Historical": HISTORICAL,
    "Hypothetical": HYPOTHETICAL,
    "Other": FAMILY,
    "Possible": POSSIBLE,
}


@dataclass(frozen=True, slots=True)
class JudgedConcept:
    """A sentence with one mention, and the labels its judges gave that mention."""

    document: Document
    labels: frozenset[str]


def read_judged(path: Path) -> list[JudgedConcept]:
    """The sentences of a tab-separated file: id, comment, concept, sentence, negation, time,
    person.

    The comment may be missing. A concept that the sentence holds only in part is that part.
    InputError where the file cannot be read as such or holds none.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise InputError(f"Cannot read the judged sentences {path} ({error}).") from error
    rows = [(number, line.split("\t")) for number, line in enumerate(lines, 1) if line.strip()]
    if rows and _is_header(rows[0][1]):
        del rows[0]
    if not rows:
        raise InputError(
            f"{path} holds no judged sentences; give a file in the shape of the NegEx kit."
        )
    return [_judged(f"{path} line {number}", row) for number, row in rows]


def _is_header(row: list[str]) -> bool:
    return len(row) in (6, 7) and {heading.strip().lower() for heading in row}.issuperset(
        {"concept", "sentence"}
    )


def _judged(where: str, row: list[str]) -> JudgedConcept:
    if len(row) not in (6, 7):
        raise InputError(
            f"{where} has {len(row)} columns; there must be id, comment (or none), concept, "
            "sentence, negation, time and person."
        )
    concept, sentence = row[-5], row[-4]
    fields = zip((_NEGATION, _TIME, _PERSON), row[-3:], strict=True)
    labels = frozenset(_label(where, values, value) for values, value in fields) - {""}
    start, end = _find(concept, sentence)
    return JudgedConcept(
        Document(row[0], sentence, mentions=(Mention(start, end, "Concept"),)), labels
    )


def _label(where: str, values: Mapping[str, str], value: str) -> str:
    label = values.get(value.strip().lower())
    if label is None:
        raise InputError(f"{where}: unknown label '{value}'; there are: {', '.join(values)}.")
    return label


def _find(concept: str, sentence: str) -> tuple[int, int]:
    """Where the concept stands: in capitals if it does, and the longest end or beginning of it if
    not all does.

    Of a sentence with none of it, all.
    """
    words = concept.split()
    # The kit's concepts are not always the words of the sentence: the longest part that is counts.
    for length in range(len(words), 0, -1):
        for part in (words[:length], words[len(words) - length :]):
            pattern = re.compile(
                r"(?<!\w)" * part[0][0].isalnum() + r"\s+".join(map(re.escape, part)), re.IGNORECASE
            )
            if found := sorted(
                pattern.finditer(sentence), key=lambda match: not match[0].isupper()
            ):
                return found[0].span()
    # Not found at all: the whole sentence, so that no row is left out of the count.
    return 0, len(sentence)


def assert_judged(
    gold: Sequence[JudgedConcept], pipeline: str | Path = "default"
) -> list[Document]:
    """The gold's sentences and mentions through the assertion component of a pipeline.

    ConfigError for a pipeline without that component.
    """
    nlp = load(pipeline)
    component = next(
        (pipe for _, pipe in nlp.pipeline if isinstance(pipe, AssertionComponent)), None
    )
    if component is None:
        listed = ", ".join(nlp.pipe_names) or "none"
        raise ConfigError(
            f"The pipeline '{pipeline}' has no biopipe_assertion; its components are: {listed}."
        )
    return component.predictor.predict([concept.document for concept in gold])


def score_assertions(
    gold: Sequence[JudgedConcept],
    predicted: Sequence[Document],
    *,
    bootstrap: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """`{"sentences", "Negated": {...}, "Historical": ..., "Hypothetical": ..., "Other": ...}`, each
    of its F1.

    "Possible" is there where the gold judges it.
    """
    labels = [
        name
        for name in _OURS
        # Most such corpora do not judge it; there a prediction of it is neither right nor wrong.
        if name != "Possible" or any(name in concept.labels for concept in gold)
    ]
    predicted_labels = [
        {name for name in labels if _OURS[name] in document.mentions[0].assertion}
        for document in predicted
    ]
    groups = {
        name: count(
            [concept.labels & {name} for concept in gold],
            [labels & {name} for labels in predicted_labels],
        )
        for name in labels
    }
    return {"sentences": len(gold), **score_groups(groups, bootstrap=bootstrap, seed=seed)}
