"""Relations of other corpora under BioRED's labels, between the concepts of a document.

Many corpora relate mentions, not concepts, and have labels of their own; relation_labels.tsv says
which of BioRED's each is and which end acts. What has no counterpart has `UNTOLD` for its label, and
its pair teaches nothing; a subject that the corpus does not tell is `UNTOLD` too.
"""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, TextIO

from biopipe.document import Document, Mention, Relation
from biopipe.document.labels import CHEMICAL, DISEASE, GENE, NIL_PREFIX
from biopipe.errors import InputError
from biopipe.text.abbreviations import with_abbreviations
from biopipe.text.concepts import with_concepts
from biopipe.train.common.corpora import read_gold_corpus
from biopipe.train.relations.examples import UNTOLD

__all__ = [
    "MentionRelation",
    "label_tables",
    "read_mention_relations",
    "read_related",
    "read_sentences",
    "relabelled",
    "with_mention_relations",
]

_NONE = "-"
# Concepts that only their document knows.
_LOCAL = "LOCAL:"
_LABELS = {"Drug": CHEMICAL, "drug": CHEMICAL, "gene": GENE, "cancer": DISEASE}


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The label of BioRED, "" for no relation; `acts`: 1, 2, 0 for neither, None where untold."""

    label: str
    acts: int | None


@dataclass(frozen=True, slots=True)
class MentionRelation:
    """A relation of the mentions that begin at `head` and `tail` (characters), by the label of its
    corpus.
    """

    label: str
    head: int
    tail: int


Counterparts = Mapping[str, Counterpart]


def label_tables() -> dict[str, Counterparts]:
    """By corpus the counterpart of each of its relation labels."""
    text = (files("biopipe.train.relations") / "relation_labels.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    tables: dict[str, dict[str, Counterpart]] = {}
    for corpus, label, ours, acts in rows[1:]:
        end = None if acts == UNTOLD else 0 if acts == _NONE else int(acts)
        tables.setdefault(corpus, {})[label] = Counterpart("" if ours == _NONE else ours, end)
    return dict(tables)


def read_mention_relations(path: Path) -> dict[str, list[MentionRelation]]:
    """By document the rows of a table without a header: document, label, start and end of the first
    mention, start and end of the second, and columns that nothing reads. InputError names a line
    that is none.
    """
    relations_by_document: dict[str, list[MentionRelation]] = {}
    try:
        with _open_text(path) as lines:
            for number, line in enumerate(lines, 1):
                try:
                    document, label, head, _, tail, *_ = line.rstrip("\n").split("\t")
                    row = MentionRelation(label, int(head), int(tail))
                except ValueError as error:
                    raise InputError(
                        f"Line {number} of {path} is no relation of two mentions; its columns are "
                        "document, label, start, end, start, end."
                    ) from error
                relations_by_document.setdefault(document, []).append(row)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read the relations of mentions {path} ({error}).") from error
    return relations_by_document


def with_mention_relations(
    documents: Iterable[Document], relations: Mapping[str, Sequence[MentionRelation]]
) -> Iterator[Document]:
    """The documents with relations between concepts, under the labels of the corpus, of those
    between mentions. Mentions without an id are one concept where their words, or those of the
    long form, are the same. Of several labels of a pair the most frequent is taken, ties by the
    first. A row whose ends are no mentions of one concept each, or the same one, relates nothing.
    """
    for document in documents:
        named = _with_local_ids(document)
        concept = {mention.start: mention.concept_ids for mention in named.mentions}
        votes: dict[frozenset[str], Counter[tuple[str, str, str]]] = {}
        for row in relations.get(document.id, ()):
            ends = concept.get(row.head, ()), concept.get(row.tail, ())
            if all(len(ids) == 1 for ids in ends) and ends[0] != ends[1]:
                (head,), (tail,) = ends
                pair = votes.setdefault(frozenset((head, tail)), Counter())
                pair[row.label, head, tail] += 1
        agreed = [pair.most_common(1)[0][0] for pair in votes.values()]
        yield replace(
            named, relations=tuple(Relation(head, tail, label) for label, head, tail in agreed)
        )


def read_sentences(path: Path) -> Iterator[Document]:
    """Sentences of a JSONL with `entities` [start, end, label, id, ...] and `relations` [label,
    [ends], ...], as drug combinations and CancerMine have them; every two ends are related.
    Entities other than drugs, genes and cancers, such as variants without a place, are left out.

    InputError names a line that is none.
    """
    try:
        with _open_text(path) as lines:
            for number, line in enumerate(lines, 1):
                yield _sentence_of_line(line, f"Line {number} of {path}")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read the sentences of {path} ({error}).") from error


def _sentence_of_line(line: str, place: str) -> Document:
    try:
        return _sentence(json.loads(line))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(
            f"{place} is no sentence with entities and relations ({error})."
        ) from error


def _open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _sentence(row: Mapping[str, Any]) -> Document:
    mentions, starts = [], {}
    for start, end, label, name, *_ in row["entities"]:
        starts[str(name)] = start
        if label in _LABELS:
            mentions.append(Mention(start, end, _LABELS[label]))
    document = Document(row["id"], row["text"], tuple(sorted(mentions, key=lambda m: m.start)))
    related = []
    for label, ends, *_ in row["relations"]:
        places = [starts[str(end).rpartition(":")[2]] for end in ends]
        related += [
            MentionRelation(label, first, second)
            for number, first in enumerate(places)
            for second in places[number + 1 :]
        ]
    (found,) = with_mention_relations([document], {document.id: related})
    return found


def read_related(
    path: Path, mention_relations: Path | None, log: Callable[[str], None]
) -> list[Document]:
    """The documents of a corpus with relations between concepts, under its own labels: sentences of
    a JSONL as `read_sentences` takes them, or annotated documents of any format, whose relations
    are those of the table `mention_relations` where one is given.

    InputError for files that cannot be read, and for a table beside sentences.
    """
    if any(path.name.endswith(ending) for ending in (".jsonl", ".jsonl.gz")):
        if mention_relations is not None:
            raise InputError(
                f"The sentences of {path} have their relations with them; leave the table "
                f"{mention_relations} away."
            )
        return list(read_sentences(path))
    documents = read_gold_corpus(path, log)
    if mention_relations is None:
        return documents
    return list(with_mention_relations(documents, read_mention_relations(mention_relations)))


def relabelled(documents: Iterable[Document], corpus: str) -> Iterator[Document]:
    """The documents with the labels and subjects that the table has for `corpus`; InputError names
    a corpus or a label that it lacks.
    """
    tables = label_tables()
    if corpus not in tables:
        raise InputError(
            f"There is no table of the relation labels of {corpus}; choose of "
            f"{', '.join(sorted(tables))}."
        )
    table = tables[corpus]
    for document in documents:
        kept = []
        for relation in document.relations:
            if relation.label not in table:
                raise InputError(
                    f"The relation {relation.label} of document {document.id} has no counterpart; "
                    f"those that have one are {', '.join(sorted(table))}."
                )
            about = table[relation.label]
            if about.label:
                ends = {1: relation.head, 2: relation.tail, None: UNTOLD}
                subject = ends.get(about.acts)
                kept.append(replace(relation, label=about.label, subject=subject))
        yield replace(document, relations=tuple(kept))


def _with_local_ids(document: Document) -> Document:
    """The document with an id for every mention that has none: one a concept."""
    grouped = with_concepts(with_abbreviations(document)).concepts or ()
    local = [concept for concept in grouped if concept.id.startswith(NIL_PREFIX)]
    mentions = list(document.mentions)
    for number, concept in enumerate(local, 1):
        for index in concept.mentions:
            mentions[index] = replace(mentions[index], concept_ids=(f"{_LOCAL}{number}",))
    return replace(document, mentions=tuple(mentions), concepts=None)
