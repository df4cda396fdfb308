"""The fields of a training recipe, of the shape that they should have."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from biopipe.errors import ConfigError

__all__ = ["read_recipe_fields"]


def read_recipe_fields(path: Path) -> dict[str, Any]:
    """The object in a recipe's JSON file; ConfigError says which field is missing or not what it
    should be.
    """
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"There is no training recipe {path}; see docs/training.md.") from None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The training recipe {path} cannot be read as JSON ({error}); see docs/training.md."
        ) from error
    if not isinstance(fields, dict):
        raise _wrong(path, f"holds {_shown(fields)} in place of an object")
    _check(fields, _RECIPE, path, "")
    if missing := [name for name in ("labels", "corpora", "dev") if name not in fields]:
        raise _wrong(path, f"has no '{missing[0]}'")
    for key in ("corpora", "dev"):
        for number, corpus in enumerate(fields[key]):
            where = f"{key}[{number}]"
            if not isinstance(corpus, dict):
                raise _wrong(path, f"has {_shown(corpus)} as {where} in place of an object")
            if "path" not in corpus:
                raise _wrong(path, f"has no 'path' in {where}")
            _check(corpus, _CORPUS, path, f" in {where}")
    return fields


def _check(
    fields: Mapping[str, Any],
    shapes: Mapping[str, tuple[str, Callable[[Any], bool]]],
    path: Path,
    where: str,
) -> None:
    for name, value in fields.items():
        if name not in shapes:
            raise _wrong(path, f"has an unknown '{name}'{where}; there are {', '.join(shapes)}")
        wanted, is_right = shapes[name]
        if not is_right(value):
            raise _wrong(path, f"has {_shown(value)} as '{name}'{where} in place of {wanted}")


def _wrong(path: Path, what: str) -> ConfigError:
    return ConfigError(f"The training recipe {path} {what}; see docs/training.md.")


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:60]


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_number(value: Any) -> bool:
    # True and false are whole numbers to Python.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_share(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))


def _is(type_: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, type_)


_TEXTS = ("a list of strings", _is_texts)
_TEXT = ("a string", _is(str))
_NUMBER = ("a number", _is_number)
_LIST = ("a list of objects", _is(list))
_OBJECT = ("an object", _is(dict))

_RECIPE = {
    "labels": _TEXTS,
    "corpora": _LIST,
    "dev": _LIST,
    "other_names": _OBJECT,
    "names": _OBJECT,
}
_CORPUS = {
    "path": _TEXT,
    "labels": _TEXTS,
    "repeat": _NUMBER,
    "ambiguous": _TEXTS,
    "keep_empty": _NUMBER,
    "licence": _TEXT,
    "share": ("two numbers from 0 to 1", _is_share),
    "guideline": _TEXT,
    "classes": ("true or false", _is(bool)),
    "trust": _NUMBER,
    "augment": _OBJECT,
    "taught": _NUMBER,
}
