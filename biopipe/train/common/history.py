"""What a run measured while it trained, in `history.json` beside its checkpoint."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from biopipe.io.atomic import write_json_file

__all__ = ["HISTORY_FILE", "add_to_history", "read_history"]

HISTORY_FILE = "history.json"


def read_history(folder: Path) -> list[dict[str, Any]]:
    """The entries of a checkpoint's history in order, none where it keeps none."""
    path = folder / HISTORY_FILE
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []


def add_to_history(folder: Path, entry: Mapping[str, Any], *, key: str = "epoch") -> None:
    """Add an entry after those with a smaller `key`; later ones are of a run that was resumed
    before them, and go.
    """
    earlier = [record for record in read_history(folder) if record[key] < entry[key]]
    write_json_file(folder / HISTORY_FILE, [*earlier, dict(entry)])
