"""What `doc.user_data["biopipe"]` holds: a Document without its text, as plain data that msgpack
keeps.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from biopipe.document.fields import DOCUMENT_FIELDS
from biopipe.document.mapping import decode_record, encode_record
from biopipe.document.types import Document
from biopipe.errors import InputError

__all__ = ["KEY", "USER_DATA_FORMAT", "from_user_data", "to_user_data"]

USER_DATA_FORMAT = 2
KEY = "biopipe"

# spaCy holds the text itself.
_FIELDS = replace(
    DOCUMENT_FIELDS, fields=tuple(field for field in DOCUMENT_FIELDS.fields if field.name != "text")
)


def to_user_data(document: Document) -> dict[str, Any]:
    """The document as mappings, lists, strings and numbers; NumPy scalars become Python's.

    `mentions` is always there, if empty: it says that somebody has looked for mentions.
    """
    # An empty list says that mentions were looked for, a missing one that nobody has.
    return {"format": USER_DATA_FORMAT, "mentions": []} | encode_record(_FIELDS, document)


def from_user_data(stored: Mapping[str, Any], text: str) -> Document:
    """The document of what `to_user_data` made and of its text; lists may have become tuples on the
    way (DocBin does that). InputError where a newer biopipe wrote it.
    """
    if stored.get("format", USER_DATA_FORMAT) > USER_DATA_FORMAT:
        raise InputError(
            f"The Doc was annotated in format {stored['format']} and this biopipe reads up to "
            f"{USER_DATA_FORMAT}; upgrade biopipe."
        )
    return decode_record(DOCUMENT_FIELDS, {"id": "", **stored, "text": text})
