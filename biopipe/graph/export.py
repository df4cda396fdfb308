"""A graph for other programs: GraphML, the CSV files of neo4j-admin import, and SIF."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow.parquet as pq

from biopipe.document.unicode import NOT_XML
from biopipe.errors import ConfigError

__all__ = ["GRAPH_FORMATS", "check_formats", "export_graph"]

_NODE = ("name", "type", "knowledge_base", "mentions", "documents", "first_date", "last_date")
_EDGE = (
    "documents",
    "confidence",
    "novel",
    "background",
    "unasserted",
    "contradicted",
    "opposite_documents",
    "first_date",
    "last_date",
    "head_acts",
    "tail_acts",
)
# Of Arrow's types: attribute types of GraphML, property types of neo4j-admin.
_GRAPHML = {"string": "string", "int64": "long", "double": "double", "bool": "boolean"}
_BATCH_ROWS = 4096
_NEO4J = {"string": "string", "int64": "long", "double": "double", "bool": "boolean"}
_ENDS = re.compile(r"[\t\n\r\x00]+")

Row = Mapping[str, Any]


def check_formats(names: Sequence[str]) -> None:
    """ConfigError for a format that is not there."""
    for name in names:
        if name not in GRAPH_FORMATS:
            raise ConfigError(
                f"Unknown export format '{name}'; give some of: {', '.join(GRAPH_FORMATS)}."
            )


def export_graph(source: Path, folder: Path, formats: Sequence[str], *, directed: bool) -> None:
    """Write nodes.parquet and edges.parquet of `source` into `folder` in other formats, row by
    row.
    """
    for name in formats:
        GRAPH_FORMATS[name](source, folder, directed)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS, columns=list(columns)):
            yield from batch.to_pylist()


def _types(path: Path, columns: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    schema = pq.read_schema(path)
    return {column: names[str(schema.field(column).type)] for column in columns}


def _graphml(source: Path, folder: Path, directed: bool) -> None:
    """http://graphml.graphdrawing.org/specification.html"""
    nodes, edges = source / "nodes.parquet", source / "edges.parquet"
    columns = {"node": _NODE, "edge": ("label", *_EDGE)}
    with (folder / "graph.graphml").open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        file.write('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
        for kind, path in (("node", nodes), ("edge", edges)):
            for name, type_ in _types(path, columns[kind], _GRAPHML).items():
                file.write(
                    f'<key id="{kind}_{name}" for="{kind}" attr.name="{name}" '
                    f'attr.type="{type_}"/>\n'
                )
        file.write(f'<graph edgedefault="{"directed" if directed else "undirected"}">\n')
        for row in _rows(nodes, ("id", *_NODE)):
            file.write(f"<node id={_quoted(row['id'])}>{_data('node', _NODE, row)}</node>\n")
        for row in _rows(edges, ("head", "tail", *columns["edge"])):
            ends = f"source={_quoted(row['head'])} target={_quoted(row['tail'])}"
            if directed and not row["head_acts"]:
                # Of a directed graph the edges whose acting end nobody knows.
                ends += ' directed="false"'
            file.write(f"<edge {ends}>{_data('edge', columns['edge'], row)}</edge>\n")
        file.write("</graph>\n</graphml>\n")


def _data(kind: str, columns: Sequence[str], row: Row) -> str:
    values = ((name, row[name]) for name in columns if row[name] is not None)
    return "".join(
        f'<data key="{kind}_{name}">{escape(_xml(_plain(value)))}</data>' for name, value in values
    )


def _xml(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)


def _quoted(text: str) -> str:
    return quoteattr(_xml(text))


def _neo4j(source: Path, folder: Path, directed: bool) -> None:
    """https://neo4j.com/docs/operations-manual/current/import/ (header of each file in its first
    row).
    """
    nodes, edges = source / "nodes.parquet", source / "edges.parquet"
    (folder / "neo4j").mkdir(exist_ok=True)
    with (folder / "neo4j" / "nodes.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        typed = _types(nodes, _NODE, _NEO4J)
        writer.writerow(["id:ID", *(f"{name}:{type_}" for name, type_ in typed.items()), ":LABEL"])
        for row in _rows(nodes, ("id", *_NODE, "types")):
            # One label that all nodes have, for an index and for queries over every kind.
            labels = ["Concept", *(_label(entry["type"]) for entry in row["types"])]
            writer.writerow(
                [_line(row["id"]), *(_cell(row[name]) for name in _NODE), ";".join(labels)]
            )
    with (folder / "neo4j" / "relationships.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        typed = _types(edges, _EDGE, _NEO4J)
        properties = [f"{name}:{type_}" for name, type_ in typed.items()]
        writer.writerow([":START_ID", ":END_ID", ":TYPE", *properties])
        for row in _rows(edges, ("head", "tail", "label", *_EDGE)):
            ends = (_line(row["head"]), _line(row["tail"]), _line(row["label"]))
            writer.writerow([*ends, *(_cell(row[name]) for name in _EDGE)])


def _label(text: str) -> str:
    # ";" parts the labels of a node.
    return _line(text).replace(";", ",")


def _cell(value: Any) -> str:
    return "" if value is None else _line(_plain(value))


def _sif(source: Path, folder: Path, directed: bool) -> None:
    """Head, label and tail of edges with support, parted by tabs: https://manual.cytoscape.org."""
    with (folder / "graph.sif").open("w", encoding="utf-8", newline="\n") as file:
        for row in _rows(source / "edges.parquet", ("head", "label", "tail", "documents")):
            if row["documents"]:
                file.write("\t".join(_line(row[name]) for name in ("head", "label", "tail")) + "\n")


def _line(text: str) -> str:
    return _ENDS.sub(" ", text)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


GRAPH_FORMATS: Mapping[str, Callable[[Path, Path, bool], None]] = {
    "graphml": _graphml,
    "neo4j": _neo4j,
    "sif": _sif,
}
