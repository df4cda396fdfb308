import numpy as np

from biopipe.document import Document, Mention
from biopipe.relations.triggers import TriggerWords, default_triggers, stem

TRIGGERS = {"cause": ("induces", "causes"), "treat": ("treatment", "therapy")}


def _words(text: str, mentions: tuple[Mention, ...] = ()) -> TriggerWords:
    starts = np.array([0, *(i + 2 for i in range(len(text) - 2) if text[i] == ".")])
    return TriggerWords(Document("1", text, mentions=mentions), starts, TRIGGERS)


def test_forms_of_a_word_share_a_stem() -> None:
    assert len({stem(word) for word in ("induce", "Induced", "induces", "inducing")}) == 1
    assert stem("use") == "use"


def test_counts_by_sentence_and_stretch() -> None:
    text = "X induced Y. No therapy or treatment caused it."
    words = _words(text)
    assert words.by_sentence.tolist() == [[1, 0], [1, 2]]
    between = words.between(np.array([1, 10, 12]), np.array([10, 1, len(text)]))
    assert between.tolist() == [[1, 0], [0, 0], [1, 2]]


def test_words_inside_mentions_and_far_apart_say_nothing() -> None:
    text = "therapy-induced cancer"
    assert _words(text, (Mention(0, 7, "Chemical"),)).by_sentence.tolist() == [[1, 0]]
    far = "a " * 400 + "therapy"
    assert _words(far).between(np.array([0]), np.array([len(far)])).sum() == 0


def test_a_text_without_triggers_or_words() -> None:
    for text in ("", "12 34", "nothing here"):
        assert _words(text).by_sentence.sum() == 0


def test_the_lists_that_come_with_biopipe_name_words_once_a_class() -> None:
    for name, words in default_triggers().items():
        assert len(words) == len(set(words)) > 3, name
