"""Common words are single words in lower case."""

from biopipe.language.stop_words import common_words


def test_common_words() -> None:
    words = common_words()
    assert {"the", "study", "progress"} <= words
    assert all(word == word.lower() and word.strip("#") == word for word in words)
