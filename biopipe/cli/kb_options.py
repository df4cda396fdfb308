"""The options of `biopipe kb`, each with its help."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "BaseName",
    "Branches",
    "CloseMatches",
    "Dense",
    "Encoder",
    "FilesFolder",
    "FormatName",
    "GivenTypes",
    "KbOutputFolder",
    "Languages",
    "Licence",
    "Mappings",
    "Modules",
    "Prefer",
    "RecipeOptions",
    "RefSets",
    "Refresh",
    "SourcePaths",
    "Sources",
    "Suppressed",
    "Taxa",
    "Types",
    "VersionName",
    "split_values",
]

Types = Annotated[
    list[str] | None,
    typer.Option(
        "--types",
        help="Keep concepts of these types, or semantic types or groups of UMLS; comma or repeat.",
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

Prefer = Annotated[
    list[str] | None,
    typer.Option(
        "--prefer", help="Show concepts under ids of these systems, such as MONDO; comma or repeat."
    ),
]

FormatName = Annotated[
    str,
    typer.Argument(
        metavar="FORMAT",
        help="A format, or the name of a recipe, or default (see 'kb formats').",
    ),
]
SourcePaths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE...",
        help="Files or release folders in order; FORMAT:PATH for one of another format. "
        "After 'default': tables of your own on top of it.",
    ),
]
KbOutputFolder = Annotated[
    Path | None, typer.Option("-o", "--output", help="The directory to build.")
]
BaseName = Annotated[str, typer.Option(help="Its name; the directory's when not given.")]
VersionName = Annotated[
    str, typer.Option(help="The version; what the sources state when not given.")
]
Licence = Annotated[str, typer.Option(help="The licence of the terminology.")]
Languages = Annotated[
    list[str] | None,
    typer.Option(
        "--language", help="UMLS and SNOMED CT: languages of names, the preferred one first."
    ),
]
Taxa = Annotated[
    list[str] | None,
    typer.Option("--taxon", help="NCBI Gene: keep genes of these species, such as 9606."),
]
RefSets = Annotated[
    list[str] | None,
    typer.Option("--refset", help="SNOMED CT: language reference sets, the preferred one first."),
]
Modules = Annotated[
    list[str] | None,
    typer.Option("--module", help="SNOMED CT: keep concepts of these modules."),
]
Suppressed = Annotated[
    bool, typer.Option("--suppressed", help="UMLS: obsolete and suppressible names too.")
]
GivenTypes = Annotated[
    list[str] | None,
    typer.Option(
        "--type", help="Type of concepts whose file gives none; FILE=TYPE for one source's."
    ),
]
Mappings = Annotated[
    list[Path] | None,
    typer.Option("--mappings", help="An SSSOM file; its exact matches join concepts."),
]
CloseMatches = Annotated[
    bool, typer.Option("--close-matches", help="Close matches join concepts too.")
]
Dense = Annotated[
    bool | None,
    typer.Option(
        "--dense/--no-dense",
        help="Vectors of names; made for up to 500,000 names when not given.",
    ),
]
Encoder = Annotated[
    str, typer.Option(help="The bi-encoder that makes them: a name or a directory.")
]
RecipeOptions = Annotated[
    list[str] | None, typer.Option("--option", help="An option of the recipe, NAME=VALUE.")
]
Refresh = Annotated[
    bool, typer.Option("--refresh", help="Ask the recipe's servers for newer files.")
]
FilesFolder = Annotated[
    Path | None,
    typer.Option("--files", help="A folder that has the recipe's files; nothing is fetched."),
]


def split_values(values: list[str] | None) -> list[str]:
    """Values that were given one by one or with commas."""
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]
