"""The character encoding of a plain text: UTF-8, or what its bytes tell, or refused."""

import codecs
import re

__all__ = ["UTF_8", "decode_plain_text", "detect_encoding"]

UTF_8 = "utf-8"
# What hospital systems write beside UTF-8. Of few letters beyond ASCII, more candidates than these
# would mostly be wrong ones: "38.2 °C" in cp1252 is valid Big5, too.
_CANDIDATES = ["cp1252", "mac_roman", "utf_16"]
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Text that was read in a wrong encoding has a share of odd pairs of letters; charset-normalizer
# calls it chaos. Notes in a right one have none to speak of.
_MOST_CHAOS = 0.1
# No text has these; form feeds and other white space are not among them.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_UNKNOWN = "the encoding of the text cannot be told; write the file as UTF-8"


def decode_plain_text(raw: bytes) -> tuple[str, str]:
    """The text of all bytes of a file, without a byte order mark, and its encoding.

    ValueError, which quotes none of the bytes, where they are no text or the encoding cannot be
    told.
    """
    encoding = detect_encoding(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(_UNKNOWN) from error
    if _CONTROLS.search(text):
        raise ValueError("the file holds control characters and is no plain text")
    return text.removeprefix("\ufeff"), encoding


def detect_encoding(raw: bytes) -> str:
    """The name of the encoding of bytes that are a text, or the beginning of one.

    ValueError where they are none that is known.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return encoding
    try:
        # A beginning may end in the middle of a character.
        codecs.getincrementaldecoder(UTF_8)().decode(raw)
        return UTF_8
    except UnicodeDecodeError:
        pass
    # It takes 30 ms to import, and nearly all files are UTF-8.
    from charset_normalizer import from_bytes

    best = from_bytes(raw, cp_isolation=_CANDIDATES).best()
    if best is None or best.chaos > _MOST_CHAOS:
        raise ValueError(_UNKNOWN)
    return str(best.encoding)
