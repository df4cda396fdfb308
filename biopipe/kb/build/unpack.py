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
    files = [info for info in opened.infolist() if not info.is_dir()]
    fitting = [info for info in files if fnmatchcase(f"/{info.filename}", f"*/{pattern}")]
    if not fitting:
        names = ", ".join(info.filename for info in files[:20])
        raise KnowledgeBaseError(f"{archive} holds no '{pattern}'; it holds: {names or 'nothing'}.")
    return min(fitting, key=lambda info: (len(info.filename), info.filename))


def _extracted(archive: Path, opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Path:
    path = archive.with_name(Path(info.filename).name)
    if path.is_file():
        there = path.stat()
        if there.st_size == info.file_size and there.st_mtime_ns >= archive.stat().st_mtime_ns:
            return path
    with (
        atomic_file(path) as temporary,
        opened.open(info) as source,
        temporary.open("wb") as target,
    ):
        shutil.copyfileobj(source, target, _BLOCK_BYTES)
    return path
