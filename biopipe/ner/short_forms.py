"""A short form is what its long form is: "atrial fibrillation (AF)" makes a disease of every later
AF.

Taggers see too little in two letters. That a document's own definitions decide is an old remedy:
tmChem (Leaman et al. 2015) and GNormPlus (Wei et al. 2015) carry labels from long to short forms
too.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import replace

from biopipe.document import Abbreviation, Mention
from biopipe.document.labels import GENE
from biopipe.kinds.gene.nouns import is_named_as_gene
from biopipe.text.words import is_word_character

__all__ = ["propagate_abbreviation_labels"]

Span = tuple[int, int]

# A long form whose score is below this share of its short form's does not change that one's label.
_LEAST_SHARE_OF_SCORE = 0.5


def propagate_abbreviation_labels(
    text: str, mentions: Sequence[Mention], abbreviations: Sequence[Abbreviation]
) -> list[Mention]:
    """The mentions in their order, with those of every short form whose long form is a mention.

    An occurrence in no mention becomes one with the long form's label and score; one that is a
    mention has the higher score of both, and the long form's label unless that one has less than
    half of its score. An occurrence within a longer mention stays there, and a Gene that the text
    calls one stays a Gene: "MEN1" of "multiple endocrine neoplasia type 1". Mentions must not
    overlap.
    """
    by_span = {(mention.start, mention.end): mention for mention in mentions}
    spans = sorted(by_span)
    for abbreviation in abbreviations:
        long = by_span.get((abbreviation.long_start, abbreviation.long_end))
        if long is None:
            continue
        for span in _occurrences(text, text[abbreviation.start : abbreviation.end]):
            own = by_span.get(span)
            if own is not None:
                is_gene = own.label == GENE and is_named_as_gene(text, *span)
                by_span[span] = own if is_gene else _of_both(own, long)
            elif not _overlaps_any(span, spans):
                by_span[span] = replace(long, start=span[0], end=span[1])
                insort(spans, span)
    return [by_span[span] for span in spans]


def _occurrences(text: str, word: str) -> Iterator[Span]:
    """The spans at which `word` stands with no letter, digit or underscore on either side."""
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        whole = not (start and is_word_character(text[start - 1])) and not is_word_character(
            text[end : end + 1]
        )
        if whole:
            yield start, end
        start = text.find(word, end if whole else start + 1)


def _overlaps_any(span: Span, spans: Sequence[Span]) -> bool:
    """Whether any of the disjoint `spans`, in order of the text, shares a character with `span`."""
    index = bisect_left(spans, (span[1], 0))
    return index > 0 and spans[index - 1][1] > span[0]


def _of_both(short: Mention, long: Mention) -> Mention:
    if short.label == long.label:
        return short if short.score >= long.score else replace(short, score=long.score)
    return (
        replace(short, label=long.label, score=long.score)
        if long.score >= _LEAST_SHARE_OF_SCORE * short.score
        else short
    )
