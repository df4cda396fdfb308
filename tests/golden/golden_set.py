"""What the shipped chain should find in sixty sentences, and what it finds.

`sentences.jsonl` holds one sentence a line, written for this set and judged by hand. A mention has
its exact span and label, the ids that are right for it (`concepts`: one list of equivalent ids for
each concept it names; `in_base` says whether the default knowledge base has it: where it has not,
no link is right too) and its assertion (null: not judged). A relation names its ends by their place
in `mentions` and lists the labels that are right; one that is not `required` is true but not so
plainly stated that it must come out. `met` says of every expectation whether the default pipeline
meets it today, null where that depends on the processor; `python tests/golden/mark.py` writes these
marks.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from biopipe.document import Document, Mention, Relation
from biopipe.text.concepts import concept_mentions

__all__ = ["SENTENCES", "GoldenSentence", "outcomes", "read_sentences", "write_sentences"]

SENTENCES = Path(__file__).with_name("sentences.jsonl")


@dataclass(frozen=True, slots=True)
class GoldenSentence:
    """One line of the file."""

    id: str
    kind: str
    text: str
    mentions: list[dict[str, Any]]
    relations: list[dict[str, Any]]
    met: dict[str, bool | None]


def read_sentences(path: Path = SENTENCES) -> list[GoldenSentence]:
    """The sentences of the file, in order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [GoldenSentence(**json.loads(line)) for line in lines]


def write_sentences(sentences: list[GoldenSentence], path: Path = SENTENCES) -> None:
    """Write the sentences, one line each."""
    lines = (
        json.dumps(
            {name: getattr(sentence, name) for name in sentence.__slots__}, ensure_ascii=False
        )
        for sentence in sentences
    )
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def outcomes(sentence: GoldenSentence, document: Document) -> dict[str, bool]:
    """Whether the document meets each expectation of the sentence, by the expectation's name."""
    return {**_mention_outcomes(sentence, document), **_relation_outcomes(sentence, document)}


def _mention_outcomes(sentence: GoldenSentence, document: Document) -> dict[str, bool]:
    by_span = {(m.start, m.end, m.label): m for m in document.mentions}
    result = {}
    for gold in sentence.mentions:
        mention = by_span.pop((gold["start"], gold["end"], gold["label"]), None)
        name = f"{gold['text']}@{gold['start']}"
        result[f"{name} found"] = mention is not None
        result[f"{name} linked"] = mention is not None and _is_linked_right(gold, mention)
        if gold["assertion"] is not None:
            result[f"{name} asserted"] = mention is not None and set(mention.assertion) == set(
                gold["assertion"]
            )
    result["no other mention"] = not by_span
    return result


def _is_linked_right(gold: dict[str, Any], mention: Mention) -> bool:
    ids = set(mention.concept_ids)
    if not ids:
        return not gold["in_base"]
    equivalents = [set(group) for group in gold["concepts"]]
    every_concept_named = bool(equivalents) and all(group & ids for group in equivalents)
    return every_concept_named and ids <= set().union(*equivalents)


def _relation_outcomes(sentence: GoldenSentence, document: Document) -> dict[str, bool]:
    ids = [_ids_at(document, gold) for gold in sentence.mentions]
    others = set(document.relations)
    result = {}
    for gold in sentence.relations:
        matches = list(_between(document, ids[gold["head"]], ids[gold["tail"]]))
        others.difference_update(matches)
        if not gold["required"]:
            continue
        head, tail = (sentence.mentions[gold[end]]["text"] for end in ("head", "tail"))
        name = f"{head} ~ {tail}"
        result[f"{name} related"] = bool(matches)
        result[f"{name} typed"] = any(r.label in gold["labels"] for r in matches)
        if gold["assertion"] is not None:
            result[f"{name} asserted"] = any(
                set(r.assertion) == set(gold["assertion"]) for r in matches
            )
    result["no other relation"] = not others
    return result


def _ids_at(document: Document, gold: dict[str, Any]) -> set[str]:
    """Ids of the concepts whose mentions overlap the gold one: a wrong edge costs the mention, not
    its relations too."""
    return {
        concept.id
        for concept in concept_mentions(document)
        for mention in (document.mentions[index] for index in concept.mentions)
        if mention.start < gold["end"] and gold["start"] < mention.end
    }


def _between(document: Document, heads: set[str], tails: set[str]) -> Iterator[Relation]:
    for relation in document.relations:
        ends = (relation.head, relation.tail)
        if (ends[0] in heads and ends[1] in tails) or (ends[1] in heads and ends[0] in tails):
            yield relation
