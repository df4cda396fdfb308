"""The loss of a tagger on labels that are known in part (marginal likelihood)."""

import torch
from transformers import PreTrainedModel

from biopipe.train.ner.known_names import run_tagger

__all__ = ["partial_loss"]

# The score of a tag that the gold rules out; finite, so that no gradient is NaN.
_RULED_OUT = -1e9


def partial_loss(
    model: PreTrainedModel,
    ids: torch.Tensor,
    mask: torch.Tensor,
    allowed: torch.Tensor,
    names: torch.Tensor | None = None,
    taught: torch.Tensor | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean negative log likelihood of the allowed tag sets, a scalar, and the tokens' log
    probabilities, (counted tokens, tags) float32. With `taught`, probabilities of tags (windows,
    tokens, tags) float32, the cross-entropy with them is added.

    `ids`, `mask` and `allowed`, sets of tags as bits, are (windows, tokens) int64; a token with an
    empty set does not count. `names`, (windows, tokens, features) float32, are what `run_tagger`
    takes.
    """
    counted = allowed > 0
    # In float32: a log-softmax in bfloat16 has two or three digits.
    scores = run_tagger(model, ids, mask, names).logits[counted].float().log_softmax(dim=-1)
    bits = (allowed[counted][:, None] >> torch.arange(scores.shape[-1])) & 1
    possible = torch.logsumexp(scores.masked_fill(bits == 0, _RULED_OUT), dim=-1)
    loss = -possible.mean()
    if taught is not None:
        loss = loss - (taught[counted] * scores).sum(dim=-1).mean()
    return loss, scores
