"""What `biopipe kb build` does with its arguments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from biopipe.errors import ConfigError, ModelError
from biopipe.kb.build.formats import FORMATS, format_of
from biopipe.kb.build.joining import (
    EVERYWHERE,
    Filters,
    Source,
    build_kb,
    check_sources,
    has_more_names,
)
from biopipe.kb.build.progress import build_bars, progress_bar

if TYPE_CHECKING:
    from biopipe.kb.build.dense_build import NameEncoder
    from biopipe.kb.build.merge import JoinPlan

__all__ = ["About", "build_files", "build_named", "parse_sources", "split"]

_MOST_NAMES = 500_000


@dataclass(frozen=True, slots=True)
class About:
    """The options of a build that say nothing of single sources."""

    name: str
    version: str
    licence: str
    mappings: Sequence[Path]
    close: bool
    dense: bool | None
    encoder: str


def split(values: Sequence[str] | None) -> list[str]:
    """Values that were given one by one or with commas."""
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


def parse_sources(
    format: str, paths: Sequence[str], filters: Filters, types: Sequence[str]
) -> list[Source]:
    """The sources that the arguments name; none for the name of a recipe alone.

    A filter that some formats have and others have not narrows those that have it; one that none
    has is a ConfigError.
    """
    prefix = format.partition(":")[0]
    if prefix != format and prefix in FORMATS:
        pairs = [_format_and_path("", each) for each in (format, *paths)]
    elif not paths:
        return []
    else:
        if format != "default":
            format_of(format)
        pairs = [_format_and_path(format, each) for each in paths]
    given = dict(_file_and_type(each) for each in types)
    files = {path.name for _, path in pairs}
    if unknown := [file for file in given if file and file not in files]:
        raise ConfigError(
            f"--type names the file '{unknown[0]}', which is none of the sources: {', '.join(sorted(files))}."
        )
    return [
        Source(
            format_,
            path,
            given.get(path.name, given.get("", "")),
            _of_format(filters, format_, pairs),
        )
        for format_, path in pairs
    ]


def build_files(sources: Sequence[Source], output: Path, about: About) -> Path:
    """Build from files, with vectors where they are asked for or made by default."""
    check_sources(sources)
    name = about.name or output.resolve().name
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


def build_named(
    name: str,
    output: Path | None,
    about: About,
    filters: Filters,
    *,
    options: Sequence[str],
    files: Path | None,
    refresh: bool,
) -> Path:
    """Build the default knowledge base or a recipe, in `output` or else in the user's cache.

    With `files`, a folder that has the recipe's files, nothing is fetched.
    """
    from biopipe.kb.build import recipes
    from biopipe.kb.build.default_build import build_default_kb, build_in_cache
    from biopipe.kb.build.gather import gather_files

    if name == "default":
        return build_in_cache(rebuild=True) if output is None else build_default_kb(output)
    if name in FORMATS and name not in recipes.recipe_names():
        raise ConfigError(f"'kb build {name}' needs at least one SOURCE and -o DIR.")
    recipe = recipes.load_recipe(name)
    values = dict(_option(each) for each in options)
    gathered = gather_files(recipe, filters=filters, options=values, files=files, refresh=refresh)
    about = replace(
        about,
        name=about.name or gathered.name,
        version=about.version or gathered.version,
        licence=about.licence or gathered.licence,
        mappings=[*gathered.mappings, *about.mappings],
    )
    return build_files(gathered.sources, output or recipes.recipe_directory(recipe), about)


def _format_and_path(format: str, given: str) -> tuple[str, Path]:
    prefix, colon, path = given.partition(":")
    if colon and prefix in FORMATS:
        return prefix, Path(path)
    if format == "default":
        raise ConfigError(f"'kb build default' reads installed packages; leave out '{given}'.")
    if not format:
        raise ConfigError(f"The source '{given}' has no format; give it as FORMAT:{given}.")
    return format, Path(given)


def _file_and_type(given: str) -> tuple[str, str]:
    file, equals, type_ = given.rpartition("=")
    if not type_ or (equals and not file):
        raise ConfigError(f"--type '{given}' names no type; give TYPE or FILE=TYPE.")
    return Path(file).name if file else "", type_


def _option(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals or not name:
        raise ConfigError(f"--option '{given}' has no value; give NAME=VALUE.")
    return name, value


def _of_format(filters: Filters, format: str, pairs: Sequence[tuple[str, Path]]) -> Filters:
    known = FORMATS[format].filters | EVERYWHERE
    anywhere = EVERYWHERE.union(*(FORMATS[each].filters for each, _ in pairs))
    return {name: value for name, value in filters.items() if name in known or name not in anywhere}


def _encoder(about: About, sources: Sequence[Source]) -> "NameEncoder | None":
    """The bi-encoder that was asked for; by default the shipped one when it is there and the names
    are not too many.
    """
    from biopipe.linking.biencoder import DEFAULT_BIENCODER, BiEncoder

    if about.dense is False:
        if about.encoder:
            raise ConfigError(
                f"--encoder {about.encoder} makes vectors, and --no-dense forbids them; leave one out."
            )
        return None
    if about.dense or about.encoder:
        return BiEncoder(about.encoder or DEFAULT_BIENCODER)
    try:
        encoder = BiEncoder()
    except ModelError:
        typer.echo("No vectors of names: the default bi-encoder is not installed.", err=True)
        return None
    with progress_bar("Counting names", about=_MOST_NAMES) as progress:
        too_many = has_more_names(sources, _MOST_NAMES, progress=progress)
    if too_many:
        typer.echo(
            f"No vectors of names, there are more than {_MOST_NAMES:,}; --dense makes them all the same.",
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
