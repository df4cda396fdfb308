"""The shipped chain on sixty sentences: what it got right stays right.

`pythonpath` of pytest's configuration holds this folder, so that the script that writes the marks
and this test read the file in the same way.
"""

import pytest
from golden_set import SENTENCES, outcomes, read_sentences, write_sentences

import biopipe

sentences = read_sentences()


@pytest.fixture(scope="module")
def documents():
    nlp = biopipe.load()
    texts = [sentence.text for sentence in sentences]
    return [biopipe.to_document(doc) for doc in nlp.pipe(texts)]


@pytest.mark.parametrize("index", range(len(sentences)), ids=[s.id for s in sentences])
def test_the_chain_meets_what_it_met_and_nothing_unmarked(documents, index):
    sentence = sentences[index]
    today = outcomes(sentence, documents[index])
    assert set(today) == set(sentence.met), "run python tests/golden/mark.py"
    broken = [name for name, met in sentence.met.items() if met and not today[name]]
    assert not broken, f"no longer met in {sentence.text!r}"
    better = [name for name, met in sentence.met.items() if met is False and today[name]]
    assert not better, f"now met in {sentence.text!r}: run python tests/golden/mark.py"


def test_the_set_is_what_it_says():
    assert len(sentences) == 60
    assert len({sentence.id for sentence in sentences}) == 60
    assert len({sentence.text for sentence in sentences}) == 60
    for sentence in sentences:
        for mention in sentence.mentions:
            assert sentence.text[mention["start"] : mention["end"]] == mention["text"]


def test_the_set_holds_every_kind():
    mentions = [mention for sentence in sentences for mention in sentence.mentions]
    relations = [relation for sentence in sentences for relation in sentence.relations]
    assert {mention["label"] for mention in mentions} == {
        *("CellLine", "Chemical", "Disease", "Gene", "Species", "Variant")
    }
    assert {assertion for mention in mentions for assertion in mention["assertion"] or ()} == {
        *("family", "historical", "hypothetical", "negated", "possible")
    }
    assert {label for relation in relations for label in relation["labels"]} == {
        *("Association", "Bind", "Comparison", "Conversion", "Cotreatment", "Drug_Interaction"),
        *("Negative_Correlation", "Positive_Correlation"),
    }
    assert any(len(mention["concepts"]) > 1 for mention in mentions)
    assert any(not mention["in_base"] for mention in mentions)


def test_the_marks_are_not_all_one_way():
    values = [met for sentence in sentences for met in sentence.met.values()]
    assert 0.5 < values.count(True) / len(values) < 1
    assert values.count(None) / len(values) < 0.01, "what differs between processors is rare"


def test_the_file_is_as_the_script_writes_it(tmp_path):
    write_sentences(sentences, tmp_path / "copy.jsonl")
    assert (tmp_path / "copy.jsonl").read_bytes() == SENTENCES.read_bytes()
