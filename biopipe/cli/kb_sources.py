"""What FORMAT and SOURCE of `biopipe kb build` name."""

from collections.abc import Sequence
from pathlib import Path

from biopipe.errors import ConfigError
from biopipe.kb.build.formats import TERMINOLOGY_FORMATS, terminology_format
from biopipe.kb.build.joining import EVERYWHERE, SourceFilters, TerminologySource
from biopipe.kb.build.sources.lines import numbered_lines, require_file
from biopipe.kb.default import DEFAULT

__all__ = ["detect_format", "parse_option", "parse_sources"]


def parse_sources(
    format: str, paths: Sequence[str], filters: SourceFilters, types: Sequence[str]
) -> list[TerminologySource]:
    """The sources that the arguments name; none for the name of a recipe alone.

    A filter that some formats have and others have not narrows those that have it; one that none
    has is a ConfigError.
    """
    prefix = format.partition(":")[0]
    # FORMAT:PATH in the first place: all arguments are sources then.
    if prefix != format and prefix in TERMINOLOGY_FORMATS:
        pairs = [_format_and_path("", argument) for argument in (format, *paths)]
    elif not paths:
        return []
    else:
        if format != DEFAULT:
            terminology_format(format)
        pairs = [_format_and_path(format, argument) for argument in paths]
    type_of = dict(_file_and_type(argument) for argument in types)
    files = {path.name for _, path in pairs}
    if unknown := [file for file in type_of if file and file not in files]:
        raise ConfigError(
            f"--type names the file '{unknown[0]}', which is none of the sources: "
            f"{', '.join(sorted(files))}."
        )
    return [
        TerminologySource(
            format_,
            path,
            type_of.get(path.name, type_of.get("", "")),
            _filters_of(format_, filters, pairs),
        )
        for format_, path in pairs
    ]


def parse_option(argument: str) -> tuple[str, str]:
    """NAME=VALUE as a pair; ConfigError without a value."""
    name, equals, value = argument.partition("=")
    if not equals or not name:
        raise ConfigError(f"--option '{argument}' has no value; give NAME=VALUE.")
    return name, value


def _format_and_path(format: str, argument: str) -> tuple[str, Path]:
    prefix, colon, path = argument.partition(":")
    if colon and prefix in TERMINOLOGY_FORMATS:
        return prefix, Path(path)
    if format == DEFAULT:
        return detect_format(Path(argument)), Path(argument)
    if not format:
        raise ConfigError(f"The source '{argument}' has no format; give it as FORMAT:{argument}.")
    return format, Path(argument)


def detect_format(path: Path) -> str:
    """The format of a table or an ontology by its name, that of a table by its first line.

    ConfigError where neither says; KnowledgeBaseError where the file cannot be read.
    """
    suffixes = [suffix for suffix in path.suffixes if suffix != ".gz"]
    if suffixes[-1:] == [".json"] and _is_json_list(path):
        return "jsonl"
    by_name = {".obo": "obo", ".json": "obograph", ".jsonl": "jsonl"}.get("".join(suffixes[-1:]))
    if by_name:
        return by_name
    require_file(path)
    first = next(numbered_lines(path), (0, ""))[1]
    if "\t" in first:
        return "tsv"
    if "," in first or ";" in first:
        return "csv"
    raise ConfigError(
        f"The format of '{path}' cannot be told from its first line; give it as FORMAT:{path}."
    )


def _is_json_list(path: Path) -> bool:
    """Whether a .json file is a list, as scispaCy's concept files are; an ontology is an object."""
    require_file(path)
    return next(numbered_lines(path), (0, ""))[1].lstrip().startswith("[")


def _file_and_type(argument: str) -> tuple[str, str]:
    file, equals, type_ = argument.rpartition("=")
    if not type_ or (equals and not file):
        raise ConfigError(f"--type '{argument}' names no type; give TYPE or FILE=TYPE.")
    return Path(file).name if file else "", type_


def _filters_of(
    format: str, filters: SourceFilters, pairs: Sequence[tuple[str, Path]]
) -> SourceFilters:
    """The filters that this format has, and those that none of the sources has."""
    # A filter that only another source has is not an error here; one that none has is, and is said.
    own = TERMINOLOGY_FORMATS[format].filters | EVERYWHERE
    anywhere = EVERYWHERE.union(*(TERMINOLOGY_FORMATS[other].filters for other, _ in pairs))
    return {name: value for name, value in filters.items() if name in own or name not in anywhere}
