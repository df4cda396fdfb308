"""`biopipe run` over real PubMed XML, EasyNER and PubMedQA files: every input is a document or an
error row.

    python benchmarks/bulk_text.py

Inputs are counted here with the standard library, apart from biopipe's readers. Exits 1 if one is
not accounted for.
"""

import gzip
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
from record import options, record


def main() -> None:
    arguments = options(__doc__).parse_args()
    result = {}
    for name, count_inputs in INPUTS.items():
        source = arguments.data / "text" / name
        if not source.is_file():
            raise SystemExit(
                f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
            )
        with tempfile.TemporaryDirectory() as folder:
            result[name] = {"inputs": count_inputs(source), **run(source, Path(folder) / "out")}
        each = result[name]
        each["accounted_for"] = (
            each["exit"] == 0 and each["documents"] + each["errors"] == each["inputs"]
        )
    record("bulk_text", result, arguments.results)
    if not all(each["accounted_for"] for each in result.values()):
        raise SystemExit(1)


def run(source: Path, output: Path) -> dict[str, Any]:
    """One `biopipe run`: exit status, seconds and rows of each table."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "biopipe", "run", str(source), "-o", str(output)],
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds = time.perf_counter() - started
    sys.stderr.write(done.stdout)
    rows = {
        table: rows_of(output / table) for table in ("documents", "mentions", "relations", "errors")
    }
    documents_per_second = round(rows["documents"] / seconds, 2)
    return {
        "exit": done.returncode,
        "seconds": round(seconds, 1),
        "documents_per_second": documents_per_second,
    } | rows


def rows_of(folder: Path) -> int:
    """Rows of all Parquet parts in a folder."""
    return int(ds.dataset(folder, format="parquet").count_rows()) if folder.is_dir() else 0


def citations(path: Path) -> int:
    """Citations of a PubMed XML file, and those it only says are deleted."""
    text = gzip.decompress(path.read_bytes()).decode("utf-8")
    deleted = re.findall(r"<DeleteCitation>(.*?)</DeleteCitation>", text, flags=re.DOTALL)
    return len(re.findall(r"<MedlineCitation[ >]", text)) + sum(
        str(b).count("<PMID") for b in deleted
    )


def entries(path: Path) -> int:
    """Entries of a JSON object by id."""
    return len(json.loads(path.read_text(encoding="utf-8")))


INPUTS: dict[str, Callable[[Path], int]] = {
    "medline16n0902.xml.gz": citations,
    "easyner-autophagy-999.json": entries,
    "pubmedqa-1000.json": entries,
}

if __name__ == "__main__":
    main()
