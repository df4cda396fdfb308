"""The default knowledge base, built of installed packages and biopipe's own tables."""

import gc
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from biopipe.io.file_hash import file_sha256
from biopipe.io.manifest_files import MANIFEST
from biopipe.kb.build.chemicals_process import chemicals_beside
from biopipe.kb.build.compile import compile_kb, unfinished_builds
from biopipe.kb.build.default_concepts import Supplement, default_concepts
from biopipe.kb.build.joining import TerminologySource, check_sources, read_sources
from biopipe.kb.build.lock import is_locked, one_builder
from biopipe.kb.build.mappings import read_mappings
from biopipe.kb.build.own_concepts import own_systems, with_own_concepts
from biopipe.kb.build.package_files import package_file
from biopipe.kb.build.progress import build_bars
from biopipe.kb.build.recipe import Recipe, RecipeSource, read_recipe
from biopipe.kb.build.sources import homology_package, tsv
from biopipe.kb.default import DEFAULT_PREFERENCE, default_directory, default_recipe
from biopipe.kb.orthologs import Ortholog, ortholog_of
from biopipe.kb.schema import Concept

__all__ = [
    "OwnTerms",
    "build_default_kb",
    "build_in_cache",
    "default_files",
    "files_by_reader",
    "is_under_way",
]

_TITLE = "Building the default knowledge base (once)"


def build_in_cache(*, progress: bool = True, rebuild: bool = False) -> Path:
    """Build the default base in the cache folder, with `rebuild` also where it is there already.

    A build takes about a minute and shows a bar on stderr with `progress`; a second process
    waits for the first. Raises ExtraMissing when a package of the extra `kb` is not installed,
    KnowledgeBaseError when one is of another version.
    """
    directory = default_directory()
    default_files(read_recipe(default_recipe()))  # before a lock is left where nothing can be built
    with one_builder(_lock_file()):
        # Asked again under the lock: another process may have built it meanwhile.
        if rebuild or not (directory / MANIFEST).is_file():
            # Nobody else builds here while the lock is held, so these are of killed processes.
            for remains in unfinished_builds(directory):
                shutil.rmtree(remains, ignore_errors=True)
            build_default_kb(directory, progress=progress)
    return directory


def is_under_way() -> bool:
    """Whether a process is building the default base in the cache folder now."""
    return is_locked(_lock_file())


def _lock_file() -> Path:
    directory = default_directory()
    return directory.parent / f"{directory.name}.lock"


@dataclass(frozen=True, slots=True)
class OwnTerms:
    """What a user adds to the default base: files, SSSOM mappings of their ids to its own, and what
    the manifest says of them.
    """

    sources: Sequence[TerminologySource]
    mappings: Sequence[Path] = ()
    close: bool = False
    name: str = ""
    version: str = ""
    licence: str = ""

    @property
    def paths(self) -> list[Path]:
        """All files."""
        return [*(source.path for source in self.sources), *self.mappings]


def build_default_kb(
    directory: Path,
    *,
    progress: bool = True,
    own: OwnTerms | None = None,
    supplement: OwnTerms | None = None,
) -> Path:
    """Build the default knowledge base in a directory of the caller's choice.

    The terms of `own` come on top of it, and their names and ids go first. Those of `supplement`
    are joined into it: concepts of MeSH, and mappings of its diseases.
    """
    recipe = read_recipe(default_recipe())
    files = default_files(recipe)
    about, terms = own or supplement or OwnTerms(()), _own_concepts(own)
    bars_or_none = build_bars(_TITLE) if progress else None
    by_reader, more = files_by_reader(files), _supplement(supplement)
    with (
        _without_collector(),
        chemicals_beside(by_reader, more) as chemicals,
        bars_or_none or nullcontext() as bars,
    ):
        orthologs = tuple(_orthologs(files))
        told = bars.doing if bars else None
        concepts = default_concepts(
            by_reader, more, orthologs=orthologs, on_read=told, chemicals=chemicals
        )
        return compile_kb(
            _with_own(concepts, terms, own),
            directory,
            name=about.name or "biopipe-default",
            version="; ".join(filter(None, (about.version, _version(recipe)))),
            licence="; ".join(filter(None, (about.licence, recipe.licence))),
            sources=_hashes(files, own, supplement),
            prefer=tuple(dict.fromkeys((*own_systems(terms), *DEFAULT_PREFERENCE))),
            orthologs=orthologs,
            stage=bars.stage if bars else None,
        )


@contextmanager
def _without_collector() -> Iterator[None]:
    """No cycles are looked for: to look again and again at millions of concepts and names took 8 of
    84 seconds, and the peak of memory is the same without (one trial each).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _with_own(
    concepts: Iterable[Concept], terms: Sequence[Concept], own: OwnTerms | None
) -> Iterable[Concept]:
    if own is None:
        return concepts
    mappings = (read_mappings(path, close=own.close) for path in own.mappings)
    return with_own_concepts(concepts, terms, chain.from_iterable(mappings))


def _own_concepts(own: OwnTerms | None) -> list[Concept]:
    if own is None:
        return []
    check_sources(own.sources)
    return list(read_sources(own.sources))


def _hashes(files: Iterable[tuple[RecipeSource, Path]], *given: OwnTerms | None) -> dict[str, str]:
    """The sha256 of each file of the recipe and of what a user gives."""
    hashes = {_source_key(source): file_sha256(path) for source, path in files}
    for terms in filter(None, given):
        hashes |= {path.name: file_sha256(path) for path in terms.paths}
    return hashes


def _orthologs(files: Iterable[tuple[RecipeSource, Path]]) -> Iterator[Ortholog]:
    by_reader = files_by_reader(files)
    groups = map(homology_package.read, by_reader.get("homology_package", ()))
    # Behind them: of two genes for one human gene the first counts.
    genes = chain.from_iterable(map(tsv.read, by_reader.get("mouse genes", ())))
    return chain(chain.from_iterable(groups), map(ortholog_of, genes))


def _supplement(terms: OwnTerms | None) -> Supplement:
    if terms is None:
        return Supplement()
    check_sources(terms.sources)
    pairs = chain.from_iterable(read_mappings(path) for path in terms.mappings)
    return Supplement(tuple(read_sources(terms.sources)), tuple(pairs))


def default_files(recipe: Recipe) -> list[tuple[RecipeSource, Path]]:
    """Each source with its file: of the package that it names, or the table beside the recipe."""
    return [
        (source, package_file(source) if source.package else recipe.folder / source.file)
        for source in recipe.sources
    ]


def files_by_reader(files: Iterable[tuple[RecipeSource, Path]]) -> dict[str, list[Path]]:
    """Files as `default_concepts` takes them."""
    by_reader: dict[str, list[Path]] = defaultdict(list)
    for source, path in files:
        by_reader[source.parser if source.package else source.name].append(path)
    return by_reader


def _source_key(source: RecipeSource) -> str:
    file = Path(source.file).name
    return f"{source.package} {source.version}: {file}" if source.package else source.name


def _version(recipe: Recipe) -> str:
    packages = dict.fromkeys((source.package, source.version) for source in recipe.sources)
    return ", ".join(f"{package} {version}" for package, version in packages if package)
