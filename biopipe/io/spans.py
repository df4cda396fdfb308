"""Whether a mention of an annotation file is the text it says it is."""

__all__ = ["check_mention"]


def check_mention(text: str, start: int, end: int, copy: str) -> None:
    """ValueError when `copy`, the mention as the file writes it, is not text[start:end].

    Some files trim, squeeze or re-case the copy; the offsets are what counts.
    """
    there = text[max(start, 0) : end]
    if not 0 <= start < end <= len(text) or _plain(there) != _plain(copy):
        raise ValueError(f"the mention {copy!r} is not the text at {start}:{end}, {there!r}")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
