"""Labels of other recognisers as biopipe's: what scispaCy calls SIMPLE_CHEMICAL is a Chemical."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from biopipe.document import Document, Mention, Predictor, PredictorInfo
from biopipe.language.tables import read_table

__all__ = ["Relabeller"]


class Relabeller(Predictor):
    """A predictor that gives mentions other labels, and leaves out those whose label becomes "".

    `labels` are asked before the table of this package, whatever case they are written in; a label
    that neither has stays as it is.
    """

    info = PredictorInfo(
        name="relabeller", needs=frozenset({"mentions"}), gives=frozenset({"mentions"})
    )

    def __init__(self, *, labels: Mapping[str, str] | None = None) -> None:
        own = {old.casefold(): new for old, new in (labels or {}).items()}
        self._labels = {**labels_of_others(), **own}

    def predict(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with their mentions under the new labels."""
        return [
            replace(document, mentions=self._relabelled(document.mentions), concepts=None)
            for document in documents
        ]

    def _relabelled(self, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
        labelled = ((mention, self.new_label(mention.label)) for mention in mentions)
        return tuple(replace(mention, label=label) for mention, label in labelled if label)

    def new_label(self, label: str) -> str:
        """What a label becomes; "" for what is left out."""
        return self._labels.get(label.casefold(), label)


@cache
def labels_of_others() -> Mapping[str, str]:
    """biopipe's labels by those of other recognisers, in lower case."""
    rows = read_table("biopipe.ner", "labels_of_others.tsv")
    return {row[0].casefold(): row[1] for row in rows}
