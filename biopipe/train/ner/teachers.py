"""What taggers say of the words of a text, for another tagger to learn from (Hinton et al. 2015):
several together are surer than each, and what they doubt they teach as doubtful.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.errors import ConfigError
from biopipe.ner.tagger import TaggedWords, Tagger
from biopipe.runtime.tokenizer import Tokens

__all__ = ["check_teachers", "taught_tags"]

DOCUMENTS_AT_ONCE = 256  # bounds what the teachers' answers take before they are halved

FloatArray = NDArray[np.float32]


def check_teachers(teachers: Sequence[Tagger], labels: Sequence[str]) -> None:
    """ConfigError for a teacher whose labels are not `labels`, in any order."""
    for teacher in teachers:
        if set(teacher.labels) != set(labels):
            raise ConfigError(
                f"The tagger {teacher.model_name} cannot teach: its labels are "
                f"{', '.join(sorted(teacher.labels))}, those of the recipe "
                f"{', '.join(sorted(labels))}."
            )


def taught_tags(
    documents: Sequence[Document],
    tokens: Sequence[Tokens],
    teachers: Sequence[Tagger],
    labels: Sequence[str],
) -> Iterator[NDArray[np.float16]]:
    """Of each document the mean of the teachers' probabilities for its `tokens`: (tokens, tags)
    float16, tags as `bio_tags(labels)` has them. The teachers may have other tokens.
    """
    for start in range(0, len(documents), DOCUMENTS_AT_ONCE):
        part = slice(start, start + DOCUMENTS_AT_ONCE)
        answers = [teacher.tag_words(documents[part]) for teacher in teachers]
        for number, text_tokens in enumerate(tokens[part]):
            of_teachers = [
                _of_tokens(answer[number], text_tokens, _columns(teacher, labels))
                for teacher, answer in zip(teachers, answers, strict=True)
            ]
            yield (reduce(add, of_teachers) / len(teachers)).astype(np.float16)


def _columns(teacher: Tagger, labels: Sequence[str]) -> list[int]:
    """Where `TaggedWords` of the teacher has each tag of `bio_tags(labels)`."""
    places = [1 + teacher.labels.index(label) for label in labels]
    return [0, *(column for place in places for column in (place, place + len(labels)))]


def _of_tokens(words: TaggedWords, tokens: Tokens, columns: Sequence[int]) -> FloatArray:
    """The probabilities of the word that each token is of, (tokens, tags) float32: a token that does
    not begin its word goes on with what the word begins or goes on with.
    """
    if not len(tokens.ids):
        return np.zeros((0, len(columns)), dtype=np.float32)
    word = np.searchsorted(words.starts, tokens.offsets[:, 0], side="right") - 1
    result: FloatArray = words.probabilities[word][:, columns]
    goes_on = np.diff(word, prepend=-1) == 0
    result[goes_on, 2::2] += result[goes_on, 1::2]
    result[goes_on, 1::2] = 0.0
    return result
