"""Command-line tests run the app in this process, with a pipeline that has no model."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from biopipe.cli import app

Invoke = Callable[..., Result]


@pytest.fixture
def invoke() -> Invoke:
    """Calls `biopipe` with arguments; what it prints and its exit code are in the result."""

    def call(*arguments: object, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app, [str(each) for each in arguments], input=stdin)

    return call


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A configuration with abbreviations alone."""
    path = tmp_path / "pipeline.json"
    path.write_text(json.dumps({"components": {"biopipe_abbreviations": {}}}))
    return path
