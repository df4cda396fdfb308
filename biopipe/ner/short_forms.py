"""A short form is what its long form is: "atrial fibrillation (AF)" makes a disease of every later
AF.

Taggers see too little in two letters. That a document's own definitions decide is an old remedy:
tmChem (Leaman et al. 2015) and GNormPlus (Wei et al. 2015) carry labels from long to short forms
too.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from biopipe.document import Abbreviation, Mention

__all__ = ["labelled_alike"]

Span = tuple[int, int]

# A long form this much less likely than its short form does not change the short form's label.
_LESS = 0.5


def labelled_alike(
    text: str, mentions: Sequence[Mention], abbreviations: Sequence[Abbreviation]
) -> list[Mention]:
    """The mentions in their order, with those of every short form whose long form is a mention.

    An occurrence in no mention becomes one with the long form's label and score; one that is a
    mention has the higher score of both, and the long form's label unless that one has less than
    half of its score. An occurrence within a longer mention stays there. Mentions must not overlap.
    """
    found = {(m.start, m.end): m for m in mentions}
    for each in abbreviations:
        long = found.get((each.long_start, each.long_end))
        if long is None:
            continue
        short = re.escape(text[each.start : each.end])
        for match in re.finditer(rf"(?<!\w){short}(?!\w)", text):
            span = match.span()
            own = found.get(span)
            if own is not None:
                found[span] = _of_both(own, long)
            elif not any(start < span[1] and span[0] < end for start, end in found):
                found[span] = replace(long, start=span[0], end=span[1])
    return [found[span] for span in sorted(found)]


def _of_both(short: Mention, long: Mention) -> Mention:
    if short.label == long.label:
        return replace(short, score=max(short.score, long.score))
    return (
        replace(short, label=long.label, score=long.score)
        if long.score >= _LESS * short.score
        else short
    )
