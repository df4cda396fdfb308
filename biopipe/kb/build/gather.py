"""All files of a recipe, narrowed as the user asks, with version and licence."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

from biopipe.errors import ConfigError
from biopipe.extras import cache_folder
from biopipe.kb.build.fetch import fetched_on
from biopipe.kb.build.formats import terminology_format
from biopipe.kb.build.joining import EVERYWHERE, SourceFilters, TerminologySource
from biopipe.kb.build.mappings import MAPPING_PARSERS
from biopipe.kb.build.recipe import Recipe, RecipeSource
from biopipe.kb.build.recipe_files import file_of, show_fetching

__all__ = ["GatheredFiles", "files_folder", "gather_files"]

_TAXA = "taxa"


@dataclass(frozen=True, slots=True)
class GatheredFiles:
    """What `build_kb` needs of a recipe, with all files in place."""

    name: str
    sources: tuple[TerminologySource, ...]
    mappings: tuple[Path, ...]
    version: str
    licence: str


def files_folder(recipe: Recipe) -> Path:
    """Where the files of a recipe are kept, and where those that need a licence are to be
    placed.
    """
    return cache_folder() / "terminologies" / recipe.name


def gather_files(
    recipe: Recipe,
    *,
    filters: SourceFilters | None = None,
    options: Mapping[str, str] | None = None,
    files: Path | None = None,
    refresh: bool = False,
    progress: bool = True,
) -> GatheredFiles:
    """All files of a recipe, fetched where they are not there yet.

    `filters` narrow it further (`taxa` chooses among its files too), `options` replace those of the
    recipe. With `files`, a folder that has all files already, nothing is fetched; with `refresh`
    servers are asked for newer files. KnowledgeBaseError says which file to place where, when one
    cannot be fetched or needs a licence.
    """
    fetch = partial(
        file_of,
        recipe=recipe,
        folder=files or files_folder(recipe),
        options=_options(recipe, options or {}),
        offline=files is not None,
        refresh=refresh,
    )
    sources = _narrowed_sources(recipe, filters or {})
    with show_fetching() if progress and not files else nullcontext() as show:
        paths = [(source, fetch(source, show=show)) for source in sources]
    read = [(source, path) for source, path in paths if source.parser not in MAPPING_PARSERS]
    return GatheredFiles(
        recipe.name,
        tuple(TerminologySource(s.parser, path, s.type, s.filters) for s, path in read),
        tuple(path for source, path in paths if source.parser in MAPPING_PARSERS),
        _version(read),
        replace(recipe, sources=tuple(sources)).licence,
    )


def _options(recipe: Recipe, given: Mapping[str, str]) -> Mapping[str, str]:
    for name in given:
        if name not in recipe.options:
            known = ", ".join(recipe.options) or "none"
            raise ConfigError(
                f"The recipe '{recipe.name}' has no option '{name}'; its options are: {known}."
            )
    return {**recipe.options, **given}


def _narrowed_sources(recipe: Recipe, filters: SourceFilters) -> list[RecipeSource]:
    """The sources that the filters ask for, each with all filters that hold for it."""
    given = {name: value for name, value in filters.items() if value}
    if recipe.reads_packages:
        raise ConfigError(
            f"The recipe '{recipe.name}' reads installed packages and nothing can be gathered for "
            "it; "
            "build it with: biopipe kb build default."
        )
    sources = _of_taxa(recipe, given)
    types = given.get("types", ())
    if not isinstance(types, bool) and any(source.type in types for source in sources):
        sources = [source for source in sources if not source.type or source.type in types]
    alone = sum(source.parser not in MAPPING_PARSERS for source in sources) == 1
    return [_narrowed(source, given, recipe, alone=alone) for source in sources]


def _of_taxa(recipe: Recipe, given: SourceFilters) -> list[RecipeSource]:
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
        if not _taxon(source) and _TAXA in terminology_format(source.parser).filters
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


def _narrowed(
    source: RecipeSource, given: SourceFilters, recipe: Recipe, *, alone: bool
) -> RecipeSource:
    """With the filters given, in place of its own of the same name where no other source has a
    share in them.
    """
    if source.parser in MAPPING_PARSERS:
        return source
    known = terminology_format(source.parser).filters | EVERYWHERE
    more = {name: value for name, value in given.items() if name != _TAXA}
    for name in more:
        if name not in known:
            raise ConfigError(
                f"The recipe '{recipe.name}' cannot be narrowed by {name}; it can be by: "
                f"{', '.join(sorted(known))}."
            )
        if name in source.filters and not alone:
            raise ConfigError(
                f"The recipe '{recipe.name}' is narrowed by {name} itself; to choose others copy "
                "its recipe.json, "
                "change it, and give its path."
            )
    return replace(source, filters={**source.filters, **more})


def _version(read: Sequence[tuple[RecipeSource, Path]]) -> str:
    """What the files state themselves, else the day that a server gave them; "" where nothing is
    known.
    """
    stated = (
        terminology_format(source.parser).version(path) or _day(path) for source, path in read
    )
    return "; ".join(dict.fromkeys(version for version in stated if version))


def _day(path: Path) -> str:
    fetched = fetched_on(path)
    try:
        return parsedate_to_datetime(fetched).date().isoformat() if fetched else ""
    except ValueError:
        return ""
