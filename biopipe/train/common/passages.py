"""Passages drawn from files of texts, for models to be taught by what tools find in them."""

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from biopipe.document import Document
from biopipe.io import read
from biopipe.text.sentences import sentence_spans

__all__ = ["draw_passages"]

# A sentence that ends a little behind the wanted length is still taken whole.
_LEEWAY = 1.2


def draw_passages(
    texts: Sequence[Path], passages: int, *, characters: int, seed: int
) -> list[Document]:
    """About `passages` passages, as many from each file, which may be of any format.

    A passage is whole sentences, together about `characters` characters, from anywhere in a
    document; where none is short enough, the document's first characters.
    """
    rng = random.Random(seed)
    of_each = -(-passages // len(texts))
    return [p for path in texts for p in _drawn(path, of_each, characters, rng)]


def _drawn(path: Path, count: int, characters: int, rng: random.Random) -> Iterator[Document]:
    """One passage of each of `count` documents, from anywhere in it."""
    documents = list(read(path))
    if not documents:
        return
    for document in rng.sample(documents, min(count, len(documents))):
        text = " ".join(document.text.split())
        first = rng.randrange(max(1, len(text) - characters))
        # Unless it is the document's first, the first sentence has lost its beginning.
        sentences = list(
            islice(sentence_spans(text[first : first + 2 * characters]), bool(first), None)
        )
        inside = [(first + a, first + b) for a, b in sentences if b <= characters * _LEEWAY] or [
            (0, characters)
        ]
        yield Document(
            f"{path.name.split('.')[0]}-{document.id}", text[inside[0][0] : inside[-1][1]]
        )
