"""Which pairs of concepts are the edges of a report's graph."""

from dataclasses import dataclass
from itertools import combinations
from math import log

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biopipe.graph.parts import Source
from biopipe.report.concepts import RankedConcepts
from biopipe.report.counts import RunTally
from biopipe.report.options import ReportOptions
from biopipe.report.rows import concept_rows, numbered_parts

__all__ = ["ConceptPair", "GraphPairs", "association", "choose_pairs"]

# Below this many documents a pair named together once is worth an edge.
_FEW_DOCUMENTS = 50
# Documents a block of a matrix with a column for each concept; its counts are exact as float32.
_BLOCK = 16_384


@dataclass(frozen=True, slots=True)
class ConceptPair:
    """An edge: two concept ids, the first sorting before the second. `label` is that of a relation,
    "" of concepts that documents name together; `chance` is then how many documents would if they
    were independent.
    """

    first: str
    second: str
    label: str
    documents: int
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class GraphPairs:
    """The edges, and what there was to choose from. `co_documents` are the documents of each pair
    named together, sorted, in the order of `together`.
    """

    relations: list[ConceptPair]
    together: list[ConceptPair]
    co_documents: list[npt.NDArray[np.int64]]
    nodes: list[str]
    all_relations: int
    all_together: int


def choose_pairs(
    source: Source, tally: RunTally, concepts: RankedConcepts, options: ReportOptions
) -> GraphPairs:
    """The relations of most documents between at most `options.nodes` concepts, and of these
    concepts (filled up with the most frequent) the pairs that stand together most above chance.
    """
    table = tally.pairs.table()
    rows = table.filter(pc.not_equal(table["first"], table["second"])).sort_by(
        [("documents", "descending"), ("score", "descending")]
        + [(name, "ascending") for name in ("first", "second", "label")]
    )
    relations: list[ConceptPair] = []
    nodes: dict[str, None] = {}
    # Some of the best are passed over, as the graph has no room for their concepts.
    for row in rows.slice(0, 8 * options.pairs).to_pylist():
        pair = ConceptPair(row["first"], row["second"], row["label"], row["documents"])
        new = [end for end in (pair.first, pair.second) if end not in nodes]
        if not {pair.first, pair.second} <= concepts.place.keys():
            continue  # a relation of a third party's predictor may name what no mention has
        if len(nodes) + len(new) <= options.nodes and len(relations) < options.pairs:
            nodes.update(dict.fromkeys(new))
            relations.append(pair)
    for id in concepts.ids[: options.nodes]:
        if len(nodes) < options.nodes:
            nodes[id] = None
    together, places, count = _named_together(source, list(nodes), tally.documents, options)
    return GraphPairs(relations, together, places, list(nodes), rows.num_rows, count)


def _named_together(
    source: Source, nodes: list[str], total: int, options: ReportOptions
) -> tuple[list[ConceptPair], list[npt.NDArray[np.int64]], int]:
    documents = _documents_of(source, sorted(nodes))
    names = list(documents)
    both = _shared_counts(list(documents.values()), total)
    least = 1 if total < _FEW_DOCUMENTS else 2
    pairs = []
    for first, second in combinations(range(len(names)), 2):
        count, of_first, of_second = (
            int(both[place]) for place in ((first, second), (first, first), (second, second))
        )
        chance = of_first * of_second / total
        # G2 is as large for pairs that avoid each other; only those above chance are shown.
        if count >= least and count > chance:
            weight = association(count, of_first, of_second, total)
            pairs.append((weight, ConceptPair(names[first], names[second], "", count, chance)))
    pairs.sort(key=lambda item: (-item[0], item[1].first, item[1].second))
    kept = [pair for _, pair in pairs[: options.pairs]]
    shared = [
        np.intersect1d(documents[pair.first], documents[pair.second], assume_unique=True)
        for pair in kept
    ]
    return kept, shared, len(pairs)


def _documents_of(source: Source, nodes: list[str]) -> dict[str, npt.NDArray[np.int64]]:
    """The numbers of the documents that name each concept, sorted."""
    wanted = pa.array(nodes, pa.string())
    numbers: list[npt.NDArray[np.int64]] = []
    places: list[npt.NDArray[np.int64]] = []
    columns = ["label", "concept_id", "concept_ids", "concept_name"]
    for part in numbered_parts(source):
        for rows_numbers, rows in part.rows("mentions", columns):
            concepts = concept_rows(rows_numbers, rows)
            place = pc.index_in(concepts["id"], value_set=wanted)
            there = pc.is_valid(place)
            places.append(place.filter(there).to_numpy().astype(np.int64))
            numbers.append(concepts["document"].filter(there).to_numpy() + part.first)
    if not numbers:
        return {}
    document, node = np.concatenate(numbers), np.concatenate(places)
    held = {id: np.unique(document[node == place]) for place, id in enumerate(nodes)}
    return {id: numbers for id, numbers in held.items() if len(numbers)}


def _shared_counts(documents: list[npt.NDArray[np.int64]], total: int) -> npt.NDArray[np.int64]:
    """How many documents name both of two concepts: (concepts, concepts)."""
    counts = np.zeros((len(documents), len(documents)), np.int64)
    for start in range(0, total, _BLOCK):
        # As floats: BLAS multiplies no whole numbers.
        block = np.zeros((_BLOCK, len(documents)), np.float32)
        for place, numbers in enumerate(documents):
            inside = numbers[
                np.searchsorted(numbers, start) : np.searchsorted(numbers, start + _BLOCK)
            ]
            block[inside - start, place] = 1
        counts += (block.T @ block).astype(np.int64)
    return counts


def association(both: int, first: int, second: int, total: int) -> float:
    """Dunning's log likelihood ratio G2 (Computational Linguistics 19, 1993) of two events in
    `total` documents, from the documents of both and of each.
    """
    cells = (
        (both, first, second),
        (first - both, first, total - second),
        (second - both, total - first, second),
        (total - first - second + both, total - first, total - second),
    )
    return 2 * sum(n * log(n * total / (row * column)) for n, row, column in cells if n > 0)
