"""Documents in bulk: from files to Parquet tables, resumable."""

from biopipe.bulk.annotate import DocumentError, annotate
from biopipe.bulk.local import run
from biopipe.bulk.progress import Progress
from biopipe.bulk.summary import Summary

__all__ = ["DocumentError", "Progress", "Summary", "annotate", "run"]
