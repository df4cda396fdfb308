"""UMLS Metathesaurus in Rich Release Format: the META folder of a release or of a MetamorphoSys
subset.

All large files are sorted by CUI, so they are read side by side and one concept at a time is in
memory.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.known import require_known
from biopipe.kb.build.sources.rrf import Matching, Rows, RrfLayout, grouped, rrf_file, rrf_rows
from biopipe.kb.build.sources.umls_files import (
    MRCONSO,
    MRCUI,
    MRDEF,
    MRREL,
    MRSTY,
    Ranks,
    available,
    meta_folder,
    optional_file,
    read_languages,
    read_ranks,
    read_version,
)
from biopipe.kb.schema import Concept
from biopipe.kb.semantic_types import semantic_types

__all__ = ["available", "read", "read_version"]

_LAT, _TS, _STT, _ISPREF, _AUI, _SAB, _TTY, _STR, _SUPPRESS = MRCONSO.places(
    "LAT", "TS", "STT", "ISPREF", "AUI", "SAB", "TTY", "STR", "SUPPRESS"
)
_TUI, _STY = MRSTY.places("TUI", "STY")
_DEF_AUI, _DEF_SAB, _DEF, _DEF_SUPPRESS = MRDEF.places("AUI", "SAB", "DEF", "SUPPRESS")
_REL, _CUI2, _RELA, _REL_SAB, _REL_SUPPRESS = MRREL.places("REL", "CUI2", "RELA", "SAB", "SUPPRESS")
_OLD, _CHANGE, _NEW = MRCUI.places("CUI1", "REL", "CUI2")
# RELAs of is-a by REL; a parent by part-of and the like is none.
_IS_A = {"PAR": ("", "isa", "inverse_isa"), "RB": ("isa", "inverse_isa")}
_LONGEST_CUI = 20


def read(
    path: Path,
    *,
    sources: Collection[str] = (),
    types: Collection[str] = (),
    languages: Sequence[str] = ("ENG",),
    suppressed: bool = False,
    definitions: bool = True,
    parents: bool = True,
    retired: bool = True,
) -> Iterator[Concept]:
    """Concepts `UMLS:C...` of the META folder at `path` or below it, in the order of MRCONSO.

    `sources` are SABs: names, definitions and parents come from these alone. `types` are semantic
    types or groups, by code or name. `languages` are LATs, the preferred one first. `suppressed`
    takes obsolete and suppressible atoms too. MRDEF has the `definitions`, MRREL the `parents`,
    MRCUI what `retired` asks for, MRRANK the order of names: where one of them is not there, a
    warning says so and the rest is read.

    A concept with names from several vocabularies comes as several `Concept`s in a row, one for
    each `source`; the first has the preferred name and all that is not a name. KnowledgeBaseError
    for an unknown filter value and a missing file (both at once), a broken row, rows out of order,
    or filters that leave nothing (at the end).
    """
    meta = meta_folder(path)
    ranks = read_ranks(meta)
    if ranks.sources:
        require_known(sources, ranks.sources, what="source", where=meta)
    require_known(languages, read_languages(meta), what="language", where=meta)
    wanted = _Wanted(
        frozenset(sources), tuple(types), semantic_types(types), tuple(languages), suppressed, ranks
    )
    files = _Files(
        _by_cui(meta, MRCONSO),
        Matching(_by_cui(meta, MRSTY)),
        Matching(_optional(meta, MRDEF) if definitions else iter(())),
        Matching(_optional(meta, MRREL, containing=("|PAR|", "isa|")) if parents else iter(())),
        Matching(_retired(optional_file(meta, MRCUI)) if retired else iter(())),
    )
    return _concepts(files, wanted, meta)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The filters of a read."""

    sources: frozenset[str]
    types: tuple[str, ...]
    tuis: tuple[str, ...]
    languages: tuple[str, ...]
    suppressed: bool
    ranks: Ranks

    def takes(self, source: str, suppress: str) -> bool:
        return (not self.sources or source in self.sources) and (
            self.suppressed or suppress in ("N", "")
        )

    def __str__(self) -> str:
        given = {"sources": self.sources, "types": self.types, "languages": self.languages}
        return "; ".join(
            f"{what} {', '.join(sorted(values))}" for what, values in given.items() if values
        )


class _Files(NamedTuple):
    """The files of a release, each by CUI."""

    atoms: Iterator[tuple[str, Rows]]
    types: Matching
    definitions: Matching
    relations: Matching
    retired: Matching


class _Name(NamedTuple):
    """A name and how it sorts; the lowest is preferred."""

    order: tuple[int, ...]
    text: str
    source: str


def _by_cui(
    meta: Path, layout: RrfLayout, *, containing: Sequence[str] = ()
) -> Iterator[tuple[str, Rows]]:
    path = rrf_file(meta, layout)
    return grouped(rrf_rows(path, layout, containing=containing), path)


def _optional(
    meta: Path, layout: RrfLayout, *, containing: Sequence[str] = ()
) -> Iterator[tuple[str, Rows]]:
    path = optional_file(meta, layout)
    return iter(()) if path is None else _by_cui(meta, layout, containing=containing)


def _concepts(files: _Files, wanted: _Wanted, meta: Path) -> Iterator[Concept]:
    any_concept = False
    for cui, atoms in files.atoms:
        types = files.types.rows(cui)
        if wanted.tuis and not any(row[_TUI] in wanted.tuis for row in types):
            continue
        names = _names(atoms, wanted)
        if not names:
            continue
        any_concept = True
        first = Concept(
            f"UMLS:{cui}",
            names[0].text,
            types=tuple(dict.fromkeys(row[_STY] for row in types)),
            definition=_definition(files.definitions.rows(cui), atoms, wanted),
            parents=_parents(files.relations.rows(cui), cui, wanted),
        )
        yield from _by_source(first, names)
        for _, old in files.retired.rows(cui):
            yield Concept(f"UMLS:{old}", first.name, types=first.types, replaced_by=first.id)
    if not any_concept:
        raise KnowledgeBaseError(f"No concept of {meta} passes all filters ({wanted}); widen them.")


def _names(atoms: Rows, wanted: _Wanted) -> list[_Name]:
    """Names that pass the filters, the preferred one first, each once for each vocabulary."""
    names: dict[tuple[str, str], _Name] = {}
    for atom in atoms:
        source, text = atom[_SAB], atom[_STR].strip()
        if text and atom[_LAT] in wanted.languages and wanted.takes(source, atom[_SUPPRESS]):
            name = _Name(_order(atom, wanted), text, source)
            if (text, source) not in names or name.order < names[text, source].order:
                names[text, source] = name
    return sorted(names.values())


def _order(atom: list[str], wanted: _Wanted) -> tuple[int, ...]:
    return (
        wanted.languages.index(atom[_LAT]),
        -wanted.ranks.of(atom[_SAB], atom[_TTY], atom[_SUPPRESS]),
        atom[_TS] != "P",
        atom[_STT] != "PF",
        atom[_ISPREF] != "Y",
    )


def _by_source(first: Concept, names: Sequence[_Name]) -> Iterator[Concept]:
    by_source: dict[str, list[str]] = {}
    for name in names:
        by_source.setdefault(name.source, []).append(name.text)
    for source, (text, *synonyms) in by_source.items():
        if source == names[0].source:
            yield replace(first, synonyms=tuple(synonyms), source=source)
        else:
            yield Concept(first.id, text, tuple(synonyms), source=source)


def _definition(rows: Rows, atoms: Rows, wanted: _Wanted) -> str:
    """The definition of the most trusted vocabulary; its language is that of the atom it belongs
    to.
    """
    if not rows:
        return ""
    languages = {atom[_AUI]: atom[_LAT] for atom in atoms}
    best: dict[tuple[int, int], str] = {}
    for row in rows:
        language, text = languages.get(row[_DEF_AUI], ""), row[_DEF].strip()
        if (
            text
            and language in ("", *wanted.languages)
            and wanted.takes(row[_DEF_SAB], row[_DEF_SUPPRESS])
        ):
            place = wanted.languages.index(language) if language else len(wanted.languages)
            best.setdefault((place, -wanted.ranks.sources.get(row[_DEF_SAB], 0)), text)
    return best[min(best)] if best else ""


def _parents(rows: Rows, cui: str, wanted: _Wanted) -> tuple[str, ...]:
    """CUI2 of rows whose REL says that it is the broader one and whose RELA, if any, that it is so
    by is-a.
    """
    parents = {
        f"UMLS:{row[_CUI2]}": None
        for row in rows
        if row[_RELA] in _IS_A.get(row[_REL], ())
        and row[_CUI2] not in ("", cui)
        and wanted.takes(row[_REL_SAB], row[_REL_SUPPRESS])
    }
    return tuple(parents)


def _retired(path: Path | None) -> Iterator[tuple[str, Rows]]:
    """[new CUI, old CUI] of CUIs that were merged into another (REL SY), sorted by the new one.

    Broader, narrower and related CUIs of a retired one (RB, RN, RO) are other concepts and left
    out.
    """
    if path is None:
        return iter(())
    pairs = np.fromiter(_merged(path), f"S{2 * _LONGEST_CUI}")
    pairs.sort()
    rows = (pair.decode().split("\t") for pair in pairs)
    return grouped(enumerate(rows, start=1), path)


def _merged(path: Path) -> Iterator[bytes]:
    for number, row in rrf_rows(path, MRCUI, containing=("|SY|",)):
        if row[_CHANGE] == "SY" and row[_NEW]:
            if max(len(row[_OLD]), len(row[_NEW])) >= _LONGEST_CUI:
                raise KnowledgeBaseError(
                    f"{path}, line {number}, maps '{row[_OLD]}' to '{row[_NEW]}'; these are no "
                    "CUIs."
                )
            yield f"{row[_NEW]}\t{row[_OLD]}".encode()
