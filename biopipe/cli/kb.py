"""`biopipe kb`: build, pack, install, describe and search knowledge bases."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from biopipe.cli import kb_options as given
from biopipe.cli.answer_options import JsonAnswer
from biopipe.cli.kb_options import split_values
from biopipe.cli.packs import Force, install_kb, pack_kb

if TYPE_CHECKING:
    from biopipe.kb.base import KnowledgeBase

__all__ = ["app"]

app = typer.Typer(
    help="Build, pack, install, describe and search knowledge bases.", no_args_is_help=True
)

Folder = Annotated[
    str, typer.Argument(help="A knowledge base directory or name, such as 'default'.")
]


@app.command(
    "build",
    epilog="Example: biopipe kb build mesh --types Disease -o mesh "
    "('biopipe kb formats' lists the formats)",
)
def build_command(
    format: given.FormatName,
    sources: given.SourcePaths = None,
    output: given.KbOutputFolder = None,
    name: given.BaseName = "",
    version: given.VersionName = "",
    licence: given.Licence = "",
    types: given.Types = None,
    only_sources: given.Sources = None,
    branches: given.Branches = None,
    languages: given.Languages = None,
    taxa: given.Taxa = None,
    refsets: given.RefSets = None,
    modules: given.Modules = None,
    suppressed: given.Suppressed = False,
    given_types: given.GivenTypes = None,
    mappings: given.Mappings = None,
    close: given.CloseMatches = False,
    dense: given.Dense = None,
    encoder: given.Encoder = "",
    options: given.RecipeOptions = None,
    refresh: given.Refresh = False,
    files: given.FilesFolder = None,
    force: Force = False,
) -> None:
    """Build a knowledge base of terminology files, by a recipe, or the default one of packages."""
    from biopipe.cli import kb_build as work

    work.refuse_existing_base(output, force=force)
    about = work.BaseOptions(name, version, licence, tuple(mappings or ()), close, dense, encoder)
    filters = work.source_filters(
        types, only_sources, branches, languages, taxa, refsets, modules, suppressed=suppressed
    )
    recipe = work.RecipeFiles(tuple(options or ()), files, refresh)
    base = work.build_base(format, sources or [], output, about, filters, given_types or [], recipe)
    _say_built(_open(str(base.resolve())))


@app.command(epilog="Example: biopipe kb formats --json")
def formats(as_json: JsonAnswer = False) -> None:
    """List the formats that 'kb build' reads, and the filters that each has beside --types,
    --sources and --branch.
    """
    from biopipe.kb.build.formats import TERMINOLOGY_FORMATS

    if as_json:
        listed = {
            name: {**asdict(format_), "filters": sorted(format_.filters)}
            for name, format_ in TERMINOLOGY_FORMATS.items()
        }
        typer.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    for name, format_ in TERMINOLOGY_FORMATS.items():
        more = f" ({', '.join(sorted(format_.filters))})" if format_.filters else ""
        typer.echo(f"{name:<16}{format_.title}{more}")


@app.command("list", epilog="Example: biopipe kb list")
def list_bases() -> None:
    """Name the knowledge bases that can be given by name: installed ones, and those that recipes
    built in the cache folder.
    """
    from biopipe.kb.default import DEFAULT, bases_by_name, default_directory

    for name, folder in {DEFAULT: default_directory(), **bases_by_name()}.items():
        typer.echo(f"{name}\t{folder if folder.is_dir() else 'built on first use'}")


app.command("pack")(pack_kb)
app.command("install")(install_kb)


@app.command("info", epilog="Example: biopipe kb info default MONDO:0005148")
def base_info(
    directory: Folder,
    concept_id: Annotated[
        str | None, typer.Argument(help="A concept id of any system, to be told of that concept.")
    ] = None,
    as_json: JsonAnswer = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Hash every file, however large.")
    ] = False,
) -> None:
    """Say what a knowledge base is, what it was made of and how much it holds; or all it knows of
    one concept.
    """
    kb = _open(directory, verify=verify)
    about = _description(kb) if concept_id is None else _concept(kb, concept_id)
    typer.echo(json.dumps(about, indent=2, ensure_ascii=False) if as_json else _lines(about))


@app.command(epilog="Example: biopipe kb search default 'heart attack' --types Disease")
def search(
    directory: Folder,
    name: Annotated[str, typer.Argument(help="A name, or a concept id.")],
    as_json: JsonAnswer = False,
    types: given.Types = None,
    only_sources: given.Sources = None,
    branches: given.Branches = None,
    most: Annotated[
        int, typer.Option("-k", min=0, help="How many concepts with similar names to show.")
    ] = 5,
    encoder: Annotated[
        str, typer.Option(help="The bi-encoder of the vectors; the default's when not given.")
    ] = "",
    prefer: given.Prefer = None,
) -> None:
    """Show the concepts that a name, or an id, may mean: those so named, then those with similar
    names.
    """
    from biopipe.cli.kb_search import find_concepts, in_words

    kb = _open(directory, prefer=split_values(prefer) or None)
    filters = {"types": types, "sources": only_sources, "branches": branches}
    concepts = find_concepts(
        kb,
        name,
        {what: split_values(values) for what, values in filters.items()},
        most=most,
        encoder=encoder,
    )
    if as_json:
        typer.echo(json.dumps([concept.as_json() for concept in concepts], ensure_ascii=False))
    else:
        typer.echo("\n".join(in_words(concepts, kb.name, name)))


def _open(
    directory: str, *, verify: bool = False, prefer: Sequence[str] | None = None
) -> "KnowledgeBase":
    from biopipe.kb.default import open_base

    return open_base(directory, verify=verify, prefer=prefer)


def _concept(kb: "KnowledgeBase", concept_id: str) -> dict[str, Any]:
    """Every field of the first concept with an id that has something to say."""
    from biopipe.cli.kb_search import concepts_by_id
    from biopipe.errors import KnowledgeBaseError

    concepts = concepts_by_id(kb, concept_id)
    if not concepts:
        raise KnowledgeBaseError(
            f"The knowledge base {kb.name} has no concept with the id '{concept_id}'; its systems "
            f"of ids are: {', '.join(kb.manifest.systems)}."
        )
    return {name: value for name, value in asdict(concepts[0]).items() if value}


def _say_built(kb: "KnowledgeBase") -> None:
    names = kb.manifest.counts["names"]
    typer.echo(f"{kb.path}: {len(kb):,} concepts, {names:,} names, {kb.manifest.bytes:,} bytes")


def _description(kb: "KnowledgeBase") -> dict[str, Any]:
    return {
        "name": kb.name,
        "version": kb.version,
        "licence": kb.manifest.licence,
        "path": str(kb.path),
        "counts": dict(kb.manifest.counts),
        "types": dict(kb.types),
        "systems": dict(kb.manifest.systems),
        "prefer": list(kb.prefer),
        "sources": dict(kb.manifest.sources),
        "encoder": dict(kb.manifest.encoder) if kb.has_dense else None,
        "normaliser": kb.manifest.normalizer,
        "bytes": kb.manifest.bytes,
        "hash": kb.hash,
    }


def _lines(about: Mapping[str, object]) -> str:
    lines = []
    for key, value in about.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name} {number}" for name, number in value.items())
        elif isinstance(value, list | tuple):
            value = ", ".join(map(str, value))
        lines.append(f"{key + ':':<12}{'none' if value in (None, '') else value}")
    return "\n".join(lines)
