"""Whether the Arrow tables of a base are what the reading side takes them for.

Hashes tell that files are those of the manifest. They do not tell who wrote it: the reading side
looks into the buffers of columns, and offsets that lead out of them would end the process.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.arrays import view
from biopipe.kb.arrow_schemas import TABLE_SCHEMAS
from biopipe.kb.orthologs import ORTHOLOG_SCHEMA, ORTHOLOGS_FILE

__all__ = ["check_tables"]


def check_tables(directory: Path) -> None:
    """KnowledgeBaseError unless every buffer of the tables is valid, every column of its type and
    without nulls, and every name that of a concept there is. Reads all of them.
    """
    try:
        rows = {name: _checked(directory / name, schema) for name, schema in TABLE_SCHEMAS.items()}
        owners = view(rows["names.arrow"].column("concept"), np.uint32)
        concepts = rows["concepts.arrow"].num_rows
        in_order = bool((owners[1:] >= owners[:-1]).all())
        if len(owners) and (not in_order or int(owners[-1]) >= concepts):
            raise ValueError("names.arrow has names of no concept, or not in the order of concepts")
        if (directory / ORTHOLOGS_FILE).is_file():
            _check_orthologs(_checked(directory / ORTHOLOGS_FILE, ORTHOLOG_SCHEMA))
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise KnowledgeBaseError(
            f"The tables of the knowledge base {directory} are not valid "
            f"({str(error).splitlines()[0] if str(error) else error!r}); build it again."
        ) from error


def _check_orthologs(batch: pa.RecordBatch) -> None:
    rows = view(batch.column("by_id"), np.uint32)
    if len(rows) and int(rows.max()) >= len(rows):
        raise ValueError(f"{ORTHOLOGS_FILE} leads to rows that it does not have")


def _checked(path: Path, schema: pa.Schema) -> pa.RecordBatch:
    """The one batch of a table, valid."""
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    if reader.num_record_batches > 1:
        raise ValueError(f"{path.name} has {reader.num_record_batches} batches, not one")
    batch = reader.get_batch(0) if reader.num_record_batches else _empty(reader.schema)
    batch.validate(full=True)
    for field in schema:
        column = batch.column(field.name)
        if column.type != field.type:
            raise ValueError(f"the column {field.name} of {path.name} is {column.type}")
        if column.null_count or pc.sum(pc.is_null(column)).as_py():
            raise ValueError(f"the column {field.name} of {path.name} has nulls")
    return batch


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema)
