"""Roman numerals by the rule that they are written by."""

from biopipe.language.roman import ROMAN_NUMERALS, ROMAN_TO_NINE

VALUES = {"I": 1, "V": 5, "X": 10}


def value(numeral: str) -> int:
    digits = [VALUES[letter] for letter in numeral]
    pairs = zip(digits, [*digits[1:], 0], strict=True)
    return sum(-digit if digit < following else digit for digit, following in pairs)


def test_numerals_are_what_they_say() -> None:
    assert [value(numeral) for numeral in ROMAN_NUMERALS] == list(range(1, 13))
    assert [int(number) for number in ROMAN_NUMERALS.values()] == list(range(1, 13))
    assert list(ROMAN_TO_NINE.values()) == list("123456789")
