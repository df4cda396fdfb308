"""What a document says beside a mention: its species, its binomials, and variants named twice."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache, cached_property
from itertools import chain, islice
from typing import NamedTuple

from biopipe.document import Document
from biopipe.document.labels import CHEMICAL
from biopipe.kinds.variant.neighbours import rs_numbers_beside
from biopipe.kinds.variant.notation import amino_acid_places, residue_changes
from biopipe.language.species_words import species_words
from biopipe.text.words import is_word_character

__all__ = ["DocumentContext", "SpeciesPlace", "whole_words"]

_NAME_BEHIND = re.compile(r"[ -]([A-Za-z][\w-]*)")
# A capital at the beginning of a word; looking before it afterwards takes half the time of `\b`.
_CAPITAL = r"[A-Z](?<!\w[A-Z])"
_TWO_WORDS = re.compile(rf"({_CAPITAL}[a-z]{{3,}}) ([a-z]{{3,}})\b")
# What comes before the organism whose gene gave a homologous one its name.
_HOMOLOGUE = re.compile(r"\b(?:hom|orth)olog(?:ue)?s?,? (?:\(|of |\(of |in )\Z", re.IGNORECASE)
_HOMOLOGUE_REACH = 20
# Endings of Latin genera and epithets, for a binomial that no abbreviation of the text vouches for.
_OF_GENERA = "us a um is es on er ax ex ix ox yx ys o as e"
_OF_EPITHETS = "us a um is i ae ans ens ster ax ex ix ox ops oides icola fer ger color one"
_GENUS_ENDINGS, _EPITHET_ENDINGS = tuple(_OF_GENERA.split()), tuple(_OF_EPITHETS.split())
_MOST_GENERA = 50
# Binomials of what everyday words name.
_ANIMALS = frozenset({"Homo sapiens", "H. sapiens", "Mus musculus", "Rattus norvegicus"})
# "brown trout (Salmo trutta", "the fire ant, Solenopsis invicta", and "Bacillus subtilis strain
# YB955".
_COMMON_NAME = re.compile(r"((?:[\w'-]+ ){0,2}[a-z][\w'-]{2,})(?: \(|, | )(?:the \w+ )?\Z")
_COMMON_NAME_AFTER = re.compile(r" (?:[A-Z]\w*\.? )?\((?:the )?([a-z][a-z' -]{2,30})\)")
_COMMON_NAME_REACH = 60
_STRAIN = re.compile(
    r"(?: subsp\. \w+)? (?:\(?(?:strains?|isolates?|str\.?) )?\(?([A-Z][\w/-]*\d[\w/-]*"
    r"|\d+[A-Z][\w/-]*)"
)
_HLA = re.compile(r"\bHLA\b|\b[Hh]uman leu[kc]ocyte antigen")
_SHORT_BINOMIAL = re.compile(rf"({_CAPITAL}[a-z]{{0,2}})\. ?([a-z]{{3,}})\b")


class SpeciesPlace(NamedTuple):
    """A word for a species in a text: its place, the CURIE of the taxon, the word in small letters."""

    start: int
    end: int
    taxon: str
    word: str


class DocumentContext:
    """What kinds of entities ask of a document, each worked out from its text when first asked.

    Every answer takes time linear in the text and, where variants are asked of, its mentions.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def species(self) -> tuple[str, ...]:
        """CURIEs of the taxa that the text names by everyday words, the most mentioned first."""
        counts = Counter([place.taxon for place in self.species_places])
        return tuple([taxon for taxon, _ in counts.most_common()])

    @cached_property
    def species_places(self) -> tuple[SpeciesPlace, ...]:
        """Where the text names organisms by everyday words, in the order of the text."""
        text = self._document.text.lower()
        # Looking for every word in the text takes a fraction of the time of cutting it into words.
        return tuple(
            sorted(
                [
                    SpeciesPlace(place, place + len(word), taxon, word)
                    for word, taxon in _taxa().items()
                    if word in text
                    for place in whole_words(text, word)
                ]
            )
        )

    @cached_property
    def species_before(self) -> dict[str, str]:
        """The taxon of each word that stands behind a word for a species ("mouse Ldlr"), and
        behind no other's.
        """
        taxa: dict[str, set[str]] = defaultdict(set)
        text = self._document.text
        for word, entry in species_words("gene").items():
            # Looking for plain strings takes a tenth of the time of one expression for all.
            for written in (word, word.capitalize()):
                for name in _words_behind(text, written):
                    taxa[name].add(entry.taxon)
        return {word: next(iter(of)) for word, of in taxa.items() if len(of) == 1}

    @cached_property
    def binomials(self) -> dict[str, str]:
        """Binomials written out, by what the text has for them.

        "E. coli" to "Escherichia coli", "brown trout" to "Salmo trutta", strains to their species;
        full binomials to themselves.
        """
        return _binomials(self._document.text)

    @cached_property
    def names_behind_binomials(self) -> frozenset[str]:
        """The words that stand behind the binomials of organisms without everyday words, "AlkB" in
        "Escherichia coli AlkB".
        """
        text = self._document.text
        return frozenset(name for written in self._others for name in _words_behind(text, written))

    @cached_property
    def initials_of_binomials(self) -> frozenset[str]:
        """ "Pf" where the text names Plasmodium falciparum, and its like."""
        words = [full.split() for full in self._others.values()]
        return frozenset(genus[0] + epithet[0] for genus, epithet, *_ in words)

    def begins_with_binomial(self, surface: str) -> bool:
        """Whether a mention begins with the binomial of an organism without an everyday word."""
        return surface.startswith(tuple(self._others))

    @cached_property
    def _others(self) -> dict[str, str]:
        """The binomials of the text, as they are written and in full, that no everyday word means."""
        studied = _taxa_by_name()
        return {
            written: full
            for written, full in self.binomials.items()
            if written[0].isupper() and " " in written and full not in (*studied, *_ANIMALS)
        }

    @cached_property
    def taxa_of_binomials(self) -> tuple[str, ...]:
        """CURIEs of the organisms most studied that the text names by their binomials, and not only
        in the names of genes ("Ctr9, homolog (Saccharomyces cerevisiae)").
        """
        taxa, text = _taxa_by_name(), self._document.text
        binomials = dict.fromkeys(
            full
            for written, full in self.binomials.items()
            if full in taxa and not _only_names_homologues(text, written)
        )
        return tuple([taxa[name] for name in binomials])

    @cached_property
    def chemicals(self) -> frozenset[str]:
        """The names of the chemicals that the document mentions, in small letters."""
        text = self._document.text
        return frozenset(
            text[m.start : m.end].lower() for m in self._document.mentions if m.label == CHEMICAL
        )

    @cached_property
    def names_hla(self) -> bool:
        """Whether the text speaks of the human leukocyte antigens."""
        text = self._document.text
        # Single words are found in a fraction of the time of the expression.
        return ("HLA" in text or "uman leu" in text) and _HLA.search(text) is not None

    @cached_property
    def codons(self) -> tuple[int, ...]:
        """Places of changes that can only be of amino acids ("V600E"), in ascending order."""
        return amino_acid_places(self._document.text)

    @cached_property
    def residue_changes(self) -> frozenset[str]:
        """Changes in the letters of bases that are of amino acids all the same ("G12C")."""
        return residue_changes(self._document.text, self._document.mentions)

    @cached_property
    def rs_numbers(self) -> dict[str, str]:
        """The rs number that the text says a variant has, by the normal form of the variant."""
        return rs_numbers_beside(self._document, self.residue_changes)


@cache
def _taxa() -> dict[str, str]:
    return {word: entry.taxon for word, entry in species_words("document").items()}


@cache
def _taxa_by_name() -> dict[str, str]:
    return {entry.species: entry.taxon for entry in species_words("document").values()}


def whole_words(text: str, word: str) -> Iterator[int]:
    """Where a word stands with no letter, digit or underscore on either side."""
    place = text.find(word)
    while place >= 0:
        end = place + len(word)
        if not (
            is_word_character(text[place - 1 : place]) or is_word_character(text[end : end + 1])
        ):
            yield place
        place = text.find(word, end)


def _only_names_homologues(text: str, binomial: str) -> bool:
    """Whether a binomial says in all its places whose gene another one is alike to."""
    places = list(whole_words(text, binomial))
    return bool(places) and all(
        _HOMOLOGUE.search(text, max(0, place - _HOMOLOGUE_REACH), place) for place in places
    )


def _words_behind(text: str, word: str) -> Iterator[str]:
    """What follows `word` wherever it stands as a whole word, after a space or hyphen."""
    place = text.find(word)
    while place >= 0:
        end = place + len(word)
        if not text[place - 1 : place].isalnum() and (name := _NAME_BEHIND.match(text, end)):
            yield name[1]
        place = text.find(word, end)


def _binomials(text: str) -> dict[str, str]:
    """Short binomials, common names and strains, each with the binomial the text gives it; full
    ones as they are.
    """
    short = list(_SHORT_BINOMIAL.finditer(text))
    epithets = {match[2] for match in short}
    written_out: dict[str, str] = {}
    genera: dict[str, dict[str, None]] = defaultdict(dict)
    same: dict[str, dict[str, None]] = defaultdict(dict)
    for match in _TWO_WORDS.finditer(text):
        genus, epithet = match.groups()
        if epithet in epithets:
            same[epithet][genus] = None
        if epithet in epithets or (
            genus.endswith(_GENUS_ENDINGS) and epithet.endswith(_EPITHET_ENDINGS)
        ):
            genera[genus[0]][genus] = None
            written_out[match[0]] = match[0]
            _add_neighbours(text, match, match[0], written_out)
    for match in short:
        genus, epithet = match.groups()
        # The text may know the genus with another species only: "Staphylococcus epidermidis and S.
        # aureus".
        candidates = islice(chain(same[epithet], genera[genus[0]]), _MOST_GENERA)
        if full := next((name for name in candidates if name.startswith(genus)), None):
            written_out[f"{genus}. {epithet}"] = f"{full} {epithet}"
        binomial = written_out.get(f"{genus}. {epithet}", f"{genus}. {epithet}")
        _add_neighbours(text, match, binomial, written_out)
    return written_out


def _add_neighbours(
    text: str, match: re.Match[str], binomial: str, written_out: dict[str, str]
) -> None:
    """Add the common name before or behind a binomial, and the strain behind it."""
    before = text[max(0, match.start() - _COMMON_NAME_REACH) : match.start()]
    if (common := _COMMON_NAME.search(before)) and not _HOMOLOGUE.search(before):
        words = common[1].lower().split()
        for first in range(len(words)):
            written_out.setdefault(" ".join(words[first:]), binomial)
    if common := _COMMON_NAME_AFTER.match(text, match.end()):
        written_out.setdefault(common[1], binomial)
    if strain := _STRAIN.match(text, match.end()):
        written_out.setdefault(strain[1], binomial)
