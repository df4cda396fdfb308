"""Build a graph from the output of runs, or add to one."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from biopipe.errors import ConfigError, OutputError
from biopipe.graph.documents import SeenDocuments
from biopipe.graph.edges import EDGES, EdgeCounts, with_names
from biopipe.graph.evidence import EVIDENCE, RELATION_COLUMNS, evidence_rows, unlinked
from biopipe.graph.export import check_formats, export_graph
from biopipe.graph.folder import EVIDENCE_FOLDER, STORED, GraphFolder, GraphRecord, open_graph
from biopipe.graph.id_systems import IdSystems
from biopipe.graph.nodes import MENTION_COLUMNS, NODES, NodeCounts
from biopipe.graph.options import GraphOptions
from biopipe.graph.parts import (
    PartDocuments,
    Source,
    SourcePart,
    documents_of,
    read_source,
    rows_of,
)

__all__ = ["GraphSummary", "build_graph"]

Documents: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_GROUP_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class GraphSummary:
    """What a graph holds, and what was done. `counts` are of the whole graph:

    documents; repeated_documents, left out because another with the same id came before;
    undated_documents and malformed_dates, in the graph without a date; unlinked_relations, left out
    because an end has no concept id.
    """

    graph: str
    nodes: int
    edges: int
    contradicted: int
    counts: dict[str, int]
    parts_added: int
    parts_before: int
    unfinished: tuple[str, ...]
    exports: tuple[str, ...]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `biopipe graph --json` prints it."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "seconds": round(self.seconds, 3)
        }


def build_graph(
    outputs: Sequence[str | Path],
    graph: str | Path,
    *,
    options: GraphOptions | None = None,
    add: bool = False,
    restart: bool = False,
    exports: Sequence[str] = (),
    on_documents: Callable[[int], None] | None = None,
) -> GraphSummary:
    """Aggregate the output folders of runs into the graph folder `graph`.

    With `add` the parts that the graph does not hold yet are added to it, which gives the same
    tables as building from all of them; `options` then have to be those of the graph, or None.
    `restart` builds in place of a graph that is there. Without outputs an existing graph is only
    exported. Killed at any moment, the folder holds the graph of before or the new one.
    `on_documents` gets the number of documents read so far.
    """
    started = time.perf_counter()
    _check_request(outputs, exports)
    sources = [read_source(Path(output).absolute()) for output in outputs]
    if not outputs and not Path(graph).is_dir():
        raise _no_graph(Path(graph).absolute())
    with open_graph(Path(graph).absolute()) as folder:
        known = _start(folder, options, add=add or not outputs, restart=restart)
        todo, before = _new_parts(sources, known)
        if not outputs and folder.record is None:
            raise _no_graph(folder.path)
        formats = tuple(sorted({*known.exports, *exports}))
        record = replace(known, exports=formats)
        if todo or folder.record is None or restart:
            record = _aggregate(folder, record, todo, on_documents)
        source = folder.making if (folder.making / STORED[0]).is_file() else folder.path
        if source is folder.making or formats:
            export_graph(source, folder.making, formats, directed=record.options.directed)
            folder.commit(record)
        return _summary(folder, record, sources, (len(todo), before), started)


def _no_graph(path: Path) -> OutputError:
    return OutputError(f"The folder {path} holds no graph; give an output folder of biopipe run.")


def _check_request(outputs: Sequence[str | Path], exports: Sequence[str]) -> None:
    """ConfigError for an unknown format, or where there is neither an output nor an export."""
    check_formats(exports)
    if not outputs and not exports:
        raise ConfigError(
            "Nothing to do: give an output folder of biopipe run, or --export for a graph that is "
            "there."
        )


def _start(
    folder: GraphFolder, options: GraphOptions | None, *, add: bool, restart: bool
) -> GraphRecord:
    """The record to go on from."""
    record = folder.record
    if record is None or restart:
        return GraphRecord(options or GraphOptions())
    if not add:
        raise OutputError(
            f"{folder.path} holds a graph of {record.counts['documents']:,} documents; give --add to "
            "add to it, --restart to replace it, or choose another folder."
        )
    if options is not None and options != record.options:
        raise OutputError(
            f"The graph {folder.path} was built with other options ({record.options}); leave the "
            "options out, or give --restart to replace it."
        )
    # Adding to a file that was changed would spread the damage over all counts.
    folder.verify()
    return record


def _new_parts(
    sources: Sequence[Source], record: GraphRecord
) -> tuple[dict[str, tuple[Source, SourcePart]], int]:
    """The parts to add by identity, in the order given, and how many the graph has already."""
    todo: dict[str, tuple[Source, SourcePart]] = {}
    before = 0
    for source in sources:
        for part in source.parts:
            # By content: the same part copied to another folder is not counted twice.
            if part.identity in record.parts or part.identity in todo:
                before += 1
            else:
                todo[part.identity] = (source, part)
    return todo, before


def _aggregate(
    folder: GraphFolder,
    record: GraphRecord,
    todo: dict[str, tuple[Source, SourcePart]],
    on_documents: Callable[[int], None] | None,
) -> GraphRecord:
    """Write the tables of `record` and `todo` together into the folder's `making`."""
    systems = _id_systems(folder, record)
    state = _State(folder, record, systems)
    read = 0
    parts = dict(record.parts)
    for identity, (source, part) in todo.items():
        name = f"{part.name}-{identity[:12]}.parquet"
        documents = state.add(part, folder.making / EVIDENCE_FOLDER / name)
        parts[identity] = {
            "name": part.name,
            "documents": documents,
            "evidence": name,
            "configuration": source.configuration,
            "biopipe": version("biopipe"),
        }
        read += part.documents
        if on_documents:
            on_documents(read)
    state.write(folder.making)
    kb_sha256 = systems.sha256 if systems else ""
    return replace(record, parts=parts, counts=state.counted(), files={}, kb_sha256=kb_sha256)


def _id_systems(folder: GraphFolder, record: GraphRecord) -> IdSystems | None:
    """What renames ids, None without preferred systems; OutputError when the knowledge base is not
    the one that ids of the graph were renamed by before.
    """
    options = record.options
    if not options.prefer:
        return None
    systems = IdSystems(options.prefer, options.kb)
    if record.kb_sha256 not in ("", systems.sha256):
        raise OutputError(
            f"The ids of the graph {folder.path} are by another state of the knowledge base "
            f"{options.kb}; give --restart to build it anew."
        )
    return systems


class _State:
    """A graph in memory while parts are added to it."""

    def __init__(self, folder: GraphFolder, record: GraphRecord, systems: IdSystems | None) -> None:
        self._options, self._systems = record.options, systems
        self._nodes = NodeCounts(systems.rename if systems else None)
        self._edges = EdgeCounts(record.options)
        self._seen = SeenDocuments()
        self._counts = Counter(record.counts)
        if record.parts:
            self._seen = SeenDocuments(np.load(folder.path / "documents.npy"))
            self._nodes.load(pq.read_table(folder.path / "nodes.parquet"))
            self._edges.load(pq.read_table(folder.path / "edges.parquet"))

    def add(self, part: SourcePart, evidence: Path) -> int:
        """Count a part and write its evidence; how many of its documents are new."""
        documents = documents_of(part)
        # Before anything is counted, as all that is counted of a document is left out with it.
        keep = self._seen.add(documents.ids.to_pylist())
        new = int(keep.sum())
        dated = documents.dates[keep]
        self._counts["repeated_documents"] += len(keep) - new
        malformed = documents.malformed[keep]
        self._counts["malformed_dates"] += int(malformed.sum())
        self._counts["undated_documents"] += int((dated == 0).sum() - malformed.sum())
        for numbers, rows in rows_of(part, "mentions", documents, MENTION_COLUMNS):
            kept, numbers = _kept(rows, numbers, keep)
            self._nodes.add_mentions(kept, numbers, documents.dates)
        with pq.ParquetWriter(evidence, EVIDENCE, compression="zstd") as writer:
            self._add_relations(part, documents, keep, writer)
        return new

    def write(self, folder: Path) -> None:
        """Write nodes, edges and the documents seen."""
        edges = self._edges.table()
        nodes = self._nodes.table(edges)
        _write(nodes, NODES, folder / "nodes.parquet")
        _write(with_names(edges, nodes), EDGES, folder / "edges.parquet")
        self._seen.save(folder / "documents.npy")

    def counted(self) -> dict[str, int]:
        """Documents in the graph, and what was left out."""
        names = ("repeated_documents", "undated_documents", "malformed_dates", "unlinked_relations")
        return {"documents": len(self._seen)} | {name: self._counts[name] for name in names}

    def _add_relations(
        self, part: SourcePart, documents: PartDocuments, keep: Mask, writer: pq.ParquetWriter
    ) -> None:
        for every, rows in rows_of(part, "relations", documents, RELATION_COLUMNS):
            kept, numbers = _kept(rows, every, keep)
            if self._systems is not None:
                kept = self._systems.rename_ends(kept)
            nil = unlinked(kept)
            if self._options.nil:
                self._nodes.add_unlinked(kept, numbers, documents.dates)
            else:
                self._counts["unlinked_relations"] += int(nil.sum())
                # An id made of a name may stand for other things in other documents.
                kept, numbers = kept.filter(pa.array(~nil)), numbers[~nil]
            evidence = evidence_rows(kept, numbers, documents.dates, self._options)
            self._edges.add(evidence)
            writer.write_table(evidence.select(EVIDENCE.names))


def _kept(rows: pa.Table, documents: Documents, keep: Mask) -> tuple[pa.Table, Documents]:
    """Rows of the documents to keep, and the number of the document of each."""
    mask = keep[documents]
    return (rows, documents) if mask.all() else (rows.filter(pa.array(mask)), documents[mask])


def _write(table: pa.Table, schema: pa.Schema, path: Path) -> None:
    """Write in row groups, which are small enough for the small strings of the stored schema."""
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, table.num_rows, _GROUP_ROWS):
            writer.write_table(table.slice(start, _GROUP_ROWS).cast(schema))


def _summary(
    folder: GraphFolder,
    record: GraphRecord,
    sources: Sequence[Source],
    parts: tuple[int, int],
    started: float,
) -> GraphSummary:
    edges = pq.read_table(folder.path / "edges.parquet", columns=["contradicted"])
    return GraphSummary(
        graph=str(folder.path),
        nodes=pq.read_metadata(folder.path / "nodes.parquet").num_rows,
        edges=edges.num_rows,
        contradicted=sum(edges["contradicted"].to_pylist()),
        counts=dict(record.counts),
        parts_added=parts[0],
        parts_before=parts[1],
        unfinished=tuple(str(source.path) for source in sources if not source.finished),
        exports=record.exports,
        seconds=time.perf_counter() - started,
    )
