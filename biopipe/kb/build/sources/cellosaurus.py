"""Cell lines of Cellosaurus, from cellosaurus.obo or cellosaurus.txt."""

import re
from collections.abc import Iterator
from pathlib import Path

from biopipe.document.labels import CELL_LINE
from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources import obo
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.schema import Concept

__all__ = ["read", "read_version"]

# CVCL_ and four characters, as Cellosaurus gives them out.
_ACCESSION = re.compile(r"CVCL_[A-Z0-9]{4}\Z")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
_TAXON = re.compile(r"NCBI_TaxID[:=](\d+)")
_VERSION = re.compile(r"(?:data-version|\s*Version): *(\S+)")
# A code of two letters, three spaces, and the value; the legend in the header has more spaces.
_LINE = re.compile(r"([A-Z]{2})   (\S.*)")

# Lines of a header that tell the release, at most; entries follow.
_HEADER_LINES = 50

_Entry = dict[str, list[str]]


def read(path: Path) -> Iterator[Concept]:
    """Cell lines with the species they are from as further types; the line they derive from is
    their parent.
    """
    first = next((line for _, line in numbered_lines(path) if line.strip()), "")
    entries = _from_obo(path) if first.startswith("format-version") else _from_text(path)
    any_concept = False
    for entry in entries:
        any_concept = True
        yield from _concepts(entry)
    if not any_concept:
        raise KnowledgeBaseError(
            f"{path} holds no cell line; give cellosaurus.obo or cellosaurus.txt."
        )


def read_version(path: Path) -> str:
    """The release, such as 49.0, or ""."""
    for number, line in numbered_lines(path):
        if version := _VERSION.match(line):
            return version[1]
        if number > _HEADER_LINES:
            break
    return ""


def _concepts(entry: _Entry) -> Iterator[Concept]:
    id_, name = _curie(entry["AC"][0]), entry["ID"][0]
    taxa = dict.fromkeys(
        f"NCBITaxon:{taxon}" for value in entry.get("OX", []) for taxon in _TAXON.findall(value)
    )
    synonyms = dict.fromkeys(
        synonym for synonym in entry.get("SY", []) if synonym not in ("", name)
    )
    parents = dict.fromkeys(_curie(value.split(" ")[0]) for value in entry.get("HI", []))
    yield Concept(
        id_,
        name,
        tuple(synonyms),
        (CELL_LINE, *taxa),
        parents=tuple(parents),
        source="Cellosaurus",
    )
    for old in entry.get("AS", []):
        yield Concept(_curie(old), name, replaced_by=id_, source="Cellosaurus")


def _from_text(path: Path) -> Iterator[_Entry]:
    entry: _Entry = {}
    for number, line in numbered_lines(path):
        if line.strip() == "//":
            _check(entry, f"{path}, line {number},")
            yield entry
            entry = {}
        # The header has lines of its own, which do not look like these.
        elif field := _LINE.match(line):
            values = field[2].split("; ") if field[1] in ("SY", "AS") else [field[2]]
            entry.setdefault(field[1], []).extend(value.strip(" ;") for value in values)
    if entry:
        raise KnowledgeBaseError(
            f"{path} ends within the cell line '{entry.get('ID', ['?'])[0]}'; it is cut off."
        )


def _from_obo(path: Path) -> Iterator[_Entry]:
    for stanza in obo.stanzas(path):
        entry = {
            "AC": [value.partition(" ")[0] for value in stanza.get("id", [])],
            "ID": stanza.get("name", []),
            "SY": [
                _ESCAPE.sub(r"\1", quoted[1])
                for value in stanza.get("synonym", [])
                if (quoted := _QUOTED.match(value))
            ],
            "OX": stanza.get("xref", []),
            "HI": [
                value.removeprefix("derived_from ")
                for value in stanza.get("relationship", [])
                if value.startswith("derived_from ")
            ],
            "AS": stanza.get("alt_id", []),
        }
        # Both files are read into entries by the codes of the text file, and checked alike.
        _check(entry, f"{path}, term '{stanza.get('id', ['?'])[0]}',")
        yield entry


def _check(entry: _Entry, where: str) -> None:
    if not entry.get("ID") or not _ACCESSION.match(entry.get("AC", [""])[0]):
        raise KnowledgeBaseError(
            f"{where} closes an entry without a name or a CVCL accession; it is damaged."
        )


def _curie(accession: str) -> str:
    return f"Cellosaurus:{accession.strip()}"
