"""Texts of plain statements: what they say is what their gold says."""

import re
from pathlib import Path

import pytest

from biopipe.document import Document, Mention
from biopipe.errors import InputError
from biopipe.io.codecs import pubtator
from biopipe.train.relations.statements import (
    StatedRelation,
    names_of,
    statement_documents,
    statement_frames,
)

WORDS = {"Chemical": "drug", "Disease": "illness", "Gene": "gene", "Variant": "variant"}


def names(labels: tuple[str, ...] = tuple(WORDS)) -> dict[str, list[tuple[str, str]]]:
    return {label: [(f"{WORDS[label]}{n}", f"X:{label}{n}") for n in range(30)] for label in labels}


def test_documents_say_what_their_gold_says() -> None:
    documents = statement_documents(names(), count=300)
    assert {r.label for d in documents for r in d.relations} == {
        stated.type for statement in statement_frames() for stated in statement.relations
    }
    for document in documents:
        assert all(
            document.text[m.start : m.end] == WORDS[m.label] + m.concept_ids[0].split(m.label)[1]
            for m in document.mentions
        )
        ids = {m.concept_ids[0] for m in document.mentions}
        for relation in document.relations:
            assert {relation.head, relation.tail} <= ids
            assert relation.subject in (relation.head, relation.tail, None)
    undirected = {r.label for d in documents for r in d.relations if r.subject is None}
    assert {"Comparison", "Cotreatment", "Drug_Interaction"} <= undirected
    assert not undirected & {"Positive_Correlation", "Negative_Correlation", "Conversion"}


def test_a_frame_says_what_each_of_its_ends_does() -> None:
    frames = {statement.frame: statement.relations for statement in statement_frames()}
    both = frames["{C1} and {C3} increase the risk of {D2}"]
    assert both == (
        StatedRelation("Positive_Correlation", "1", "2", directed=True),
        StatedRelation("Positive_Correlation", "3", "2", directed=True),
    )
    slots = re.compile(r"\{[CDGV]([1-9])\}")
    for frame, relations in frames.items():
        numbers = slots.findall(frame)
        assert {end for r in relations for end in (r.first, r.second)} <= set(numbers), frame
        assert len(frame.split("{")) == len(numbers) + 1, frame


def test_the_same_seed_gives_the_same_file_and_it_is_read_back(tmp_path: Path) -> None:
    one, other = (statement_documents(names(), count=20, seed=seed) for seed in (1, 2))
    assert one == statement_documents(names(), count=20, seed=1) != other
    pubtator.write(one, tmp_path / "a.pubtator")
    assert [len(d.relations) for d in pubtator.read(tmp_path / "a.pubtator")] == [
        len(d.relations) for d in one
    ]


def test_a_gold_without_a_label_is_named() -> None:
    with pytest.raises(InputError, match="names no mention of Disease, Variant with one id"):
        statement_documents(names(("Chemical", "Gene")), count=1)


def test_names_are_those_of_one_concept() -> None:
    mentions = (
        Mention(0, 4, "Gene", concept_ids=("A", "B")),
        Mention(5, 9, "Gene", concept_ids=("C",)),
        Mention(5, 9, "Gene"),
    )
    assert names_of([Document("1", "abcd efgh", mentions)]) == {"Gene": [("efgh", "C")]}
