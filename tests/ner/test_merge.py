"""One set of mentions from several sources."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biopipe.document import Candidate, Document, Mention
from biopipe.errors import ConfigError
from biopipe.ner.merge import Merger, merge_same_spans

TAGGER, DISEASES, CHEMICALS = "tagger", "dictionary:medic", "dictionary:mesh"
LONG = Mention(0, 20, "Disease", 0.6, sources=(TAGGER,))
INSIDE = Mention(
    0,
    6,
    "Disease",
    0.8,
    ("X:1",),
    (Candidate("X:1", "one", 0.9),),
    sources=(DISEASES,),
    dictionary="medic",
)
CROSSING = Mention(15, 30, "Chemical", 0.7, ("X:2",), sources=(CHEMICALS,))
OTHER_LABEL = Mention(0, 20, "Chemical", 0.9, ("X:3",), sources=(CHEMICALS,))

MENTIONS = st.builds(
    Mention,
    start=st.integers(0, 8),
    end=st.integers(9, 12),
    label=st.sampled_from(["Disease", "Chemical", "Drug"]),
    score=st.sampled_from([0.2, 0.5, 0.9]),
    concept_ids=st.sampled_from([(), ("X:1",), ("X:2", "X:3")]),
    assertion=st.sampled_from([frozenset(), frozenset({"negated"})]),
    sources=st.sampled_from([(), (TAGGER,), (DISEASES,), (CHEMICALS,), (TAGGER, DISEASES)]),
)
LISTS = st.lists(MENTIONS, max_size=7)
MERGERS = st.builds(
    Merger,
    policy=st.sampled_from(["union", "priority", "score"]),
    sources=st.sampled_from([(TAGGER,), ("dictionary", TAGGER), (CHEMICALS, TAGGER, DISEASES)]),
    labels=st.sampled_from(
        [{}, {"": {"Drug": "Chemical"}}, {CHEMICALS: {"Drug": "Chemical"}, "": {"Drug": "Other"}}]
    ),
    overlaps=st.sampled_from(["all", "nested", "none"]),
)


@settings(max_examples=150)
@given(MERGERS, LISTS)
def test_merged_once_more_it_stays(merger: Merger, mentions: list[Mention]) -> None:
    once = merger.merge(mentions)
    assert merger.merge(once) == once


@settings(max_examples=100)
@given(MERGERS, LISTS, st.randoms(use_true_random=False))
def test_the_order_of_mentions_does_not_matter(
    merger: Merger, mentions: list[Mention], random
) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(mentions)
    random.shuffle(shuffled)
    assert merger.merge(shuffled) == merger.merge(mentions)


@settings(max_examples=150)
@given(MERGERS, LISTS)
def test_nothing_is_invented(merger: Merger, mentions: list[Mention]) -> None:
    for each in merger.merge(mentions):
        same = [m for m in mentions if (m.start, m.end) == (each.start, each.end)]
        assert each.score in {m.score for m in same}
        assert each.concept_ids in {m.concept_ids for m in same}
        assert set(each.sources) <= {source for m in same for source in m.sources}
        assert each.label in {m.label for m in same} | {"Chemical", "Other"}


@settings(max_examples=100)
@given(LISTS)
def test_a_union_loses_nothing(mentions: list[Mention]) -> None:
    merged = {(m.start, m.end, m.label): m for m in Merger().merge(mentions)}
    assert merged.keys() == {(m.start, m.end, m.label) for m in mentions}
    for mention in mentions:
        kept = merged[mention.start, mention.end, mention.label]
        assert kept.score >= mention.score
        assert set(kept.sources) >= set(mention.sources)
        assert kept.assertion >= mention.assertion
        assert bool(kept.concept_ids) >= bool(mention.concept_ids)


@settings(max_examples=150)
@given(MERGERS, LISTS)
def test_what_is_dropped_could_not_stay(merger: Merger, mentions: list[Mention]) -> None:
    merged = merger.merge(mentions)
    for dropped in merge_same_spans(mentions):
        assert any(one.start < dropped.end and dropped.start < one.end for one in merged)


@pytest.mark.parametrize(
    ("policy", "overlaps", "kept"),
    [
        ("union", "all", (INSIDE, OTHER_LABEL, LONG, CROSSING)),
        ("union", "nested", (INSIDE, OTHER_LABEL, LONG)),
        ("union", "none", (LONG,)),
        ("score", "all", (INSIDE, OTHER_LABEL, CROSSING)),
        ("score", "nested", (INSIDE, OTHER_LABEL)),
        ("score", "none", (OTHER_LABEL,)),
        ("priority", "all", (INSIDE, LONG, CROSSING)),
        ("priority", "nested", (INSIDE, LONG)),
        ("priority", "none", (LONG,)),
    ],
)
def test_policies(policy: str, overlaps: str, kept: tuple[Mention, ...]) -> None:
    merger = Merger(policy=policy, sources=[TAGGER, DISEASES, "dictionary"], overlaps=overlaps)
    for mentions in permutations((LONG, INSIDE, CROSSING, OTHER_LABEL)):
        assert merger.merge(mentions) == kept


def test_the_same_mention_of_two_sources() -> None:
    found = Mention(0, 6, "Disease", 0.9, sources=(TAGGER,))
    assert merge_same_spans([found, INSIDE]) == (
        Mention(
            0,
            6,
            "Disease",
            0.9,
            ("X:1",),
            INSIDE.candidates,
            sources=(DISEASES, TAGGER),
            dictionary="medic",
        ),
    )
    (merged,) = Merger(sources=[TAGGER]).merge([INSIDE, found])
    assert merged.sources == (TAGGER, DISEASES)
    assert merged.dictionary == "medic"
    assert found.dictionary == ""


def test_the_concepts_are_those_of_the_most_trusted() -> None:
    other = Mention(0, 6, "Disease", 0.3, ("X:9",), sources=(CHEMICALS,))
    assert merge_same_spans([INSIDE, other])[0].concept_ids == ("X:1",)
    (merged,) = Merger(policy="priority", sources=[CHEMICALS]).merge([INSIDE, other])
    assert (merged.concept_ids, merged.score) == (("X:9",), 0.8)


def test_labels_by_source() -> None:
    merger = Merger(
        labels={
            TAGGER: {"Disease": "Disorder"},
            "dictionary": {"Disease": "Disorder"},
            "": {"Drug": "D"},
        }
    )
    drug = Mention(40, 44, "Drug", sources=("other",))
    document = Document("d", "x" * 50, (LONG, INSIDE, OTHER_LABEL, drug))
    (merged,) = merger.predict([document])
    assert [m.label for m in merged.mentions] == ["Disorder", "Chemical", "Disorder", "D"]


def test_wrong_options() -> None:
    with pytest.raises(
        ConfigError, match="Unknown policy 'best' of the merge; give one of: union, priority, score"
    ):
        Merger(policy="best")
    with pytest.raises(ConfigError, match="Unknown treatment of overlaps 'some'"):
        Merger(overlaps="some")
    with pytest.raises(ConfigError, match="needs 'sources'"):
        Merger(policy="priority")
    with pytest.raises(ConfigError, match="renames 'A' to 'B', and 'B' too"):
        Merger(labels={"": {"A": "B"}, TAGGER: {"B": "C"}})
