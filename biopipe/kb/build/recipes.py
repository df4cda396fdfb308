"""Recipes: terminologies by name, from where their files are to a knowledge base.

`dictionaries/NAME/recipe.json` has those that come with biopipe; docs/dictionaries.md says how to
write one.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.extras import cache_folder, shipped_folder
from biopipe.kb.build.default_build import OwnTerms, build_default_kb, build_in_cache
from biopipe.kb.build.dense_build import NameEncoder
from biopipe.kb.build.gather import GatheredFiles, gather_files
from biopipe.kb.build.joining import SourceFilters, build_kb
from biopipe.kb.build.progress import build_bars
from biopipe.kb.build.recipe import RECIPE, Recipe, read_recipe
from biopipe.kb.default import DEFAULT
from biopipe.language.spelling import nearest_words

__all__ = ["build_on_default", "build_recipe", "load_recipe", "recipe_directory", "recipe_names"]


def recipe_names() -> list[str]:
    """The recipes that come with biopipe, sorted."""
    return sorted(path.parent.name for path in shipped_folder("dictionaries").glob(f"*/{RECIPE}"))


def load_recipe(name_or_path: str | Path) -> Recipe:
    """A recipe that comes with biopipe, by name, or any recipe.json, or the folder of one, by path.

    KnowledgeBaseError lists near names, or says what is wrong with the file.
    """
    path, name = Path(name_or_path), str(name_or_path)
    if path.suffix == ".json" or (path / RECIPE).is_file():
        return read_recipe(path / RECIPE if path.is_dir() else path)
    if name not in recipe_names():
        if path.suffix or path.is_file():
            raise KnowledgeBaseError(
                f"'{name}' is no recipe; say what format the file has, as in: "
                f"biopipe kb build csv {name} -o DIR (biopipe kb formats lists them)."
            )
        raise KnowledgeBaseError(
            f"There is no recipe '{name}'; {_near(name)}, or a recipe.json of your own."
        )
    return read_recipe(shipped_folder("dictionaries") / name / RECIPE)


def recipe_directory(recipe: Recipe) -> Path:
    """Where the knowledge base of a recipe is built when no directory is given."""
    return cache_folder() / "kb" / recipe.name


def build_recipe(
    recipe: Recipe,
    output: Path | None = None,
    *,
    filters: SourceFilters | None = None,
    options: Mapping[str, str] | None = None,
    files: Path | None = None,
    refresh: bool = False,
    encoder: NameEncoder | None = None,
    progress: bool = True,
) -> Path:
    """Fetch what is missing and build `output`, or a directory in the user's cache.

    The options are those of `gather_files`.

    The recipe `default` reads installed packages and takes neither filters nor files.
    """
    if recipe.reads_packages and recipe.folder == shipped_folder("dictionaries") / DEFAULT:
        if output is None:
            return build_in_cache(progress=progress, rebuild=True)
        return build_default_kb(output, progress=progress)
    gathered = gather_files(
        recipe, filters=filters, options=options, files=files, refresh=refresh, progress=progress
    )
    if recipe.base == DEFAULT:
        return build_on_default(gathered, output or recipe_directory(recipe), progress=progress)
    with build_bars(f"Building {recipe.name}") if progress else nullcontext() as bars:
        return build_kb(
            gathered.sources,
            output or recipe_directory(recipe),
            name=gathered.name,
            version=gathered.version,
            licence=gathered.licence,
            mappings=gathered.mappings,
            encoder=encoder,
            progress=bars.read if bars else None,
            stage=bars.stage if bars else None,
        )


def build_on_default(gathered: GatheredFiles, output: Path, *, progress: bool = True) -> Path:
    """The default base with what a recipe gathered joined into it."""
    terms = OwnTerms(
        gathered.sources,
        gathered.mappings,
        name=gathered.name,
        version=gathered.version,
        licence=gathered.licence,
    )
    return build_default_kb(output, progress=progress, supplement=terms)


def _near(name: str) -> str:
    known = recipe_names()
    near = nearest_words(name.lower(), known, most=4)
    near += [other for other in known if len(name) > 2 and name.lower() in other]
    near = list(dict.fromkeys(near))
    return f"near it are: {', '.join(near)}" if near else f"give one of: {', '.join(known)}"
