"""Publication dates as numbers, so that the earliest and the latest are minima and maxima.

2016-03-04 is 20160304, 2016-03 is 20160300 and 2016 is 20160000: a date that is less precise comes
first.
"""

import re
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["date_number", "date_numbers", "date_texts", "date_values"]

# What readers write (2016, 2016-03, 2016-03-04), and ISO times of users' own files.
_DATE = re.compile(
    r"(1[5-9]\d\d|2[01]\d\d)(?:-(\d\d)(?:-(\d\d)(?:[T ].*)?)?)?", re.ASCII | re.DOTALL
)


def date_number(text: str) -> int:
    """0 for what is no date of the years 1500 to 2199."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return 0
    year, month, day = (int(part or 0) for part in match.groups())
    try:
        date(year, month if match[2] else 1, day if match[3] else 1)
    except ValueError:
        return 0
    return year * 10_000 + month * 100 + day


def date_numbers(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The number of each text (0 without a date), and which texts are there but no dates,
    both (texts,).
    """
    # Each distinct date once: millions of documents share some thousands.
    encoded = pc.dictionary_encode(pc.fill_null(texts, ""))
    distinct = encoded.dictionary.to_pylist()
    numbers = np.array([date_number(text) for text in distinct], np.int64)
    malformed = np.array([bool(text.strip()) for text in distinct], bool) & (numbers == 0)
    rows = encoded.indices.to_numpy(zero_copy_only=False)
    return numbers[rows], malformed[rows]


def date_values(texts: pa.ChunkedArray) -> pa.Array:
    """The number of each text, null for null."""
    numbers = date_numbers(
        pa.concat_arrays(texts.chunks) if texts.num_chunks else pa.array([], pa.string())
    )[0]
    return pa.array(numbers, mask=numbers == 0)


def date_texts(numbers: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The dates of numbers, null for null."""
    flat = numbers.combine_chunks() if isinstance(numbers, pa.ChunkedArray) else numbers
    encoded = pc.dictionary_encode(flat)
    texts = pa.array([_text(number) for number in encoded.dictionary.to_pylist()], pa.string())
    return texts.take(encoded.indices)


def _text(number: int) -> str:
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")
