"""What holds for every module of the package and of its tests, by their source."""

import ast
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "biopipe"
LONGEST = 40
"""Lines of a function, signature and docstring among them; not its comments, or the limit would be
one on reasons as well."""


def lengths(path: Path) -> dict[str, int]:
    """Lines of each function of a module, without those of comments alone."""
    text = path.read_text(encoding="utf-8")
    is_comment = [line.lstrip().startswith("#") for line in text.split("\n")]
    return {
        f"{path.relative_to(PACKAGE)}:{node.name}": is_comment[
            node.lineno - 1 : node.end_lineno
        ].count(False)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_folder_of_tests_is_looked_into(pytestconfig: pytest.Config) -> None:
    passed_over = pytestconfig.getini("norecursedirs")
    folders = {path.parent for path in Path(__file__).parent.rglob("test_*.py")}
    parts = {part for folder in folders for part in folder.parts[len(PACKAGE.parts) - 1 :]}
    assert [part for part in parts if any(fnmatch(part, p) for p in passed_over)] == []


def test_functions_can_be_read_at_a_glance() -> None:
    every = {name: n for path in PACKAGE.rglob("*.py") for name, n in lengths(path).items()}
    assert {name: n for name, n in every.items() if n > LONGEST} == {}


def test_a_long_function_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "long.py"
    module.write_text("def long():\n    # why\n" + "    pass\n" * LONGEST, encoding="utf-8")
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    assert lengths(module) == {"long.py:long": LONGEST + 1}


COLLECT = """
import sys
import pytest
for package in ("torch", "transformers", "gliner", "ray", "pyspark"):
    sys.modules[package] = None
sys.exit(pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""
"""Collects tests as where none of the heavy extras is installed."""


def collect_without_extras(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COLLECT, folder], capture_output=True, text=True, cwd=folder.parent
    )


def test_every_test_module_loads_without_the_heavy_extras() -> None:
    """A module that needs one skips itself: an error there would end the core's whole run."""
    run = collect_without_extras(Path(__file__).parent)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_test_module_that_needs_an_extra_is_seen(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import torch\n", encoding="utf-8")
    run = collect_without_extras(tmp_path)
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert "torch" in run.stdout
