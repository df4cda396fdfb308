"""The subjects of a corpus's relations from a table of their own, as BioREDirect gives them (Lai et
al. 2025): tab-separated columns pmid, id1, id2 and subject, ids bare as in PubTator.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from biopipe.document import Document
from biopipe.errors import InputError
from biopipe.io.concept_ids import concept_pairs, curies_by_bare_id, resolved_ids

__all__ = ["pair_subjects", "read_directions", "with_subjects"]

_HEADER = ["pmid", "id1", "id2", "subject"]

Directions = Mapping[str, Sequence[tuple[str, str, str]]]


def read_directions(path: Path) -> Directions:
    """By document the rows (id1, id2, subject); InputError names a line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read the table of directions {path} ({error}).") from error
    if not lines or lines[0].split("\t") != _HEADER:
        raise InputError(f"{path} is no table of directions; its columns are {', '.join(_HEADER)}.")
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for number, line in enumerate(lines[1:], 2):
        columns = line.split("\t")
        if len(columns) != len(_HEADER) or columns[3] not in columns[1:3]:
            raise InputError(
                f"Line {number} of {path} has no subject that is one of its two ids; correct it."
            )
        rows.setdefault(columns[0], []).append((columns[1], columns[2], columns[3]))
    return rows


def with_subjects(documents: Iterable[Document], directions: Directions) -> Iterator[Document]:
    """The documents with the subject of every relation whose pair the table has, None of others."""
    for document in documents:
        curies = curies_by_bare_id((m.label, m.concept_ids) for m in document.mentions)
        subjects: dict[frozenset[str], str] = {}
        for first, second, subject in directions.get(document.id, ()):
            subjects |= pair_subjects(first, second, subject, curies)
        relations = tuple(
            replace(relation, subject=subjects.get(frozenset((relation.head, relation.tail))))
            for relation in document.relations
        )
        yield replace(document, relations=relations)


def pair_subjects(
    first: str, second: str, subject: str, curies: Mapping[str, str]
) -> dict[frozenset[str], str]:
    """By pair of concepts the one that acts, of a row with the columns `first` and `second`, which
    may be composite; ValueError where the subject is neither of the two.
    """
    ends = [resolved_ids(column, curies) for column in (first, second)]
    subjects = set(resolved_ids(subject, curies))
    # A composite end acts as a whole; half of one would be a mistake of the table.
    if not subjects or subjects not in map(set, ends):
        raise ValueError("the subject in its fourth column is neither of its two concepts")
    first_acts = subjects == set(ends[0])
    return {
        frozenset((one, other)): one if first_acts else other for one, other in concept_pairs(*ends)
    }
