"""Public names are unique, so that one that is read in a traceback or a search says where it is."""

import ast
from collections import defaultdict
from pathlib import Path

import biopipe

PACKAGE = Path(biopipe.__file__).parent
# One of each format or source a file: the module's name is part of theirs.
ONE_A_FILE = {"HELD_FIELDS", "read", "read_licence", "read_version", "write"}
# One of each group of commands.
ONE_A_COMMAND_GROUP = {"app", "register"}


def _public_names(path: Path) -> set[str]:
    """What `__all__` of a module lists, as far as the module itself defines it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names)):
                listed = {str(name.value) for name in names if isinstance(name, ast.Constant)}
                return listed - imported
    return set()


def test_a_public_name_stands_in_one_module() -> None:
    modules = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for name in _public_names(path) - ONE_A_FILE - ONE_A_COMMAND_GROUP:
            modules[name].add(path.relative_to(PACKAGE).with_suffix("").as_posix())
    doubles = {name: where for name, where in modules.items() if len(where) > 1}
    assert doubles == {}
