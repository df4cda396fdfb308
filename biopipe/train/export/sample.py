"""The documents that an exported graph and its checkpoint are compared on."""

from collections.abc import Sequence
from itertools import islice, product
from pathlib import Path
from re import escape, finditer

from biopipe.document import Document, Mention
from biopipe.document.labels import CHEMICAL, DISEASE, GENE
from biopipe.io import read

__all__ = ["parity_sample"]

WORDS = (
    ("BRCA1", "interleukin-6", "p38 MAPK"),
    ("asthma", "type 2 diabetes mellitus", "Parkinson's disease"),
    ("metformin", "cisplatin", "valproic acid"),
)
LABELS = (GENE, DISEASE, CHEMICAL)
MOST = 100


def parity_sample(path: Path | None) -> list[Document]:
    """The documents parity is measured on: at most 100 of a file, by default sentences of our own."""
    if path is not None:
        return list(islice(read(path), MOST))
    return [_sample(number, words) for number, words in enumerate(product(*WORDS))]


def _sample(number: int, words: Sequence[str]) -> Document:
    gene, disease, drug = words
    text = (
        f"{drug} in {disease}. We gave {drug} to 24 patients with {disease}; {gene} rose and "
        f"{disease} receded."
    )
    mentions = [
        Mention(match.start(), match.end(), label, concept_ids=(word,))
        for word, label in zip(words, LABELS, strict=True)
        for match in finditer(escape(word), text)
    ]
    return Document(str(number), text, mentions=tuple(sorted(mentions, key=lambda m: m.start)))
