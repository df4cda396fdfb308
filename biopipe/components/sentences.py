"""Sentences on a Doc, so that `doc.sents` works behind biopipe's components."""

from typing import Any

import numpy as np
from spacy.tokens import Doc

from biopipe.document import Document
from biopipe.text.sentences import sentences_of

__all__ = ["mark_sentences", "needs_sentences"]

# SENT_START of a token, as spaCy's arrays hold it: 1, and -1 as an unsigned number.
_BEGINS = np.uint64(1)
_CONTINUES = np.uint64(2**64 - 1)


def needs_sentences(doc: Doc) -> bool:
    """Whether nobody has said yet where the sentences of a Doc begin."""
    return len(doc) > 0 and not doc.has_annotation("SENT_START")


def mark_sentences(doc: Doc, document: Document) -> None:
    """Set where the sentences of a document begin, unless somebody has said so on the Doc.

    A sentence that begins inside of a token begins with the token after it.
    """
    if not needs_sentences(doc):
        return
    starts = [sentence.start for sentence in sentences_of(document)]
    first_tokens = np.searchsorted(doc.to_array("IDX"), np.asarray(starts, np.uint64))
    # All at once: the setter of one token looks through the whole Doc for a parse.
    begins: Any = np.full(len(doc), _CONTINUES, np.uint64)  # spaCy's stub wants a type of thinc's
    begins[first_tokens[first_tokens < len(doc)]] = _BEGINS
    begins[0] = _BEGINS
    doc.from_array(["SENT_START"], begins)
