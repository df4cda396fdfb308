"""What a value is, in a word: errors name that and not the value, which may be a patient's text."""

from typing import Any

__all__ = ["value_type"]

# By exact type, so that a bool is no number.
_WORDS = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    tuple: "a list",
    dict: "an object",
    type(None): "null",
}


def value_type(value: Any) -> str:
    """ "text", "a number", "a list" and so on, as JSON calls it; the name of its class for others."""
    return _WORDS.get(type(value), type(value).__name__)
