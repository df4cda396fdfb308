"""Two words that lower make one that raises."""

import re

import numpy as np
import pytest

from biopipe.document import Document, Mention
from biopipe.relations.places import DocumentPlaces
from biopipe.relations.polarity import polarity
from biopipe.relations.triggers import TriggerWords, polarity_words, stem
from biopipe.runtime.tokenizer import Tokens
from biopipe.text.concepts import concept_mentions


def told(text: str) -> list[float]:
    """What is told of AA and BB."""
    mentions = tuple(
        Mention(found.start(), found.end(), "Gene", concept_ids=(found.group(),))
        for found in re.finditer(r"AA|BB|CC|DD", text)
    )
    document = Document("1", text, mentions=mentions)
    offsets = np.array([(n, n + 1) for n in range(len(text))])
    tokens = Tokens(np.zeros(len(text), np.int64), offsets, np.arange(len(text)))
    places = DocumentPlaces(document, tokens, concept_mentions(document))
    within = places.within([(0, len(text))], 0)
    words = TriggerWords(document, places.sentence_starts, {}, polarity=True)
    names = [text[start:end] for start, end in zip(within.starts, within.ends, strict=True)]
    head, tail = (np.array([names.index(name)]) for name in ("AA", "BB"))
    (row,) = polarity(within, words, head, tail).tolist()
    return row


@pytest.mark.parametrize(
    ("text", "between", "nearest", "around", "lowering", "raising"),
    [
        ("AA boosts BB.", 1, 1, 1, 0, 1),
        ("AA represses BB.", -1, -1, -1, 1, 0),
        ("Knockdown of AA reduced BB.", -1, -1, 1, 2, 0),
        ("Knockdown of AA raised BB.", 1, 1, -1, 1, 1),
        ("In cells without AA, BB fell.", 0, 0, 1, 2, 0),
        ("BB was lost when AA was silenced.", -1, -1, 1, 2, 0),
        ("AA and BB were seen.", 0, 0, 0, 0, 0),
        ("AA is here. It reduced much. BB is there.", -2, -2, -2, -2, -2),
        # What is said of another mention.
        ("CC inhibits DD AA in BB.", 0, 0, 0, 0, 0),
        ("AA relieved CC and raised BB.", -1, 1, -1, 1, 1),
        ("AA and BB met CC, which fell.", 0, 0, 0, 0, 0),
    ],
)
def test_the_sign_of_what_is_said(
    text: str, between: int, nearest: int, around: int, lowering: int, raising: int
) -> None:
    assert told(text) == [between, nearest, around, lowering, raising]


def test_words_in_names_and_far_away_do_not_count() -> None:
    far = "Nothing was reduced in any of the rats that we saw before. "
    assert told(f"{far}AA met BB.") == [0, 0, 0, 0, 0]


def test_no_word_both_lowers_and_raises() -> None:
    lowers, raises = ({stem(word) for word in words} for words in polarity_words().values())
    assert lowers.isdisjoint(raises)
