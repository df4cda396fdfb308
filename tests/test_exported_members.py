import ast
import subprocess
import sys
from pathlib import Path

import pytest

import biopipe


@pytest.mark.parametrize("name", biopipe.__all__)
def test_every_member_is_there(name: str) -> None:
    member = getattr(biopipe, name)
    assert name == "__version__" or member.__name__ == name
    assert name in dir(biopipe)


def test_unknown_member() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = biopipe.lod


def test_stub_names_the_same_members() -> None:
    stub = ast.parse(Path(biopipe.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    imported = [
        (node.module, alias.name, alias.asname)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    # Only a name imported as itself is public in a stub.
    homes = {(home, name, name) for home, names in biopipe._HOMES.items() for name in names}
    assert set(imported) == homes
    assert biopipe.__all__ == sorted([*(name for _, name, _ in imported), "__version__"])


def test_star_import() -> None:
    namespace: dict[str, object] = {}
    exec("from biopipe import *", namespace)
    assert set(biopipe.__all__) <= set(namespace)


def test_import_is_light() -> None:
    code = (
        "import sys, biopipe\n"
        "heavy = {'spacy', 'onnxruntime', 'numpy', 'pyarrow', 'torch', 'transformers', 'tokenizers'}\n"
        "own = {name for name in sys.modules if name.startswith('biopipe.')}\n"
        "sys.exit(repr(heavy & set(sys.modules) or own or '') if heavy & set(sys.modules) or own else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
