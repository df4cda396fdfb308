"""The table of orthologs of a knowledge base being built."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa

from biopipe.kb.orthologs import ORTHOLOG_SCHEMA, ORTHOLOGS_FILE, Ortholog, ortholog_key

__all__ = ["write_orthologs"]


def write_orthologs(directory: Path, orthologs: Iterable[Ortholog]) -> int:
    """Write `orthologs.arrow`, of several genes for one human gene and taxon the first; returns how
    many there are, and writes nothing where there are none.
    """
    rows: dict[int, Ortholog] = {}
    for ortholog in orthologs:
        rows.setdefault(ortholog_key(ortholog.human_gene, ortholog.taxon), ortholog)
    if not rows:
        return 0
    keys = sorted(rows)
    genes = np.array([rows[key].gene for key in keys], dtype=np.int64)
    columns = [
        pa.array(keys, pa.int64()),
        pa.array(genes),
        pa.array([rows[key].symbol for key in keys], pa.string()),
        pa.array(genes.argsort(kind="stable").astype(np.uint32)),
    ]
    batch = pa.RecordBatch.from_arrays(columns, schema=ORTHOLOG_SCHEMA)
    with pa.ipc.new_file(str(directory / ORTHOLOGS_FILE), ORTHOLOG_SCHEMA) as writer:
        writer.write_batch(batch)
    return len(keys)
