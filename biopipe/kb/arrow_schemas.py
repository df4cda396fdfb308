"""The Arrow schemas of the tables of a knowledge base."""

from collections.abc import Mapping

import pyarrow as pa

__all__ = ["CONCEPT_SCHEMA", "EDGE_SCHEMA", "NAME_SCHEMA", "TABLE_SCHEMAS"]

_STRINGS = pa.list_(pa.string())
CONCEPT_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("types", _STRINGS),
        ("definition", pa.large_string()),
        ("parents", _STRINGS),
        ("replaced_by", pa.string()),
        ("xrefs", _STRINGS),
    ]
)
NAME_SCHEMA = pa.schema(
    [
        ("text", pa.large_string()),
        ("concept", pa.uint32()),
        ("source", pa.dictionary(pa.int16(), pa.string())),
        ("kind", pa.dictionary(pa.int8(), pa.string())),
    ]
)
EDGE_SCHEMA = pa.schema([("head", pa.string()), ("tail", pa.string()), ("relation", pa.string())])

TABLE_SCHEMAS: Mapping[str, pa.Schema] = {
    "concepts.arrow": CONCEPT_SCHEMA,
    "names.arrow": NAME_SCHEMA,
    "edges.arrow": EDGE_SCHEMA,
}
"""By the name of the file."""
