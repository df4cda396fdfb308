"""Features of all pairs at once are what counting each pair by itself gives."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.relations.features import PLACE_FEATURES, Further, PairFeatures
from biopipe.relations.pairs import PairTable
from biopipe.relations.places import ConceptPlaces, DocumentPlaces
from biopipe.relations.triggers import TriggerWords
from biopipe.runtime.tokenizer import Tokens
from biopipe.text.concepts import concept_mentions

TRIGGERS = {"treat": ("treats",), "cause": ("causes",)}
WORDS = ("aa", "bb", "cc", "treats", "causes", "the", "end.  Next")


def document_of(words: list[str]) -> Document:
    text, mentions = "", []
    for word in words:
        if word in ("aa", "bb", "cc"):
            span = (len(text), len(text) + len(word))
            mentions.append(Mention(*span, "Gene", concept_ids=(word,)))
        text += word + " "
    return Document("1", text, mentions=tuple(mentions))


def places_of(document: Document) -> tuple[ConceptPlaces, TriggerWords]:
    """With every character a token, in one window."""
    count = len(document.text)
    offsets = np.stack([np.arange(count), np.arange(1, count + 1)], axis=1)
    tokens = Tokens(np.zeros(count, dtype=np.int64), offsets, np.arange(count))
    places = DocumentPlaces(document, tokens, concept_mentions(document))
    words = TriggerWords(document, places.sentence_starts, TRIGGERS)
    return places.within([(0, max(1, count))], 0), words


def alone(places: ConceptPlaces, words: TriggerWords, length: int, h: int, t: int) -> list[float]:
    """Place features and trigger counts of one pair, by loops."""
    rows = [range(places.edges[n], places.edges[n + 1]) for n in (h, t)]
    heads, tails = rows
    distance, head, tail = min(
        (abs(int(places.starts[i] - places.starts[j])), i, j) for i in heads for j in tails
    )
    in_head, in_tail = ({int(places.sentences[i]) for i in row} for row in rows)
    both = sorted(in_head & in_tail)
    apart = min(abs(i - j) for i in in_head for j in in_tail)
    shared = sum((words.by_sentence[s] for s in both), np.zeros(len(TRIGGERS)))
    gap = (
        min(places.ends[head], places.ends[tail]),
        max(places.starts[head], places.starts[tail]),
    )
    between = words.between(np.array([gap[0]]), np.array([gap[1]]))[0]
    place = [
        np.log1p(distance) / 8,
        np.log1p(len(heads)),
        np.log1p(len(tails)),
        float(places.sentences[heads[0]] <= 0),
        float(places.sentences[tails[0]] <= 0),
        float(bool(both)),
        np.log1p(len(both)),
        np.log1p(apart),
        max(places.starts[heads[-1]], places.starts[tails[-1]]) / length,
        max(places.starts[heads[0]], places.starts[tails[0]]) / length,
    ]
    counts = np.minimum(1.5, np.concatenate([shared, between]) / 2)
    return [*place, *counts]


@settings(max_examples=80)
@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=40))
def test_features_of_many_pairs_are_those_of_each(words: list[str]) -> None:
    document = document_of(words)
    places, trigger_words = places_of(document)
    count = len(places.concepts)
    if count < 2:
        return
    heads, tails = np.triu_indices(count, 1)
    labels = ["Gene"] * count
    length = len(document.text)
    features = PairFeatures(places, trigger_words, labels, document.text).of(
        PairTable(heads, tails, np.zeros_like(heads))
    )
    expected = [
        alone(places, trigger_words, length, h, t) for h, t in zip(heads, tails, strict=True)
    ]
    width = PLACE_FEATURES + 2 * len(TRIGGERS)
    np.testing.assert_allclose(features[:, :width], expected, atol=1e-6)
    most = places.counts.max()
    np.testing.assert_allclose(
        features[:, -2:],
        np.stack([places.counts[heads], places.counts[tails]], axis=1) / most,
        atol=1e-6,
    )


def test_order_says_which_comes_first_and_by_which_words() -> None:
    document = document_of(["aa", "treats", "bb", "end.  Next", "cc", "the", "bb"])
    places, words = places_of(document)
    pairs = PairTable(np.array([0, 1, 1]), np.array([1, 0, 2]), np.zeros(3, dtype=np.int64))
    further = Further(order=True)
    features = PairFeatures(places, words, ["Gene"] * 3, document.text, further).of(pairs)
    plain = PairFeatures(places, words, ["Gene"] * 3, document.text).of(pairs)
    np.testing.assert_array_equal(features[:, : plain.shape[1]], plain)
    # aa treats bb; the same turned round; bb and cc, the nearest of which are cc and the second bb.
    assert features[:, plain.shape[1] :].tolist() == [
        [1, 1, 0.5, 0],
        [-1, -1, -0.5, 0],
        [-1, 1, 0, 0],
    ]
