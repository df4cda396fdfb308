"""What stands around a pair, counted for all pairs at once and one by one."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.relations.features import Further, PairFeatures, feature_count
from biopipe.relations.pairs import PairTable
from biopipe.relations.places import ConceptPlaces, DocumentPlaces
from biopipe.relations.surroundings import SURROUNDING_FEATURES
from biopipe.relations.triggers import TriggerWords
from biopipe.runtime.tokenizer import Tokens
from biopipe.text.concepts import concept_mentions

AROUND = Further(surroundings=True)
NAMES = {"aa": "Gene", "bb": "Gene", "cc": "Disease", "dd": "Chemical"}


def read(text: str) -> tuple[ConceptPlaces, TriggerWords, list[str]]:
    """The places of the names in a text, and the label of each concept."""
    mentions = tuple(
        Mention(start, start + 2, label, concept_ids=(name,))
        for name, label in NAMES.items()
        for start in range(len(text))
        if text.startswith(name, start)
    )
    document = Document("1", text, tuple(sorted(mentions, key=lambda m: m.start)))
    count = len(text)
    offsets = np.stack([np.arange(count), np.arange(1, count + 1)], axis=1)
    tokens = Tokens(np.zeros(count, dtype=np.int64), offsets, np.arange(count))
    concepts = concept_mentions(document)
    places = DocumentPlaces(document, tokens, concepts)
    words = TriggerWords(document, places.sentence_starts, {}, polarity=True)
    within = places.within([(0, max(1, count))], 0)
    return within, words, [concepts[number].label for number in within.concepts]


def surroundings(text: str) -> dict[tuple[int, int], list[float]]:
    """The features of each pair of concepts, by their places in order of first mention."""
    places, words, labels = read(text)
    heads, tails = np.triu_indices(len(labels), 1)
    table = PairTable(heads, tails, np.zeros(len(heads), np.int64))
    told = PairFeatures(places, words, labels, text, AROUND).of(table)
    assert told.shape[1] == feature_count({}, AROUND)
    start = feature_count({})
    rows = told[:, start : start + SURROUNDING_FEATURES].tolist()
    return dict(zip(zip(heads.tolist(), tails.tolist(), strict=True), rows, strict=True))


def test_a_pair_of_two_sentences() -> None:
    told = surroundings("The aa met the cc here. Nobody. An aa with bb and a cc. The bb left.")
    count, first, last, title, end, crowd, between, head, tail, _, _, nearest, *names = told[0, 1]
    assert np.isclose(count, np.log1p(4) / 3)
    assert (first, last, title, end) == (0, np.float32(2 / 3), 1, 0)
    assert crowd == np.float32(2 / 12)
    assert between == 0
    assert (head, tail) == (1, 1)
    assert nearest == 0
    assert names == [0, 0, 0, 0]


def test_a_pair_that_no_sentence_names_lies_outside() -> None:
    told = surroundings("The aa is here. The cc is there.")
    assert told[0, 1][1:7] == [-1, -1, 0, 0, 1.5, 1.5]


def test_an_end_that_is_named_with_another_more_often_is_behind() -> None:
    told = surroundings("An aa with cc. An aa with cc. A bb with cc.")
    by_pair = {pair: row[9:11] for pair, row in told.items()}
    aa, cc, bb = 0, 1, 2
    assert by_pair[aa, cc] == [0, 0]
    # The bb has no other disease, the disease an aa that it is named with once more.
    assert by_pair[cc, bb] == [-0.25, 0]


def test_a_pair_knows_of_broader_and_narrower_names() -> None:
    text = "The aa gave a cc. A grave cc followed."
    starts = [text.index("aa"), text.index("cc"), text.index("grave cc")]
    ends = [start + size for start, size in zip(starts, (2, 2, 8), strict=True)]
    places = ConceptPlaces(
        concepts=np.arange(3),
        counts=np.ones(3, np.int64),
        edges=np.arange(4),
        starts=np.array(starts),
        ends=np.array(ends),
        sentences=np.array([0, 0, 1]),
        windows=np.zeros(3, np.int64),
        first=np.array(starts),
        last=np.array(ends),
    )
    document = Document("1", text)
    words = TriggerWords(document, np.array([0, text.index("A grave")]), {}, polarity=True)
    heads, tails = np.array([0, 0]), np.array([1, 2])
    table = PairTable(heads, tails, np.zeros(2, np.int64))
    labels = ["Gene", "Disease", "Disease"]
    told = PairFeatures(places, words, labels, text, AROUND).of(table)
    once = np.float32(np.log1p(1) / 3)
    end = feature_count({}) + SURROUNDING_FEATURES
    assert told[:, end - 4 : end].tolist() == [[0, 0, once, 0], [0, 0, 0, once]]


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*NAMES, "the", "met", "end.  Next"]), min_size=2, max_size=30))
def test_all_at_once_is_one_by_one(words: list[str]) -> None:
    text = " ".join(words)
    places, _, labels = read(text)
    if len(labels) < 2:
        return
    first, last = places.sentences.min(), places.sentences.max()
    count = last - first + 1
    named = [
        set((places.sentences[places.edges[n] : places.edges[n + 1]] - first).tolist())
        for n in range(len(labels))
    ]
    for (head, tail), row in surroundings(text).items():
        shared = sorted(named[head] & named[tail])
        crowd = [sum(sentence in each for each in named) for sentence in shared]
        most = []
        for end, other in ((head, tail), (tail, head)):
            alike = [o for o, each in enumerate(labels) if o != end and each == labels[other]]
            most.append(max(len(named[end] & named[o]) for o in alike))
        expected = [
            np.log1p(count) / 3,
            shared[0] / max(1, count - 1) if shared else -1,
            shared[-1] / max(1, count - 1) if shared else -1,
            0 in shared,
            count - 1 in shared,
            min(crowd) / 12 if shared else 1.5,
            len(shared) / len(named[head]),
            len(shared) / len(named[tail]),
            max(len(shared) - most[0], -4) / 4,
            max(len(shared) - most[1], -4) / 4,
        ]
        assert np.allclose([*row[:6], *row[7:11]], expected, atol=1e-6)
