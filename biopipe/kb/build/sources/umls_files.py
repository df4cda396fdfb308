"""The files of a UMLS release that a knowledge base is made of, and what its small tables say.

Columns: UMLS Reference Manual, chapter 3 (Metathesaurus: Rich Release Format).
"""

import re
import warnings
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.lines import numbered_lines
from biopipe.kb.build.sources.rrf import RrfLayout, rrf_file, rrf_layout, rrf_rows

__all__ = [
    "MRCONSO",
    "MRCUI",
    "MRDEF",
    "MRREL",
    "MRSTY",
    "Available",
    "Ranks",
    "available",
    "meta_folder",
    "optional_file",
    "read_languages",
    "read_ranks",
    "read_version",
]

MRCONSO = rrf_layout(
    "MRCONSO.RRF",
    "CUI LAT TS LUI STT SUI ISPREF AUI SAUI SCUI SDUI SAB TTY CODE STR SRL SUPPRESS CVF",
    "the names",
    free="STR",
)
MRSTY = rrf_layout("MRSTY.RRF", "CUI TUI STN STY ATUI CVF", "the semantic types")
MRDEF = rrf_layout(
    "MRDEF.RRF",
    "CUI AUI ATUI SATUI SAB DEF SUPPRESS CVF",
    "the definitions",
    free="DEF",
)
MRREL = rrf_layout(
    "MRREL.RRF",
    "CUI1 AUI1 STYPE1 REL CUI2 AUI2 STYPE2 RELA RUI SRUI SAB SL RG DIR SUPPRESS CVF",
    "the is-a parents",
)
MRCUI = rrf_layout(
    "MRCUI.RRF",
    "CUI1 VER REL RELA MAPREASON CUI2 MAPIN",
    "the retired CUIs",
)
_MRRANK = rrf_layout("MRRANK.RRF", "RANK SAB TTY SUPPRESS", "the order of preferred names")
_MRSAB = rrf_layout(
    "MRSAB.RRF",
    "VCUI RCUI VSAB RSAB SON SF SVER VSTART VEND IMETA RMETA SLC SCC SRL TFR CFR CXTY TTYL ATNL "
    "LAT CENC CURVER "
    "SABIN SSN SCIT",
    "the vocabularies and their languages",
    free="SCIT",
)
_LANGUAGES = (
    "ARA BAQ CHI CZE DAN DUT ENG EST FIN FRE GER GRE HEB HUN ITA JPN KOR LAV LIT NOR POL POR RUS "
    "SCR SPA SWE TUR "
    "UKR"
)
_RELEASE = re.compile(r"(?:19|20)\d\d(?:AA|AB|AC|AD)")


@dataclass(frozen=True, slots=True)
class Ranks:
    """How NLM, or the person who made the subset, ranks names; the higher the more preferred."""

    terms: Mapping[tuple[str, str, str], int]
    sources: Mapping[str, int]

    def of(self, source: str, term_type: str, suppress: str) -> int:
        """The rank of a name of this vocabulary and term type, -1 when it has none."""
        return self.terms.get((source, term_type, suppress), -1)


@dataclass(frozen=True, slots=True)
class Available:
    """What a release has to choose from, each with its number of concepts."""

    sources: Mapping[str, int]
    languages: tuple[str, ...]
    types: Mapping[str, int]


def meta_folder(path: Path) -> Path:
    """The folder with MRCONSO.RRF: `path`, its META, or the META of the one release in it."""
    for folder in (path, path / "META", *sorted(path.glob("*/META"))):
        if any(folder.glob(f"{MRCONSO.file}*")):
            return folder
    if not path.is_dir():
        raise KnowledgeBaseError(
            f"There is no folder '{path}'; give the META folder of an unpacked UMLS release."
        )
    raise KnowledgeBaseError(
        f"There is no {MRCONSO.file} (or .gz) in {path} or in a META folder below it; give the "
        "META folder of an "
        "unpacked UMLS release."
    )


def read_ranks(meta: Path) -> Ranks:
    """MRRANK; without that file no name has a rank, and MRCONSO alone says which is preferred."""
    path = optional_file(meta, _MRRANK)
    if path is None:
        return Ranks({}, {})
    terms: dict[tuple[str, str, str], int] = {}
    sources: dict[str, int] = {}
    for number, (rank, source, term_type, suppress) in rrf_rows(path, _MRRANK):
        if not rank.isdecimal():
            raise KnowledgeBaseError(
                f"{path}, line {number}, has the RANK '{rank}'; it must be a number."
            )
        terms[source, term_type, suppress] = int(rank)
        sources[source] = max(int(rank), sources.get(source, 0))
    return Ranks(terms, sources)


def optional_file(meta: Path, layout: RrfLayout) -> Path | None:
    """The file of a release that names can do without; None, with a warning, where it is not
    there.
    """
    if not any(meta.glob(f"{layout.file}*")):
        warnings.warn(
            f"There is no {layout.file} in {meta}; the base is built without {layout.purpose}.",
            stacklevel=2,
        )
        return None
    return rrf_file(meta, layout)


def read_languages(meta: Path) -> Set[str]:
    """Languages of the release by MRSAB; all that UMLS has when that file is not there."""
    (language,) = _MRSAB.places("LAT")
    return {row[language] for row in _vocabularies(meta)} - {""} or set(_LANGUAGES.split())


def available(path: Path) -> Available:
    """Vocabularies by SAB, languages, and semantic types by name; reads MRSAB and MRSTY (seconds),
    not MRCONSO.
    """
    meta = meta_folder(path)
    source, concepts = _MRSAB.places("RSAB", "CFR")
    name = MRSTY.columns.index("STY")
    return Available(
        {row[source]: int(row[concepts] or 0) for row in _vocabularies(meta)},
        tuple(sorted(read_languages(meta))),
        dict(
            sorted(Counter(row[name] for _, row in rrf_rows(rrf_file(meta, MRSTY), MRSTY)).items())
        ),
    )


def read_version(path: Path) -> str:
    """The release, such as "2024AA", by release.dat or the name of its folder; "" when neither
    says.
    """
    meta = meta_folder(path).absolute()
    for about in (meta / "release.dat", meta.parent / "release.dat"):
        if about.is_file():
            for _, line in numbered_lines(about):
                if line.startswith("umls.release.name="):
                    return line.partition("=")[2].strip()
    return next((found[0] for part in reversed(meta.parts) if (found := _RELEASE.search(part))), "")


def _vocabularies(meta: Path) -> list[list[str]]:
    """Rows of MRSAB that are in the release now; [] without the file."""
    current, included = _MRSAB.places("CURVER", "SABIN")
    path = next(
        (
            meta / f"{_MRSAB.file}{end}"
            for end in ("", ".gz")
            if (meta / f"{_MRSAB.file}{end}").is_file()
        ),
        None,
    )
    if path is None:
        return []
    return [
        row for _, row in rrf_rows(path, _MRSAB) if row[current] == "Y" and row[included] != "N"
    ]
