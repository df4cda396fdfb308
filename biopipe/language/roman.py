"""Roman numerals as names number their things: factor VIII, type II, intron IV."""

__all__ = ["ROMAN_NUMERALS", "ROMAN_TO_NINE"]

ROMAN_NUMERALS = {
    "I": "1",
    "II": "2",
    "III": "3",
    "IV": "4",
    "V": "5",
    "VI": "6",
    "VII": "7",
    "VIII": "8",
    "IX": "9",
    "X": "10",
    "XI": "11",
    "XII": "12",
}
# A final X in a symbol is a letter more often than a ten (FOX, PAX).
ROMAN_TO_NINE = dict(list(ROMAN_NUMERALS.items())[:9])
