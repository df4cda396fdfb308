from hypothesis import given
from hypothesis import strategies as st

from biopipe.assertion.lexicon import Hit, Lexicon
from biopipe.assertion.triggers import Trigger

NO = Trigger(("no",), "negated", "forward")
EVIDENCE = Trigger(("no", "evidence", "of"), "negated", "forward", 5)
BUT = Trigger(("but",), "terminator", ends=frozenset({"negated"}))


def found(lexicon: Lexicon, text: str) -> list[str]:
    tokens = text.split()
    return [" ".join(tokens[hit.first : hit.stop]) for hit in lexicon.find(tokens)]


def test_the_longest_term_at_a_place_counts_and_a_broken_one_falls_back() -> None:
    lexicon = Lexicon([NO, EVIDENCE, BUT])
    assert found(lexicon, "no evidence of x but no evidence no no evidence of") == [
        *("no evidence of", "but", "no", "no", "no evidence of")
    ]
    assert found(lexicon, "no evidence") == ["no"]
    assert found(lexicon, "") == []


def test_a_broken_term_hides_none_that_starts_in_it() -> None:
    lexicon = Lexicon([Trigger(("a", "b", "c"), "pseudo"), Trigger(("b",), "negated", "forward")])
    assert found(lexicon, "a b d a b c") == ["b", "a b c"]


def test_rules_hold_all_lines_of_a_term() -> None:
    both = [
        NO,
        Trigger(("no",), "historical", "both", 3),
        Trigger(("no",), "family", "within"),
        BUT,
    ]
    hit, end = Lexicon(both).find(["no", "but"])
    assert {category for category, _, _ in hit.rule.forward.opens} == {"negated", "historical"}
    assert hit.rule.backward.opens == (("historical", 3, frozenset()),)
    assert hit.rule.within == ("family",)
    assert hit.rule.asserts
    assert not end.rule.asserts
    assert set(end.rule.forward.ends) == {"negated", "negated relation"}


def test_headings_end_where_the_words_end() -> None:
    history = ("medical", "history")
    lexicon = Lexicon(
        [
            Trigger(history, "historical", "section", labels=frozenset({"Disease"})),
            Trigger(("family", *history), "family", "section"),
            Trigger(("family", *history), "historical", "section"),
            Trigger(("plan",), "terminator", "section"),
        ]
    )
    of_disease, of_all = frozenset({"Disease"}), frozenset[str]()
    assert lexicon.heading(["x", *history]) == (1, frozenset({("historical", of_disease)}))
    said = frozenset({("historical", of_all), ("family", of_all)})
    assert lexicon.heading(["x", "family", *history]) == (1, said)
    assert lexicon.heading(["the", "plan"]) == (1, frozenset())
    assert lexicon.heading([*history, "x"]) is None
    assert lexicon.find(["plan"]) == []


TERMS = st.lists(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(tuple), unique=True, max_size=8
)


@given(TERMS, st.lists(st.sampled_from("abcd"), max_size=30))
def test_finds_what_a_search_of_all_terms_finds(
    terms: list[tuple[str, ...]], tokens: list[str]
) -> None:
    expected: list[tuple[int, int]] = []
    place = 0
    while place < len(tokens):
        here = [len(term) for term in terms if tuple(tokens[place : place + len(term)]) == term]
        if here:
            expected.append((place, place + max(here)))
        place += max(here, default=1)
    hits = Lexicon(Trigger(term, "pseudo") for term in terms).find(tokens)
    assert [(hit.first, hit.stop) for hit in hits] == expected
    assert all(isinstance(hit, Hit) for hit in hits)


class Counted(list[str]):
    """A list that counts how often its items are looked at."""

    looks = 0

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        self.looks += 1
        return super().__getitem__(index)


def test_steps_are_bounded_by_words_times_the_longest_term() -> None:
    longest = 20
    lexicon = Lexicon([Trigger(("no",) * longest, "pseudo"), Trigger(("x",), "negated", "forward")])
    for count in (100, 1000, 10_000):
        tokens = Counted((["no"] * (longest - 1) + ["y"]) * (count // longest))
        lexicon.find(tokens)
        assert count <= tokens.looks <= (longest + 1) * count
