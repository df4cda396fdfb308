"""How long and how fast a model trains: warm-up, a plateau, and a linear fall to zero."""

from dataclasses import dataclass

__all__ = ["Schedule"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast to train.

    The learning rate rises over the first `warmup` of `warmup_of` steps (of all, where that is 0),
    then stays, and falls linearly to zero over the last `anneal` of all steps. With `anneal` below
    1 a run can be given more epochs as long as its rate has not begun to fall (warm-up, stable,
    decay; Hu et al. 2024, "MiniCPM").
    """

    epochs: int
    learning_rate: float
    warmup: float = 0.06
    weight_decay: float = 0.01
    clip: float = 1.0
    seed: int = 0
    save_every: int = 200  # steps between checkpoints
    head_rate: float = 1.0  # learning rate of parameters outside the encoder, as a multiple
    average: float = 0.0  # decay of the running mean of the weights, which is what is kept
    anneal: float = 1.0
    warmup_of: int = 0
    bf16: bool = False  # autocast: 1.5 times as fast as fp32 on a CPU with bf16 units

    def annealing_start(self, total: int) -> int:
        """The first step, of `total`, at which the learning rate falls."""
        return total - max(1, round(total * self.anneal))

    def rate_share(self, step: int, total: int) -> float:
        """The share of the learning rate, in [0, 1], that step `step` of `total` trains with."""
        warm = max(1, int(self.warmup * min(total, self.warmup_of or total)))
        if step < warm:
            return (step + 1) / warm
        falling = min(total - warm, total - self.annealing_start(total))
        return min(1.0, max(0.0, (total - step) / max(1, falling)))
