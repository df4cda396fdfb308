"""Files in and out: formats, ids, runs' folders; `read` takes any format."""

from biopipe.io.formats import FORMATS, read, write
from biopipe.io.fragments import Fragment, list_fragments, read_fragment
from biopipe.io.rows import OnError, RowError

__all__ = [
    "FORMATS",
    "Fragment",
    "OnError",
    "RowError",
    "list_fragments",
    "read",
    "read_fragment",
    "write",
]
