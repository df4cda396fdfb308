"""Which knowledge base a user means: a directory, or the default one, which is built on first use.

The default base comes from what installed packages carry (diseases of MeSH and Mondo, phenotypes,
drugs and chemicals, human genes, cell lines) and from tables of biopipe's own (species, everyday
names); `dictionaries/default/recipe.json` names them all, `biopipe.kb.build.default_build` builds
it.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.extras import cache_folder, installed_folder, shipped_folder
from biopipe.io.installing import installed_names
from biopipe.io.manifest_files import MANIFEST
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.manifest import KB_FORMAT
from biopipe.text.normalize import NORMALIZER_VERSION

__all__ = [
    "DEFAULT",
    "DEFAULT_PREFERENCE",
    "base_directory",
    "bases_by_name",
    "default_directory",
    "default_recipe",
    "open_base",
]

DEFAULT = "default"
"""Stands for the default knowledge base wherever a directory may be given."""

DEFAULT_PREFERENCE = ("MESH", "NCBIGene", "NCBITaxon", "Cellosaurus")
"""The systems of ids under which the default base shows its concepts, where they have such an id."""

# Part of the directory's name: raise it with any change of how the sources are read or joined.
_BUILD_VERSION = 7


def open_base(
    source: KnowledgeBase | str | Path | None = None,
    *,
    verify: bool = False,
    prefer: Sequence[str] | None = None,
) -> KnowledgeBase:
    """The knowledge base that `base_directory` finds for `source`; one that is open stays as it is
    unless other systems of ids are preferred.

        kb = open_base("default")
        kb.lookup("cystic fibrosis", types=["Disease"])[0].concept_id

    Raises KnowledgeBaseError as `KnowledgeBase.open` does, to which `verify` and `prefer` are
    passed on.
    """
    if isinstance(source, KnowledgeBase):
        same = prefer is None or tuple(prefer) == source.prefer
        return source if same or prefer is None else source.preferring(prefer)
    return KnowledgeBase.open(base_directory(source), verify=verify, prefer=prefer)


def base_directory(source: str | Path | None = None) -> Path:
    """The directory of a knowledge base: of the default one for None and the word "default" (built
    in the cache folder when it is not there yet), else the folder `source`, else the base of that
    name that was installed or built by a recipe.

    A folder of your own that is called so is given as a Path, or as "./default". Raises
    ExtraMissing where the default base cannot be built for want of a package, KnowledgeBaseError
    where there is neither folder nor name.
    """
    if source == "":
        raise KnowledgeBaseError(
            f"A knowledge base has no name; give a folder, the name of a base, or '{DEFAULT}'."
        )
    if source is not None and source != DEFAULT:
        return _folder_or_named(Path(source))
    directory = default_directory()
    if not _is_there(directory):
        # Only who builds pays for what building takes: parsers, a progress bar, much memory.
        from biopipe.kb.build.default_build import build_in_cache

        build_in_cache()
    return directory


def _is_there(directory: Path) -> bool:
    try:
        return (directory / MANIFEST).is_file()
    except OSError as error:
        raise KnowledgeBaseError(
            f"The default knowledge base {directory} cannot be read ({error.strerror}); make it "
            "readable, or set BIOPIPE_CACHE to a folder for one of your own."
        ) from error


def bases_by_name() -> dict[str, Path]:
    """The bases that were installed, and those that recipes built in the cache, by name."""
    folders = (cache_folder() / "kb", installed_folder("kb"))
    return {name: folder / name for folder in folders for name in installed_names(folder)}


def _folder_or_named(path: Path) -> Path:
    if path.exists():
        return path
    bases = bases_by_name() if len(path.parts) == 1 else {}
    if str(path) in bases:
        return bases[str(path)]
    names = ", ".join(sorted((DEFAULT, *bases_by_name())))
    raise KnowledgeBaseError(
        f"There is no knowledge base folder '{path}', nor one of that name; build one with: "
        f"biopipe kb build, or give one of: {names}."
    )


def default_directory() -> Path:
    """Where the default knowledge base of this biopipe is, or will be: named by a hash of its
    recipe, which pins all packages, and of biopipe's own tables.
    """
    recipe = default_recipe()
    content = recipe.read_bytes()
    digest = hashlib.sha256(content)
    for source in json.loads(content)["sources"]:
        if "package" not in source:
            digest.update((recipe.parent / source["file"]).read_bytes())
    digest.update(f"{KB_FORMAT} {NORMALIZER_VERSION} {_BUILD_VERSION}".encode())
    return cache_folder() / f"{DEFAULT}-{digest.hexdigest()[:12]}"


def default_recipe() -> Path:
    """The recipe of the default base, with biopipe's own tables beside it."""
    return shipped_folder("dictionaries") / DEFAULT / "recipe.json"
