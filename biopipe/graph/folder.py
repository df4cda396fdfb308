"""A graph folder: its record graph.json, checks at opening, and changes that happen wholly or not
at all.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from biopipe.errors import OutputError
from biopipe.graph.options import GraphOptions
from biopipe.io.atomic import move_files, publish_folder
from biopipe.io.file_hash import file_sha256
from biopipe.io.lock import LOCK_FILES, one_writer

__all__ = ["EVIDENCE_FOLDER", "FORMAT", "STORED", "GraphFolder", "GraphRecord", "open_graph"]

FORMAT = 2
EVIDENCE_FOLDER = "evidence"
STORED = ("nodes.parquet", "edges.parquet", "documents.npy")
_KIND = "biopipe-graph"
_RECORD = "graph.json"
# Files are made in one and, by a single rename, become the other, from which they go to their
# places.
_MAKING, _READY = ".tmp", ".ready"


@dataclass(frozen=True, slots=True)
class GraphRecord:
    """What graph.json says: `parts` by their identity, `counts` of documents that are in or left
    out, `kb_sha256` of the knowledge base that ids were renamed by.
    """

    options: GraphOptions
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exports: tuple[str, ...] = ()
    kb_sha256: str = ""

    def to_dict(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in ("parts", "counts", "files", "exports")}
        plain |= {"kb_sha256": self.kb_sha256} if self.kb_sha256 else {}
        return {"kind": _KIND, "format": FORMAT, "options": self.options.to_dict(), **plain}


class GraphFolder:
    """A graph folder held by this process; get one from `open_graph`."""

    def __init__(self, path: Path, record: GraphRecord | None) -> None:
        self.path = path
        self.record = record
        self.making = path / _MAKING
        shutil.rmtree(self.making, ignore_errors=True)
        (self.making / EVIDENCE_FOLDER).mkdir(parents=True)

    def verify(self) -> None:
        """OutputError when a file that the next graph stands on is not what was written."""
        for name, about in (self.record.files if self.record else {}).items():
            path = self.path / name
            if not path.is_file() or file_sha256(path) != about["sha256"]:
                raise OutputError(
                    f"{path} is missing or was altered after the graph was built; build it again with "
                    "--restart."
                )

    def commit(self, record: GraphRecord) -> None:
        """Put all that lies in `making` in place, with `record`, which gains the hashes of the
        stored files.
        """
        made = {name: self.making / name for name in STORED if (self.making / name).is_file()}
        files = {
            name: {"sha256": file_sha256(path), "bytes": path.stat().st_size}
            for name, path in made.items()
        }
        content = record.to_dict() | {"files": files or record.files}
        (self.making / _RECORD).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        # The one moment: before it the graph is the old one, from it on the new one, however often
        # moving the files is cut off.
        publish_folder(self.making, self.path / _READY)
        _put_in_place(self.path)


@contextmanager
def open_graph(path: Path) -> Iterator[GraphFolder]:
    """Hold `path` as a graph folder; a change that a killed process had ready is finished first.

    OutputError when the folder holds something else, a graph of another format, or another process
    writes there.
    """
    _refuse_others(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with one_writer(path):
            _put_in_place(path)
            folder = GraphFolder(path, _read_record(path))
            try:
                yield folder
            finally:
                shutil.rmtree(folder.making, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"Writing to {path} failed ({error.strerror or error}); the graph is as it was before."
        ) from error


def _refuse_others(path: Path) -> None:
    if path.is_dir():
        own = {*LOCK_FILES, _MAKING, _READY}
        foreign = sorted({entry.name for entry in path.iterdir()} - own)
        if foreign and not (path / _RECORD).is_file() and not (path / _READY).is_dir():
            raise OutputError(
                f"The folder {path} is not empty and is no graph (it holds {foreign[0]}, but no "
                f"{_RECORD}); choose another folder."
            )
    elif path.exists():
        raise OutputError(f"The graph {path} is a file; give the path of a folder.")


def _put_in_place(path: Path) -> None:
    """Move what is ready to its place, graph.json last; may be cut off anywhere and called
    again.
    """
    ready = path / _READY
    if not ready.is_dir():
        return
    move_files(ready, path, last=_RECORD)
    # Last, when the record that is in place no longer names them.
    _sweep(path)
    shutil.rmtree(ready)


def _sweep(path: Path) -> None:
    """Delete evidence of parts that are no longer in the graph."""
    record = _read_record(path)
    kept = {about["evidence"] for about in record.parts.values()} if record else set()
    for file in (path / EVIDENCE_FOLDER).glob("*.parquet"):
        if file.name not in kept:
            file.unlink()


def _read_record(path: Path) -> GraphRecord | None:
    """The record of the graph that is here; None in a new folder."""
    file = path / _RECORD
    if not file.exists():
        return None
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        kind, version = content["kind"], content["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{file} is not the {_RECORD} of a graph; choose another folder."
        ) from error
    if kind != _KIND:
        raise OutputError(f"{file} is not the {_RECORD} of a graph; choose another folder.")
    if version != FORMAT:
        advice = (
            "upgrade biopipe"
            if isinstance(version, int) and version > FORMAT
            else "build it in a new folder"
        )
        raise OutputError(
            f"The graph {path} has format {version}, this biopipe reads format {FORMAT}; {advice}."
        )
    try:
        options = GraphOptions.from_dict(content["options"])
        return GraphRecord(
            options,
            content["parts"],
            content["counts"],
            content["files"],
            tuple(content["exports"]),
            content.get("kb_sha256", ""),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OutputError(
            f"{file} is damaged ({error}); build the graph in a new folder."
        ) from error
