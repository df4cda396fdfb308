"""What a run could not do, and what it was made with."""

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pyarrow.parquet as pq

from biopipe.graph.parts import Source
from biopipe.io.run_output.folder import RUN_FILE, part_file

__all__ = ["MOST_FAILURES", "failure_rows", "run_facts"]

MOST_FAILURES = 500
"""Rows of errors that a page lists."""


def failure_rows(source: Source) -> dict[str, Any]:
    """The first errors of a run, how many there are, and how many of each kind."""
    rows: list[dict[str, Any]] = []
    total = 0
    stages: dict[str, int] = {}
    for part in source.parts:
        table = pq.read_table(part_file(part.folder, "errors", part.name))
        total += table.num_rows
        for stage in table["stage"].to_pylist():
            stages[stage] = stages.get(stage, 0) + 1
        rows += table.slice(0, MOST_FAILURES - len(rows)).to_pylist()
    return {"total": total, "stages": sorted(stages.items()), "rows": rows}


def run_facts(source: Source, run_file: Mapping[str, Any]) -> dict[str, Any]:
    """Name, version, parts and components of a run."""
    configuration = run_file.get("configuration", {})
    pipeline = configuration.get("pipeline")
    components = pipeline.get("components", []) if isinstance(pipeline, Mapping) else []
    written = datetime.fromtimestamp((source.path / RUN_FILE).stat().st_mtime, timezone.utc)
    return {
        "name": source.path.resolve().name,
        "biopipe": configuration.get("biopipe", ""),
        "configuration": source.configuration,
        "finished": source.finished,
        "parts": len(source.parts),
        "written": written.date().isoformat(),
        "components": [_component(component) for component in components],
    }


def _component(component: Mapping[str, Any]) -> dict[str, Any]:
    uses = component.get("uses", {})
    return {
        "name": component.get("name", ""),
        "uses": [[role, used.get("name", ""), used.get("hash", "")] for role, used in uses.items()],
    }
