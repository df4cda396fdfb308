"""Documents written with their mentions in brackets of their label."""

import re
from collections.abc import Callable

import pytest

from biopipe.document import Document, Mention

MarkedDocument = Callable[..., Document]
_MARK = re.compile(r"\{(?P<label>[GV]) (?P<surface>[^{}]*?)(?:=(?P<id>[^{}=]*))?\}")
_LABELS = {"G": "Gene", "V": "Variant"}


@pytest.fixture
def marked() -> MarkedDocument:
    """Makes a document of "{G BRAF=NCBIGene:673} {V V600E}": mentions with labels and ids."""

    def make(marked_text: str, **fields) -> Document:
        text, mentions, place = "", [], 0
        for match in _MARK.finditer(marked_text):
            text += marked_text[place : match.start()]
            ids = (match["id"],) if match["id"] else ()
            start = len(text)
            text += match["surface"]
            mentions.append(Mention(start, len(text), _LABELS[match["label"]], concept_ids=ids))
            place = match.end()
        return Document("1", text + marked_text[place:], mentions=tuple(mentions), **fields)

    return make
