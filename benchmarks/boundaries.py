"""Mentions at the boundaries of windows against the same in the middle of one, in full-length
articles.

    python benchmarks/boundaries.py [--articles 8] [--step 4]

Names are planted, in brackets, between two words of an article at each boundary, up to FURTHEST
tokens before or after where the next window begins to count; a pass over all articles for each
distance. The same name is then read with AROUND tokens on either side alone, so that it stands in
the middle of one window. A name counts as found when a mention covers it and no more, as cut when
several mentions lie in it, as doubled when two of those overlap.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from typing import Any

import numpy as np
from record import options, record

from biopipe import io
from biopipe.document import Document, Mention
from biopipe.ner.tagger import DEFAULT_TAGGER, Tagger

FURTHEST = 20
AROUND = 200
# Of all six labels, short and long.
NAMES = (
    "metformin",
    "non-small-cell lung cancer",
    "HeLa",
    "tumor necrosis factor alpha",
    "Escherichia coli",
    "5'-deoxy-5'-(methylthio)adenosine",
    "chronic obstructive pulmonary disease",
    "p.V600E",
    "BRCA1",
    "all-trans-retinoic acid",
)


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a name stands in the changed text, and how many tokens after the nearest boundary."""

    start: int
    end: int
    distance: int


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--model", default=DEFAULT_TAGGER)
    parser.add_argument("--articles", type=int, default=8)
    parser.add_argument("--step", type=int, default=4, help="tokens from one distance to the next")
    arguments = parser.parse_args()
    files = sorted((arguments.data / "text").glob("*.nxml"))[: arguments.articles]
    if not files:
        raise SystemExit(
            f"There are no *.nxml in {arguments.data / 'text'}; give their folder with --data."
        )
    articles = [document for file in files for document in io.read(file)]
    record("boundaries", measure(Tagger(arguments.model), articles, arguments), arguments.results)


def measure(
    tagger: Tagger, articles: Sequence[Document], arguments: argparse.Namespace
) -> dict[str, Any]:
    """Names planted, found at the boundary, found in the middle, lost and gained between the two,
    cut, doubled.
    """
    rows: dict[str, Counter[str]] = {}
    lost: list[str] = []
    names = cycle(NAMES)
    for distance in range(-FURTHEST, FURTHEST + 1, arguments.step):
        for article in articles:
            text, planted = plant(tagger, article.text, distance, names)
            (document,) = tagger.predict([Document(article.id, text)])
            for each, middle in zip(planted, in_the_middle(tagger, text, planted), strict=True):
                there = overlapping(document, each.start, each.end)
                found = [(m.start, m.end) for m in there] == [(each.start, each.end)]
                said = {"planted": 1, "found": found, "found_in_the_middle": middle}
                said |= {"lost": middle and not found, "gained": found and not middle}
                said |= {
                    "cut": len(there) > 1,
                    "doubled": any(a.end > b.start for a, b in pairwise(there)),
                }
                for name in ("all", place(each)):
                    rows.setdefault(name, Counter()).update(said)
                if middle and not found:
                    lost.append(text[each.start - 60 : each.end + 40])
    return {
        "model": tagger.model_name,
        "articles": len(articles),
        "characters": sum(len(article.text) for article in articles),
        "names": NAMES,
        "distances": {name: dict(rows[name]) for name in sorted(rows)},
        "lost": lost[:20],
    }


def overlapping(document: Document, start: int, end: int) -> list[Mention]:
    """The mentions in or across a span."""
    return [mention for mention in document.mentions if mention.start < end and start < mention.end]


def place(planted: Planted) -> str:
    """How far from a boundary; planting itself may move one to another sentence."""
    if abs(planted.distance) > FURTHEST:
        return "further"
    return "before" if planted.distance < 0 else "after"


def plant(
    tagger: Tagger, text: str, distance: int, names: Iterator[str]
) -> tuple[str, list[Planted]]:
    """The article with a name near each boundary, and how far each stands from those that it has
    then.
    """
    spans: list[tuple[int, int]] = []
    while len(spans) < len(boundaries := own_starts(tagger, text)):
        offsets = tagger.encoder.tokenize([text])[0].offsets
        spaced = np.flatnonzero(offsets[1:, 0] > offsets[:-1, 1]) + 1
        after = spaced[offsets[spaced, 0] > (spans[-1][1] if spans else 0)]
        nearest = after[np.abs(after - boundaries[len(spans)] - distance).argmin()]
        start, name = int(offsets[nearest, 0]), next(names)
        text = f"{text[:start]}({name}) {text[start:]}"
        spans.append((start + 1, start + 1 + len(name)))
    starts = tagger.encoder.tokenize([text])[0].offsets[:, 0]
    now = np.array(own_starts(tagger, text))
    distances = [np.searchsorted(starts, start) - now for start, _ in spans]
    return text, [
        Planted(*span, int(each[np.abs(each).argmin()]))
        for span, each in zip(spans, distances, strict=True)
    ]


def in_the_middle(tagger: Tagger, text: str, planted: Sequence[Planted]) -> list[bool]:
    """Whether each name is found with the tokens around it alone."""
    offsets = tagger.encoder.tokenize([text])[0].offsets
    parts = []
    for each in planted:
        token = int(np.searchsorted(offsets[:, 0], each.start))
        first, last = (
            offsets[max(0, token - AROUND), 0],
            offsets[min(len(offsets) - 1, token + AROUND), 1],
        )
        parts.append((each.start - int(first), each.end - int(first), text[first:last]))
    found = tagger.predict([Document("", part) for _, _, part in parts])
    return [
        [(m.start, m.end) for m in overlapping(document, start, end)] == [(start, end)]
        for (start, end, _), document in zip(parts, found, strict=True)
    ]


def own_starts(tagger: Tagger, text: str) -> list[int]:
    """The first token that each window after the first owns."""
    return [
        window.own_start for window in tagger.encoder.windows(tagger.encoder.tokenize([text]))[1:]
    ]


if __name__ == "__main__":
    main()
