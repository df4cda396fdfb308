"""Which model's hidden states a relation checkpoint reads."""

import json
from pathlib import Path

from biopipe.ner.name_features import told_names
from biopipe.runtime.trunk import Trunk

__all__ = ["load_trunk", "save_trunk"]

_FILE = "trunk.json"


def save_trunk(checkpoint: Path, trunk: Trunk | None) -> None:
    """Remember the trunk; without one, the checkpoint has an encoder of its own."""
    if trunk is None:
        (checkpoint / _FILE).unlink(missing_ok=True)
    else:
        content = {**trunk.about, "path": str(trunk.path)}
        (checkpoint / _FILE).write_text(json.dumps(content, indent=2), encoding="utf-8")


def load_trunk(checkpoint: Path) -> Trunk | None:
    """The trunk that the checkpoint was trained on, if any; ModelError when it has changed
    since.
    """
    path = checkpoint / _FILE
    if not path.is_file():
        return None
    about = json.loads(path.read_text(encoding="utf-8"))
    return Trunk(about["path"], sha256=about["sha256"], features=told_names)
