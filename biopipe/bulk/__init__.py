"""Documents in bulk: from files to Parquet tables, resumable."""

from biopipe.bulk.annotate import DocumentError, annotate
from biopipe.bulk.output.progress import Progress
from biopipe.bulk.output.summary import Summary
from biopipe.bulk.plan import RunPlan
from biopipe.bulk.runner import execute, run

__all__ = ["DocumentError", "Progress", "RunPlan", "Summary", "annotate", "execute", "run"]
