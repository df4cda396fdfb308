"""What holds for every module of the package, by its source."""

import ast
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


def test_functions_can_be_read_at_a_glance() -> None:
    every = {name: n for path in PACKAGE.rglob("*.py") for name, n in lengths(path).items()}
    assert {name: n for name, n in every.items() if n > LONGEST} == {}


def test_a_long_function_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "long.py"
    module.write_text("def long():\n    # why\n" + "    pass\n" * LONGEST, encoding="utf-8")
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    assert lengths(module) == {"long.py:long": LONGEST + 1}
