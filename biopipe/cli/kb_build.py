"""What `biopipe kb build` does with its arguments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from biopipe.cli.kb_options import split_values
from biopipe.cli.kb_sources import parse_option, parse_sources
from biopipe.errors import ConfigError, ModelError, OutputError
from biopipe.io.manifest_files import MANIFEST
from biopipe.kb.build.formats import TERMINOLOGY_FORMATS
from biopipe.kb.build.joining import (
    SourceFilters,
    TerminologySource,
    build_kb,
    check_sources,
    has_more_names,
)
from biopipe.kb.build.progress import build_bars, progress_bar
from biopipe.kb.default import DEFAULT

if TYPE_CHECKING:
    from biopipe.kb.build.dense_build import NameEncoder
    from biopipe.kb.build.merge import JoinPlan

__all__ = ["BaseOptions", "RecipeFiles", "build_base", "refuse_existing_base", "source_filters"]

# More names than these take long to encode, so vectors of them are for who asks for them.
_ENCODED_BY_DEFAULT = 500_000


@dataclass(frozen=True, slots=True)
class BaseOptions:
    """The options of a build that say nothing of single sources."""

    name: str
    version: str
    licence: str
    mappings: Sequence[Path]
    close: bool
    dense: bool | None
    encoder: str


@dataclass(frozen=True, slots=True)
class RecipeFiles:
    """Options NAME=VALUE of a recipe, the folder that has its files, or whether servers are asked
    for newer ones.
    """

    options: Sequence[str]
    folder: Path | None
    refresh: bool


def source_filters(
    types: list[str] | None,
    sources: list[str] | None,
    branches: list[str] | None,
    languages: list[str] | None,
    taxa: list[str] | None,
    refsets: list[str] | None,
    modules: list[str] | None,
    *,
    suppressed: bool,
) -> SourceFilters:
    """Filters by name, of values given one by one or with commas."""
    return {
        "types": split_values(types),
        "sources": split_values(sources),
        "branches": split_values(branches),
        "languages": split_values(languages),
        "taxa": split_values(taxa),
        "refsets": split_values(refsets),
        "modules": split_values(modules),
        "suppressed": suppressed,
    }


def refuse_existing_base(output: Path | None, *, force: bool) -> None:
    """OutputError for a base at `output`, unless with `force`; one in the cache is replaced."""
    if output is not None and (output / MANIFEST).is_file() and not force:
        raise OutputError(f"{output} is there already; give --force to replace it.")


def build_base(
    format: str,
    paths: Sequence[str],
    output: Path | None,
    about: BaseOptions,
    filters: SourceFilters,
    given_types: Sequence[str],
    recipe: RecipeFiles,
) -> Path:
    """Build what the arguments ask for: from files, by a recipe, or the default base."""
    sources = parse_sources(format, paths, filters, given_types)
    if format == DEFAULT:
        _refuse_recipe_options(recipe, "the default base")
        return _build_default(sources, output, about, filters)
    if not sources:
        return _build_named(format, output, about, filters, recipe)
    _refuse_recipe_options(recipe, f"a build from files of the format {format}")
    if output is None:
        raise ConfigError(f"'kb build {format}' needs at least one SOURCE and -o DIR.")
    return _build_files(sources, output, about)


def _refuse_recipe_options(recipe: RecipeFiles, built: str) -> None:
    """ConfigError for an option that only a recipe knows."""
    given = [f"--option {option}" for option in recipe.options]
    given += ["--files"] * (recipe.folder is not None) + ["--refresh"] * recipe.refresh
    if given:
        raise ConfigError(f"{given[0]} is for recipes; {built} has no such option, leave it out.")


def _build_default(
    sources: Sequence[TerminologySource],
    output: Path | None,
    about: BaseOptions,
    filters: SourceFilters,
) -> Path:
    """The default base, in `output` or else in the user's cache; with `sources` on top."""
    from biopipe.kb.build.default_build import OwnTerms, build_default_kb, build_in_cache

    # Its parts are joined by each other's ids: a part of them would be another base.
    if given := [name for name, value in filters.items() if value]:
        raise ConfigError(
            f"'kb build default' cannot be narrowed by {given[0]}; narrow searches and the linker, "
            "or build a recipe."
        )
    if about.encoder or about.dense:
        raise ConfigError(
            "'kb build default' makes no vectors of names; leave out --dense and --encoder."
        )
    if not sources:
        if about.mappings or about.name or about.version or about.licence:
            raise ConfigError(
                "--mappings, --name, --version and --licence of 'kb build default' are for files "
                "of your own on top of it; give one: biopipe kb build default mine.csv -o DIR."
            )
        return build_in_cache(rebuild=True) if output is None else build_default_kb(output)
    if output is None:
        raise ConfigError("'kb build default' with files of your own needs -o DIR.")
    name = about.name or output.resolve().name
    own = OwnTerms(sources, about.mappings, about.close, name, about.version, about.licence)
    return build_default_kb(output, own=own)


def _build_files(sources: Sequence[TerminologySource], output: Path, about: BaseOptions) -> Path:
    """Build from files, with vectors where they are asked for or made by default."""
    check_sources(sources)
    name = about.name or output.resolve().name
    # Before the bars: it may say on stderr why there are no vectors.
    encoder = _encoder(about, sources)
    with build_bars(f"Building {name}") as bars:
        return build_kb(
            sources,
            output,
            name=name,
            version=about.version,
            licence=about.licence,
            mappings=about.mappings,
            close=about.close,
            encoder=encoder,
            progress=bars.read,
            stage=bars.stage,
            on_join=_say_joined,
        )


def _build_named(
    name: str,
    output: Path | None,
    about: BaseOptions,
    filters: SourceFilters,
    recipe_files: RecipeFiles,
) -> Path:
    """Build a recipe, in `output` or else in the user's cache."""
    from biopipe.kb.build import recipes
    from biopipe.kb.build.gather import gather_files

    if name in TERMINOLOGY_FORMATS and name not in recipes.recipe_names():
        raise ConfigError(f"'kb build {name}' needs at least one SOURCE and -o DIR.")
    recipe = recipes.load_recipe(name)
    gathered = gather_files(
        recipe,
        filters=filters,
        options=dict(parse_option(option) for option in recipe_files.options),
        files=recipe_files.folder,
        refresh=recipe_files.refresh,
    )
    # In the cache folder it is found by the recipe's name from then on.
    directory = output or recipes.recipe_directory(recipe)
    if recipe.base == DEFAULT:
        return recipes.build_on_default(gathered, directory)
    # What the user says goes before what the recipe says.
    about = replace(
        about,
        name=about.name or gathered.name,
        version=about.version or gathered.version,
        licence=about.licence or gathered.licence,
        mappings=[*gathered.mappings, *about.mappings],
    )
    return _build_files(gathered.sources, directory, about)


def _encoder(about: BaseOptions, sources: Sequence[TerminologySource]) -> "NameEncoder | None":
    """The bi-encoder that was asked for; by default the shipped one when it is there and the names
    are not too many.
    """
    from biopipe.linking.biencoder import DEFAULT_BIENCODER, BiEncoder

    if about.dense is False:
        if about.encoder:
            raise ConfigError(
                f"--encoder {about.encoder} makes vectors, and --no-dense forbids them; "
                "leave one out."
            )
        return None
    if about.dense or about.encoder:
        return BiEncoder(about.encoder or DEFAULT_BIENCODER)
    try:
        encoder = BiEncoder()
    # A base without vectors is of use too: only who asks for them hears an error.
    except ModelError:
        typer.echo("No vectors of names: the default bi-encoder is not installed.", err=True)
        return None
    with progress_bar("Counting names", about=_ENCODED_BY_DEFAULT) as progress:
        too_many = has_more_names(sources, _ENCODED_BY_DEFAULT, progress=progress)
    if too_many:
        typer.echo(
            f"No vectors of names, there are more than {_ENCODED_BY_DEFAULT:,}; "
            "--dense makes them all the same.",
            err=True,
        )
        return None
    return encoder


def _say_joined(plan: "JoinPlan") -> None:
    typer.echo(f"Mappings join {plan.joined:,} concepts to others.", err=True)
    if plan.refused:
        typer.echo(
            f"{plan.refused:,} mappings between two concepts of one vocabulary were passed over.",
            err=True,
        )
