import pytest

from biopipe.io.dates import iso_date, loose_date


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("2016", "03", "4"), "2016-03-04"),
        (("2016", "Mar", ""), "2016-03"),
        (("2016", "March", "12"), "2016-03-12"),
        (("2016", "", "12"), "2016"),
        (("2016", "Spring", ""), "2016"),
        (("2016", "13", "1"), "2016"),
        (("2016", "2", "40"), "2016-02"),
        (("", "2", "4"), ""),
        (("soon", "2", "4"), ""),
    ],
)
def test_as_precise_as_known(parts: tuple[str, str, str], expected: str) -> None:
    assert iso_date(*parts) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1998 Dec-1999 Jan", "1998-12"),
        ("2000 Spring", "2000"),
        ("Summer 1998", "1998"),
        ("2000 Dec 23-30", "2000-12-23"),
        ("1999-2000", "1999"),
        ("2015 Mar-Apr", "2015-03"),
        ("in press", ""),
    ],
)
def test_medline_dates(text: str, expected: str) -> None:
    assert loose_date(text) == expected
