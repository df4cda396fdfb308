"""How often annotators related a concept, where a text named it with another that it might be
related to: some drugs are mostly given, others mostly blamed; some diseases are complaints, others
what a paper is about.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biopipe.document import Document
from biopipe.errors import ModelError
from biopipe.relations.pairs import Allowed, allowed_pairs
from biopipe.text.concepts import linked_concepts

__all__ = ["NUMBERS_A_SCHEME", "RATES_FILE", "RelatedRates", "SchemeCounts", "counts_of"]

RATES_FILE = "rates.json"
NUMBERS_A_SCHEME = 2  # the rate, and how many pairs it is of

_PAIRS_OF_ALL = 3.0  # so many pairs of the average are added to those of each concept
_LOGARITHMS = 5  # brings those of the pairs of a concept to about 0 to 1

# Related pairs, and pairs, by concept id.
SchemeCounts = Mapping[str, tuple[int, int]]


class RelatedRates:
    """Of each scheme of a model the counts of its training documents. `by_document` has those of each
    document by its id, for training: what a document itself says must not be told of it.
    """

    def __init__(
        self,
        schemes: Sequence[SchemeCounts],
        by_document: Sequence[Mapping[str, SchemeCounts]] = (),
    ) -> None:
        self.schemes = tuple(schemes)
        self._by_document = tuple(by_document) or ({},) * len(self.schemes)
        totals = [np.array([*counts.values()]).reshape(-1, 2).sum(axis=0) for counts in schemes]
        self._means = [float(related) / max(1.0, float(pairs)) for related, pairs in totals]

    def of(self, ids: Sequence[str], *, besides: str | None = None) -> NDArray[np.float32]:
        """(concepts, NUMBERS_A_SCHEME * schemes) float32: of each scheme the share of pairs with
        the concept that are related, drawn to that of all, and how many pairs that is, as a
        logarithm; those of the document with the id `besides` are not counted.
        """
        columns: list[NDArray[np.float64]] = []
        for counts, documents, mean in zip(
            self.schemes, self._by_document, self._means, strict=True
        ):
            own = {} if besides is None else documents.get(besides, {})
            rows = [(*counts.get(id_, _NONE), *own.get(id_, _NONE)) for id_ in ids]
            every = np.array(rows, dtype=np.float64).reshape(len(ids), 4)
            related, pairs = every[:, 0] - every[:, 2], every[:, 1] - every[:, 3]
            columns += [
                (related + _PAIRS_OF_ALL * mean) / (pairs + _PAIRS_OF_ALL),
                np.log1p(pairs) / _LOGARITHMS,
            ]
        table = np.array(columns, dtype=np.float32).reshape(-1, len(ids))
        return np.ascontiguousarray(table.T)

    def save(self, folder: Path) -> None:
        """Write `folder`/rates.json, without the counts of single documents."""
        content = [{id_: list(counts) for id_, counts in sorted(s.items())} for s in self.schemes]
        text = json.dumps({"schemes": content}, separators=(",", ":"))
        (folder / RATES_FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def parse(cls, content: bytes) -> "RelatedRates":
        """From what `save` wrote; ModelError where it is something else."""
        try:
            schemes = json.loads(content)["schemes"]
            return cls([{id_: (int(r), int(n)) for id_, (r, n) in s.items()} for s in schemes])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"The {RATES_FILE} of a relation model cannot be read ({type(error).__name__}); "
                "export the model again."
            ) from error


_NONE = (0, 0)


def counts_of(
    documents: Iterable[Document], allowed: Allowed, own_id: Callable[[str], str] = str
) -> Mapping[str, SchemeCounts]:
    """By document id the counts of its gold concepts in the pairs that a scheme allows, by what
    `own_id` gives for their ids.
    """
    by_document: dict[str, dict[str, tuple[int, int]]] = {}
    for document in documents:
        concepts = linked_concepts(document)
        gold = {frozenset((r.head, r.tail)) for r in document.relations}
        pairs = allowed_pairs([concept.label for concept in concepts], allowed)
        related, all_pairs = Counter[str](), Counter[str]()
        for head, tail in zip(pairs.heads.tolist(), pairs.tails.tolist(), strict=True):
            ends = {concepts[head].id, concepts[tail].id}
            all_pairs.update(ends)
            related.update(ends if ends in gold else ())
        counts = by_document[document.id] = dict[str, tuple[int, int]]()
        for concept_id, of_pairs in all_pairs.items():
            of_related, n = counts.get(own_id(concept_id), _NONE)
            counts[own_id(concept_id)] = of_related + related[concept_id], n + of_pairs
    return by_document
