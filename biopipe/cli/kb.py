"""`biopipe kb`: build, describe and search knowledge bases."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from biopipe.errors import ConfigError

if TYPE_CHECKING:
    from biopipe.kb.base import KnowledgeBase
    from biopipe.kb.schema import Concept

__all__ = ["app"]

app = typer.Typer(help="Build, describe and search knowledge bases.", no_args_is_help=True)

_FORMATS = ("tsv", "jsonl", "obo")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[Path, typer.Argument(help="A knowledge base directory, or 'default'.")]


@app.command()
def build(
    format: Annotated[str, typer.Argument(help=f"{', '.join(_FORMATS)}, or default.")],
    sources: Annotated[list[Path] | None, typer.Argument(help="The files to read, in order.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The directory to build.")] = None,
    name: Annotated[str, typer.Option(help="Its name; the directory's when not given.")] = "",
    version: Annotated[str, typer.Option(help="The version of the terminology.")] = "",
    licence: Annotated[str, typer.Option(help="The licence of the terminology.")] = "not stated",
) -> None:
    """Build a knowledge base from terminology files, or the default one from installed packages."""
    if format == "default":
        _build_default(output, sources)
        return
    if format not in _FORMATS:
        raise ConfigError(f"Unknown format '{format}'; give one of: {', '.join(_FORMATS)}, default.")
    if not sources or output is None:
        raise ConfigError(f"'kb build {format}' needs at least one SOURCE and -o DIR.")
    _build_files(format, sources, output, name=name or output.name, version=version, licence=licence)


@app.command()
def info(
    directory: Folder,
    as_json: Json = False,
    verify: Annotated[bool, typer.Option("--verify", help="Hash every file, however large.")] = False,
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
        "normaliser": kb.manifest.normalizer,
        "bytes": kb.manifest.bytes,
        "hash": kb.hash,
    }
    typer.echo(json.dumps(about, indent=2, ensure_ascii=False) if as_json else _lines(about))


@app.command()
def search(directory: Folder, name: Annotated[str, typer.Argument()], as_json: Json = False) -> None:
    """Show the concepts that a name, or an id, may mean."""
    kb = _open(directory)
    if name in kb:
        found = [(1.0, kb.concept(name))]
    else:
        found = [(candidate.score, kb.concept(candidate.concept_id)) for candidate in kb.lookup(name)]
    if as_json:
        typer.echo(
            json.dumps([{"score": score, **asdict(concept)} for score, concept in found], ensure_ascii=False)
        )
    elif found:
        typer.echo("\n".join(_concept_line(score, concept) for score, concept in found))
    else:
        typer.echo(f"No concept of {kb.name} has the name '{name}'.")


def _build_default(output: Path | None, sources: list[Path] | None) -> None:
    from biopipe.kb.default import build_default_kb, default_kb

    if sources:
        raise ConfigError(f"'kb build default' reads installed packages; leave out '{sources[0]}'.")
    _report(default_kb(rebuild=True) if output is None else build_default_kb(output))


def _build_files(
    format: str, sources: list[Path], output: Path, *, name: str, version: str, licence: str
) -> None:
    from biopipe.kb.compile import compile_kb
    from biopipe.kb.hashing import file_sha256
    from biopipe.kb.progress import progress_bar
    from biopipe.kb.sources import obo
    from biopipe.kb.sources.lines import require_file

    for source in sources:
        require_file(source)
    if format == "obo" and not version:
        version = obo.read_version(sources[0])
    with progress_bar(f"Building {name}") as progress:
        directory = compile_kb(
            _read(format, sources),
            output,
            name=name,
            version=version or "not stated",
            licence=licence,
            sources={source.name: file_sha256(source) for source in sources},
            progress=progress,
        )
    _report(directory)


def _read(format: str, sources: Iterable[Path]) -> Iterator["Concept"]:
    from biopipe.kb.sources import jsonl, obo, tsv

    read = {"tsv": tsv.read, "jsonl": jsonl.read, "obo": obo.read}[format]
    for source in sources:
        yield from read(source)


def _open(directory: Path, *, verify: bool = False) -> "KnowledgeBase":
    from biopipe.kb.base import KnowledgeBase
    from biopipe.kb.default import default_kb

    default = str(directory) == "default" and not directory.exists()
    return KnowledgeBase.open(default_kb() if default else directory, verify=verify)


def _report(directory: Path) -> None:
    kb = _open(directory)
    typer.echo(
        f"{kb.path}: {len(kb):,} concepts, {kb.manifest.counts['names']:,} names, {kb.manifest.bytes:,} bytes"
    )


def _lines(about: dict[str, object]) -> str:
    lines = []
    for key, value in about.items():
        parts = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        lines.append(f"{key + ':':<12}{parts}")
    return "\n".join(lines)


def _concept_line(score: float, concept: "Concept") -> str:
    also = f"; also {', '.join(concept.synonyms[:5])}" if concept.synonyms else ""
    more = f" and {len(concept.synonyms) - 5} more" if len(concept.synonyms) > 5 else ""
    replaced = f" (replaced by {concept.replaced_by})" if concept.replaced_by else ""
    types = f" [{', '.join(concept.types)}]" if concept.types else ""
    return f"{score:.2f}  {concept.id}  {concept.name}{replaced}{types}{also}{more}"
