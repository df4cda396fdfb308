"""What a word that is not there may have been meant for."""

from biopipe.language.spelling import nearest_words

WORDS = ["document_id", "text", "title", "Text"]


def test_the_most_alike_come_first() -> None:
    assert nearest_words("txt", WORDS) == ["text"]
    assert nearest_words("titel", WORDS)[0] == "title"
    assert nearest_words("document id", WORDS, most=1) == ["document_id"]


def test_nothing_is_near() -> None:
    assert nearest_words("xyz", WORDS) == []
    assert nearest_words("txt", []) == []
    assert nearest_words("", WORDS) == []
