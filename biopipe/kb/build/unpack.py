"""Files out of a zip archive, each whole or not there."""

import shutil
import zipfile
import zlib
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.io.atomic import atomic_file
from biopipe.kb.build.lock import one_builder

__all__ = ["unpack"]

_BLOCK_BYTES = 1 << 20
# The tables of UMLS and SNOMED CT are 5 to 30 times as large as in their archives; deflate makes
# a thousandth of a file of zeros.
_MOST_TIMES = 200
_SMALL_BYTES = 100_000_000


def unpack(archive: Path, members: Sequence[str]) -> list[Path]:
    """The members that match each pattern, beside the archive and without the folders that they
    have in it.

    A pattern is matched against the end of a member's path; of several the one with the shortest
    path is taken. What is there already, as new as the archive and of the size it states, is left
    as it is.
    """
    try:
        with (
            one_builder(archive.with_name(archive.name + ".lock")),
            zipfile.ZipFile(archive) as opened,
        ):
            infos = [_member(archive, opened, pattern) for pattern in members]
            return [_extracted(archive, opened, info) for info in infos]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise KnowledgeBaseError(
            f"{archive} is damaged or no zip archive ({error}); remove it and give the command "
            "again."
        ) from error
    except OSError as error:
        raise KnowledgeBaseError(
            f"{archive} cannot be unpacked ({error.strerror or error}); check the archive and the "
            "space on the disk."
        ) from error


def _member(archive: Path, opened: zipfile.ZipFile, pattern: str) -> zipfile.ZipInfo:
    files = [info for info in opened.infolist() if not info.is_dir() and _name_of(info)]
    fitting = [info for info in files if fnmatchcase(f"/{info.filename}", f"*/{pattern}")]
    if not fitting:
        names = ", ".join(info.filename for info in files[:20])
        raise KnowledgeBaseError(f"{archive} holds no '{pattern}'; it holds: {names or 'nothing'}.")
    return min(fitting, key=lambda info: (len(info.filename), info.filename))


def _name_of(info: zipfile.ZipInfo) -> str:
    """The name of a member without its folders; "" where that is no plain name."""
    name = Path(info.filename).name
    return "" if name in ("", ".", "..") or not name.isprintable() else name


def _check_size(archive: Path, info: zipfile.ZipInfo) -> None:
    """KnowledgeBaseError for a member that would fill the disk: a small archive may state any
    number of bytes, and hold them.
    """
    if info.file_size > max(_SMALL_BYTES, _MOST_TIMES * info.compress_size):
        raise KnowledgeBaseError(
            f"{archive} holds '{info.filename}' with {info.file_size:,} bytes in "
            f"{info.compress_size:,}, which no terminology has; it is not unpacked."
        )
    free = shutil.disk_usage(archive.parent).free
    if info.file_size > free:
        raise KnowledgeBaseError(
            f"{archive} holds '{info.filename}' with {info.file_size:,} bytes, and {free:,} are "
            f"free in {archive.parent}; free some space."
        )


def _extracted(archive: Path, opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Path:
    path = archive.with_name(Path(info.filename).name)
    if path.is_file():
        there = path.stat()
        if there.st_size == info.file_size and there.st_mtime_ns >= archive.stat().st_mtime_ns:
            return path
    _check_size(archive, info)
    with (
        atomic_file(path) as temporary,
        opened.open(info) as source,
        temporary.open("wb") as target,
    ):
        # zipfile reads no further than the size stated, whatever is there.
        shutil.copyfileobj(source, target, _BLOCK_BYTES)
    return path
