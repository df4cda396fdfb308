"""Concepts to a knowledge base directory, in one pass and with the whole directory or nothing at
the end.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from biopipe.errors import KnowledgeBaseError
from biopipe.io.atomic import publish_folder
from biopipe.io.manifest_files import MANIFEST, describe_files
from biopipe.kb.build.dense_build import NameEncoder
from biopipe.kb.build.indexed_names import IndexedNames
from biopipe.kb.build.indexes import Stage, write_dense, write_ngrams
from biopipe.kb.build.ortholog_build import write_orthologs
from biopipe.kb.build.prefix_build import write_prefixes
from biopipe.kb.build.tables import TableBuild
from biopipe.kb.manifest import KBManifest, write_kb_manifest
from biopipe.kb.orthologs import Ortholog
from biopipe.kb.schema import Concept
from biopipe.text.normalize import NORMALIZER_VERSION

__all__ = ["compile_kb", "unfinished_builds"]

_UNFINISHED = ".building"


def compile_kb(
    concepts: Iterable[Concept],
    directory: Path,
    *,
    name: str,
    version: str,
    licence: str,
    sources: Mapping[str, str],
    encoder: NameEncoder | None = None,
    ngrams: bool = True,
    prefer: Sequence[str] = (),
    orthologs: Iterable[Ortholog] = (),
    progress: Callable[[int], None] | None = None,
    stage: Stage | None = None,
) -> Path:
    """Build `directory` beside it, then rename; a build that fails leaves nothing.

    `sources` maps each source to its sha256 or version. Concepts with the same id become one. With
    `encoder` the names get vectors, with `ngrams` an index of their 3-grams. `prefer` is what
    `KnowledgeBase.open` takes it for when it is not told, `orthologs` the genes of animals for human
    ones. `progress` gets the number of concepts read so far, then `stage` gets ("n-grams" or
    "vectors", names done, of how many). Only an older knowledge base at `directory` is replaced:
    anything else, sources without a name and a full disk raise KnowledgeBaseError.
    """
    _refuse_other_folder(directory)
    described = (name, version, licence, dict(sources), NORMALIZER_VERSION)
    manifest = partial(KBManifest, *described, prefer=list(prefer))
    with _disk_errors_of(directory), _temporary_folder(directory) as temporary:
        tables = TableBuild(temporary)
        # Closed before they are written, on an error too: a process that makes forms waits for its
        # end.
        with closing(tables):
            tables.add_all(concepts, progress)
        made = tables.write(name)
        indexes = _Indexes(encoder, ngrams, stage or _ignore_stage)
        vectors = indexes.write(temporary, tables.indexed)
        write_orthologs(temporary, orthologs)
        files = describe_files(temporary, _files_in(temporary))
        about = manifest(made.counts, made.types, files, encoder=vectors, systems=made.systems)
        write_kb_manifest(temporary, about)
        publish_folder(temporary, directory)
    return directory


def unfinished_builds(directory: Path) -> list[Path]:
    """Temporary folders of builds of `directory` that go on now or were killed."""
    return list(directory.parent.glob(f".{directory.name}.*{_UNFINISHED}"))


@contextmanager
def _disk_errors_of(directory: Path) -> Iterator[None]:
    """OSErrors become a KnowledgeBaseError that names `directory`."""
    try:
        yield
    except OSError as error:
        raise KnowledgeBaseError(
            f"The knowledge base {directory} cannot be written ({error.strerror or error}); "
            "nothing was left there."
        ) from error


@contextmanager
def _temporary_folder(directory: Path) -> Iterator[Path]:
    """A folder beside `directory` that is gone at the end, unless it was renamed."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{directory.name}."
    temporary = Path(tempfile.mkdtemp(prefix=prefix, suffix=_UNFINISHED, dir=directory.parent))
    try:
        # As any other folder; mkdtemp lets its owner alone read it.
        temporary.chmod(0o755)
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _refuse_other_folder(directory: Path) -> None:
    if directory.exists() and not (directory / MANIFEST).is_file() and any(directory.iterdir()):
        raise KnowledgeBaseError(
            f"The folder {directory} holds something else; choose a new or an empty one."
        )


@dataclass(frozen=True, slots=True)
class _Indexes:
    """Which indexes of names a base gets, and who hears of it."""

    encoder: NameEncoder | None
    ngrams: bool
    stage: Stage

    def write(self, directory: Path, names: IndexedNames) -> dict[str, Any]:
        """Write what finds names in texts and names that are only similar; returns what the
        manifest says of vectors.
        """
        write_prefixes(directory, names.prefixes)
        if self.ngrams:
            write_ngrams(directory, names, partial(self.stage, "n-grams"))
        # Vectors are of names as written; the normal forms are no longer needed, and are large.
        names.remove_forms()
        if self.encoder is None:
            return {}
        return write_dense(directory, names, self.encoder, partial(self.stage, "vectors"))


def _files_in(directory: Path) -> list[str]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return sorted(path.relative_to(directory).as_posix() for path in files)


def _ignore_stage(what: str, done: int, total: int) -> None:
    """The stage of a build that nobody watches."""
