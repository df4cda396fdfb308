"""Entities and links by scispaCy's architecture beside biopipe's, on the same texts and dictionary
in one process.

Theirs: spaCy's CNN entity recogniser (HashEmbedCNN and transition-based NER, scispaCy's small
model) and the candidate generator's `TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3),
min_df=10)` over all names of biopipe's default knowledge base. Their models cannot be had offline,
so the recogniser has random weights, which cost the same time and find nothing of use: the mentions
to link are those that biopipe found. Their approximate index (nmslib) has no build here either;
search is the exact sparse product, so links take longer than theirs would: entities are the fair
part.

    python benchmarks/scispacy_chain.py [--documents 100]    (needs scikit-learn)
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import spacy
from record import options, record
from sklearn.feature_extraction.text import TfidfVectorizer

from biopipe import io
from biopipe.document import Document
from biopipe.kb.default import base_directory
from biopipe.linking.linker import Linker
from biopipe.ner.tagger import Tagger
from biopipe.text.abbreviations import AbbreviationFinder

NEAREST, ROUNDS = 30, 3


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=100)
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    documents = [Document(d.id, d.text) for d in list(io.read(source))[: arguments.documents]]
    tagger, abbreviations, linker = Tagger(), AbbreviationFinder(), Linker()
    found = tagger.predict(documents)
    linker.predict(found[:1])  # opens the knowledge base
    recogniser = cnn(tagger.labels, documents[0].text)
    surfaces = [sorted({d.text[m.start : m.end] for m in d.mentions}) for d in found]
    search = tfidf(names())
    texts = [document.text for document in documents]
    seconds = {
        "spaCy CNN entities": timed(lambda: list(recogniser.pipe(texts))),
        "biopipe entities": timed(lambda: tagger.predict(documents)),
        "TF-IDF links, exact search": timed(lambda: [search(each) for each in surfaces], rounds=1),
        # A fresh linker each time: one keeps what it has linked.
        "biopipe links": timed(lambda: Linker().predict(abbreviations.predict(found))),
    }
    result = {
        "documents": len(documents),
        "mentions": sum(len(d.mentions) for d in found),
        "documents_per_second": {
            name: round(len(documents) / each, 2) for name, each in seconds.items()
        },
        "together": {
            "spaCy and TF-IDF": round(len(documents) / sum(list(seconds.values())[0::2]), 2),
            "biopipe": round(len(documents) / sum(list(seconds.values())[1::2]), 2),
        },
    }
    record("scispacy_chain", result, arguments.results)


def cnn(labels: Sequence[str], text: str) -> spacy.language.Language:
    """A blank English pipeline with an untrained recogniser of these labels."""
    nlp = spacy.blank("en")
    recogniser = nlp.add_pipe("ner")
    for label in labels:
        recogniser.add_label(label)
    nlp.initialize()
    nlp(text)
    return nlp


def names() -> list[str]:
    """All names of the default knowledge base."""
    with pa.memory_map(str(base_directory() / "names.arrow")) as file:
        return list(pa.ipc.open_file(file).read_all()["text"].to_pylist())


def tfidf(known: Sequence[str]) -> Callable[[Sequence[str]], Any]:
    """Search for the nearest names by the cosine of 3-grams."""
    vectoriser = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 3), min_df=10, dtype=np.float32
    )
    stored = vectoriser.fit_transform(known).T.tocsr()

    def search(asked: Sequence[str]) -> list[Any]:
        rows = (vectoriser.transform(asked) @ stored) if asked else []
        return [row.indices[np.argsort(-row.data)[:NEAREST]] for row in rows]

    return search


def timed(work: Callable[[], Any], *, rounds: int = ROUNDS) -> float:
    """Seconds, the least of some rounds."""
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


if __name__ == "__main__":
    main()
