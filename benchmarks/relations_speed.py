"""Documents per second of the relation component, against one pass for each pair with its mentions
marked; and of the whole default chain, against one with another relation model (--chains MODEL), such
as one with an encoder of its own.

    python benchmarks/relations_speed.py --limit 20
    python benchmarks/relations_speed.py --chains FOLDER --limit 100

Both read the development documents of BioRED with gold mentions, in one process, with the same
encoder and graph. The marked passes put a sign around each mention of the two concepts, as
pair-marked systems do (PubMedBERT on BioRED reads each pair so), and score that one pair.

The chains read texts of the autophagy abstracts, one after the other, round by round; the fastest round
of each counts, by the clock and by the processor.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from comparison import corpora
from record import options, record

from biopipe import io
from biopipe.document import ConceptMentions, Document
from biopipe.pipeline import build, describe, load
from biopipe.relations.extractor import RelationExtractor
from biopipe.relations.inputs import RelationInput, relation_inputs
from biopipe.relations.pairs import allowed_pairs
from biopipe.text.concepts import concept_mentions

CORPORA = {"biored": "corpora/biored/dev.pubtator"}
TEXT = "easyner-autophagy-999.json"
SIGNS = {"head": ("@ ", " @"), "tail": ("# ", " #")}


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--limit", type=int, default=20, help="documents")
    parser.add_argument(
        "--repeat", type=int, default=3, help="runs of the one-pass side; the fastest counts"
    )
    parser.add_argument("--chains", metavar="MODEL", help="the whole chains instead")
    arguments = parser.parse_args()
    if arguments.chains:
        chains(arguments)
        return
    documents = corpora(arguments.data, CORPORA)["biored"][: arguments.limit]
    extractor = RelationExtractor()
    extractor.predict(documents[:2])
    one_pass = min(seconds(extractor, documents) for _ in range(arguments.repeat))
    started = time.perf_counter()
    scored = sum(marked_passes(extractor, document) for document in documents)
    marked = time.perf_counter() - started
    result = {
        "documents": len(documents),
        "pairs": scored,
        "one_pass": {
            "seconds": round(one_pass, 2),
            "documents_per_second": round(len(documents) / one_pass, 2),
        },
        "pair_marked": {
            "seconds": round(marked, 2),
            "documents_per_second": round(len(documents) / marked, 3),
        },
        "times_faster": round(marked / one_pass, 1),
    }
    record("relations_speed", result, arguments.results)


def chains(arguments: argparse.Namespace) -> None:
    """The default chain beside the same with the relation model that was named."""
    texts = [d.text for d in io.read(arguments.data / "text" / TEXT)][: arguments.limit]
    components: dict[str, Any] = {part["name"]: {} for part in describe(load())["components"]}
    components["biopipe_relations"] = {"model": arguments.chains}
    pipelines = {"one_pass": load(), "two_passes": build({"components": components})}
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in pipelines}
    for nlp in pipelines.values():
        list(nlp.pipe(texts[:8]))
    for _ in range(arguments.repeat):
        for name, nlp in pipelines.items():
            clock, processor = time.perf_counter(), time.process_time()
            list(nlp.pipe(texts))
            rounds[name].append((time.perf_counter() - clock, time.process_time() - processor))
    result: dict[str, Any] = {"documents": len(texts), "rounds": arguments.repeat}
    fastest = {
        name: [min(each) for each in zip(*took, strict=True)] for name, took in rounds.items()
    }
    for place, measure in enumerate(("clock", "processor")):
        took = {name: times[place] for name, times in fastest.items()}
        result[measure] = {
            **{name: round(len(texts) / each, 2) for name, each in took.items()},
            "ratio": round(took["two_passes"] / took["one_pass"], 3),
        }
    record("relations_chains", result, arguments.results)


def seconds(extractor: RelationExtractor, documents: Sequence[Document]) -> float:
    """Of the extractor as users call it."""
    started = time.perf_counter()
    extractor.predict(documents)
    return time.perf_counter() - started


def marked_passes(extractor: RelationExtractor, document: Document) -> int:
    """Score each pair of the document in a pass of its own; returns how many there were."""
    concepts = concept_mentions(document)
    allowed = [kind for kind in extractor.scheme.allowed if kind is not None]
    pairs = allowed_pairs([concept.label for concept in concepts], allowed)
    feeds = [
        unit.feed()
        for head, tail in zip(pairs.heads.tolist(), pairs.tails.tolist(), strict=True)
        for unit in marked_inputs(extractor, document, concepts[head], concepts[tail])
    ]
    extractor.session.run(feeds)
    return len(pairs)


def marked_inputs(
    extractor: RelationExtractor, document: Document, head: ConceptMentions, tail: ConceptMentions
) -> Iterator[RelationInput]:
    """The passes over the document with the mentions of one pair marked, and that pair alone."""
    marked = mark(document, head, tail)
    ends = [concept for concept in concept_mentions(marked) if concept.id in (head.id, tail.id)]
    return relation_inputs(
        marked,
        extractor.tokenizer.encode([marked.text])[0],
        ends,
        extractor.tokenizer,
        labels=extractor.entity_labels,
        allowed=extractor.scheme.allowed,
        triggers=extractor.triggers,
        max_length=extractor.manifest.max_length,
        stride=extractor.manifest.stride,
    )


def mark(document: Document, head: ConceptMentions, tail: ConceptMentions) -> Document:
    """The document with signs around the mentions of both concepts, and its mentions where they are
    then.
    """
    signs: list[tuple[int, Any]] = []
    for concept, (before, after) in zip((head, tail), SIGNS.values(), strict=True):
        for number in concept.mentions:
            mention = document.mentions[number]
            signs += [(mention.start, before), (mention.end, after)]
    signs.sort(key=lambda each: each[0])
    text, last = "", 0
    shifts = [0] * (len(document.text) + 1)
    for place, sign in signs:
        text += document.text[last:place] + sign
        last = place
        shifts[place] += len(sign)
    for place in range(1, len(shifts)):
        shifts[place] += shifts[place - 1]
    moved = tuple(
        replace(m, start=m.start + shifts[m.start], end=m.end + shifts[m.end - 1])
        for m in document.mentions
    )
    return Document(document.id, text + document.text[last:], mentions=moved)


if __name__ == "__main__":
    main()
