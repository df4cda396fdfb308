"""What a component leaves in a saved pipeline, and the check that it finds the same again."""

import shutil
from pathlib import Path

from biopipe.document import Predictor
from biopipe.errors import ConfigError

__all__ = ["Uses", "check_same", "copy_folder", "copy_resources", "predictor_uses"]

MODEL = "model"
"""Role of the resource, and name of its folder in a saved component."""

Uses = dict[str, dict[str, str]]


def predictor_uses(predictor: Predictor) -> Uses:
    """Name and hash of each resource of a predictor by its role, or `ROLE:LABEL` where it serves
    one mention label.
    """
    return {
        f"{used.role}:{used.label}" if used.label else used.role: {
            "name": used.name,
            "hash": used.hash,
        }
        for used in predictor.resources()
    }


def check_same(component: str, saved: Uses, predictor: Predictor) -> None:
    """ConfigError if anything that the component was saved with is another now."""
    # Asking a linker for its hashes opens its knowledge bases.
    uses = predictor_uses(predictor) if saved else {}
    for role, before in saved.items():
        now = uses.get(role, {"name": "none", "hash": "none"})
        if now["hash"] != before["hash"]:
            raise ConfigError(
                f"'{component}' was saved with the {role} '{before['name']}' "
                f"({before['hash'][:12]}) and now finds '{now['name']}' ({now['hash'][:12]}); give "
                "it the same or build the pipeline anew."
            )


def copy_resources(predictor: Predictor, target: Path) -> None:
    """Copy the folders that a saved predictor needs: its model to `target/model`, others beside it
    under their names, where the model looks for them.
    """
    for used in predictor.resources():
        if used.folder is not None:
            copy_folder(used.folder, target / (MODEL if used.role == MODEL else used.name))


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder under a temporary name and put it in the target's place; onto itself it does
    nothing.
    """
    if target.exists() and target.samefile(source):
        return
    # Needed where a pipeline is saved alone; the readers beside it load pyarrow.
    from biopipe.io.atomic import atomic_folder

    with atomic_folder(target) as temporary:
        shutil.copytree(source, temporary, dirs_exist_ok=True)
