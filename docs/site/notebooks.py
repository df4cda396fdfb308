"""Executes the notebooks of docs/notebooks and keeps their outputs; what a machine or a moment
decides (times, progress bars, paths) is not printed by them.

    python docs/site/notebooks.py [NAME...]
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def execute(path: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of its cells, run in an empty folder; an error in a cell is one
    here.
    """
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=1200, kernel_name="python3")
        client.execute(cwd=folder)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran
    return notebook


def main(names: list[str]) -> None:
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not names or path.stem in names:
            notebook = execute(path)
            notebook.metadata.pop("language_info", None)
            nbformat.write(notebook, path)


if __name__ == "__main__":
    main(sys.argv[1:])
