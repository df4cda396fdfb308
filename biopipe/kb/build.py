"""Terminology files of any format to one knowledge base: read, narrowed, joined, compiled."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.kb.compile import compile_kb
from biopipe.kb.filters import in_branches, of_sources, of_types, with_source, with_type
from biopipe.kb.formats import format_of
from biopipe.kb.hashing import file_sha256
from biopipe.kb.merge import JoinPlan, plan_join
from biopipe.kb.schema import Concept
from biopipe.kb.sources import sssom

__all__ = ["FILTERS", "Source", "build_kb", "read_source"]

FILTERS = ("types", "branches", "sources", "languages", "taxa")
"""What a source can be narrowed by; languages and taxa where the format has them, the others everywhere."""

_EVERYWHERE = frozenset({"types", "branches", "sources"})


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or the folder of a release, in a format of `biopipe.kb.formats`.

    `type` is given to concepts of which the source does not say what they are. `filters` has values by the names
    of FILTERS.
    """

    format: str
    path: Path
    type: str = ""
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)


def build_kb(
    sources: Sequence[Source],
    directory: Path,
    *,
    name: str,
    version: str = "",
    licence: str = "",
    mappings: Sequence[Path] = (),
    close: bool = False,
    progress: Callable[[int], None] | None = None,
    on_join: Callable[[JoinPlan], None] | None = None,
) -> Path:
    """Build `directory` of all sources, in their order, and rename it into place when it is whole.

    `mappings` are SSSOM files whose exact matches (with `close`, the close ones too) join concepts; `on_join`
    hears what they join before the build begins. Without a `version` or `licence` those that the sources state.
    """
    check_sources(sources)
    concepts = _all(sources)
    if mappings:
        pairs = chain.from_iterable(sssom.read(path, close=close) for path in mappings)
        plan = plan_join(concepts, pairs)
        if on_join:
            on_join(plan)
        concepts = plan.apply(_all(sources))
    return compile_kb(
        concepts,
        directory,
        name=name,
        version=version or _stated(format_of(each.format).version(each.path) for each in sources),
        licence=licence or _stated(format_of(each.format).licence for each in sources),
        sources=_hashes([*(each.path for each in sources), *mappings]),
        progress=progress,
    )


def read_source(source: Source) -> Iterator[Concept]:
    """The concepts of one source, narrowed by its filters, each with a source and, where it can be told, a type."""
    format_ = format_of(source.format)
    native = {name: values for name, values in source.filters.items() if values and name in format_.filters}
    other = {name: values for name, values in source.filters.items() if values and name not in native}
    type_ = source.type or format_.type

    def read() -> Iterator[Concept]:
        concepts = with_source(format_.read(source.path, **native))
        return with_type(concepts, type_, groups=format_.groups) if type_ else concepts

    concepts = in_branches(read, other["branches"]) if "branches" in other else read()
    if "sources" in other:
        concepts = of_sources(concepts, other["sources"])
    return of_types(concepts, other["types"]) if "types" in other else concepts


def check_sources(sources: Sequence[Source]) -> None:
    """KnowledgeBaseError or ConfigError for a file that is not there or a filter that its format has not."""
    for source in sources:
        format_ = format_of(source.format)
        if not source.path.exists() or (source.path.is_dir() and format_.folder == "never"):
            raise KnowledgeBaseError(f"There is no file '{source.path}'; give the terminology file to read.")
        if source.path.is_file() and format_.folder == "must":
            raise KnowledgeBaseError(f"'{source.path}' is a file; give the folder of the release.")
        for name, values in source.filters.items():
            if values and name not in format_.filters | _EVERYWHERE:
                raise ConfigError(
                    f"The format '{source.format}' cannot be narrowed by {name}; it can be by: "
                    f"{', '.join(sorted(format_.filters | _EVERYWHERE))}."
                )


def _all(sources: Sequence[Source]) -> Iterator[Concept]:
    return chain.from_iterable(map(read_source, sources))


def _stated(values: Iterator[str]) -> str:
    return "; ".join(dict.fromkeys(value for value in values if value)) or "not stated"


def _hashes(paths: Sequence[Path]) -> dict[str, str]:
    """By file name; files of the same name in different folders keep their folders."""
    names = [path.name for path in paths]
    return {
        path.name if names.count(path.name) == 1 else str(path): _release_hash(path)
        if path.is_dir()
        else file_sha256(path)
        for path in paths
    }


def _release_hash(folder: Path) -> str:
    """Of names and sizes, not of content: a release has tens of gigabytes, and its names carry its version."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listing = "\n".join(f"{path.relative_to(folder).as_posix()} {path.stat().st_size}" for path in files)
    return hashlib.sha256(listing.encode()).hexdigest()
