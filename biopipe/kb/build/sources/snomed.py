"""SNOMED CT in Release Format 2: the Snapshot files of an international or national release.

They are not sorted by concept, so ids and texts are kept in flat arrays.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.known import require_known
from biopipe.kb.build.sources.rf2 import Release, find_release, rf2_rows
from biopipe.kb.build.sources.snomed_concepts import (
    SnomedHierarchy,
    read_concepts,
    read_hierarchy,
    read_replaced,
    snomed_branches,
)
from biopipe.kb.build.sources.snomed_names import Names, read_names
from biopipe.kb.schema import Concept

__all__ = ["read", "read_version"]

_SOURCE = "SNOMED CT"


def read(
    path: Path,
    *,
    branches: Collection[str] = (),
    types: Collection[str] = (),
    languages: Sequence[str] = ("en",),
    refsets: Sequence[str] = (),
    modules: Collection[str] = (),
    definitions: bool = True,
    retired: bool = True,
) -> Iterator[Concept]:
    """Active concepts `SNOMEDCT:...` of the release at `path`, or of several packages below it, by
    ascending id.

    `branches` are concept ids, each taken with its descendants by is-a. `types` are semantic tags,
    such as "disorder". `languages` are two-letter codes, the preferred one first. `refsets` are ids
    of language reference sets; they say which name is preferred, in this order before US and GB
    English and all others. `modules` keeps concepts and names of these modules. TextDefinition is
    needed for `definitions`, Association for `retired`.

    A type is the semantic tag of the FSN, in English where there is one; the FSN without it is one
    of the names. KnowledgeBaseError for a missing file (at once) or column, a broken row, an
    unknown filter value, or filters that leave nothing.
    """
    release = find_release(path)
    for kind in ("Concept", "Description", "Relationship", "Language"):
        # Asked for before anything is read: a missing file is said at once.
        release.of(kind)
    if definitions:
        release.of("TextDefinition")
    if retired:
        release.of("Association")
    wanted = _Wanted(
        tuple(branches), frozenset(types), tuple(languages), tuple(refsets), tuple(modules)
    )
    return _concepts(release, wanted, definitions=definitions, retired=retired)


def read_version(path: Path) -> str:
    """Editions with their dates, such as "INT 20230731"."""
    return find_release(path).version


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The filters of a read."""

    branches: tuple[str, ...]
    types: frozenset[str]
    languages: tuple[str, ...]
    refsets: tuple[str, ...]
    modules: tuple[str, ...]

    def __str__(self) -> str:
        given = {"branches": self.branches, "types": self.types, "languages": self.languages}
        given["modules"] = self.modules
        return "; ".join(
            f"{what} {', '.join(sorted(values))}" for what, values in given.items() if values
        )


def _concepts(
    release: Release, wanted: _Wanted, *, definitions: bool, retired: bool
) -> Iterator[Concept]:
    active, in_modules = read_concepts(release, wanted.modules)
    hierarchy = read_hierarchy(release)
    replaced = read_replaced(release, active) if retired else {}
    if wanted.branches:
        in_modules &= snomed_branches(wanted.branches, hierarchy, active, replaced)
    # Retired concepts follow their successors, whose types they take.
    old_by_new: dict[int, list[int]] = {}
    for old, new in sorted(replaced.items()):
        if new in in_modules:
            old_by_new.setdefault(new, []).append(old)
    named = in_modules.union(*old_by_new.values())
    names = read_names(
        release, named, languages=wanted.languages, refsets=wanted.refsets, modules=wanted.modules
    )
    tags = _tags(names, in_modules, wanted, release)
    texts = _definitions(release, tags, wanted.languages) if definitions else {}
    for id_, tag in tags.items():
        concept = _concept(id_, tag, names, hierarchy, texts.get(id_, ""))
        yield concept
        for old in old_by_new.get(id_, ()):
            yield _retired(old, names, concept)


def _tags(
    names: Names, in_modules: Collection[int], wanted: _Wanted, release: Release
) -> dict[int, str]:
    """Concepts that have a name and a semantic tag that are asked for, by id, with the tag."""
    require_known(wanted.types, names.tags - {""}, what="semantic tag", where=release.folder)
    tags = {id_: names.tag(id_) for id_ in sorted(in_modules) if names.of(id_)}
    if wanted.types:
        tags = {id_: tag for id_, tag in tags.items() if tag in wanted.types}
    if not tags:
        raise KnowledgeBaseError(
            f"No concept of {release.folder} passes all filters ({wanted}); widen them."
        )
    return tags


def _concept(
    id_: int, tag: str, names: Names, hierarchy: SnomedHierarchy, definition: str
) -> Concept:
    name, *synonyms = names.of(id_)
    return Concept(
        f"SNOMEDCT:{id_}",
        name,
        tuple(synonyms),
        (tag,) if tag else (),
        definition,
        tuple(f"SNOMEDCT:{parent}" for parent in hierarchy.parents(id_)),
        source=_SOURCE,
    )


def _retired(id_: int, names: Names, successor: Concept) -> Concept:
    name = next(iter(names.of(id_)), successor.name)
    return Concept(f"SNOMEDCT:{id_}", name, types=successor.types, replaced_by=successor.id)


def _definitions(
    release: Release, concepts: Collection[int], languages: Sequence[str]
) -> dict[int, str]:
    best: dict[int, tuple[int, str]] = {}
    rows = rf2_rows(release.of("TextDefinition"), ("id", "conceptId"), ("languageCode", "term"))
    for (_, concept), (language, text) in rows:
        if concept in concepts and language in languages and text.strip():
            ranked = languages.index(language), text.strip()
            if concept not in best or ranked[0] < best[concept][0]:
                best[concept] = ranked
    return {concept: text for concept, (_, text) in best.items()}
