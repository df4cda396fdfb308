"""The names of a SNOMED CT release, gathered by concept in flat arrays: a release has over a
million.
"""

import re
from array import array
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from biopipe.kb.build.sources.known import require_known
from biopipe.kb.build.sources.rf2 import Release, rf2_rows

__all__ = ["Names", "read_names"]

_FULLY_SPECIFIED, _SYNONYM = 900000000000003001, 900000000000013009
_PREFERRED = 900000000000548007
# US and GB English come first where nobody asks for another order.
_USUAL_REFSETS = (900000000000509007, 900000000000508004)
_NOT_PREFERRED = 255
_TAGGED = re.compile(r"(.*\S)\s*\(([^()]+)\)")


class Names:
    """Descriptions by concept. FSNs in English are kept for their semantic tags whatever the
    languages asked for.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self._asked = len(dict.fromkeys(languages))
        self._places = {
            language: place for place, language in enumerate(dict.fromkeys([*languages, "en"]))
        }
        self._ids, self._concepts = array("q"), array("q")
        self._languages, self._fully = array("B"), array("B")
        self._text, self._ends = bytearray(), array("Q")
        # Semantic tags of the whole release, whichever concepts are kept.
        self.tags: set[str] = set()

    def add(self, id_: int, concept: int, type_: int, language: str, text: str) -> None:
        """Take a description if its language and type are wanted; all come before `sort`."""
        place = self._places.get(language, self._asked)
        fully_specified = type_ == _FULLY_SPECIFIED
        if text and (place < self._asked or (fully_specified and language == "en")):
            self._ids.append(id_)
            self._concepts.append(concept)
            self._languages.append(place)
            self._fully.append(fully_specified)
            self._text += text.encode()
            self._ends.append(len(self._text))

    def sort(self, preferred: "Mapping[int, array[int]]", refsets: Sequence[int]) -> None:
        """Order the names of each concept: by language, synonyms before FSNs, by reference set, the
        older first.
        """
        ids = np.frombuffer(self._ids, np.int64)
        preference = _preference(ids, preferred, refsets)
        # lexsort takes the last key for the first.
        keys = (
            ids,
            preference,
            np.asarray(self._fully),
            np.asarray(self._languages),
            np.asarray(self._concepts),
        )
        self._order = np.lexsort(keys)
        self._sorted = np.asarray(self._concepts)[self._order]

    def of(self, concept: int) -> list[str]:
        """Names in the languages asked for, the preferred one first; FSNs without their tags."""
        rows = (row for row in self._rows(concept) if self._languages[row] < self._asked)
        return list(dict.fromkeys(self._text_and_tag(row)[0] for row in rows))

    def tag(self, concept: int) -> str:
        """The semantic tag of the FSN, in English where there is one; "" when it has none."""
        english = self._places["en"]
        rows = [row for row in self._rows(concept) if self._fully[row]]
        rows.sort(key=lambda row: self._languages[row] != english)
        return next((tag for row in rows if (tag := self._text_and_tag(row)[1])), "")

    def _rows(self, concept: int) -> list[int]:
        first, end = np.searchsorted(self._sorted, (concept, concept + 1))
        rows: list[int] = self._order[first:end].tolist()
        return rows

    def _text_and_tag(self, row: int) -> tuple[str, str]:
        text = self._text[self._ends[row - 1] if row else 0 : self._ends[row]].decode()
        return _without_tag(text) if self._fully[row] else (text, "")


def _without_tag(text: str) -> tuple[str, str]:
    tagged = _TAGGED.fullmatch(text)
    return (tagged[1], tagged[2]) if tagged else (text, "")


def read_names(
    release: Release,
    concepts: Collection[int],
    *,
    languages: Sequence[str],
    refsets: Sequence[str] = (),
    modules: Collection[str] = (),
) -> Names:
    """Active names of `concepts`; KnowledgeBaseError for a language or reference set that the
    release has not.
    """
    preferred = _preferred(release)
    require_known(
        refsets,
        {str(refset) for refset in preferred},
        what="language reference set",
        where=release.folder,
    )
    names, known = Names(languages), set[str]()
    wanted = {int(module) for module in modules}
    ids, texts = ("id", "conceptId", "typeId", "moduleId"), ("languageCode", "term")
    for (id_, concept, type_, module), (language, text) in rf2_rows(
        release.of("Description"), ids, texts
    ):
        known.add(language)
        if type_ == _FULLY_SPECIFIED and language in ("en", *languages):
            names.tags.add(_without_tag(text.strip())[1])
        if (
            concept in concepts
            and type_ in (_FULLY_SPECIFIED, _SYNONYM)
            and (not wanted or module in wanted)
        ):
            names.add(id_, concept, type_, language, text.strip())
    require_known(languages, known, what="language", where=release.folder)
    names.sort(preferred, [int(refset) for refset in refsets])
    return names


def _preferred(release: Release) -> "dict[int, array[int]]":
    """Preferred descriptions by language reference set."""
    preferred: dict[int, array[int]] = {}
    ids = ("refsetId", "referencedComponentId", "acceptabilityId")
    for (refset, description, acceptability), _ in rf2_rows(release.of("Language"), ids):
        if acceptability == _PREFERRED:
            preferred.setdefault(refset, array("q")).append(description)
    return preferred


def _preference(
    ids: npt.NDArray[np.int64], preferred: "Mapping[int, array[int]]", refsets: Sequence[int]
) -> npt.NDArray[np.uint8]:
    """For each description the place of the first reference set that prefers it."""
    order = [
        refset
        for refset in dict.fromkeys([*refsets, *_USUAL_REFSETS, *sorted(preferred)])
        if refset in preferred
    ]
    places = np.full(len(ids), _NOT_PREFERRED, np.uint8)
    # From the last on, so that the first reference set that prefers a name has the word.
    for place, refset in reversed(list(enumerate(order[:_NOT_PREFERRED]))):
        places[np.isin(ids, np.asarray(preferred[refset]))] = place
    return places
