"""Mentions at the boundaries of windows against those in the middle of one, in full-length articles.

    python benchmarks/boundaries.py [--articles 8] [--step 4]

Names that the tagger knows are planted between two words of an article at each boundary, OFFSETS tokens before or
after where the next window begins to count, and as many halfway between two boundaries; a pass over all articles for
each offset. A planted name counts as found when a mention covers it and no more, as doubled when two overlap there.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from typing import Any

import numpy as np
from record import options, record

from biopipe import io
from biopipe.ner.tagger import DEFAULT_TAGGER, Tagger
from biopipe.types import Document

FURTHEST = 20
# Of all six labels, short and long, each found in the plain sentence "It was NAME in all of them."
NAMES = (
    "metformin", "non-small-cell lung cancer", "HeLa", "tumor necrosis factor alpha", "Escherichia coli",
    "5'-deoxy-5'-(methylthio)adenosine", "chronic obstructive pulmonary disease", "p.V600E", "BRCA1",
    "all-trans-retinoic acid",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a name stands in the changed text, and how many tokens from the nearest boundary (None: far from any)."""

    start: int
    end: int
    offset: int | None


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--model", default=DEFAULT_TAGGER)
    parser.add_argument("--articles", type=int, default=8)
    parser.add_argument("--step", type=int, default=4, help="tokens from one offset to the next")
    arguments = parser.parse_args()
    files = sorted((arguments.data / "text").glob("*.nxml"))[: arguments.articles]
    if not files:
        raise SystemExit(f"There are no *.nxml in {arguments.data / 'text'}; give their folder with --data.")
    articles = [document for file in files for document in io.read(file)]
    record("boundaries", measure(Tagger(arguments.model), articles, arguments), arguments.results)


def measure(tagger: Tagger, articles: Sequence[Document], arguments: argparse.Namespace) -> dict[str, Any]:
    """Shares found and doubled by distance to the boundary."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    missed: list[str] = []
    names = cycle(NAMES)
    for offset in range(-FURTHEST, FURTHEST + 1, arguments.step):
        for article in articles:
            text, planted = plant(tagger, article.text, offset, names)
            (document,) = tagger.predict([Document(article.id, text)])
            for each in planted:
                overlapping = [m for m in document.mentions if m.start < each.end and each.start < m.end]
                whole = any((m.start, m.end) == (each.start, each.end) for m in overlapping)
                row = counts["middle" if each.offset is None else near(each.offset)]
                for place, value in enumerate((1, whole, len(overlapping) > 1)):
                    row[place] += value
                if not whole and each.offset is not None:
                    missed.append(text[each.start - 60 : each.end + 40])
    boundary = np.sum([row for name, row in counts.items() if name != "middle"], axis=0).tolist()
    rows = {"boundary": boundary, **dict(sorted(counts.items()))}
    return {
        "model": tagger.model_name,
        "articles": len(articles),
        "characters": sum(len(article.text) for article in articles),
        "names": NAMES,
        "places": {name: shares(row) for name, row in rows.items()},
        "missed_at_boundaries": missed[:20],
    }


def near(offset: int) -> str:
    """The nearest multiple of ten tokens."""
    return f"{round(offset / 10) * 10:+d} tokens"


def shares(row: Sequence[int]) -> dict[str, Any]:
    planted, found, doubled = row
    return {"planted": planted, "found": found / planted, "doubled": doubled}


def plant(tagger: Tagger, text: str, offset: int, names: Iterator[str]) -> tuple[str, list[Planted]]:
    """The article with a name near each boundary and between two, and where they stand to those it has then."""
    tokens = tagger.encoder.tokenize([text])[0]
    boundaries = own_starts(tagger, text)
    middles = [sum(pair) // 2 for pair in pairwise([0, *boundaries])]
    spaced = np.flatnonzero(tokens.offsets[1:, 0] > tokens.offsets[:-1, 1]) + 1
    wanted = sorted([*(each + offset for each in boundaries), *middles])
    places = sorted({int(tokens.offsets[spaced[np.abs(spaced - each).argmin()], 0]) for each in wanted})
    changed, spans, position = "", [], 0
    for place in places:
        changed += text[position:place]
        name = next(names)
        spans.append((len(changed), len(changed) + len(name)))
        changed += f"{name} "
        position = place
    changed += text[position:]
    starts = tagger.encoder.tokenize([changed])[0].offsets[:, 0]
    now = np.array(own_starts(tagger, changed))
    distances = (np.searchsorted(starts, start) - now for start, _ in spans)
    nearest = (int(each[np.abs(each).argmin()]) for each in distances)
    return changed, [
        Planted(*span, offset=each if abs(each) <= FURTHEST + 5 else None)
        for span, each in zip(spans, nearest, strict=True)
    ]


def own_starts(tagger: Tagger, text: str) -> list[int]:
    """The first token that each window after the first owns."""
    return [window.own_start for window in tagger.encoder.windows(tagger.encoder.tokenize([text]))[1:]]


if __name__ == "__main__":
    main()
