"""Links of a sample of mentions that a person has judged: precision with the default knowledge
base, and what stays without a link though a concept is there.

    python benchmarks/judged_links.py [--sample NAME]
    python benchmarks/judged_links.py --draw --seed 1 --count 300 > to_judge.tsv
    python benchmarks/judged_links.py --draw --links --seed 3 --count 100 > to_judge.tsv

`not fitted on` are the links of the samples that the linker's weights were not fitted on together;
the certainty of mentions was fitted on all (`mention_certainty.py` has it by samples it had not
seen), and the linker was mended after each sample was read.

The mentions are those that the default pipeline found in abstracts (PubMedQA, autophagy, from the
third sample on also a file of Medline) when the sample was drawn, one of each name and label, drawn
at random; a further sample has none of the names and none of the documents of those before it, and
with `--links` none of the mentions that were NIL. `benchmarks/judged/NAME.tsv` holds
what was judged, by document and offsets: the concepts that are right for a mention there, and those
that were linked and are wrong. A link to a concept that nobody has judged for the mention counts as
wrong and is listed, so that it can be judged. "Broader" concepts are right where the judge wrote
them among the right ones, for want of a closer one.

`--draw` writes the columns of that file with two for the judge to read, sentence and name; the
judge moves the concept to `right` or `wrong`, or adds a concept that is in the base.
"""

import csv
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from record import options, record

from biopipe import io
from biopipe.document import Document, Mention
from biopipe.kb.base import KnowledgeBase
from biopipe.kb.default import open_base
from biopipe.linking.linker import Linker
from biopipe.ner.tagger import Tagger

SOURCES = {
    "autophagy": "easyner-autophagy-999.json",
    "medline": "medline16n0902.xml.gz",
    "pubmedqa": "pubmedqa-1000.json",
}
FOLDER = Path(__file__).parent / "judged"
COLUMNS = ("source", "document", "start", "end", "label", "text", "right", "wrong")
# Mentions of these labels are numbers and codes that a base is seldom asked for.
LEFT_OUT = {"Variant"}
CONTEXT = 110
# The linker's weights were fitted on these samples.
FITTED = {"first", "second"}


# Of a source.
Place = tuple[str, Document, Mention]


@dataclass(frozen=True, slots=True)
class JudgedMention:
    """A mention with the ids judged right for it, any of which will do, and those judged wrong."""

    source: str
    document: str
    start: int
    end: int
    label: str
    text: str
    right: frozenset[str]
    wrong: frozenset[str]


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--sample", nargs="+", default=None, help="samples to score; default all")
    parser.add_argument("--kb", default="default", help="knowledge base")
    parser.add_argument("--draw", action="store_true", help="draw a sample to judge")
    parser.add_argument("--links", action="store_true", help="draw mentions with a link alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--documents", type=int, default=400, help="abstracts drawn from, a source")
    arguments = parser.parse_args()
    kb = open_base(arguments.kb)
    if arguments.draw:
        chosen = candidates(arguments.data, kb, arguments.seed, arguments.documents)
        draw(chosen, kb, arguments.seed, arguments.count, links=arguments.links)
        return
    names = arguments.sample or sorted(path.stem for path in FOLDER.glob("*.tsv"))
    result: dict[str, Any] = {}
    unseen: list[tuple[float, bool]] = []
    for name in names:
        judged = read_judged(FOLDER / f"{name}.tsv")
        result[name], links = scored(judged, arguments.data, kb)
        unseen += [] if name in FITTED else links
    if unseen:
        result["not fitted on"] = sureness(unseen)
    record("judged_links", {"kb": kb.name, "kb_version": kb.version, **result}, arguments.results)


def candidates(data: Path, kb: KnowledgeBase, seed: int, most: int) -> list[Place]:
    """Mentions of documents that no sample has a mention of, without the names of any sample."""
    rng = random.Random(seed)
    judged = [mention for path in FOLDER.glob("*.tsv") for mention in read_judged(path)]
    seen = {(mention.text.casefold(), mention.label) for mention in judged}
    used = {(mention.source, mention.document) for mention in judged}
    places: list[Place] = []
    for source in SOURCES:
        documents = read_source(data, source)
        unused = sorted(id_ for id_ in documents if (source, id_) not in used)
        chosen = rng.sample(unused, min(most, len(unused)))
        for document in linked([documents[id_] for id_ in chosen], kb):
            for mention in document.mentions:
                name = document.text[mention.start : mention.end].casefold()
                if mention.label not in LEFT_OUT and (name, mention.label) not in seen:
                    places.append((source, document, mention))
    return places


def draw(places: Sequence[Place], kb: KnowledgeBase, seed: int, count: int, *, links: bool) -> None:
    """Write a sample to stdout, as a table to be judged."""
    rng = random.Random(seed)
    by_name: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in places:
        _, document, mention = place
        if mention.concept_ids or not links:
            name = document.text[mention.start : mention.end].casefold()
            by_name[name, mention.label].append(place)
    rows = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    rows.writerow([*COLUMNS, "concept", "name", "score", "sentence"])
    for key in rng.sample(sorted(by_name), min(count, len(by_name))):
        source, document, mention = rng.choice(by_name[key])
        best = mention.candidates[0] if mention.concept_ids else None
        text = document.text[mention.start : mention.end]
        before = document.text[max(0, mention.start - CONTEXT) : mention.start]
        behind = document.text[mention.end : mention.end + CONTEXT]
        shown = re.sub(r"\s+", " ", f"{before}[[{text}]]{behind}")
        concept = (best.concept_id, best.name, best.score) if best else ("", "", "")
        place = (source, document.id, mention.start, mention.end, mention.label, text)
        rows.writerow([*place, "", "", *concept, shown])


def linked(documents: Sequence[Document], kb: KnowledgeBase) -> list[Document]:
    """The documents with the default tagger's mentions, linked to `kb`."""
    return Linker(kb).predict(Tagger().predict(documents))


def read_source(data: Path, source: str) -> dict[str, Document]:
    return {document.id: document for document in io.read(data / "text" / SOURCES[source])}


def read_judged(path: Path) -> list[JudgedMention]:
    """The mentions of a judged sample."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            JudgedMention(
                row["source"],
                row["document"],
                int(row["start"]),
                int(row["end"]),
                row["label"],
                row["text"],
                frozenset(row["right"].split()),
                frozenset(row["wrong"].split()),
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]


def scored(
    judged: Sequence[JudgedMention], data: Path, kb: KnowledgeBase
) -> tuple[dict[str, Any], list[tuple[float, bool]]]:
    """Precision of links, recall of concepts, and precision and recall of NIL; the probability of
    each link, and whether it is right.
    """
    counts: Counter[str] = Counter()
    by_label: dict[str, Counter[str]] = defaultdict(Counter)
    unjudged: list[str] = []
    mistakes: list[str] = []
    bins: list[tuple[float, bool]] = []
    for mention, link in answers(judged, data, kb):
        ids = link.concept_ids
        score = link.candidates[0].score if link.candidates else 0.0
        right = {canonical(kb, id_) for id_ in mention.right if canonical(kb, id_) is not None}
        got = {canonical(kb, id_) for id_ in ids}
        wrong = {canonical(kb, id_) for id_ in mention.wrong}
        answer = "nil" if not got else "right" if got <= right else "wrong"
        there = "in base" if right else "not in base"
        counts[f"{answer}, {there}"] += 1
        by_label[mention.label][answer] += 1
        if got:
            bins.append((score, answer == "right"))
        if answer == "wrong":
            line = f"{mention.label} {mention.text!r} -> {' '.join(ids)} ({score:.2f})"
            (mistakes if got <= wrong else unjudged).append(line)
    in_base = sum(number for key, number in counts.items() if key.endswith(", in base"))
    nil = counts["nil, in base"] + counts["nil, not in base"]
    absent = counts["nil, not in base"] + counts["wrong, not in base"]
    figures = {
        "mentions": sum(counts.values()),
        **sureness(bins),
        "recall_of_concepts_in_base": ratio(counts["right, in base"], in_base),
        "nil_precision": ratio(counts["nil, not in base"], nil),
        "nil_recall": ratio(counts["nil, not in base"], absent),
        "by_label": {label: dict(of) for label, of in sorted(by_label.items())},
        "wrong": sorted(mistakes),
        "not_judged": sorted(unjudged),
    }
    return figures, bins


def answers(
    judged: Sequence[JudgedMention], data: Path, kb: KnowledgeBase
) -> Iterator[tuple[JudgedMention, Mention]]:
    """Each mention as it is linked; one that the tagger does not find any more is linked all the
    same, as one that somebody gave.
    """
    wanted: dict[tuple[str, str], list[JudgedMention]] = defaultdict(list)
    for mention in judged:
        wanted[mention.source, mention.document].append(mention)
    texts: Mapping[str, Mapping[str, Document]] = {
        source: read_source(data, source) for source in {source for source, _ in wanted}
    }
    documents = Tagger().predict([texts[source][id_] for source, id_ in wanted])
    completed = [
        with_judged(document, mentions)
        for document, mentions in zip(documents, wanted.values(), strict=True)
    ]
    for document, mentions in zip(Linker(kb).predict(completed), wanted.values(), strict=True):
        found = {(m.start, m.end, m.label): m for m in document.mentions}
        for mention in mentions:
            yield mention, found[mention.start, mention.end, mention.label]


def with_judged(document: Document, judged: Sequence[JudgedMention]) -> Document:
    spans = {(m.start, m.end, m.label) for m in document.mentions}
    missing = [
        Mention(m.start, m.end, m.label)
        for m in judged
        if (m.start, m.end, m.label) not in spans and document.text[m.start : m.end] == m.text
    ]
    mentions = sorted((*document.mentions, *missing), key=lambda m: (m.start, m.end))
    return replace(document, mentions=tuple(mentions), concepts=None)


def canonical(kb: KnowledgeBase, concept_id: str) -> str | None:
    return kb.canonical(concept_id)


def ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def sureness(links: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """How many links there are, how many are right and how many say so; the calibration error, and
    what links right exactly as often as they say would show on that many (mean of 200 draws).
    """
    rng = random.Random(0)
    drawn = [[(score, rng.random() < score) for score, _ in links] for _ in range(200)]
    chance = [calibration_error(draw) or 0.0 for draw in drawn]
    mean = sum(score for score, _ in links) / max(1, len(links))
    return {
        "links": len(links),
        "precision": ratio(sum(right for _, right in links), len(links)),
        "mean_probability": round(mean, 4),
        "calibration_error": calibration_error(links),
        "chance": round(sum(chance) / len(chance), 4),
    }


def calibration_error(links: Sequence[tuple[float, bool]], bins: int = 10) -> float | None:
    """Expected calibration error of the links made, in bins of equal numbers."""
    if not links:
        return None
    ordered, error = sorted(links), 0.0
    size = max(1, len(ordered) // bins)
    for start in range(0, len(ordered), size):
        part = ordered[start : start + size]
        mean = sum(score for score, _ in part) / len(part)
        error += abs(mean - sum(right for _, right in part) / len(part)) * len(part)
    return round(error / len(ordered), 4)


if __name__ == "__main__":
    main()
