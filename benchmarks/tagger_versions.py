"""Two taggers on the same abstracts in turns: pieces a word, and documents a second of each alone.

    python benchmarks/tagger_versions.py --before FOLDER [--after biopipe-ner-minilm]

A word is what spaces part. Both taggers are told the names of the same knowledge base, whose
answers are there before the first round. A ratio is the middle of the rounds' ratios, of wall time
and of processor time. Target: 1.15 times the documents a second of before.
"""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from overhead import in_turns
from record import options, record

from biopipe import io
from biopipe.document import Document
from biopipe.ner.tagger import Tagger

TARGET = 1.15
CORPORA = ("biored", "bc5cdr", "ncbi-disease")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--before", required=True)
    parser.add_argument("--after", default="biopipe-ner-minilm")
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    taggers = {"before": Tagger(arguments.before), "after": Tagger(arguments.after)}
    corpora = {name: texts(arguments.data / "corpora" / name) for name in CORPORA}
    result = {
        "pieces_a_word": {
            name: {way: pieces_a_word(tagger, of_corpus) for way, tagger in taggers.items()}
            for name, of_corpus in corpora.items()
        },
        **speed(taggers, corpora[CORPORA[0]][: arguments.documents], arguments.rounds),
    }
    record("tagger_versions", result, arguments.results)


def texts(corpus: Path) -> list[str]:
    """The texts of its development set."""
    return [document.text for document in io.read(corpus / "dev.pubtator")]


def pieces_a_word(tagger: Tagger, of_corpus: Sequence[str]) -> float:
    pieces = sum(len(tokens.ids) for tokens in tagger.encoder.tokenize(of_corpus))
    return round(pieces / sum(len(text.split()) for text in of_corpus), 3)


def speed(taggers: dict[str, Tagger], of_corpus: Sequence[str], rounds: int) -> dict[str, Any]:
    """Documents a second of each tagger, and how many times those of before the new one reads."""
    documents = [Document(str(number), text) for number, text in enumerate(of_corpus)]
    for tagger in taggers.values():
        tagger.predict(documents)
    taken = in_turns(
        {way: lambda tagger=tagger: read(tagger, documents) for way, tagger in taggers.items()},
        rounds,
    )
    walls = {way: [wall for wall, _ in times] for way, times in taken.items()}
    used = {way: [processor for _, processor in times] for way, times in taken.items()}
    return {
        "documents": len(documents),
        "documents_per_second": {
            way: round(len(documents) / statistics.median(times), 2) for way, times in walls.items()
        },
        "times_as_fast_as_before": times_as_fast(walls),
        "processor_times_as_fast_as_before": times_as_fast(used),
        "target": TARGET,
    }


def read(tagger: Tagger, documents: Sequence[Document]) -> None:
    tagger.predict(documents)


def times_as_fast(taken: dict[str, list[float]]) -> float:
    ratios = [a / b for a, b in zip(taken["before"], taken["after"], strict=True)]
    return round(statistics.median(ratios), 3)


if __name__ == "__main__":
    main()
