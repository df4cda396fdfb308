"""Corpora of a few sentences for taggers to learn."""

from collections.abc import Callable
from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.io.codecs import pubtator

SENTENCES = [
    "aspirin in cancer",
    "the cancer of patients",
    "aspirin , aspirin",
    "cancer and aspirin of the gene",
]


def _corpus(path: Path, *, labels: dict[str, str], prefix: str, count: int = 12) -> None:
    documents = []
    for number in range(count):
        title, body = SENTENCES[number % 4], SENTENCES[(number + 1 + number // 4) % 4]
        text = f"{title} {body}"
        mentions = [
            Mention(start, start + len(word), label)
            for word, label in labels.items()
            for start in range(len(text))
            if text.startswith(word, start)
        ]
        documents.append(
            Document(
                f"{prefix}{number}", text, mentions=tuple(sorted(mentions, key=lambda m: m.start))
            )
        )
    pubtator.write(documents, path)


@pytest.fixture
def write_corpus() -> Callable[..., None]:
    """Writes a PubTator file of sentences in which the words of `labels` are mentions."""
    return _corpus
