"""What holds for every module of the package, by its source."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "biopipe"
LONGEST = 40
"""Lines of a function, signature and docstring among them."""


def lengths(path: Path) -> dict[str, int]:
    """Lines of each function of a module."""
    return {
        f"{path.relative_to(PACKAGE)}:{node.name}": node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    }


def test_functions_can_be_read_at_a_glance() -> None:
    every = {name: n for path in PACKAGE.rglob("*.py") for name, n in lengths(path).items()}
    assert {name: n for name, n in every.items() if n > LONGEST} == {}


def test_a_long_function_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "long.py"
    module.write_text("def long():\n" + "    pass\n" * LONGEST, encoding="utf-8")
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    assert lengths(module) == {"long.py:long": LONGEST + 1}
