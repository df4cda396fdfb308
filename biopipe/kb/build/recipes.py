"""Recipes: terminologies by name, from where their files are to a knowledge base.

`dictionaries/NAME/recipe.json` has those that come with biopipe; docs/dictionaries.md says how to
write one.
"""

import difflib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path

from biopipe.errors import ConfigError, KnowledgeBaseError
from biopipe.extras import shipped_folder
from biopipe.kb.build.fetch import fetched_on
from biopipe.kb.build.formats import format_of
from biopipe.kb.build.joining import EVERYWHERE, Filters, Source, build_kb
from biopipe.kb.build.progress import build_bars
from biopipe.kb.build.recipe import MAPPING, RECIPE, Recipe, RecipeSource, read_recipe
from biopipe.kb.build.recipe_files import file_of, show_fetching
from biopipe.kb.cache import cache_folder
from biopipe.kb.default import build_default_kb, default_kb
from biopipe.kb.dense import NameEncoder

__all__ = [
    "DEFAULT",
    "Gathered",
    "build",
    "default_directory",
    "files_folder",
    "gather",
    "load",
    "names",
]

DEFAULT = "default"
"""The recipe of the knowledge base that needs nothing but installed packages; see
`biopipe.kb.default`.
"""

_TAXA = "taxa"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What `build_kb` needs of a recipe, with all files in place."""

    name: str
    sources: tuple[Source, ...]
    mappings: tuple[Path, ...]
    version: str
    licence: str


def names() -> list[str]:
    """The recipes that come with biopipe, sorted."""
    return sorted(path.parent.name for path in shipped_folder("dictionaries").glob(f"*/{RECIPE}"))


def load(name_or_path: str | Path) -> Recipe:
    """A recipe that comes with biopipe, by name, or any recipe.json, or the folder of one, by path.

    KnowledgeBaseError lists near names, or says what is wrong with the file.
    """
    path, name = Path(name_or_path), str(name_or_path)
    if path.suffix == ".json" or (path / RECIPE).is_file():
        return read_recipe(path / RECIPE if path.is_dir() else path)
    if name not in names():
        raise KnowledgeBaseError(
            f"There is no recipe '{name}'; {_near(name)}, or a recipe.json of your own."
        )
    return read_recipe(shipped_folder("dictionaries") / name / RECIPE)


def files_folder(recipe: Recipe) -> Path:
    """Where the files of a recipe are kept, and where those that need a licence are to be
    placed.
    """
    return cache_folder() / "terminologies" / recipe.name


def default_directory(recipe: Recipe) -> Path:
    """Where the knowledge base of a recipe is built when no directory is given."""
    return cache_folder() / "kb" / recipe.name


def build(
    recipe: Recipe,
    output: Path | None = None,
    *,
    filters: Filters | None = None,
    options: Mapping[str, str] | None = None,
    files: Path | None = None,
    refresh: bool = False,
    encoder: NameEncoder | None = None,
    progress: bool = True,
) -> Path:
    """Fetch what is missing and build `output`, or a directory in the user's cache; see `gather`
    for the options.

    The recipe `default` reads installed packages and takes neither filters nor files.
    """
    if recipe.reads_packages and recipe.folder == shipped_folder("dictionaries") / DEFAULT:
        if output is None:
            return default_kb(progress=progress, rebuild=True)
        return build_default_kb(output, progress=progress)
    gathered = gather(
        recipe, filters=filters, options=options, files=files, refresh=refresh, progress=progress
    )
    with build_bars(f"Building {recipe.name}") if progress else nullcontext() as bars:
        return build_kb(
            gathered.sources,
            output or default_directory(recipe),
            name=gathered.name,
            version=gathered.version,
            licence=gathered.licence,
            mappings=gathered.mappings,
            encoder=encoder,
            progress=bars.read if bars else None,
            stage=bars.stage if bars else None,
        )


def gather(
    recipe: Recipe,
    *,
    filters: Filters | None = None,
    options: Mapping[str, str] | None = None,
    files: Path | None = None,
    refresh: bool = False,
    progress: bool = True,
) -> Gathered:
    """All files of a recipe, fetched where they are not there yet.

    `filters` narrow it further (`taxa` chooses among its files too), `options` replace those of the
    recipe. With `files`, a folder that has all files already, nothing is fetched; with `refresh`
    servers are asked for newer files. KnowledgeBaseError says which file to place where, when one
    cannot be fetched or needs a licence.
    """
    values = _options(recipe, options or {})
    chosen = _chosen(recipe, filters or {})
    folder = files or files_folder(recipe)
    paths = []
    with show_fetching() if progress and not files else nullcontext() as show:
        for source in chosen:
            offline = files is not None
            paths.append(
                file_of(
                    source,
                    recipe,
                    folder,
                    options=values,
                    offline=offline,
                    refresh=refresh,
                    show=show,
                )
            )
    read = [
        (source, path)
        for source, path in zip(chosen, paths, strict=True)
        if source.parser != MAPPING
    ]
    return Gathered(
        recipe.name,
        tuple(Source(source.parser, path, source.type, source.filters) for source, path in read),
        tuple(path for source, path in zip(chosen, paths, strict=True) if source.parser == MAPPING),
        _version(read),
        replace(recipe, sources=tuple(chosen)).licence,
    )


def _near(name: str) -> str:
    known = names()
    near = difflib.get_close_matches(name.lower(), known, n=4, cutoff=0.6)
    near += [each for each in known if len(name) > 2 and name.lower() in each and each not in near]
    return f"near it are: {', '.join(near)}" if near else f"give one of: {', '.join(known)}"


def _options(recipe: Recipe, given: Mapping[str, str]) -> Mapping[str, str]:
    for name in given:
        if name not in recipe.options:
            known = ", ".join(recipe.options) or "none"
            raise ConfigError(
                f"The recipe '{recipe.name}' has no option '{name}'; its options are: {known}."
            )
    return {**recipe.options, **given}


def _chosen(recipe: Recipe, filters: Filters) -> list[RecipeSource]:
    """The sources that the filters ask for, each with all filters that hold for it."""
    given = {name: value for name, value in filters.items() if value}
    if recipe.reads_packages:
        raise ConfigError(
            f"The recipe '{recipe.name}' reads installed packages and nothing can be gathered for it; "
            "build it with: biopipe kb build default."
        )
    sources = _of_taxa(recipe, given)
    types = given.get("types", ())
    if not isinstance(types, bool) and any(source.type in types for source in sources):
        sources = [source for source in sources if not source.type or source.type in types]
    alone = sum(source.parser != MAPPING for source in sources) == 1
    return [_narrowed(source, given, recipe, alone=alone) for source in sources]


def _of_taxa(recipe: Recipe, given: Filters) -> list[RecipeSource]:
    """The files of single species where there are such for all of `taxa`, else the one that has
    them all.
    """
    taxa = given.get(_TAXA, ())
    usual = [source for source in recipe.sources if source.usual]
    if isinstance(taxa, bool) or not taxa:
        return usual
    wanted = dict.fromkeys(taxon.rpartition(":")[2] for taxon in taxa)
    own = {_taxon(source): source for source in recipe.sources if _taxon(source)}
    if all(taxon in own for taxon in wanted):
        return [own[taxon] for taxon in wanted]
    whole = [
        source
        for source in recipe.sources
        if not _taxon(source) and _TAXA in format_of(source.parser).filters
    ]
    if not whole:
        raise ConfigError(
            f"The recipe '{recipe.name}' cannot be narrowed by taxa; leave out {', '.join(taxa)}."
        )
    return [replace(source, filters={**source.filters, _TAXA: tuple(wanted)}) for source in whole]


def _taxon(source: RecipeSource) -> str:
    """The species that a source is of, "" for many or none."""
    taxa = source.filters.get(_TAXA, ())
    return taxa[0] if not isinstance(taxa, bool) and len(taxa) == 1 else ""


def _narrowed(source: RecipeSource, given: Filters, recipe: Recipe, *, alone: bool) -> RecipeSource:
    """With the filters given, in place of its own of the same name where no other source has a
    share in them.
    """
    if source.parser == MAPPING:
        return source
    known = format_of(source.parser).filters | EVERYWHERE
    more = {name: value for name, value in given.items() if name != _TAXA}
    for name in more:
        if name not in known:
            raise ConfigError(
                f"The recipe '{recipe.name}' cannot be narrowed by {name}; it can be by: {', '.join(sorted(known))}."
            )
        if name in source.filters and not alone:
            raise ConfigError(
                f"The recipe '{recipe.name}' is narrowed by {name} itself; to choose others copy its recipe.json, "
                "change it, and give its path."
            )
    return replace(source, filters={**source.filters, **more})


def _version(read: Sequence[tuple[RecipeSource, Path]]) -> str:
    """What the files state themselves, else the day that a server gave them; "" where nothing is
    known.
    """
    stated = (format_of(source.parser).version(path) or _day(path) for source, path in read)
    return "; ".join(dict.fromkeys(each for each in stated if each))


def _day(path: Path) -> str:
    fetched = fetched_on(path)
    try:
        return parsedate_to_datetime(fetched).date().isoformat() if fetched else ""
    except ValueError:
        return ""
