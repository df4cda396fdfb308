"""Batches by token budget: sorted by length so that padding does not eat the arithmetic."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from biopipe.runtime.device import Device

__all__ = ["Plan", "WindowBatch", "plan_for", "planned_batches", "token_batches"]

# Rows of batches whose shapes are to repeat: steps of at most a half, so at most a third is
# padding.
_ROWS = [size for power in range(16) for size in sorted({1 << power, 3 << power >> 1})]


@dataclass(frozen=True, slots=True)
class Plan:
    """How windows are batched: at most `tokens` a batch, padded to a multiple of `step` tokens.

    A batch takes shorter windows in until it holds `enough` tokens, then they start a batch of
    their own. `even_rows`: rows are padded too, so that the same few shapes come again and again.
    """

    tokens: int = 1
    step: int = 1
    enough: int = 0
    even_rows: bool = False


@dataclass(frozen=True, slots=True)
class WindowBatch:
    """Windows by number, to be padded to `rows` rows of `length` tokens."""

    windows: Sequence[int]
    rows: int
    length: int


# Dynamic int8 quantisation takes its range from the whole batch, so on CPU a window is run alone:
# its result then never depends on its neighbours, and one unpadded abstract at a time is also the
# fastest there.
CPU = Plan()
MOST_TOKENS = 65_536
# Of a card's memory; a base-sized model takes about 50 kB a token where attention is not fused, so
# a fifth of it.
TOKENS_A_GB = 4096
UNKNOWN_GB = 8


def plan_for(device: Device, *, memory: int = 0) -> Plan:
    """The plan for a device with `memory` bytes, 0 where that is not known; see docs/gpu.md on
    where it is from.
    """
    if device.kind == "cpu":
        return CPU
    tokens = device.tokens or min(
        MOST_TOKENS, max(1, round(memory / 2**30) or UNKNOWN_GB) * TOKENS_A_GB
    )
    return Plan(
        tokens=tokens,
        step=32,
        enough=tokens // 4,
        even_rows=device.graphs or device.kind == "tensorrt",
    )


def planned_batches(lengths: Sequence[int], plan: Plan, *, most: int) -> Iterator[WindowBatch]:
    """Batches of the windows of these lengths, special tokens included; longest first, ties by
    position.

    Padding stops at `most` tokens, the longest the model takes. Depends on nothing but the lengths
    and the plan.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    start = 0
    while start < len(order):
        length = _rounded(lengths[order[start]], plan, most)
        rows = max(1, plan.tokens // length)
        rows = max(size for size in _ROWS if size <= rows) if plan.even_rows else rows
        end = start + 1
        while end < len(order) and end - start < rows:
            shorter = _rounded(lengths[order[end]], plan, most) < length
            if shorter and (end - start) * length >= plan.enough:
                break
            end += 1
        count = end - start
        rows = min(size for size in _ROWS if size >= count) if plan.even_rows else count
        yield WindowBatch(order[start:end], rows, length)
        start = end


def _rounded(length: int, plan: Plan, most: int) -> int:
    return max(length, min(most, -(-max(1, length) // plan.step) * plan.step))


def token_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Indices into `lengths` in batches with longest * count <= `budget` tokens; longest first,
    ties by position.

    A sequence longer than the budget is a batch of its own.
    """
    order = sorted(range(len(lengths)), key=lambda i: (-lengths[i], i))
    start = 0
    while start < len(order):
        longest = max(1, lengths[order[start]])
        count = max(1, budget // longest)
        yield order[start : start + count]
        start += count
