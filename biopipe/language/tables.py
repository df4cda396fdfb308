"""Word tables that lie beside the code as files of tab-separated rows."""

from importlib.resources import files

__all__ = ["read_table"]


def read_table(package: str, name: str) -> list[tuple[str, ...]]:
    """The rows of the file `name` in the package `package`, as tuples of cells.

    Lines that begin with "# " say what the columns are and where the rows come from.
    """
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("# "))
    return [tuple(line.split("\t")) for line in lines]
