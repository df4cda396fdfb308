"""`biopipe kb`: build, describe and search knowledge bases."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.errors import ConfigError

if TYPE_CHECKING:
    from biopipe.kb.base import KnowledgeBase
    from biopipe.kb.build.joining import Filters

__all__ = ["app"]

app = typer.Typer(help="Build, describe and search knowledge bases.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[Path, typer.Argument(help="A knowledge base directory, or 'default'.")]
Types = Annotated[
    list[str] | None,
    typer.Option(
        "--types",
        help="Keep concepts of these types (UMLS: semantic types or groups); comma or repeat.",
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--sources", help="Keep these vocabularies: UMLS SABs, or prefixes of ids; comma or repeat."
    ),
]
Branches = Annotated[
    list[str] | None,
    typer.Option("--branch", help="Keep this concept and all below it by is-a; comma or repeat."),
]


@app.command(epilog="'biopipe kb formats' lists the formats.")
def build(
    format: Annotated[
        str,
        typer.Argument(help="A format, or the name of a recipe, or default (see 'kb formats')."),
    ],
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files or release folders in order; FORMAT:PATH for one of another format."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The directory to build.")
    ] = None,
    name: Annotated[str, typer.Option(help="Its name; the directory's when not given.")] = "",
    version: Annotated[
        str, typer.Option(help="The version; what the sources state when not given.")
    ] = "",
    licence: Annotated[str, typer.Option(help="The licence of the terminology.")] = "",
    types: Types = None,
    only_sources: Sources = None,
    branches: Branches = None,
    languages: Annotated[
        list[str] | None,
        typer.Option(
            "--language", help="UMLS and SNOMED CT: languages of names, the preferred one first."
        ),
    ] = None,
    taxa: Annotated[
        list[str] | None,
        typer.Option("--taxon", help="NCBI Gene: keep genes of these species, such as 9606."),
    ] = None,
    refsets: Annotated[
        list[str] | None,
        typer.Option(
            "--refset", help="SNOMED CT: language reference sets, the preferred one first."
        ),
    ] = None,
    modules: Annotated[
        list[str] | None,
        typer.Option("--module", help="SNOMED CT: keep concepts of these modules."),
    ] = None,
    suppressed: Annotated[
        bool, typer.Option("--suppressed", help="UMLS: obsolete and suppressible names too.")
    ] = False,
    given_types: Annotated[
        list[str] | None,
        typer.Option(
            "--type", help="Type of concepts whose file gives none; FILE=TYPE for one source's."
        ),
    ] = None,
    mappings: Annotated[
        list[Path] | None,
        typer.Option("--mappings", help="An SSSOM file; its exact matches join concepts."),
    ] = None,
    close: Annotated[
        bool, typer.Option("--close-matches", help="Close matches join concepts too.")
    ] = False,
    dense: Annotated[
        bool | None,
        typer.Option(
            "--dense/--no-dense",
            help="Vectors of names; made for up to 500,000 names when not given.",
        ),
    ] = None,
    encoder: Annotated[
        str, typer.Option(help="The bi-encoder that makes them: a name or a directory.")
    ] = "",
    options: Annotated[
        list[str] | None, typer.Option("--option", help="An option of the recipe, NAME=VALUE.")
    ] = None,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the recipe's servers for newer files.")
    ] = False,
    files: Annotated[
        Path | None,
        typer.Option("--files", help="A folder that has the recipe's files; nothing is fetched."),
    ] = None,
) -> None:
    """Build a knowledge base from terminology files, by a recipe, or the default one from installed
    packages.
    """
    from biopipe.cli import kb_build as work

    filters: Filters = {
        "types": work.split(types),
        "sources": work.split(only_sources),
        "branches": work.split(branches),
        "languages": work.split(languages),
        "taxa": work.split(taxa),
        "refsets": work.split(refsets),
        "modules": work.split(modules),
        "suppressed": suppressed,
    }
    about = work.About(name, version, licence, tuple(mappings or ()), close, dense, encoder)
    chosen = work.parse_sources(format, sources or [], filters, given_types or [])
    if chosen:
        if output is None:
            raise ConfigError(f"'kb build {format}' needs at least one SOURCE and -o DIR.")
        directory = work.build_files(chosen, output, about)
    else:
        directory = work.build_named(
            format, output, about, filters, options=options or [], files=files, refresh=refresh
        )
    _report(directory)


@app.command()
def formats(as_json: Json = False) -> None:
    """List the formats that 'kb build' reads, and the filters that each has beside --types,
    --sources and --branch.
    """
    from biopipe.kb.build.formats import FORMATS

    if as_json:
        listed = {
            name: {**asdict(each), "filters": sorted(each.filters)}
            for name, each in FORMATS.items()
        }
        typer.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for name, format_ in FORMATS.items():
        more = f" ({', '.join(sorted(format_.filters))})" if format_.filters else ""
        typer.echo(f"{name:<12}{format_.title}{more}")


@app.command()
def info(
    directory: Folder,
    as_json: Json = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash every file, however large.")
    ] = False,
) -> None:
    """Say what a knowledge base is, what it was made of and how much it holds."""
    kb = _open(directory, verify=verify)
    about = {
        "name": kb.name,
        "version": kb.version,
        "licence": kb.manifest.licence,
        "path": str(kb.path),
        "counts": dict(kb.manifest.counts),
        "types": dict(kb.types),
        "sources": dict(kb.manifest.sources),
        "encoder": dict(kb.manifest.encoder) if kb.has_dense else None,
        "normaliser": kb.manifest.normalizer,
        "bytes": kb.manifest.bytes,
        "hash": kb.hash,
    }
    typer.echo(json.dumps(about, indent=2, ensure_ascii=False) if as_json else _lines(about))


@app.command()
def search(
    directory: Folder,
    name: Annotated[str, typer.Argument(help="A name, or a concept id.")],
    as_json: Json = False,
    types: Types = None,
    only_sources: Sources = None,
    branches: Branches = None,
    most: Annotated[
        int, typer.Option("-k", min=0, help="How many concepts with similar names to show.")
    ] = 5,
    encoder: Annotated[
        str, typer.Option(help="The bi-encoder of the vectors; the default's when not given.")
    ] = "",
) -> None:
    """Show the concepts that a name, or an id, may mean: those so named, then those with similar
    names.
    """
    from biopipe.cli.kb_build import split
    from biopipe.cli.kb_search import find, in_words

    kb = _open(directory)
    filters = {"types": split(types), "sources": split(only_sources), "branches": split(branches)}
    found = find(kb, name, filters, most=most, encoder=encoder)
    if as_json:
        typer.echo(json.dumps([each.as_json() for each in found], ensure_ascii=False))
    else:
        typer.echo("\n".join(in_words(found, kb.name, name)))


def _open(directory: Path, *, verify: bool = False) -> "KnowledgeBase":
    from biopipe.kb.default import open_base

    return open_base(str(directory), verify=verify)


def _report(directory: Path) -> None:
    kb = _open(directory)
    typer.echo(
        f"{kb.path}: {len(kb):,} concepts, {kb.manifest.counts['names']:,} names, {kb.manifest.bytes:,} bytes"
    )


def _lines(about: Mapping[str, object]) -> str:
    lines = []
    for key, value in about.items():
        if isinstance(value, dict):
            value = ", ".join(f"{each} {number}" for each, number in value.items())
        lines.append(f"{key + ':':<12}{'none' if value in (None, '') else value}")
    return "\n".join(lines)
