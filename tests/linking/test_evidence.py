"""The table of candidates keeps mentions apart and in order."""

import numpy as np
from numpy.typing import NDArray

from biopipe.linking.evidence import Channel, EvidenceBuilder


def test_candidates_are_kept_by_mention_in_the_order_found() -> None:
    builder = EvidenceBuilder(3)
    builder.add(0, 7, Channel.EXACT, 0.9)
    builder.add_many(
        np.array([2, 2]),
        np.array([5, 5]),
        Channel.NGRAM,
        np.array([0.3, 0.4]),
        np.array([11, 12]),
    )
    builder.add(0, 3, Channel.DENSE, 0.8)
    builder.add(0, 7, Channel.BY_OTHER_NAME, 1.0)
    asked: list[list[int]] = []

    def words(
        owners: NDArray[np.int64], concepts: NDArray[np.int64], names: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        asked.append(names.tolist())
        return np.stack([owners, owners], axis=1).astype(np.float64)

    evidence = builder.build(lambda owners, concepts: owners, lambda concepts: concepts * 2, words)
    # The name of the better hit: -1 is of the mention's own name, -3 of a vector alone.
    assert asked == [[-1, -3, 12]]
    assert evidence.words.tolist() == [[0.0, 0.0], [0.0, 0.0], [2.0, 2.0]]
    assert [builder.has_candidates(mention) for mention in range(3)] == [True, False, False]
    assert evidence.starts.tolist() == [0, 2, 2, 3]
    assert evidence.concepts.tolist() == [7, 3, 5]
    assert evidence.owners.tolist() == evidence.type_ranks.tolist() == [0, 0, 2]
    assert evidence.name_counts.tolist() == [14, 6, 10]
    assert evidence.exact.tolist() == [0.9, 0.0, 0.0]
    assert evidence.ngram.tolist() == [0.0, 0.0, 0.4]
    assert evidence.by_other_name.tolist() == [True, False, False]
    assert evidence.has_exact().tolist() == [True, False, False]
    assert evidence.of(2).concepts.tolist() == [5]
    kept = evidence.keep(np.array([False, True, True]))
    assert kept.starts.tolist() == [0, 1, 1, 2]
    assert kept.dense.tolist() == [0.8, 0.0]


def test_no_mentions_and_no_candidates_are_tables_too() -> None:
    for mentions in (0, 2):
        evidence = EvidenceBuilder(mentions).build(
            lambda owners, concepts: owners,
            lambda concepts: concepts,
            lambda owners, concepts, names: np.zeros((len(names), 3)),
        )
        assert len(evidence) == mentions
        assert len(evidence.concepts) == 0
        assert evidence.has_exact().tolist() == [False] * mentions
