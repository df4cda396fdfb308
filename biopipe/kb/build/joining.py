"""Terminology files of any format to one knowledge base: read, narrowed, joined, compiled."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from pathlib import Path

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.io.file_hash import file_sha256
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.dense_build import NameEncoder
from biopipe.kb.build.filters import in_branches, of_sources, of_types, with_source, with_type
from biopipe.kb.build.formats import TerminologyFormat, terminology_format
from biopipe.kb.build.mappings import read_mappings
from biopipe.kb.build.merge import JoinPlan, plan_join
from biopipe.kb.schema import Concept

__all__ = [
    "EVERYWHERE",
    "SourceFilters",
    "TerminologySource",
    "build_kb",
    "check_sources",
    "has_more_names",
    "read_sources",
]

SourceFilters = Mapping[str, Sequence[str] | bool]

EVERYWHERE = frozenset({"types", "sources", "branches"})
"""SourceFilters that narrow any format; the others are those of
`biopipe.kb.build.formats.Format.filters`.
"""

_PROGRESS_STEP = 1000


@dataclass(frozen=True, slots=True)
class TerminologySource:
    """A file, or the folder of a release, in a format of `biopipe.kb.build.formats`.

    `type` is given to concepts of which the source does not say what they are. `filters` by name:
    values to keep, or True; those that are empty do nothing.
    """

    format: str
    path: Path
    type: str = ""
    filters: SourceFilters = field(default_factory=dict)

    @property
    def own_filters(self) -> dict[str, Sequence[str] | bool]:
        """Those that the reader of the format applies itself."""
        known = terminology_format(self.format).filters
        return {name: value for name, value in self.filters.items() if value and name in known}

    @property
    def other_filters(self) -> dict[str, Sequence[str] | bool]:
        own = self.own_filters
        return {name: value for name, value in self.filters.items() if value and name not in own}


def build_kb(
    sources: Sequence[TerminologySource],
    directory: Path,
    *,
    name: str,
    version: str = "",
    licence: str = "",
    mappings: Sequence[Path] = (),
    close: bool = False,
    encoder: NameEncoder | None = None,
    progress: Callable[[int], None] | None = None,
    stage: Callable[[str, int, int], None] | None = None,
    on_join: Callable[[JoinPlan], None] | None = None,
) -> Path:
    """Build `directory` of all sources, in their order, and rename it into place when it is whole.

    `mappings` are SSSOM files whose exact matches (with `close`, the close ones too) join concepts;
    `on_join` hears what they join before the build begins. Without a `version` or `licence` it has
    those that the sources state. `encoder`, `progress` and `stage` are those of `compile_kb`.
    """
    check_sources(sources)
    concepts: Iterable[Concept] = read_sources(sources)
    if mappings:
        pairs = list(chain.from_iterable(read_mappings(path, close=close) for path in mappings))
        # Sources are read twice, first for the ids alone, so that concepts are never all in memory.
        plan = plan_join(concepts, pairs)
        if on_join:
            on_join(plan)
        concepts = plan.apply(read_sources(sources))
    return compile_kb(
        concepts,
        directory,
        name=name,
        version=version or _stated(sources, lambda format_, path: format_.version(path)),
        licence=licence or _stated(sources, lambda format_, path: format_.licence_of(path)),
        sources=_hashes([*(source.path for source in sources), *mappings]),
        encoder=encoder,
        progress=progress,
        stage=stage,
    )


def read_sources(sources: Sequence[TerminologySource]) -> Iterator[Concept]:
    """The concepts of all sources in their order, each with a source and, where it can be told, a
    type.

    Neighbours with the same filters are narrowed as one, so a branch goes on from file to file.
    """
    # Neighbours alone, so that concepts keep the order of the sources: the first names a concept.
    for _, group in groupby(sources, key=lambda source: source.other_filters):
        yield from _narrowed(list(group))


def has_more_names(
    sources: Sequence[TerminologySource],
    limit: int,
    *,
    progress: Callable[[int], None] | None = None,
) -> bool:
    """Whether the sources have more than `limit` names; reads no further than needed to know.

    `progress` gets the number of names counted so far.
    """
    count = 0
    for number, concept in enumerate(read_sources(sources)):
        count += 0 if concept.replaced_by else 1 + len(concept.synonyms)
        if count > limit:
            return True
        if progress and number % _PROGRESS_STEP == 0:
            progress(count)
    return False


def check_sources(sources: Sequence[TerminologySource]) -> None:
    """KnowledgeBaseError or ConfigError for a file that is not there or a filter that its format
    has not.
    """
    for source in sources:
        format_ = terminology_format(source.format)
        if not source.path.exists() or (source.path.is_dir() and not format_.folder):
            raise KnowledgeBaseError(
                f"There is no file '{source.path}'; give the terminology file to read."
            )
        for name in source.other_filters:
            if name not in EVERYWHERE:
                raise ConfigError(
                    f"The format '{source.format}' cannot be narrowed by {name}; it can be by: "
                    f"{', '.join(sorted(format_.filters | EVERYWHERE))}."
                )


def _narrowed(sources: Sequence[TerminologySource]) -> Iterator[Concept]:
    filters = sources[0].other_filters

    def read() -> Iterator[Concept]:
        return chain.from_iterable(map(_read, sources))

    concepts = read()
    if branches := _values(filters, "branches"):
        concepts = in_branches(read, branches)
    if wanted := _values(filters, "sources"):
        concepts = of_sources(concepts, wanted)
    if types := _values(filters, "types"):
        concepts = of_types(concepts, types)
    return concepts


def _read(source: TerminologySource) -> Iterator[Concept]:
    format_ = terminology_format(source.format)
    concepts = with_source(format_.read(source.path, **source.own_filters))
    type_ = source.type or format_.type
    return with_type(concepts, type_, groups=format_.groups) if type_ else concepts


def _values(filters: SourceFilters, name: str) -> Sequence[str]:
    value = filters.get(name, ())
    return () if isinstance(value, bool) else value


def _stated(
    sources: Sequence[TerminologySource], read: Callable[[TerminologyFormat, Path], str]
) -> str:
    """What the sources say; of which file, where they do not all say the same."""
    stated = {
        source.path: read(terminology_format(source.format), source.path) for source in sources
    }
    if len(set(stated.values())) == 1:
        return next(iter(stated.values())) or "not stated"
    return "; ".join(f"{path.name}: {value or 'not stated'}" for path, value in stated.items())


def _hashes(paths: Sequence[Path]) -> dict[str, str]:
    """By file name; files of the same name in different folders keep their folders."""
    names = [path.name for path in paths]
    return {
        path.name if path.name and names.count(path.name) == 1 else str(path): _hash(path)
        for path in paths
    }


def _hash(path: Path) -> str:
    """Of a folder by names and sizes, not by content: a release has gigabytes, and its names carry
    its version.
    """
    if path.is_file():
        return file_sha256(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    listing = "\n".join(
        f"{file.relative_to(path).as_posix()} {file.stat().st_size}" for file in files
    )
    return hashlib.sha256(listing.encode()).hexdigest()
