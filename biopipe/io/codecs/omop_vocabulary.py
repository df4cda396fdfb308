"""Concept ids of OMOP from a user's own vocabulary files, as Athena (https://athena.ohdsi.org)
gives them: CONCEPT.csv and CONCEPT_RELATIONSHIP.csv, tab-separated.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from biopipe.errors import InputError
from biopipe.io.concept_systems import concept_system, omop_vocabularies

__all__ = ["OmopVocabulary"]

_CONCEPTS, _RELATIONS = "CONCEPT.csv", "CONCEPT_RELATIONSHIP.csv"
_MAPS_TO = "Maps to"
_CONCEPT_COLUMNS = ("concept_id", "vocabulary_id", "standard_concept", "concept_code")
_RELATION_COLUMNS = ("concept_id_1", "concept_id_2", "relationship_id", "invalid_reason")


class OmopVocabulary:
    """The source concepts of codes and the standard concepts that they map to.

    Read into memory: of CONCEPT.csv the vocabularies that biopipe's ids can be of.
    """

    def __init__(self, sources: Mapping[tuple[str, str], int], standard: Mapping[int, int]) -> None:
        self._sources, self._standard = sources, standard

    @classmethod
    def read(cls, folder: Path) -> "OmopVocabulary":
        """The vocabulary of a folder of Athena; InputError where a file is missing or is none."""
        sources: dict[tuple[str, str], int] = {}
        standard: dict[int, int] = {}
        vocabularies = omop_vocabularies()
        for row in _rows(folder / _CONCEPTS, _CONCEPT_COLUMNS):
            # Athena's file has millions of concepts; those that no id of ours is of would only take
            # memory.
            if row["vocabulary_id"] not in vocabularies:
                continue
            concept = int(row["concept_id"])
            sources[row["vocabulary_id"], row["concept_code"]] = concept
            if row["standard_concept"] == "S":
                standard[concept] = concept
        ours = set(sources.values())
        for row in _rows(folder / _RELATIONS, _RELATION_COLUMNS):
            valid = not row["invalid_reason"]
            if row["relationship_id"] == _MAPS_TO and valid and int(row["concept_id_1"]) in ours:
                # A code may map to several; the first is taken, as one column holds one concept.
                standard.setdefault(int(row["concept_id_1"]), int(row["concept_id_2"]))
        return cls(sources, standard)

    def concepts(self, concept_ids: Sequence[str]) -> tuple[int, int]:
        """The standard and the source concept of the first id that has one, 0 for none."""
        first_source = 0
        for concept_id in concept_ids:
            system, code = concept_system(concept_id)
            source = self._sources.get((system.vocabulary, code), 0) if system.vocabulary else 0
            first_source = first_source or source
            if source and source in self._standard:
                return self._standard[source], source
        return 0, first_source


def _rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """The rows of a tab-separated file, the first column of `columns` being whole numbers."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            # Athena quotes nothing, and names hold quotation marks.
            reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise InputError(
                    f"{path} has no column {missing[0]}; give a folder of vocabularies of Athena."
                )
            for row in reader:
                if not (row[columns[0]] or "").isdecimal() or None in row.values():
                    raise InputError(f"Line {reader.line_num} of {path} is damaged; get it again.")
                yield row
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The OMOP vocabulary file {path} cannot be read ({error}); give a folder of Athena."
        ) from error
