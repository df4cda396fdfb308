"""Which mention labels a gold standard says something about."""

from collections.abc import Iterable, Sequence

from biopipe.document import Document
from biopipe.errors import InputError

__all__ = ["choose_labels"]


def choose_labels(gold: Sequence[Document], labels: Iterable[str] | None) -> list[str]:
    """The mention labels to score: those asked for, all of them in the gold, or else all that the
    gold has.

    A corpus that annotates diseases alone says nothing about genes, so a predicted gene is no error
    there. InputError for a gold without mentions, and for a label that it lacks.
    """
    annotated = sorted({mention.label for document in gold for mention in document.mentions})
    if not annotated:
        raise InputError(
            f"None of the {len(gold)} gold documents has a mention; give an annotated gold "
            "standard."
        )
    scored_labels = sorted(set(labels)) if labels is not None else annotated
    for label in scored_labels:
        # A corpus that never marks the label would score every prediction of it as wrong.
        if label not in annotated:
            raise InputError(
                f"No gold mention has the label '{label}'; the gold has: {', '.join(annotated)}."
            )
    return scored_labels
