import pyarrow as pa
import pytest

from biopipe.graph.dates import date_number, date_numbers, date_texts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2016", 20160000),
        ("2016-03", 20160300),
        (" 2016-03-04 ", 20160304),
        ("2016-03-04T10:00:00Z", 20160304),
        ("2016-02-30", 0),
        ("2016-13", 0),
        ("2016-00", 0),
        ("0016", 0),
        ("2216", 0),
        ("March 2016", 0),
        ("", 0),
        ("2016-3-4", 0),
        ("20160304", 0),
        ("2016-03-04x", 0),
        ("２０１６", 0),
    ],
)
def test_dates_are_read_as_they_are_written_or_not_at_all(text, number):
    assert date_number(text) == number


def test_missing_and_malformed_dates_are_told_apart():
    numbers, malformed = date_numbers(pa.array(["2016", None, "", "n.d.", "2016"]))
    assert numbers.tolist() == [20160000, 0, 0, 0, 20160000]
    assert malformed.tolist() == [False, False, False, True, False]


def test_numbers_become_the_dates_they_were():
    assert date_texts(pa.array([20160304, None, 20160300, 20160000])).to_pylist() == [
        "2016-03-04",
        None,
        "2016-03",
        "2016",
    ]
