"""How much a reranker's word counts beside the linker's, fitted on linked mentions."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from biopipe.errors import InputError
from biopipe.linking.rerank import Reranker
from biopipe.runtime.manifest import Manifest, write_manifest
from biopipe.train.linking.choices import RerankingChoice

__all__ = ["UNFITTED", "fit_mixture", "refit_mixture"]

# A candidate that the linker gives no probability has a finite logarithm all the same.
_LEAST_PRIOR = 1e-4
_MOST_STEPS = 50
# What counts how much before `fit_mixture` has seen linked documents.
UNFITTED = {"linker": 1.0, "reranker": 0.5, "nil": 0.0}


def fit_mixture(
    choices: Sequence[RerankingChoice], logits: Sequence[Sequence[float]]
) -> dict[str, float]:
    """How much the linker's log probability (`linker`) and the cross-encoder's logit (`reranker`)
    count, and what NIL adds (`nil`), by likelihood; `logits` has one of each text of each choice.
    """
    # The loss is convex in three weights: where it starts decides only how soon it ends.
    weights = torch.tensor([1.0, 0.3, 0.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=_MOST_STEPS, line_search_fn="strong_wolfe")
    # In double precision: the line search compares losses that differ in their last digits.
    priors = [
        torch.tensor(c.prior, dtype=torch.float64).clamp(min=_LEAST_PRIOR).log() for c in choices
    ]
    scores = [torch.tensor(rows, dtype=torch.float64) for rows in logits]
    counts = torch.tensor([c.weight for c in choices], dtype=torch.float64)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        values = []
        for choice, prior, score in zip(choices, priors, scores, strict=True):
            nil = torch.zeros_like(score)
            nil[-1] = 1.0
            mixed = weights[0] * prior + weights[1] * score + weights[2] * nil
            values.append(
                torch.nn.functional.cross_entropy(mixed[None], torch.tensor([choice.right]))
            )
        value = (torch.stack(values) * counts).sum() / counts.sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return dict(
        zip(
            ("linker", "reranker", "nil"),
            (round(float(w), 4) for w in weights.detach()),
            strict=True,
        )
    )


def refit_mixture(directory: Path, choices: Sequence[RerankingChoice]) -> Manifest:
    """Fit the mixture of an exported reranker and write it into its manifest, which is returned.

    InputError without choices.
    """
    if not choices:
        raise InputError(
            "The linker is sure of every mention; there is nothing to fit the mixture on."
        )
    reranker = Reranker(directory)
    logits = reranker.logits([(c.reading, c.context, c.texts) for c in choices])
    manifest = replace(reranker.manifest, calibration=fit_mixture(choices, logits))
    return write_manifest(directory, manifest, list(manifest.files))
