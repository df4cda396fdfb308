"""Values of slots that name nothing: numbers, doses, ages, dates, tissues, journal words.

They are drawn from the rows of values.tsv; in a row `<2-40>` is a number from 2 to 40, `<0.1-9.9>`
one with as many decimals as its bounds, and `{dose}` another value.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from random import Random

from biopipe.language.tables import read_table

__all__ = ["FRAME_TABLES", "draw_value", "read_values"]

FRAME_TABLES = "biopipe.train.frames"

_DRAWN = re.compile(r"<([\d.]+)-([\d.]+)>|\{([a-z_]+)\}")


def read_values() -> Mapping[str, Sequence[str]]:
    """By slot the rows of values.tsv."""
    values: dict[str, list[str]] = defaultdict(list)
    for slot, value, *_ in read_table(FRAME_TABLES, "tables/values.tsv"):
        values[slot].append(value)
    return values


def draw_value(values: Mapping[str, Sequence[str]], slot: str, random: Random) -> str:
    """A value of a slot."""

    def drawn(match: re.Match[str]) -> str:
        low, high, other = match.groups()
        if other is not None:
            return draw_value(values, other, random)
        decimals = len(low.partition(".")[2])
        return f"{random.uniform(float(low), float(high)):.{decimals}f}"

    # A row may ask for values that ask for others in turn.
    return _DRAWN.sub(drawn, random.choice(values[slot]))
