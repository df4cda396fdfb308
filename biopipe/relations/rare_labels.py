"""Labels that only count where the text has words for them: a comparison is stated by words that
compare.

Corpora have a few dozen relations of such a label, too few for a model to learn what else may state
one, and it names them where two drugs only stand in one sentence.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from biopipe.document import ConceptMentions, Document
from biopipe.relations.evidence import EvidenceFinder
from biopipe.relations.triggers import TriggerWords
from biopipe.text.sentences import sentences_of

__all__ = ["RareLabels"]


class RareLabels:
    """The sentences of one document with the words, in any form, of each label in `words`."""

    def __init__(self, document: Document, words: Mapping[str, Sequence[str]]) -> None:
        self._finder = EvidenceFinder(document)
        starts = np.array([sentence.start for sentence in sentences_of(document)], dtype=np.int64)
        counts = TriggerWords(document, starts, words).by_sentence
        self._worded = {
            label: frozenset(np.flatnonzero(counts[:, column]).tolist())
            for column, label in enumerate(words)
        }

    def may_be(self, label: str, head: ConceptMentions, tail: ConceptMentions) -> bool:
        """Whether a sentence that names both has a word of the label; true of all other labels."""
        if label not in self._worded:
            return True
        shared = self._finder.sentences_of(head) & self._finder.sentences_of(tail)
        return not shared.isdisjoint(self._worded[label])
