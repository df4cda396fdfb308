"""The concepts of the default knowledge base: each source by its reader, and the diseases and the
chemicals of several sources joined.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, compress
from pathlib import Path

from biopipe.document.labels import CHEMICAL, DISEASE
from biopipe.kb.build.animal_symbols import with_symbols_of_animals
from biopipe.kb.build.binomials import with_abbreviated_binomials, with_abbreviated_species
from biopipe.kb.build.everyday import without_everyday_names
from biopipe.kb.build.grouping import grouped_concepts
from biopipe.kb.build.merge import plan_join
from biopipe.kb.build.name_join import (
    NameKey,
    chemical_key,
    joints_by_name,
    lower_case_key,
    words_key,
)
from biopipe.kb.build.salts import joints_of_salts
from biopipe.kb.build.sources import (
    cell_lines_package,
    chebi_package,
    chemicals_package,
    disease_ner,
    drug_ner,
    hgnc,
    hpo_package,
    icd10cm,
    mondo_package,
    sssom,
    tsv,
)
from biopipe.kb.build.sources.mesh_headings import read_headings
from biopipe.kb.orthologs import Ortholog
from biopipe.kb.schema import Concept
from biopipe.text.normalize import normalize_name

__all__ = [
    "CHEMICAL_SYSTEMS",
    "DISEASE_SYSTEMS",
    "OnRead",
    "Supplement",
    "chemical_concepts",
    "default_concepts",
    "headings_named",
    "under_headings",
    "with_one_id_a_system",
    "without_codes_of_makers",
    "without_names_of_headings",
    "without_rare_short_forms",
]

# Supplementary concepts, which most rare diseases of MeSH are, have MESH:C.
_HEADING = "MESH:D"
_CODE = re.compile(r"[A-Za-z]{1,5}[ -]?\d{3,}[A-Za-z]?")
_SHORT_FORM = re.compile(r"[A-Z]{2,3}")
_EVERYDAY_SHORT_FORM = re.compile(r"[A-Z][A-Za-z]?[A-Z]{1,4}")
# Concepts between two reports of progress.
_READING_STEP = 1000

DISEASE_SYSTEMS = ("MESH", "MONDO", "HP", "OMIM", "ORPHA", "DECIPHER", "ICD10CM")
CHEMICAL_SYSTEMS = ("MESH", "DrugBank", "MedlinePlus", "PUBCHEM.COMPOUND", "CHEBI")
"""Systems of ids, in the order in which the id of one of them becomes the main one of a concept."""


@dataclass(frozen=True, slots=True)
class Supplement:
    """What a fuller base has beside the packages: concepts of MeSH, and pairs of ids of equal
    diseases; those of `concepts` that are in a pair are diseases, the others chemicals.
    """

    concepts: tuple[Concept, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    def diseases(self) -> list[Concept]:
        """The concepts that are in a pair, as diseases."""
        paired = {id_ for pair in self.pairs for id_ in pair}
        return [replace(c, types=(DISEASE,)) for c in self.concepts if c.id in paired]

    def chemicals(self, names: Collection[str]) -> list[Concept]:
        """The others whose name, as `lower_case_key` has it, is none of `names`."""
        paired = {id_ for pair in self.pairs for id_ in pair}
        return [
            concept
            for concept in self.concepts
            if concept.id not in paired and lower_case_key(concept.name) not in names
        ]


@dataclass(frozen=True, slots=True)
class KnownJoints:
    """Pairs of ids of equal concepts, pairs, as sets, that are never joined, and pairs that join
    what names have not joined otherwise.
    """

    same: tuple[tuple[str, str], ...]
    apart: frozenset[frozenset[str]]
    last: tuple[tuple[str, str], ...] = ()


OnRead = Callable[[str, int], None]
"""Gets what is being done, such as "reading diseases", and how many concepts were read so far."""


class _Reading:
    """Counts the concepts of all sources while they are read."""

    def __init__(self, on_read: OnRead | None) -> None:
        self._on_read = on_read or (lambda what, count: None)
        self._count = 0

    def of(self, what: str, concepts: Iterable[Concept]) -> Iterator[Concept]:
        """The concepts of a source."""
        for concept in concepts:
            self._count += 1
            if self._count % _READING_STEP == 0:
                self._on_read(f"reading {what}", self._count)
            yield concept

    def joins(self, what: str) -> None:
        """The concepts of several sources are joined now, which takes some seconds."""
        self._on_read(f"joining {what}", self._count)

    def waits(self, what: str) -> None:
        """The concepts of a source are read elsewhere, and not there yet."""
        self._on_read(f"reading {what}", self._count)

    def go_on(self) -> OnRead:
        """What to tell of concepts that are counted from nothing again."""
        before = self._count

        def on_read(what: str, count: int) -> None:
            self._count = before + count
            self._on_read(what, self._count)

        return on_read


def default_concepts(
    files: Mapping[str, Sequence[Path]],
    supplement: Supplement | None = None,
    *,
    orthologs: Iterable[Ortholog] = (),
    on_read: OnRead | None = None,
    chemicals: Callable[[], Iterable[Concept]] | None = None,
) -> Iterator[Concept]:
    """All concepts; `files` by the name of the parser that the recipe gives them, those of tables
    by the name of the recipe's source. Human genes get the symbols that only their `orthologs`
    have. `on_read` is called some thousand concepts apart. `chemicals` gives those of
    `chemical_concepts` where they are read elsewhere.
    """
    more, reading = supplement or Supplement(), _Reading(on_read)
    headings = read_headings(_only(files["mesh_headings"]))
    # Mondo's mappings are older than many headings of MeSH, so names go before them.
    mapped = (*sssom.read(_only(files["Mondo's mappings"])), *more.pairs)
    joints = replace(_known_joints(files), last=mapped)
    species = list(with_abbreviated_binomials(tsv.read(_only(files["species"]))))
    diseases = _diseases(files, headings, joints, more, reading)
    yield from with_abbreviated_species(diseases, species)
    if chemicals is None:
        yield from chemical_concepts(files, more, on_read=reading.go_on())
    else:
        reading.waits("chemicals")
        yield from reading.of("chemicals", chemicals())
    everyday = list(tsv.read(_only(files["genes"])))
    designated = tsv.read(_only(files["NCBI Gene's designations"]))
    human = chain(hgnc.read(_only(files["hgnc"])), designated)
    human = chain(without_everyday_names(human, everyday), everyday)
    genes = with_symbols_of_animals(human, orthologs)
    yield from reading.of("genes", genes)
    yield from species
    lines = cell_lines_package.read(_only(files["cell_lines_package"]))
    yield from reading.of("cell lines", chain(lines, tsv.read(_only(files["cell lines"]))))


def _diseases(
    files: Mapping[str, Sequence[Path]],
    headings: Mapping[str, str],
    joints: KnownJoints,
    more: Supplement,
    reading: _Reading,
) -> Iterator[Concept]:
    concepts = list(reading.of("diseases", disease_ner.read(_only(files["disease_ner"]), headings)))
    concepts += more.diseases()
    concepts += reading.of("diseases", mondo_package.read(_only(files["mondo_package"])))
    phenotypes = chain.from_iterable(map(hpo_package.read, files["hpo_package"]))
    concepts += reading.of("phenotypes", phenotypes)
    reading.joins("diseases")
    everyday = list(tsv.read(_only(files["diseases"])))
    joined = _joined(
        [*headings_named(concepts, headings, words_key, DISEASE), *concepts, *_codes(files)],
        everyday,
        DISEASE_SYSTEMS,
        [(words_key, DISEASE_SYSTEMS)],
        joints,
    )
    # Not their words: "cirrhosis" is any fibrosis to MeSH, and annotators follow it.
    for concept in without_everyday_names(joined, everyday, only=_EVERYDAY_SHORT_FORM):
        if not concept.id.startswith("ICD10CM:"):
            one, *retired = with_one_id_a_system(concept)
            yield without_rare_short_forms(one)
            yield from retired


def with_one_id_a_system(concept: Concept) -> list[Concept]:
    """The disease with the first id of each of `DISEASE_SYSTEMS`, a heading before a supplementary
    concept of MeSH, and the others as retired for it: mappings of another time may tell two ids
    what names tell one.
    """
    ids = sorted((concept.id, *concept.xrefs), key=lambda id_: not id_.startswith(_HEADING))
    # The main id is never one of the others, whatever its place.
    kept = {concept.id.partition(":")[0]: concept.id}
    for id_ in ids:
        kept.setdefault(id_.partition(":")[0], id_)
    others = [
        id_
        for id_ in concept.xrefs
        if (system := id_.partition(":")[0]) in DISEASE_SYSTEMS and kept[system] != id_
    ]
    if not others:
        return [concept]
    one = replace(concept, xrefs=tuple(id_ for id_ in concept.xrefs if id_ not in others))
    retired = (Concept(id_, concept.name, replaced_by=concept.id, source="MONDO") for id_ in others)
    return [one, *retired]


def without_rare_short_forms(concept: Concept) -> Concept:
    """A disease without its short forms of two or three capitals where it is no heading of MeSH:
    what papers seldom write about is seldom meant by letters that they do not define.
    """
    if any(id_.startswith(_HEADING) for id_ in (concept.id, *concept.xrefs)):
        return concept
    kept = [not _SHORT_FORM.fullmatch(name) for name in concept.synonyms]
    return _with_synonyms(concept, kept)


def _codes(files: Mapping[str, Sequence[Path]]) -> Iterator[Concept]:
    """Codes of ICD-10-CM by their title alone: cross-references of what is called so. The rest of
    its titles are made for coding, and no text has them.
    """
    for code in icd10cm.read(_only(files["icd10cm"])):
        if not code.replaced_by:
            yield Concept(code.id, code.name, source=code.source)


def _known_joints(files: Mapping[str, Sequence[Path]]) -> KnownJoints:
    table = _only(files["joints"])
    apart = frozenset(map(frozenset, sssom.read(table, negated=True)))
    return KnownJoints(tuple(sssom.read(table)), apart)


def chemical_concepts(
    files: Mapping[str, Sequence[Path]], more: Supplement, *, on_read: OnRead | None = None
) -> Iterator[Concept]:
    """The chemicals among `default_concepts`, which says what the arguments are."""
    reading = _Reading(on_read)
    headings = read_headings(_only(files["mesh_headings"]))
    concepts = list(reading.of("drugs", drug_ner.read(_only(files["drug_ner"]), headings)))
    packages = chain.from_iterable(map(chemicals_package.read, files["chemicals_package"]))
    concepts += reading.of("chemicals", packages)
    concepts += reading.of("chemicals", chebi_package.read(_only(files["chebi_package"])))
    reading.joins("chemicals")
    concepts = [*headings_named(concepts, headings, chemical_key, CHEMICAL), *concepts]
    supplements = list(tsv.read(_only(files["MeSH supplementary concepts"])))
    concepts = list(without_names_of_headings(concepts, headings))
    concepts = list(without_codes_of_makers(concepts, supplements))
    headed = {
        lower_case_key(name): concept.id
        for concept in concepts
        if concept.id.startswith("MESH:")
        for name in (concept.name, *concept.synonyms)
    }
    everyday = list(tsv.read(_only(files["chemicals"])))
    known = [*concepts, *more.chemicals(headed), *under_headings(supplements, headed)]
    yield from _joined(
        list(without_everyday_names(known, everyday)),
        everyday,
        CHEMICAL_SYSTEMS,
        # Classes, which MeSH has in the plural, are not in PubChem.
        [(lower_case_key, CHEMICAL_SYSTEMS), (chemical_key, ("MESH", "DrugBank", "CHEBI"))],
        _known_joints(files),
    )


def without_codes_of_makers(
    concepts: Sequence[Concept], supplements: Iterable[Concept]
) -> Iterator[Concept]:
    """Headings of MeSH, and what is called as they are, without the codes by which texts mean one of
    `supplements`: pentane is sold as "MG 132", and papers mean a proteasome inhibitor by it.
    """
    names = chain.from_iterable((concept.name, *concept.synonyms) for concept in supplements)
    codes = {normalize_name(name) for name in names if _CODE.fullmatch(name)}
    headings = [concept for concept in concepts if concept.id.startswith(_HEADING)]
    called = {chemical_key(name) for c in headings for name in (c.name, *c.synonyms)}
    for concept in concepts:
        kept = [
            not (_CODE.fullmatch(name) and normalize_name(name) in codes)
            for name in concept.synonyms
        ]
        if all(kept) or chemical_key(concept.name) not in called:
            yield concept
        else:
            yield _with_synonyms(concept, kept)


def _with_synonyms(concept: Concept, kept: Sequence[bool]) -> Concept:
    return replace(
        concept,
        synonyms=tuple(compress(concept.synonyms, kept)),
        synonym_kinds=tuple(compress(concept.synonym_kinds, kept)),
    )


def under_headings(supplements: Iterable[Concept], headed: Mapping[str, str]) -> Iterator[Concept]:
    """Supplementary concepts of MeSH; those that bear a name of a heading are that heading's, which
    most of them became later. `headed`: ids of headings by `lower_case_key`.
    """
    for concept in supplements:
        keys = map(lower_case_key, (concept.name, *concept.synonyms))
        heading = next((headed[key] for key in keys if key in headed), None)
        if heading is None:
            yield concept
        else:
            yield Concept(concept.id, concept.name, replaced_by=heading, source=concept.source)


def headings_named(
    concepts: Sequence[Concept], headings: Mapping[str, str], key: NameKey, type_: str
) -> list[Concept]:
    """Headings of MeSH that no source of `concepts` has an id of, where one of them is so called."""
    taken = {id_ for concept in concepts for id_ in (concept.id, *concept.xrefs)}
    names = {key(concept.name) for concept in concepts if not concept.replaced_by}
    found = []
    for heading, id_ in headings.items():
        called = next((n for n in (heading, _uninverted(heading)) if key(n) in names), None)
        if called is not None and id_ not in taken:
            found.append(Concept(id_, called.capitalize(), types=(type_,), source="MeSH"))
    return found


def _uninverted(heading: str) -> str:
    """As texts write it: "branched-chain amino acids" of the heading "amino acids, branched-chain"."""
    return " ".join(reversed(heading.split(", "))) if heading.count(", ") == 1 else heading


def without_names_of_headings(
    concepts: Sequence[Concept], headings: Mapping[str, str]
) -> Iterator[Concept]:
    """Chemicals without synonyms that are headings of MeSH for what is none of `concepts`, and
    monomers without the names of their polymers.

    Lists of trade names and of makers' synonyms call morphine "meconium", styrene "polystyrene" and
    astemizole "kelp". Of 60 such names 40 mean something else than their chemical.
    """
    known = {id_ for concept in concepts for id_ in (concept.id, *concept.xrefs)}
    others = {chemical_key(heading) for heading, id_ in headings.items() if id_ not in known}
    for concept in concepts:
        polymer = "poly" + lower_case_key(concept.name)
        kept = [
            chemical_key(name) not in others and lower_case_key(name) != polymer
            for name in concept.synonyms
        ]
        if all(kept):
            yield concept
        else:
            yield _with_synonyms(concept, kept)


def _joined(
    concepts: Sequence[Concept],
    everyday: Iterable[Concept],
    systems: Sequence[str],
    passes: Sequence[tuple[NameKey, Sequence[str]]],
    joints: KnownJoints,
) -> Iterator[Concept]:
    """One concept for all ids of it, under that of the first system; `everyday` adds names.

    `passes` over names, the surest first: what makes two names one, and the systems to join by it.
    """
    own = ((concept.id, xref) for concept in concepts for xref in _own_ids(concept, systems))
    # MeSH has narrower diseases, for which it has no heading, as entry terms of the broader one.
    loose = "MESH" if systems == DISEASE_SYSTEMS else ""
    told = [pair for key, of in passes for pair in joints_by_name(concepts, of, key, loose=loose)]
    pairs = [*own, *joints.same, *joints_of_salts(concepts), *told, *joints.last]
    # What texts call a supplementary concept is no better name than that of another source.
    by_system = sorted(concepts, key=lambda c: (_is_supplementary(c.id), _place(c.id, systems)))
    plan = plan_join(by_system, pairs, apart=joints.apart)
    yield from grouped_concepts([*by_system, *everyday], plan)


def _is_supplementary(concept_id: str) -> bool:
    return concept_id.startswith("MESH:") and not concept_id.startswith(_HEADING)


def _place(concept_id: str, systems: Sequence[str]) -> int:
    return systems.index(concept_id.partition(":")[0])


def _own_ids(concept: Concept, systems: Iterable[str]) -> list[str]:
    return [xref for xref in concept.xrefs if xref.partition(":")[0] in systems]


def _only(paths: Sequence[Path]) -> Path:
    (path,) = paths
    return path
