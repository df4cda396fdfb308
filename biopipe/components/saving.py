"""What a component leaves in a saved pipeline, and the check that it finds the same again."""

import shutil
from pathlib import Path

from biopipe.document import Predictor
from biopipe.errors import ConfigError

__all__ = ["Uses", "check_same", "copy_folder", "predictor_uses"]

Uses = dict[str, dict[str, str]]


def predictor_uses(predictor: Predictor) -> Uses:
    """Name and hash of what a predictor reads: `model`, `kb` or a `kb:LABEL` for each label, a
    linker's own models.
    """
    uses: Uses = {}
    if hasattr(predictor, "model_hash") and hasattr(predictor, "model_name"):
        uses["model"] = {"name": predictor.model_name, "hash": predictor.model_hash}
    if hasattr(predictor, "kb_hashes") and hasattr(predictor, "kb_names"):
        for label, value in predictor.kb_hashes.items():
            uses[f"kb:{label}" if label else "kb"] = {
                "name": predictor.kb_names[label],
                "hash": value,
            }
    for what, manifest in getattr(predictor, "models", {}).items():
        uses[what] = {"name": manifest.name, "hash": manifest.hash}
    return uses


def check_same(component: str, saved: Uses, predictor: Predictor) -> None:
    """ConfigError if anything that the component was saved with is another now."""
    # Asking a linker for its hashes opens its knowledge bases.
    found = predictor_uses(predictor) if saved else {}
    for what, before in saved.items():
        now = found.get(what, {"name": "none", "hash": "none"})
        if now["hash"] != before["hash"]:
            raise ConfigError(
                f"'{component}' was saved with the {what} '{before['name']}' ({before['hash'][:12]}) and now "
                f"finds '{now['name']}' ({now['hash'][:12]}); give it the same or build the pipeline anew."
            )


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder under a temporary name and put it in the target's place; onto itself it does
    nothing.
    """
    if target.exists() and target.samefile(source):
        return
    temporary = target.with_name(target.name + ".tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    shutil.copytree(source, temporary)
    if target.exists():
        shutil.rmtree(target)
    temporary.rename(target)
