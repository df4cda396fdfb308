"""Common English words that vocabularies also have as names."""

from functools import cache
from importlib.resources import files

__all__ = ["common_words"]


@cache
def common_words() -> frozenset[str]:
    """The words of stop_words.txt, in lower case; the file says how they were chosen."""
    text = files("biopipe.language").joinpath("stop_words.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())
