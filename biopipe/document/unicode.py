"""Whether a text is valid Unicode, and what of it a format can hold."""

import re

from biopipe.errors import InputError

__all__ = ["NOT_XML", "check_text"]

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that XML 1.0 has no place for, not even as a reference (its production 2, Char)."""


def check_text(text: str, name: str = "The text") -> str:
    """The text as it is; InputError where it holds a lone surrogate.

    Python strings, JSON escapes and Windows file names can carry half of a surrogate pair; UTF-8,
    and with it every tokenizer, Arrow table and output file, cannot. `name` begins the error.
    """
    try:
        # UTF-8 refuses surrogates and nothing else: no search through the characters is needed.
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise InputError(
            f"{name} has a lone surrogate (U+{code:04X}) at character {error.start}; "
            "repair its encoding."
        ) from error
    return text
