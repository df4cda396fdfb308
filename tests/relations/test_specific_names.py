"""Which concepts have a name that says more than another's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from biopipe.relations.specific_names import name_words, specificity


def told(names: list[list[str]], labels: list[int], counts: list[int]) -> list[list[int]]:
    words = [{name_words(name) for name in of_concept} for of_concept in names]
    return specificity(words, np.array(labels), np.array(counts)).tolist()


def test_a_narrower_name_has_all_the_words_and_more() -> None:
    names = [["Seizures"], ["febrile seizure", "FS"], ["pain"]]
    assert told(names, [0, 0, 0], [2, 3, 5]) == [[3, 0], [0, 2], [0, 0]]


def test_only_names_of_the_same_label_are_compared() -> None:
    assert told([["insulin"], ["insulin resistance"]], [0, 1], [1, 1]) == [[0, 0], [0, 0]]


def test_names_of_one_concept_and_names_without_words_say_nothing() -> None:
    names = [["renal failure", "failure"], ["+"], ["heart failure"]]
    assert told(names, [0, 0, 0], [1, 1, 4]) == [[4, 0], [0, 0], [0, 1]]


@given(
    st.lists(
        st.tuples(
            st.lists(st.lists(st.sampled_from("abcd"), max_size=3).map(" ".join), min_size=1),
            st.integers(0, 1),
            st.integers(1, 4),
        ),
        max_size=6,
    )
)
def test_all_at_once_is_two_by_two(concepts: list[tuple[list[str], int, int]]) -> None:
    names, labels, counts = map(list, zip(*concepts, strict=True)) if concepts else ([], [], [])
    expected = [[0, 0] for _ in concepts]
    for one in range(len(concepts)):
        for other in range(len(concepts)):
            broad = any(
                a and a < b
                for a in map(name_words, names[one])
                for b in map(name_words, names[other])
            )
            if one != other and labels[one] == labels[other] and broad:
                expected[one][0] = max(expected[one][0], counts[other])
                expected[other][1] = max(expected[other][1], counts[one])
    found = specificity(
        [{name_words(n) for n in of} for of in names], np.array(labels, int), np.array(counts, int)
    )
    assert found.tolist() == expected
