"""Publishers' dashes and primes as they are typed, letter for letter."""

__all__ = ["as_typed"]

_HYPHENS = "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{MINUS SIGN}"
_APOSTROPHES = (
    "\N{PRIME}\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}"
    "\N{MODIFIER LETTER PRIME}"
)
_TYPED = str.maketrans(dict.fromkeys(_HYPHENS, "-") | dict.fromkeys(_APOSTROPHES, "'"))


def as_typed(text: str) -> str:
    """The text with hyphens for all signs set as one, apostrophes for primes; every offset stays
    what it was.

    Abstracts of PubMed, which taggers learn from, are typed; full texts are set.
    """
    return text if text.isascii() else text.translate(_TYPED)
