from pathlib import Path

import numpy as np
import pytest

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.ner.tagger import Tagger
from biopipe.runtime.trunk import Trunk, shared_tokens

TEXTS = ["aspirin in cancer", "the gene " * 900, "", "patients"]


def test_states_that_the_tagger_shares_are_those_the_trunk_reads_itself(
    tiny_tagger_states: Path,
) -> None:
    tagger, trunk = Tagger(tiny_tagger_states), Trunk(tiny_tagger_states)
    documents = [Document(str(i), text) for i, text in enumerate(TEXTS)]
    alone = trunk.read(documents)
    for document in tagger.predict(documents):  # nobody asked for states
        assert list(document.shared) == [trunk.tokenizer.sha256]
    tagger.shares_states = True
    tagged = tagger.predict(documents)
    for document, made, read in zip(tagged, alone, trunk.read(tagged), strict=True):
        assert document.shared[trunk.graph] is read
        assert np.array_equal(made.tokens.ids, read.tokens.ids)
        assert np.array_equal(made.states, read.states)
    assert alone[0].states.shape == (len(alone[0].tokens.ids), 48)
    # A text of several windows has the states of all its tokens.
    assert alone[1].states.shape[0] == 1800


def test_the_tagger_finds_the_same_whether_it_shares_its_states_or_not(
    tiny_tagger_states: Path,
) -> None:
    documents = [Document("1", TEXTS[0]), Document("2", TEXTS[1])]
    tagger = Tagger(tiny_tagger_states)
    before = tagger.predict(documents)
    tagger.shares_states = True
    assert tagger.predict(documents) == before


def test_the_states_of_another_model_are_refused(
    tiny_tagger_states: Path, tiny_tagger: Path
) -> None:
    with pytest.raises(
        ModelError, match=r"gives no hidden states; export it again with --states-layer"
    ):
        Trunk(tiny_tagger)
    with pytest.raises(ModelError, match="is not the one whose hidden states were trained on"):
        Trunk(tiny_tagger_states, sha256="0" * 64)


def test_tokens_are_shared_where_the_tagger_read_the_text_as_it_stands(
    tiny_tagger: Path,
) -> None:
    tagger = Tagger(tiny_tagger)
    tokenizer = tagger.encoder.tokenizer
    typed, printed = Document("1", "gene-1 in cancer"), Document("2", "gene\u20101 in cancer")
    tagged = tagger.predict([typed, printed])
    assert tokenizer.sha256 in tagged[0].shared
    assert tokenizer.sha256 not in tagged[1].shared
    tokens = shared_tokens(tagged, tokenizer)
    assert tokens[0] is tagged[0].shared[tokenizer.sha256]
    for read, alone in zip(tokens, tokenizer.encode([typed.text, printed.text]), strict=True):
        assert read.ids.tolist() == alone.ids.tolist()
        assert read.offsets.tolist() == alone.offsets.tolist()
        assert read.words.tolist() == alone.words.tolist()
