"""Character offsets to spaCy tokens."""

from spacy.tokens import Doc, Span

__all__ = ["align"]


def align(doc: Doc, start: int, end: int) -> Span:
    """The fewest whole tokens that cover the characters `[start, end)`, spaces between tokens
    aside.
    """
    span = doc.char_span(start, end, alignment_mode="expand")
    if span is not None and len(span):
        return span
    # Only the space behind a token, which spaCy counts to that token.
    first = span.start - 1 if span is not None else len(doc) - 1
    return doc[first : first + 1]
