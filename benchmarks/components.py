"""What spaCy's side of the default chain costs: Docs to Documents and back, without any predictor.

    python benchmarks/components.py [--documents 200] [--rounds 5]

The abstracts go through the predictors once. Then `nlp.pipe` runs with predictors that only hand
out what was kept of each stage, so that its processor time is that of the tokenizer and of the
components; the tokenizer's, measured by itself, is taken off. The best round counts, as other work
on the machine only ever adds.
"""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from record import options, record

from biopipe import Document, Predictor, PredictorInfo


class Replay(Predictor):
    """Hands out the documents that a predictor made before."""

    def __init__(self, made: Sequence[Document], info: PredictorInfo) -> None:
        self._made = {document.text: document for document in made}
        self._info = info

    @property
    def info(self) -> PredictorInfo:
        return self._info

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        return [replace(self._made[d.text], text=d.text) for d in documents]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    source = arguments.data / "text" / "easyner-autophagy-999.json"
    if not source.is_file():
        raise SystemExit(
            f"There is no {source}; give the folder of the texts with --data or $BIOPIPE_DATA."
        )
    result = measure(source, arguments.documents, arguments.rounds)
    record("components", result, arguments.results)


def measure(source: Path, count: int, rounds: int) -> dict[str, Any]:
    """Milliseconds of processor time an abstract, and how much there is to write."""
    import biopipe

    texts = [document.text for document in itertools.islice(biopipe.read(source), count)]
    nlp = biopipe.load()
    documents = [Document("", text) for text in texts]
    for _, pipe in nlp.pipeline:
        predictor = pipe.predictor
        documents = predictor.predict(documents)
        # Encoder states of all abstracts at once would not fit the memory of a small machine.
        kept = [replace(document, shared={}) for document in documents]
        pipe._predictor = Replay(kept, predictor.info)
        # A lane would put the work on another thread and change nothing of it.
        pipe.runs_model = False
    whole = best(lambda: [*nlp.pipe(texts)], rounds)
    tokenizer = best(lambda: [nlp.make_doc(text) for text in texts], rounds)
    return {
        "documents": len(texts),
        "mentions_per_document": round(sum(len(d.mentions) for d in documents) / len(texts), 1),
        "milliseconds_per_document": {
            "components": round((whole - tokenizer) / len(texts) * 1000, 3),
            "tokenizer": round(tokenizer / len(texts) * 1000, 3),
        },
    }


def best(work: Callable[[], object], rounds: int) -> float:
    """Least processor seconds of some rounds."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)


if __name__ == "__main__":
    main()
