"""Variants in letters and numbers (HGVS and its older forms) to the normal form of tmVar.

`p|SUB|V|600|E`, `c|DEL|35|G`, `c|INS|217_218|C`, `c|DUP|681|A|`, `c|INDEL|46_48|E`, `p|FS|R|58||`,
`c|Allele|G|-930`: kind of sequence, kind of change, then what stood there, where, and what stands
there now (Wei et al. 2013, Bioinformatics 29:1433; Wei et al. 2022, Bioinformatics 38:4449 for the
corpus).
"""

import re
from collections.abc import Callable

from biopipe.language.residues import AMINO_ACIDS, RESIDUES_AND_STOP, amino_acid, translate
from biopipe.language.roman import ROMAN_TO_NINE

__all__ = ["change", "short_form"]

_LONG_CODES = "|".join(sorted(AMINO_ACIDS, key=len, reverse=True))
_AMINO = rf"(?:(?i:{_LONG_CODES})(?![a-z])|[{RESIDUES_AND_STOP}*](?![a-z]))"
_NEXT = rf"(?:(?i:{_LONG_CODES})|[{RESIDUES_AND_STOP}*])"
_SEQUENCE = r"(?:[ACGTUNacgtun]+)"
_PLACE = r"(?:[-+*]?\d+(?:[-+]\d+(?:(?:\.\d+)? ?[Kk]b)?)?)"
_INTRON = r"(?:IVS[- ]?(?:\d+|[IVX]+) ?[-+] ?\d+)"
_WHERE = rf"(?:{_INTRON}|{_PLACE})"
_KIND = r"(?:([cgmnr])\. ?)?"

# A place beyond the longest transcripts counts bases of a chromosome.
_GENOMIC = 100_000


def short_form(text: str) -> str | None:
    """The normal form of a cleaned variant in letters and numbers; None for other text."""
    for pattern, build in _PATTERNS:
        if (match := pattern.fullmatch(text)) and (form := build(match)):
            return form
    return None


def change(kind: str, type_: str, before: str, place: str, after: str = "") -> str:
    """The normal form of a change; the order of its fields depends on the type."""
    if type_ in ("SUB", "Allele"):
        fields = (
            [kind, type_, before, place, after] if type_ == "SUB" else [kind, type_, after, place]
        )
    else:
        fields = [kind, type_, place, after] + ([""] if type_ == "DUP" else [])
    return "|".join(fields)


def _place(text: str) -> str:
    text = text.replace(" ", "")
    if not text.startswith("IVS"):
        return text
    number, sign, offset = re.split(r"([-+])", text.removeprefix("IVS").lstrip("-"), maxsplit=1)
    return f"IVS{ROMAN_TO_NINE.get(number, number)}{sign}{offset}"


def _protein(match: re.Match[str]) -> str | None:
    kind, before, place, after = match.groups()
    if not kind and {before, after} <= set("ACGT"):
        return None
    return change("p", "SUB", amino_acid(before), place, amino_acid(after) or translate(after))


def _protein_after(match: re.Match[str]) -> str | None:
    codon, place, before, after = match.groups()
    if {before, after} <= set("ACGT"):
        return change("c", "SUB", before, f"CODON{place}" if codon else place, after)
    return change("p", "SUB", amino_acid(before), place, amino_acid(after))


def _nucleotide(match: re.Match[str]) -> str:
    kind, place, before, after = match.groups()
    after = after.upper().replace(" ", "").replace("/", ",")
    return change(kind or "c", "SUB", before.upper(), _range(place, before), after)


def _nucleotide_first(match: re.Match[str]) -> str:
    kind, before, place, after = match.groups()
    if not kind and place.isdigit() and int(place) > _GENOMIC:
        kind = "g"
    return change(
        kind or "c", "SUB", before.upper(), _place(place), after.upper().replace("/", ",")
    )


def _bare(match: re.Match[str]) -> str | None:
    before, after = match.groups()
    if set(before + after) <= set("ACGTUacgtu"):
        return change("c", "SUB", before.upper(), "", after.upper())
    return change("p", "SUB", amino_acid(before), "", amino_acid(after))


def _frameshift(match: re.Match[str]) -> str:
    before, place, after, stop = match.groups()
    return f"p|FS|{amino_acid(before)}|{place}|{amino_acid(after or '')}|{stop or ''}"


_TYPE_WORD = re.compile("del|ins|dup|^d$")
_SHORT_RANGE = re.compile(r"(\d+)-(\d+)")


def _type(word: str) -> str:
    words = set(_TYPE_WORD.findall(word.lower().replace("indel", "insdel")))
    return (
        "INDEL"
        if len(words) > 1
        else "INS"
        if "ins" in words
        else "DUP"
        if "dup" in words
        else "DEL"
    )


def _range(place: str, sequence: str, *, insertion: bool = False) -> str:
    """Places as `first_last`; "2238-9" is a range, not an offset, where its length fits the
    sequence.
    """
    match = _SHORT_RANGE.fullmatch(place)
    if not match:
        return _place(place)
    first, last = match.groups()
    full = last if len(last) >= len(first) else first[: len(first) - len(last)] + last
    length = int(full) - int(first) + 1
    if length > 1 and (insertion or not sequence.isalpha() or length == len(sequence)):
        return f"{first}_{full}"
    return place


def _edit(match: re.Match[str]) -> str:
    kind, first, end, word, sequence = match.groups()
    sequence, type_ = (sequence or "").upper().removesuffix("N"), _type(word)
    nucleic = set(sequence) <= set("ACGTUN0123456789")
    place = (
        f"{_place(first)}_{_place(end)}"
        if end
        else _range(first, sequence, insertion=type_ == "INS")
    )
    return change(kind or ("c" if nucleic else "p"), type_, "", place, sequence)


def _edit_last(match: re.Match[str]) -> str:
    place, sequence, word = match.groups()
    return change("c", _type(word), "", place, sequence or "")


def _edit_first(match: re.Match[str]) -> str:
    kind, word, start, end, sequence = match.groups()
    place = f"{start}_{end}" if end else start or ""
    return change(
        kind or ("c" if sequence or not end else "p"), _type(word), "", place, sequence or ""
    )


def _letters_first(match: re.Match[str]) -> str:
    letters, start, end, word = match.groups()
    return change("p", _type(word), "", f"{start}_{end}", letters)


def _edit_size(match: re.Match[str]) -> str:
    word, size = match.groups()
    return change("c", _type(word), "", "", size)


def _protein_edit(match: re.Match[str]) -> str:
    one, place, other, end, word, sequence = match.groups()
    letters = "".join(amino_acid(residue) for residue in re.findall(_NEXT, sequence or ""))
    if not end:
        return change("p", _type(word), "", place, letters or amino_acid(one))
    both = (
        amino_acid(one) + amino_acid(other or "")
        if int(end) == int(place) + 1 and _type(word) == "DEL"
        else ""
    )
    return change("p", _type(word), "", f"{place}_{end}", letters or both)


def _protein_delta(match: re.Match[str]) -> str:
    amino, place = match.groups()
    return change("p", "DEL", "", place, amino_acid(amino))


def _repeat(match: re.Match[str]) -> str:
    place, sequence, times, more = match.groups()
    return f"c|DUP|{place or ''}|{sequence}|{times or more}"


def _allele(match: re.Match[str]) -> str:
    place, letters = match.groups()
    return change("c", "Allele", "", _place(place), letters.upper())


def _protein_allele(match: re.Match[str]) -> str | None:
    amino, place = match[1] or match[6] or match[5], match[2] or match[3] or match[4]
    kind = "c" if amino in ("A", "C", "G", "T") else "p"
    return change(kind, "Allele", "", place, amino_acid(amino)) if amino_acid(amino) else None


def _either(match: re.Match[str]) -> str | None:
    before, place, _, after = match.groups()
    return change("p", "SUB", amino_acid(before), place, amino_acid(after))


def _alternatives(match: re.Match[str]) -> str:
    before, place, after = match.groups()
    letters = ",".join(amino_acid(residue) for residue in after.split("/"))
    return change("p", "SUB", amino_acid(before), place, letters)


def _on_chromosome(match: re.Match[str]) -> str:
    _, place, before, after = match.groups()
    return change("g", "SUB", before, place, after)


def _two_changes(match: re.Match[str]) -> str:
    before, place, one, other = match.groups()
    letters = f"{amino_acid(one)},{amino_acid(other)}"
    return change("p", "SUB", amino_acid(before), place, letters)


def _silent(match: re.Match[str]) -> str:
    residue, place = amino_acid(match[1]), match[2]
    return change("p", "SUB", residue, place, residue)


def _unknown_effect(match: re.Match[str]) -> str:
    """What a lost start does to the protein, "p.Met1?"."""
    return change("p", "SUB", amino_acid(match[1]), match[2], "?")


def _inversion(match: re.Match[str]) -> str:
    kind, place = match.groups()
    return change(kind or "c", "INV", "", place)


def _extension(match: re.Match[str]) -> str:
    """A stop that became a residue; how far the protein goes on has no field."""
    before, place, after = match.groups()
    return change("p", "SUB", amino_acid(before), place, amino_acid(after))


def _exchanged(match: re.Match[str]) -> str:
    kind, place, sequence = match.groups()
    return change(kind or "c", "INDEL", "", place, sequence)


def _stretch(match: re.Match[str]) -> str:
    """An edit whose ends are not known exactly."""
    kind, place, word = match.groups()
    return change(kind or "c", _type(word), "", place)


def _copies(match: re.Match[str]) -> str:
    kind, place, sequence, count = match.groups()
    return change(kind or "c", "DUP", "", place, sequence) + count


def _exon(match: re.Match[str]) -> str:
    number, word = match.groups()
    return change("c", _type(word), "", f"EXON{number}")


def _protein_stretch(match: re.Match[str]) -> str:
    return change("p", "DEL", "", f"{match[1]}_{match[2]}")


def _allele_first(match: re.Match[str]) -> str:
    letter, place = match.groups()
    return change("c", "Allele", "", place, letter)


_Build = Callable[[re.Match[str]], str | None]
_EDIT = r"(?i:(delins|ins/del|del/ins|indel|deletion|deleted|del|insertion|ins|duplication|dup))"
_SOURCES: tuple[tuple[str, _Build], ...] = (
    (
        rf"(?:p\.)?\(?({_NEXT})-?(\d+)({_NEXT})?\)? ?(?:fs|frameshift) ?(?:(?:X|\*|Ter"
        rf"|Stop) ?)?(\d+)?\)?",
        _frameshift,
    ),
    (rf"(p\.)?\(?({_NEXT})(\d+)-?(TAG|TAA|TGA)", _protein),
    (rf"(p\.)?\(?({_NEXT})(-\d|\d+)({_NEXT})\)?", _protein),
    (rf"{_KIND}([ACGT]) ?({_WHERE})(?: ?>? ?| by | to )([ACGT](?:/[ACGT])?)", _nucleotide_first),
    (rf"(p\.)?\(?({_NEXT})[ -]?\(?(\d+)\)?[ >-]*(?:(?:to|by|with)[ -])?({_NEXT})\)?", _protein),
    (rf"p\.({_NEXT})(\d+)\[({_NEXT})[,;/]({_NEXT})\]", _either),
    (rf"(?:p\.)?({_NEXT})(\d+)({_NEXT}(?:/{_NEXT})+)", _alternatives),
    (rf"(codon )?(\d+),? ?\(?({_AMINO}) ?[>/] ?({_AMINO})\)?", _protein_after),
    (
        rf"{_KIND}({_WHERE})[ ,:]*\(?({_SEQUENCE}) ?[>/] ?({_SEQUENCE}(?:/ ?[ACGT])*)\)?",
        _nucleotide,
    ),
    (rf"(c\.)?({_INTRON})\(([ACGTacgt])-([ACGTacgt])\)", _nucleotide),
    (r"(g\.)?(?:\d{1,2}|[XY])-(\d{4,9})-([ACGT])-([ACGT])", _on_chromosome),
    (rf"({_NEXT})(\d+)({_NEXT})/\1\2({_NEXT})", _two_changes),
    (rf"p\.\(?({_NEXT})(\d+)=\)?", _silent),
    (rf"p\.\(?({_NEXT})(\d+)\?\)?", _unknown_effect),
    (rf"{_KIND}({_PLACE}_{_PLACE})inv[ACGT]*", _inversion),
    (rf"p\.\(?({_NEXT})(\d+)({_NEXT})ext.*", _extension),
    (rf"{_KIND}({_PLACE}(?:_{_PLACE})?)del[ACGT]*ins([ACGT]+|\d+)(?: ?bp)?", _exchanged),
    (rf"{_KIND}(\([^()]+\)_\([^()]+\))(del|dup)", _stretch),
    (rf"{_KIND}({_PLACE}(?:_{_PLACE})?)([ACGT]*)\[(\d+)\]", _copies),
    (r"(?i:exon|ex)[- ]?(\d{1,2})[- ]?(?i:(ins|del|dup)[a-z]*)", _exon),
    (rf"\(?({_SEQUENCE}|{_AMINO}) ?(?:[>/]|-to-| to ) ?({_SEQUENCE}|{_AMINO})\)?", _bare),
    (
        rf"{_KIND}(?:nt )?({_WHERE})(?:_({_PLACE}))? ?{_EDIT}\.? ?\(?([A-Za-z]+"
        rf"|\d+N?)?\)?(?: ?bp)?",
        _edit,
    ),
    (rf"({_PLACE}) (\d+)(?:N|bp| bp|-bp) ?{_EDIT}", _edit_last),
    (rf"([-+]\d+)[- ]bp ()?{_EDIT}", _edit_last),
    (rf"(?:p\.)?({_NEXT})(\d+)(?:[_-]({_NEXT})?(\d+))? ?{_EDIT}((?:{_NEXT})*)", _protein_edit),
    (rf"([A-Z]{{2,}}) ?(\d+)[-_](\d+) ?{_EDIT}", _letters_first),
    (rf"(?i:delta|del)[ -]?({_NEXT})(\d+)", _protein_delta),
    (rf"(?i:delta|del)[ -]?{_NEXT}(\d+)[-_]{_NEXT}?(\d+)", _protein_stretch),
    (
        r"((?i:delta|del|ins|dup)(?i:etion)?|DD)[ -]*(\d+)(?: ?bp)?(?: deletion| mutation)?",
        _edit_size,
    ),
    (
        rf"{_KIND}(?i:(delta|del|ins"
        rf"|dup))[ -]?\(?([-+]?\d+)?(?:[-_/]([-+]?\d+))?\)? ?({_SEQUENCE})?",
        _edit_first,
    ),
    (r"(\d+)?\(([ACGT]+)\)(?:\((\d+(?:-\d+)?)\)|(\d+|n))", _repeat),
    (rf"({_WHERE}) ?([ACGT]{{1,2}})(?: allele|\+[ACGT]{{2}})?", _allele),
    (r"([ACGT])\((-\d+)\)", _allele_first),
    (rf"(?:p\.)?(?:({_NEXT})(?:[ -]?(\d+)|(-\d))|(\d+) ?(([A-Z])\6|{_NEXT}))", _protein_allele),
)
_PATTERNS = tuple((re.compile(source), build) for source, build in _SOURCES)
