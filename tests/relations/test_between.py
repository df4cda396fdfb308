"""What stands between and beside the mentions of two concepts."""

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Document, Mention
from biopipe.relations.between import BETWEEN_FEATURES, Between
from biopipe.relations.features import BESIDE_FEATURES, Further, PairFeatures, feature_count
from biopipe.relations.pairs import PairTable
from biopipe.relations.places import ConceptPlaces, DocumentPlaces
from biopipe.relations.polarity import POLARITY_FEATURES
from biopipe.relations.triggers import TriggerWords
from biopipe.runtime.tokenizer import Tokens
from biopipe.text.concepts import concept_mentions

# One concept each: two genes, two chemicals, a disease.
LABELS = {"aa": "Gene", "bb": "Gene", "cc": "Chemical", "dd": "Chemical", "ee": "Disease"}
TRIGGERS = {"raise": ("raises",), "loss": ("knockdown",)}
COLUMNS = (
    *("commas", "colons", "opening", "closing", "listing", "clauses", "words"),
    *("of head", "of tail", "hyphen", "nearer head", "nearer tail"),
    *("fewest", "adjacent", "close", "order", "distance"),
)


def read(text: str) -> tuple[ConceptPlaces, TriggerWords, list[str]]:
    mentions = tuple(
        Mention(found.start(), found.end(), LABELS[found.group()], concept_ids=(found.group(),))
        for found in re.finditer(r"\b(?:aa|bb|cc|dd|ee)\b", text)
    )
    document = Document("1", text, mentions=mentions)
    concepts = concept_mentions(document)
    words = [(found.start(), found.end()) for found in re.finditer(r"\w+|[^\w\s]", text)]
    numbers = np.arange(len(words))
    tokens = Tokens(np.zeros_like(numbers), np.array(words).reshape(-1, 2), numbers)
    places = DocumentPlaces(document, tokens, concepts)
    within = places.within([(0, len(words))], 0)
    triggers = TriggerWords(document, places.sentence_starts, TRIGGERS, polarity=True)
    return within, triggers, [concepts[number].label for number in within.concepts]


def told(text: str) -> dict[str, dict[str, float]]:
    """What is told of each pair, by its names in order of first mention."""
    places, words, labels = read(text)
    features = PairFeatures(places, words, labels, text, Further(surroundings=True))
    heads, tails = np.triu_indices(len(labels), 1)
    rows = features.of(PairTable(heads, tails, np.zeros(len(heads), np.int64)))
    assert rows.shape[1] == feature_count(TRIGGERS, Further(surroundings=True))
    behind = BESIDE_FEATURES * len(TRIGGERS) + POLARITY_FEATURES
    between = rows[:, -behind - BETWEEN_FEATURES : -behind]
    names = [text[places.starts[edge] : places.ends[edge]] for edge in places.edges[:-1]]
    return {
        f"{names[head]} {names[tail]}": dict(zip(COLUMNS, row, strict=True))
        for head, tail, row in zip(heads, tails, between.tolist(), strict=True)
    }


def counted(number: int) -> float:
    return float(np.float32(np.log1p(number) / 3))


def test_marks_and_words_between_the_nearest_mentions_are_counted() -> None:
    row = told("An aa, which (as said; before) raises or lowers ee here.")["aa ee"]
    counts = {"commas": 1, "colons": 1, "opening": 1, "closing": 1, "listing": 1, "clauses": 1}
    assert {name: row[name] for name in counts} == {n: counted(c) for n, c in counts.items()}
    assert row["words"] == counted(7)
    assert row["hyphen"] == 0
    assert told("The cc-induced ee lasted.")["cc ee"]["hyphen"] == 1


def test_another_concept_of_the_label_may_be_nearer() -> None:
    rows = told("An aa met ee and bb met ee.")
    far, near = told("An aa and bb met ee.")["aa ee"], told("An aa and bb met ee.")["bb ee"]
    assert far["of head"] == counted(1)
    assert near["of head"] == 0
    assert far["nearer head"] > 0 > near["nearer head"]
    assert far["nearer tail"] == -2  # there is no other disease
    assert rows["aa ee"]["nearer head"] == np.float32(np.log((7 + 5) / (7 + 5)) / 3)


def test_a_pair_that_no_sentence_names_has_nothing_between() -> None:
    row = told("The aa is here. The cc is there.")["aa cc"]
    assert set(row.values()) == {-1, -2} or set(row.values()) == {-1}


def test_sentences_that_name_both_are_told_together() -> None:
    text = "An aa met cc. A cc and dd met aa. Then aa, bb, dd and a cc."
    row = told(text)["aa cc"]
    assert row["fewest"] == 0
    assert row["adjacent"] == counted(1)
    assert row["close"] == counted(3)
    assert row["order"] == np.float32(2 / 3)
    assert row["distance"] == np.float32(np.log1p(7) / 8)


def test_words_beside_a_mention_are_told_with_it() -> None:
    text = "The knockdown of aa raises bb in cells."
    places, words, labels = read(text)
    features = PairFeatures(places, words, labels, text, Further(surroundings=True))
    pair = PairTable(*(np.array([number]) for number in (0, 1, 0)))
    (row,) = features.of(pair)
    beside = row[-8 - POLARITY_FEATURES : -POLARITY_FEATURES].reshape(4, 2)
    before_head, after_head, before_tail, after_tail = beside.tolist()
    assert before_head == [0, 1]
    assert after_head == [1, 0]
    assert before_tail == [1, 0]
    assert after_tail == [0, 0]


@settings(max_examples=80)
@given(
    st.lists(
        st.sampled_from([*LABELS, "and", "which", ", ", "(", ")", "-", "met", "é😀", "end. Next"]),
        min_size=2,
        max_size=24,
    )
)
def test_all_at_once_is_one_by_one(words: list[str]) -> None:
    text = " ".join(words)
    places, _, labels = read(text)
    if len(labels) < 2:
        return
    numbers = np.array([sorted(set(labels)).index(label) for label in labels])
    between = Between(places, numbers, text)
    owners = np.arange(len(labels)).repeat(places.counts)
    mentions = list(zip(places.starts, places.ends, places.sentences, owners, strict=True))
    for head, tail in zip(*np.triu_indices(len(labels), 1), strict=True):
        pairs = [
            (abs(one[0] - other[0]), i, j)
            for i, one in enumerate(mentions)
            for j, other in enumerate(mentions)
            if (one[3], other[3]) == (head, tail)
        ]
        _, i, j = min(pairs)
        table = PairTable(np.array([head]), np.array([tail]), np.array([0]))
        (row,) = between.of(table, np.array([i]), np.array([j]))
        found = dict(zip(COLUMNS, row.tolist(), strict=True))
        (start, end, sentence, _), (other_start, other_end, other_sentence, _) = (
            mentions[i],
            mentions[j],
        )
        if sentence != other_sentence:
            assert found["commas"] == -1
            continue
        gap = text[min(end, other_end) : max(start, other_start)]
        assert np.isclose(found["commas"], np.log1p(gap.count(",")) / 3)
        assert np.isclose(found["words"], np.log1p(len(re.findall("[A-Za-z]+", gap))) / 3)
        assert found["hyphen"] == (gap[:1] == "-" or gap[-1:] == "-")
        rivals = [
            abs(s - other_start)
            for s, _, n, owner in mentions
            if n == sentence and labels[owner] == labels[head] and owner not in (head, tail)
        ]
        away = abs(start - other_start)
        expected = np.log((away + 5) / (min(rivals) + 5)) / 3 if rivals else -2
        assert np.isclose(found["nearer head"], expected)
        shared = [
            (abs(one[0] - other[0]), one[0] < other[0])
            for one in mentions
            for other in mentions
            if (one[3], other[3]) == (head, tail) and one[2] == other[2]
        ]
        assert np.isclose(found["distance"], np.log1p(min(shared)[0]) / 8)
        assert np.isclose(found["order"], np.mean([before for _, before in shared]))
