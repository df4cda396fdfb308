"""What a text says of whose gene a mention is: numbers for each taxon that it names."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache, cached_property
from operator import attrgetter, itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document, Mention, Sentence
from biopipe.document.labels import CELL_LINE, GENE
from biopipe.kinds.context import DocumentContext, SpeciesPlace, whole_words
from biopipe.language.species_words import HUMAN_TAXON, MOUSE_TAXON, RAT_TAXON, species_words
from biopipe.language.tables import read_table

__all__ = ["SPECIES_FEATURES", "SpeciesEvidence"]

_CUES = ("host", "made", "tumour", "clinical", "culture", "tissue", "cloning")

SPECIES_FEATURES = (
    "human",
    "mouse",
    "rat",
    "own word",
    "own letter",
    "word before",
    "sentence before",
    "sentence behind",
    "people in sentence",
    "share",
    "often",
    "in title",
    "last before",
    "alone",
    "capitals",
    "rodent symbol",
    "rodent symbols in text",
    "line in sentence",
    *_CUES,
    *(f"{cue} often" for cue in _CUES),
    "hosts only",
)

# As human symbols are written, and as those of mice and rats are (MGI and HGNC guidelines).
_CAPITALS = re.compile(r"(?=.*[A-Z])[A-Z0-9-]+")
_RODENT_SYMBOL = re.compile(r"[A-Z][a-z]{1,6}\d*[a-z]?\d*")
_LETTER = re.compile(r"(?!mTOR)([hmr])(?=[A-Z][A-Za-z]*[A-Z0-9])")
_OF_LETTER = {"h": HUMAN_TAXON, "m": MOUSE_TAXON, "r": RAT_TAXON}
_HOST = re.compile(r"(?:nude|athymic|scid|immunodeficient|xenograft(?:ed)?)[ -](?:\w+[ -]){0,2}\Z")
_HOST_REACH = 30


class _TextClues(NamedTuple):
    """The taxa that the text around one mention says, "" where it says none."""

    own: str
    letter: str
    beside: str
    before: str
    behind: str
    last: str
    people: bool
    of_line: bool


class SpeciesEvidence:
    """The numbers of `SPECIES_FEATURES` for gene mentions of a document with sentences; those of a
    text are worked out once.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._sentences: Sequence[Sentence] = document.sentences or ()
        self._context = DocumentContext(document)

    @cached_property
    def taxa(self) -> tuple[str, ...]:
        """The taxa that the text names, the most mentioned first."""
        return self._context.species

    def features(self, mention: Mention, taxa: Sequence[str]) -> NDArray[np.float64]:
        """(taxa, `SPECIES_FEATURES`) float64."""
        surface = self._document.text[mention.start : mention.end]
        clues = self._clues(mention, surface)
        return np.array([self._row(taxon, surface, clues) for taxon in taxa], np.float64)

    def is_silent(self, mention: Mention) -> bool:
        """Whether neither the mention nor its sentence says a species."""
        clues = self._clues(mention, self._document.text[mention.start : mention.end])
        return not (any(clues[:5]) or clues.of_line)

    def _row(self, taxon: str, surface: str, clues: _TextClues) -> list[float]:
        is_human, is_rodent = taxon == HUMAN_TAXON, taxon in (MOUSE_TAXON, RAT_TAXON)
        number, total = self._counts[taxon], self._counts.total()
        return [
            is_human,
            taxon == MOUSE_TAXON,
            taxon == RAT_TAXON,
            taxon == clues.own,
            taxon == clues.letter,
            taxon == clues.beside,
            taxon == clues.before,
            taxon == clues.behind,
            is_human and clues.people,
            number / total if total else 0.0,
            float(np.log1p(number)),
            taxon in self._title,
            taxon == clues.last,
            len(self._counts) == 1 and number > 0,
            is_human and bool(_CAPITALS.fullmatch(surface)),
            is_rodent and bool(_RODENT_SYMBOL.fullmatch(surface)),
            is_rodent * self._rodent_symbols,
            is_human and clues.of_line,
            *([0.0] * (2 * len(_CUES)) if is_human else self._cues),
            taxon == MOUSE_TAXON and self._has_hosts_only,
        ]

    def _clues(self, mention: Mention, surface: str) -> _TextClues:
        words = surface.lower().split()
        own = species_words("gene").get(words[0]) if len(words) > 1 else None
        letter = _LETTER.match(surface)
        places = self._places
        first = bisect_right(places, mention.start, key=attrgetter("end"))
        last = places[first - 1] if first else None
        sentence = self._sentence(mention.start)
        inside = self._by_sentence[sentence]
        before = [place for place in inside if place.end <= mention.start]
        behind = [place for place in inside if place.start >= mention.end]
        between = self._document.text[last.end : mention.start] if last else ""
        return _TextClues(
            own.taxon if own else "",
            _OF_LETTER[letter[1]] if letter else "",
            last.taxon if last and between in (" ", "-") else "",
            before[-1].taxon if before else "",
            behind[0].taxon if behind and not before else "",
            last.taxon if last else "",
            any(
                place.taxon == HUMAN_TAXON and place.word not in ("human", "humans")
                for place in inside
            ),
            not inside and sentence in self._of_lines,
        )

    @cached_property
    def _places(self) -> tuple[SpeciesPlace, ...]:
        return self._context.species_places

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter([place.taxon for place in self._places])

    @cached_property
    def _by_sentence(self) -> dict[int, list[SpeciesPlace]]:
        places: dict[int, list[SpeciesPlace]] = defaultdict(list)
        for place in self._places:
            places[self._sentence(place.start)].append(place)
        return places

    @cached_property
    def _title(self) -> frozenset[str]:
        end = self._sentences[0].end if self._sentences else 0
        return frozenset(place.taxon for place in self._places if place.start < end)

    @cached_property
    def _of_lines(self) -> frozenset[int]:
        """The numbers of the sentences that name a cell line."""
        mentions = self._document.mentions
        return frozenset(self._sentence(m.start) for m in mentions if m.label == CELL_LINE)

    @cached_property
    def _rodent_symbols(self) -> float:
        """The share of the gene mentions that are written as symbols of mice and rats are."""
        text = self._document.text
        genes = [text[m.start : m.end] for m in self._document.mentions if m.label == GENE]
        return sum(bool(_RODENT_SYMBOL.fullmatch(gene)) for gene in genes) / max(1, len(genes))

    @cached_property
    def _cues(self) -> list[float]:
        text = self._document.text.lower()
        counts = Counter(
            group for word, group in _cues() if word in text for _ in whole_words(text, word)
        )
        there = [float(counts[cue] > 0) for cue in _CUES]
        return [*there, *(float(np.log1p(counts[cue])) for cue in _CUES)]

    @cached_property
    def _has_hosts_only(self) -> bool:
        """Whether all mice of the text bear cells of others."""
        text = self._document.text.lower()
        mice = [place.start for place in self._places if place.word in ("mouse", "mice", "murine")]
        before = [text[max(0, start - _HOST_REACH) : start] for start in mice]
        return bool(mice) and all(_HOST.search(words) for words in before)

    def _sentence(self, place: int) -> int:
        return bisect_right(self._sentences, place, key=attrgetter("start"))


@cache
def _cues() -> tuple[tuple[str, str], ...]:
    rows = read_table("biopipe.kinds.gene", "species_cues.tsv")
    return tuple((word, group) for word, group, *_ in sorted(rows, key=itemgetter(0)))
