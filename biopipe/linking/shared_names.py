"""Links of names that two concepts share, neither of which has the threshold by itself."""

from collections.abc import Sequence

from biopipe.document import Candidate

__all__ = ["are_likely_together"]

# What the first of two needs of the threshold. On gold mentions of the training sets of BioRED,
# NLM-Gene and NCBI Disease 0.6 and 0.75 add about as many links, of which 62 and 66 % are right.
_LEAST = 0.75


def are_likely_together(candidates: Sequence[Candidate], threshold: float) -> bool:
    """Whether the first two of `candidates` have `threshold` together, the first of them three
    quarters of it.
    """
    if len(candidates) < 2:
        return False
    first, second, *_ = candidates
    return first.score >= _LEAST * threshold and first.score + second.score >= threshold
