"""Error messages without the text that they quote: what a patient's note says stays in the note."""

import re

__all__ = ["without_quotes_of"]

# Shorter runs are words that any message and any text share.
_LEAST_RUN = 12
_QUOTED = re.compile(r"(['\"`])(.+?)\1", re.DOTALL)
_LEFT_OUT = "[text]"
# Some libraries put a whole array or record into a message; a column of errors is to be read.
_LONGEST_MESSAGE = 2000


def without_quotes_of(text: str, message: str) -> str:
    """The message with what it quotes of the text replaced by "[text]", and cut where it is long.

    A quote is what stands between quotation marks and occurs in the text, or a run of at least 12
    characters that does, as exceptions of other packages have them.
    """
    message = message[:_LONGEST_MESSAGE]
    message = _QUOTED.sub(
        lambda match: f"{match[1]}{_LEFT_OUT}{match[1]}" if _occurs(match[2], text) else match[0],
        message,
    )
    kept: list[str] = []
    place = 0
    while place < len(message):
        length = _run(message, place, text)
        if length:
            kept.append(_LEFT_OUT)
            place += length
        else:
            kept.append(message[place])
            place += 1
    return "".join(kept)


def _occurs(quoted: str, text: str) -> bool:
    # repr writes a line break as two characters.
    return quoted in text or quoted.replace("\\n", "\n").replace("\\'", "'") in text


def _run(message: str, place: int, text: str) -> int:
    """How many characters of the message from `place` on stand so in the text; 0 for few."""
    if message[place : place + _LEAST_RUN] not in text or place + _LEAST_RUN > len(message):
        return 0
    length = _LEAST_RUN
    # The longest run from here, so that no rest of it stays behind.
    while place + length < len(message) and message[place : place + length + 1] in text:
        length += 1
    return length
