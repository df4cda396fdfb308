"""Concepts as JSON lines or a JSON list: the fields of `Concept`, or those of scispaCy's knowledge
base files.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.json_stream import JsonStream
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import KINDS, Concept

__all__ = ["read"]

_SCISPACY = {"id": "concept_id", "name": "canonical_name", "synonyms": "aliases"}


def read(path: Path) -> Iterator[Concept]:
    """One concept a line, or a JSON list of concepts, as scispaCy has them too; KnowledgeBaseError
    names the line or place and the field that is missing or of a wrong kind.
    """
    if _is_list(path):
        yield from _listed(path)
        return
    for number, line in numbered_lines(path):
        if line.strip():
            yield _concept(_object(line, f"{path}, line {number},"), f"{path}, line {number},")


def _is_list(path: Path) -> bool:
    """Whether the file begins with a bracket; no line of JSON lines does."""
    first = next((line for _, line in numbered_lines(path) if line.strip()), "")
    return first.lstrip().startswith("[")


def _listed(path: Path) -> Iterator[Concept]:
    with JsonStream(path) as stream:
        for number in stream.items():
            raw, where = stream.value(), f"{path}, concept {number},"
            if not isinstance(raw, dict):
                raise KnowledgeBaseError(f"{where} is not a JSON object; give a list of objects.")
            yield _concept(raw, where)


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        raw = json.loads(line)
    except ValueError as error:
        raise KnowledgeBaseError(
            f"{where} is not JSON ({error}); give one JSON object a line."
        ) from error
    if not isinstance(raw, dict):
        raise KnowledgeBaseError(f"{where} is not a JSON object; give one JSON object a line.")
    return raw


def _concept(raw: Mapping[str, Any], where: str) -> Concept:
    concept = Concept(
        id=_text(raw, "id", where, required=True),
        name=_text(raw, "name", where, required=True),
        synonyms=_texts(raw, "synonyms", where),
        types=_texts(raw, "types", where),
        definition=_text(raw, "definition", where),
        parents=_texts(raw, "parents", where),
        replaced_by=_text(raw, "replaced_by", where),
        synonym_kinds=_texts(raw, "synonym_kinds", where),
        source=_text(raw, "source", where),
    )
    kinds = concept.synonym_kinds
    if kinds and (len(kinds) != len(concept.synonyms) or not set(kinds) <= set(KINDS)):
        raise KnowledgeBaseError(
            f"{where} needs one of {', '.join(KINDS)} for each synonym in 'synonym_kinds'."
        )
    return concept


def _value(raw: Mapping[str, Any], name: str) -> Any:
    return raw[name] if name in raw else raw.get(_SCISPACY.get(name, ""))


def _text(raw: Mapping[str, Any], name: str, where: str, *, required: bool = False) -> str:
    value = _value(raw, name)
    if required and not value:
        raise KnowledgeBaseError(
            f"{where} has no '{name}' (or '{_SCISPACY[name]}'); its fields are: "
            f"{', '.join(raw) or 'none'}."
        )
    if not isinstance(value or "", str):
        raise KnowledgeBaseError(f"{where} has {value!r} for '{name}'; give a string.")
    return value or ""


def _texts(raw: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = _value(raw, name) or []
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise KnowledgeBaseError(f"{where} has {value!r} for '{name}'; give a list of strings.")
    return tuple(value)
