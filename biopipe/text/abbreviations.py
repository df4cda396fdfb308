"""Abbreviations that a text defines itself, as in "tumor necrosis factor (TNF)".

Candidates and limits follow Schwartz and Hearst (2003, Pac Symp Biocomput 451-462). Their
right-to-left match takes the last letters that fit, often inside a word; here the long form is the
start whose alignment puts the letters of the short form at the beginnings of words and leaves few
words out. Every bracket looks at a bounded stretch of text, so the time grows with the length of
the text alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from biopipe.document import Abbreviation, Document, Predictor, PredictorInfo
from biopipe.language.greek import GREEK_LOCANTS
from biopipe.text.alignment import LINKING_WORDS, align_letters
from biopipe.text.letter_readings import short_form_readings
from biopipe.text.symbols import align_symbol, align_turned, substance_start

__all__ = ["AbbreviationFinder", "find_abbreviations"]

Span = tuple[int, int]
# A short form and its long form.
Definition = tuple[Span, Span]

_BRACKET = re.compile(r"[()\[\]]")
_OPENING = {")": "(", "]": "["}
_LONGEST_BRACKET = 200
_LOOK_BACK = 250
# A code, with two capitals and more, may be longer: "chl a/b LHC", "5alpha-red-IR".
_LONGEST_SHORT_FORM, _LONGEST_CODE = 12, 18
_CAPITAL = re.compile(r"[A-Z]")
# "(also known as SF)", "(hereafter, SF)", "(the SF)".
_INTRODUCTION = re.compile(
    r"(?:(?:also|sometimes|often|commonly|usually|formerly|previously|now|here|hereafter|henceforth"
    r"|hereinafter|collectively|in short)[ ,]+)*"
    r"(?:known|referred to|called|so-called|termed|named|denoted|designated|defined|abbreviated"
    r"|abbreviation|abbr\.|hereafter|henceforth|hereinafter|i\.e\.|aka|a\.k\.a\.|in short|or|the)"
    r"(?:,? (?:as|by|to|simply|the|an?|hereafter|henceforth))*[,:]? (?=[\"'“]?\w)",
    re.IGNORECASE,
)
# "(OR = 1.2)": a measure of statistics, whose letters all begin words.
_MEASURED = re.compile(r" ?[=:] ?[<>≤≥~]? ?[-−]?\d")
# "[Ca2+]i", "[CK]".
_CONCENTRATION = re.compile(
    r"\[(?P<of>[A-Za-z][A-Za-z0-9()+-]{0,9})\](?P<where>i|o|e|c|m|in|out|ext|cyt)?"
)
_CONCENTRATION_NOUN = re.compile(r"(?: ions?)? (?P<noun>concentrations?|levels?|activity) ?\Z")
_WHERE_OR_STATE = re.compile(
    r"(?:\b(?:(?:intra|extra)cellular|cytosolic|cytoplasmic|mitochondrial|internal|external|free"
    r"|ionized|ionised|resting) )+\Z"
)
# What belongs to the name behind it: "2,6-", "N-(1-", "(-)-", "[125I]-".
_NAME_PREFIX = re.compile(r"(?:[^\W_][\w,'′]*-\(?|[(\[][^()\[\]\s]{1,12}[)\]]-)\Z")
_NUMBERED_WORD = re.compile(r"\b(\d+)-[a-z]+ \Z")
# "17 " of "17 beta-estradiol".
_LOCANT = re.compile(r"\b\d[\d,]* \Z")
_GREEK_LOCANT = re.compile(rf"(?:{'|'.join(GREEK_LOCANTS)})-", re.IGNORECASE)
_LONGEST_PREFIX = 24
_DIGITS = re.compile(r"\d+")
_WORDS = re.compile(r"[^\W\d_]{4}|\s")
_PART_END = re.compile(r"[;,:=] | =")
# The sign first: a search for alternatives would try each at every character.
_SENTENCE_END = re.compile(r"[.!?:;\n](?:(?<=[.!?:]) (?=[A-Z])|(?<=;) |(?<=\n)\s*\n)")
_NOT_SHORT_FORM = re.compile(
    r"\d[\d.,]*%? .*|[a-z]{6,}|[a-z]+ [a-z]+|[a-z]|[ivxIVX]+|i\.e\.|e\.g\.|.*[<>=≤≥±%].*"
    r"|.* (?:versus|vs|and|or) .*|\d.*(?:mg|kg|ml|mM|microM)\b.*"
    # Numbers of compounds and enzymes, ions, and isotopes.
    r"|\d+[a-z]|EC \d.*|.*-|.*\d\+|3H|1[1348][CFN]|15[NO]|3[235][PS]|51Cr|99mTc|1(?:11In|2[345]I|31I)"
)
_QUOTES = " \"'“”‘’"

# What a letter earns on average at least (`biopipe.text.alignment`), in both kinds of definition;
# set on half of Ab3P's MED1250.
_LEAST_PER_LETTER, _LEAST_REVERSED, _LEAST_MEASURED = 1.3, 2.0, 2.5
_LEAST_OF_PARTS = 1.5


class AbbreviationFinder(Predictor):
    """A predictor that sets `Document.abbreviations` where nobody has looked for them yet."""

    @property
    def info(self) -> PredictorInfo:
        """Gives abbreviations."""
        return PredictorInfo(name="abbreviations", gives=frozenset({"abbreviations"}))

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with the abbreviations that their texts define."""
        return [with_abbreviations(document) for document in documents]


def with_abbreviations(document: Document) -> Document:
    """The document carrying its abbreviations, for all later stages."""
    if document.abbreviations is not None:
        return document
    return replace(document, abbreviations=find_abbreviations(document.text), concepts=None)


def find_abbreviations(text: str) -> tuple[Abbreviation, ...]:
    """Short forms with the long forms that the text gives for them, in order of the short forms."""
    if ")" not in text and "]" not in text:
        return ()
    by_span: dict[Span, Abbreviation] = {}
    for start, end in _brackets(text):
        definitions = _short_inside(text, start, end) or _both_inside(text, start, end)
        for short, long in definitions or _long_inside(text, start, end):
            by_span.setdefault(short, Abbreviation(*short, *long))
    return tuple(by_span[span] for span in sorted(by_span))


def _brackets(text: str) -> Iterator[Span]:
    """What stands inside each pair of brackets, inner pairs first; a lone bracket is passed
    over.
    """
    opened: list[tuple[str, int]] = []
    for match in _BRACKET.finditer(text):
        if match[0] not in _OPENING:
            opened.append((match[0], match.end()))
        elif opened and opened[-1][0] == _OPENING[match[0]]:
            start = opened.pop()[1]
            if match.start() - start <= _LONGEST_BRACKET:
                yield start, match.start()
        else:
            opened.clear()


def _short_inside(text: str, start: int, end: int) -> list[Definition]:
    """The "long form (SF)" and "long form (also called SF; more)" kinds; of "(SF/OTHER)" both are
    short forms of the long form that one of them fits.
    """
    if of_concentration := _concentration(text, start, end):
        return [of_concentration]
    introduced = _INTRODUCTION.match(text, start, end)
    first = introduced.end() if introduced else start
    part_end = _first_part_end(text, first, end)
    whole = _trim(text, first, part_end)
    parts = _parts_of(text, whole)
    is_measured = _MEASURED.match(text, part_end, end) is not None
    if is_measured and part_end == first + 1:
        return []  # "patients (P = 0.01)"
    least = _LEAST_MEASURED if is_measured else _LEAST_PER_LETTER
    # "PD-1/CD279" are two names where the first fits by itself, "LC-MS/MS" is one.
    named = [whole] if _repeats(text, parts) else parts
    clear = max(least, _LEAST_OF_PARTS)
    for shorts, fitting, score in (
        (named, parts[:1], clear),
        ([whole], [whole], least),
        (parts, parts[:1], least),
    ):
        if fitting and _is_short(text, fitting[0]):
            long = _long_form_before(text, start - 1, text[slice(*fitting[0])], score)
            if long:
                return [(short, long) for short in shorts]
    return []


def _repeats(text: str, parts: Sequence[Span]) -> bool:
    """Whether a later one of some names says again what the first says."""
    return any(text[slice(*part)] in text[slice(*parts[0])] for part in parts[1:])


def _concentration(text: str, start: int, end: int) -> Definition | None:
    """The "cytosolic calcium concentration ([Ca2+]i)" kind, where the inner bracket is the symbol of
    what there is a concentration of, and an index says where.
    """
    short = _trim(text, start, end)
    symbol = _CONCENTRATION.fullmatch(text, *short)
    if symbol is None:
        return None
    stretch_start = max(0, start - _LOOK_BACK)
    noun = _CONCENTRATION_NOUN.search(text, stretch_start, start - 1)
    if noun is None:
        return None
    of = text[stretch_start : noun.start()]
    if of.endswith(symbol["of"]):
        first = noun.start() - len(symbol["of"])
    elif long := _long_form_before(text, noun.start(), symbol["of"], _LEAST_PER_LETTER):
        first = long[0]
    else:
        return None
    where = _WHERE_OR_STATE.search(text, stretch_start, first) if symbol["where"] else None
    return short, (where.start() if where else first, noun.end("noun"))


def _parts_of(text: str, short: Span) -> list[Span]:
    """The names between slashes, "VEGFR2/KDR/Flk-1"; none where one of them is no name."""
    names = text[slice(*short)].split("/")
    starts = [short[0] + sum(len(name) + 1 for name in names[:i]) for i in range(len(names))]
    parts = [(start, start + len(name)) for start, name in zip(starts, names, strict=True)]
    are_names = len(names) > 1 and all(_is_capital_word(text, part) for part in parts)
    return parts if are_names else []


def _both_inside(text: str, start: int, end: int) -> list[Definition]:
    """The "another name (long form, SF)" kind."""
    comma = max(text.rfind(", ", start, end), text.rfind("; ", start, end))
    short = _trim(text, comma + 2, end)
    if comma < start or not _is_capital_word(text, short):
        return []
    long = _long_form_before(text, comma, text[slice(*short)], _LEAST_PER_LETTER)
    return [(short, long)] if long and long[0] >= start else []


def _long_inside(text: str, start: int, end: int) -> list[Definition]:
    """The "SF (long form)" kind: the long form has to begin where the bracket does."""
    before = text[max(0, start - 1 - 3 * _LONGEST_SHORT_FORM) : start - 1].rstrip()
    word = before.split()[-1].lstrip("([") if before else ""
    short_start = text.rfind(word, 0, start - 1)
    short, long = (
        (short_start, short_start + len(word)),
        _trim(text, start, _first_part_end(text, start, end)),
    )
    words = text[slice(*long)]
    if (
        not _is_capital_word(text, short)
        or len(words.split()) > 2 * len(word)
        or not _WORDS.search(words)
        or not _is_long(words, word)
    ):
        return []
    for letters in short_form_readings(word):
        aligned = align_letters(letters, words)
        if aligned is not None and aligned[0] == 0 and aligned[1] >= _LEAST_REVERSED:
            return [(short, long)]
    return []


def _is_short(text: str, span: Span) -> bool:
    short = text[slice(*span)]
    long_code = len(_CAPITAL.findall(short)) >= 2
    return (
        0 < len(short) <= (_LONGEST_CODE if long_code else _LONGEST_SHORT_FORM)
        and short[0].isalnum()
        and any(character.isalpha() for character in short)
        and len(short.split()) <= (3 if long_code else 2)
        and not _NOT_SHORT_FORM.fullmatch(short)
    )


def _is_capital_word(text: str, span: Span) -> bool:
    short = text[slice(*span)]
    return len(short) > 1 and " " not in short and short.lower() != short and _is_short(text, span)


def _is_long(long: str, short: str) -> bool:
    balanced = all(
        long.count(opening) == long.count(closing) for closing, opening in _OPENING.items()
    )
    # "PfSOD1, a second SOD gene" is no long form of PfSOD2.
    numbered = _DIGITS.search(short) is not None
    letters = _DIGITS.sub("", short)
    if numbered and any(_DIGITS.sub("", word.strip(",")) == letters for word in long.split()):
        return False
    return (
        balanced
        and len(long) > len(short)
        and short not in long.split()
        and (len(short) > 1 or " " not in long)
    )


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _QUOTES:
        start += 1
    while end > start and text[end - 1] in _QUOTES:
        end -= 1
    return start, end


def _first_part_end(text: str, start: int, end: int) -> int:
    part_end = _PART_END.search(text, start, end)
    return part_end.start() if part_end else end


def _long_form_before(text: str, end: int, short: str, least: float) -> Span | None:
    while end > 0 and (text[end - 1].isspace() or text[end - 1] in "\"'”’,"):
        end -= 1
    words = min(len(short) + 5, 2 * len(short))
    start = _stretch_before(text, end, words)
    for place in _places(short, text[start:end], least):
        long = _whole_name(text, start, start + place, short), end
        if _is_long(text[slice(*long)], short):
            return long
    return None


def _places(short: str, region: str, least: float) -> Iterator[int]:
    """Where in `region` the long form of `short` may begin, the likeliest first."""
    if (substance := substance_start(short, region)) is not None:
        yield substance
    symbol = align_symbol(short, region)
    for letters in short_form_readings(short):
        aligned = align_letters(letters, region)
        if aligned is None or aligned[1] < least:
            continue
        if symbol is not None and symbol[1] > aligned[1]:
            yield symbol[0]
        yield aligned[0]
    # "a rare occurrence (OR = 2.1)" defines no OR.
    turned = align_turned(short, region) if least < _LEAST_MEASURED else None
    for other in (symbol, turned):
        if other is not None and other[1] >= least:
            yield other[0]


def _stretch_before(text: str, end: int, words: int) -> int:
    """Where the last `words` words before `end` begin, within the sentence and after any other
    bracket.
    """
    first = max(0, end - _LOOK_BACK)
    stretch = text[first:end]
    breaks = [match.end() for match in _SENTENCE_END.finditer(stretch)]
    start = max([0, *breaks, _after_bracket(stretch)])
    return first + _last_words(stretch, start, words)


def _last_words(stretch: str, start: int, words: int) -> int:
    """Where the last `words` words of stretch[start:] begin, linking words not counted; `start` where
    it has no more.
    """
    tokens = stretch[start:].split()
    if sum(token not in LINKING_WORDS for token in tokens) <= words:
        return start
    place = len(stretch)
    for token in reversed(tokens):
        place = stretch.rindex(token, start, place)
        words -= token not in LINKING_WORDS
        if not words:
            break
    return place


def _after_bracket(stretch: str) -> int:
    """End of the last bracket that is not part of a word, as in "(TNF) and interleukin"; 0 for
    none.
    """
    closed: list[int] = []
    for match in reversed(list(_BRACKET.finditer(stretch))):
        if match[0] in _OPENING:
            closed.append(match.end())
        elif not closed:
            return match.end()
        elif (
            (end := closed.pop())
            and not closed
            and stretch[end : end + 1] != "-"
            and (match.start() == 0 or stretch[match.start() - 1].isspace())
        ):
            return end
    return 0


def _whole_name(text: str, first: int, start: int, short: str) -> int:
    """Start of the hyphenated name that the word at `start` belongs to, as in "2,6-diaminopurine",
    "N-(1-naphthyl) ethylene" and "(-)-[125I]-cyanopindolol", or of a number before it that the
    short form has ("20-item scale" of "TAS-20").
    """
    while prefix := _NAME_PREFIX.search(text, max(first, start - _LONGEST_PREFIX), start):
        start = prefix.start()
    locant = _LOCANT.search(text, max(first, start - _LONGEST_PREFIX), start)
    if locant and _GREEK_LOCANT.match(text, start):
        return locant.start()
    number = _NUMBERED_WORD.search(text, max(first, start - _LONGEST_PREFIX), start)
    return number.start() if number and number[1] in _DIGITS.findall(short) else start
