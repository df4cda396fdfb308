"""`recipe.json`: where a terminology comes from, under which licence, and how its files are read.

docs/dictionaries.md says what each key is for.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.formats import terminology_format
from biopipe.kb.build.joining import SourceFilters
from biopipe.kb.build.mappings import MAPPING_PARSERS
from biopipe.language.spelling import nearest_words

__all__ = ["RECIPE", "Recipe", "RecipeSource", "read_recipe"]

FORMAT = 1
RECIPE = "recipe.json"

_PLAIN = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class RecipeSource:
    """One file, or the folder of one release.

    `address` is a page for people, `download` the addresses of the file, tried in turn; without one
    the file is beside the recipe, or with `licensed` it is for the user to place, named by `file`
    (a pattern may be given). `members` are what to take out of a zip archive, the first of them for
    the parser; `beside` are addresses of files that the parser looks for beside its own. A source
    that is not `usual` is read only where its taxa are asked for. With `package` the parser reads
    `file` of an installed package, which has to be of the `version` stated.
    """

    name: str
    holds: str
    ids: str
    parser: str
    address: str
    licence: str
    licence_address: str = ""
    download: tuple[str, ...] = ()
    file: str = ""
    members: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    size: int | None = None
    sha256: str = ""
    type: str = ""
    filters: SourceFilters = field(default_factory=dict)
    licensed: bool = False
    usual: bool = True
    package: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A terminology, or several as one; `folder` is where the recipe file is.

    `options` are the values of {name} in addresses and file names, such as the year of a release.
    `types` are the concept types that its knowledge base will have. With `base` "default" its
    sources are joined into the default base.
    """

    name: str
    title: str
    build: str
    good_for: str
    sources: tuple[RecipeSource, ...]
    types: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()
    base: str = ""

    @property
    def reads_packages(self) -> bool:
        return any(source.package for source in self.sources)

    @property
    def licence(self) -> str:
        """The licences of its sources, each once, with their addresses."""
        stated = dict.fromkeys(_with_address(source) for source in self.sources)
        return "; ".join(stated)


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file; KnowledgeBaseError says which key is missing, unknown or of the wrong
    kind.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KnowledgeBaseError(f"Cannot read the recipe {path} ({error}).") from error
    if (
        not isinstance(raw, dict)
        or not isinstance(raw.get("format"), int)
        or raw["format"] > FORMAT
    ):
        raise KnowledgeBaseError(
            f"{path} is no recipe that this biopipe can read; it should state 'format': {FORMAT}."
        )
    sources = raw.get("sources")
    if not isinstance(sources, list) or not sources:
        raise KnowledgeBaseError(f"{path} names no sources; see docs/dictionaries.md.")
    read = tuple(
        _source(source, f"{path}, source {number},")
        for number, source in enumerate(sources, start=1)
    )
    # Where the file lies is no key of it: a recipe could otherwise name any folder.
    rest = {key: value for key, value in raw.items() if key not in ("format", "sources", "folder")}
    recipe = _checked(Recipe, rest | {"sources": read, "folder": path.resolve().parent}, str(path))
    if not _PLAIN.fullmatch(recipe.name):
        raise KnowledgeBaseError(
            f"{path} has the name '{recipe.name}'; it becomes a folder: give letters, digits, '-', "
            "'_' and '.' alone."
        )
    return recipe


def _source(raw: Any, where: str) -> RecipeSource:
    if not isinstance(raw, dict):
        raise KnowledgeBaseError(f"{where} is no JSON object; see docs/dictionaries.md.")
    if isinstance(raw.get("download"), str):
        raw = raw | {"download": [raw["download"]]}
    source = _checked(RecipeSource, raw, where)
    if not source.package and source.parser not in MAPPING_PARSERS:
        terminology_format(source.parser)
    if not (source.package or source.download or source.file):
        raise KnowledgeBaseError(
            f"{where} has neither 'download' nor 'file'; say where its file comes from."
        )
    if (source.download or source.licensed) and Path(source.file).name != source.file:
        raise KnowledgeBaseError(
            f"{where} has '{source.file}' as 'file'; give a file name without folders."
        )
    if source.licensed and (source.download or not source.file):
        raise KnowledgeBaseError(
            f"{where} is licensed, so it has a 'file' for people to place and no 'download'."
        )
    return source


_Kind = TypeVar("_Kind", Recipe, RecipeSource)

# What each field holds in JSON, by the beginning of its annotation.
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "tuple": (list, tuple),
    "Mapping": dict,
    "int": int,
    "bool": bool,
    "str": str,
    "Path": Path,
}


def _checked(kind: type[_Kind], raw: Mapping[str, Any], where: str) -> _Kind:
    """`kind` of the values, KnowledgeBaseError for a key that is missing, unknown, or holds
    something else.
    """
    known = {field_.name: field_ for field_ in fields(kind)}
    for key, value in raw.items():
        if key not in known:
            near = nearest_words(key, known, most=1)
            meant = (
                f"; did you mean '{near[0]}'?" if near else f"; it may have: {', '.join(known)}."
            )
            raise KnowledgeBaseError(f"{where} has the unknown key '{key}'{meant}")
        expected = next(
            type_ for name, type_ in _KINDS.items() if _annotation(known[key].type).startswith(name)
        )
        if not isinstance(value, expected):
            raise KnowledgeBaseError(
                f"{where} has {value!r} as '{key}'; see docs/dictionaries.md for what it takes."
            )
    for key, field_ in known.items():
        if field_.default is MISSING and field_.default_factory is MISSING and key not in raw:
            raise KnowledgeBaseError(f"{where} has no '{key}'; see docs/dictionaries.md.")
    return kind(**{key: _frozen(value) for key, value in raw.items()})


def _annotation(type_: Any) -> str:
    return type_ if isinstance(type_, str) else getattr(type_, "__name__", str(type_))


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(element) for key, element in value.items()}
    return tuple(value) if isinstance(value, list) else value


def _with_address(source: RecipeSource) -> str:
    address = source.licence_address
    return (
        f"{source.licence} ({address})"
        if address and address not in source.licence
        else source.licence
    )
