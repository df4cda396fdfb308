"""What a component leaves in a saved pipeline, and the check that it finds the same again."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from biopipe.document import Predictor
from biopipe.errors import ConfigError

__all__ = [
    "BASES",
    "Uses",
    "check_same",
    "copy_bases",
    "copy_folder",
    "copy_resources",
    "predictor_uses",
    "with_copied_bases",
]

MODEL = "model"
"""Role of the resource, and name of its folder in a saved component."""

BASES = "kb"
"""Option that names knowledge bases, and the folder of their copies in a saved component."""

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


def copy_bases(option: Any, copied: Mapping[str, str], target: Path) -> dict[str, str]:
    """Copy knowledge bases of one's own below `target`, and return the copy of each, relative to
    `target`, by what the option calls the base.

    Those are the ones given by folder or installed; what "default" or a recipe makes again anywhere
    goes by name. `copied` are the copies that the component itself was read with.
    """
    from biopipe.extras import cache_folder
    from biopipe.kb.default import DEFAULT, base_directory
    from biopipe.kb.manifest import current_kb_sha256

    copies = {}
    for name in dict.fromkeys(_named(option)):
        if name in ("", DEFAULT):
            continue
        source = Path(copied[name]) if name in copied else base_directory(name)
        # What a recipe or the default makes again anywhere; it may have gigabytes.
        if source.parent == cache_folder() / "kb":
            continue
        # By hash: two names of one base share a copy, and no name of this machine is kept.
        copies[name] = f"{BASES}/{current_kb_sha256(source)[:12]}"
        copy_folder(source, target / copies[name])
    return copies


def with_copied_bases(option: Any, copied: Mapping[str, str]) -> Any:
    """The option with the copies in place of the bases that have one."""
    if isinstance(option, str):
        return copied.get(option, option)
    if isinstance(option, list | tuple):
        return [with_copied_bases(item, copied) for item in option]
    if isinstance(option, dict):
        return {label: with_copied_bases(item, copied) for label, item in option.items()}
    return option


def _named(option: Any) -> Iterator[str]:
    if isinstance(option, str):
        yield option
    elif isinstance(option, list | tuple | dict):
        for item in option.values() if isinstance(option, dict) else option:
            yield from _named(item)
