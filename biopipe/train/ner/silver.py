"""Texts annotated by a tagger itself, for a tagger to be trained on beside the corpora
(self-training).

After Yalniz et al. 2019: what the teacher is sure of teaches, what it doubts teaches nothing, nor
do the names of knowledge bases that it did not find, for they may well be mentions.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from biopipe.document import Document, Mention
from biopipe.errors import ConfigError
from biopipe.io.codecs import pubtator
from biopipe.ner.dictionary import Dictionary
from biopipe.ner.tagger import Tagger
from biopipe.train.common.passages import draw_passages

__all__ = ["DOUBTFUL", "silver_documents", "write_silver"]

# The label of mentions that teach nothing, which no corpus of a recipe names as its own.
DOUBTFUL = "Doubtful"
# Names that a dictionary scores lower are as good as no mention.
_SURE_NAME = 0.5


def write_silver(
    texts: Sequence[Path],
    tagger: Tagger,
    output: Path,
    *,
    dictionaries: Sequence[Dictionary] = (),
    passages: int,
    characters: int = 1200,
    sure: float = 0.6,
    fewest: int = 0,
    seed: int = 0,
    log: Callable[[str], None],
) -> int:
    """Annotate about `passages` passages of `texts` (see `draw_passages`) and write them to
    `output` as PubTator.

    Mentions with a score of at least `sure` keep their label; others, down to the tagger's own
    threshold, and names of `dictionaries` that overlap none of them are DOUBTFUL. Passages with
    fewer than `fewest` sure mentions are left out. Returns the number written. ConfigError where
    `sure` is no share.
    """
    if not 0 <= sure <= 1:
        raise ConfigError(
            f"A mention cannot be sure from a score of {sure} on; give a number from 0 to 1."
        )
    drawn = draw_passages(texts, passages, characters=characters, seed=seed)
    documents = [
        d
        for d in silver_documents(drawn, tagger, dictionaries, sure=sure)
        if _sure_mentions(d) >= fewest
    ]
    counts = Counter(mention.label for document in documents for mention in document.mentions)
    log(
        f"{len(documents)} of {len(drawn)} passages: "
        + ", ".join(f"{k} {n}" for k, n in counts.most_common())
    )
    pubtator.write(documents, output)
    return len(documents)


def silver_documents(
    documents: Sequence[Document],
    tagger: Tagger,
    dictionaries: Sequence[Dictionary] = (),
    *,
    sure: float,
) -> list[Document]:
    """Each document with what the tagger finds, and DOUBTFUL mentions as `write_silver` says."""
    named = [dictionary.predict(documents) for dictionary in dictionaries]
    result = []
    for document, tagged, *others in zip(documents, tagger.predict(documents), *named, strict=True):
        mentions = [
            Mention(m.start, m.end, m.label if m.score >= sure else DOUBTFUL)
            for m in tagged.mentions
        ]
        for mention in (m for other in others for m in other.mentions):
            # What the tagger found there, sure or not, has been decided above.
            apart = all(mention.end <= m.start or m.end <= mention.start for m in mentions)
            if mention.score >= _SURE_NAME and apart:
                mentions.append(Mention(mention.start, mention.end, DOUBTFUL))
        mentions.sort(key=lambda m: (m.start, m.end))
        result.append(replace(document, mentions=tuple(mentions), concepts=None))
    return result


def _sure_mentions(document: Document) -> int:
    return sum(mention.label != DOUBTFUL for mention in document.mentions)
