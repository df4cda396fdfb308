"""Links of names that two concepts share, neither of which has the threshold by itself."""

from collections.abc import Sequence

from biopipe.document import Candidate

__all__ = ["are_likely_together"]

# What the first of two needs of the threshold. Of 572 links that it adds to gold genes of BioRED and
# NLM-Gene (train) and RegEl 376 are right, as many as their probabilities say.
_LEAST = 0.75


def are_likely_together(candidates: Sequence[Candidate], threshold: float) -> bool:
    """Whether the first two of `candidates` have `threshold` together, the first of them three
    quarters of it.
    """
    if len(candidates) < 2:
        return False
    first, second, *_ = candidates
    return first.score >= _LEAST * threshold and first.score + second.score >= threshold
