"""Output folders that `biopipe run` wrote, of documents whose mentions are in the input."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from biopipe.bulk import run

WriteRun = Callable[..., Path]


@pytest.fixture
def write_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WriteRun:
    """Writes records as JSON lines and runs a pipeline without a model over them; options are those
    of `run`. The annotations of the records stay, as if the pipeline had made them.
    """
    # By its name among the modules: the package has a function of the same name.
    monkeypatch.setattr(import_module("biopipe.bulk.annotate"), "_bare", lambda document: document)

    def write(*files: Sequence[Mapping[str, Any]], name: str = "out", **options: Any) -> Path:
        (tmp_path / "in").mkdir(exist_ok=True)
        paths = []
        for number, records in enumerate(files):
            path = tmp_path / "in" / f"{name}-{number}.jsonl"
            path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
            paths.append(str(path))
        config = tmp_path / "pipeline.json"
        config.write_text(json.dumps({"components": {"biopipe_abbreviations": {}}}))
        run(paths, tmp_path / name, pipeline=str(config), **options)
        return tmp_path / name

    return write
