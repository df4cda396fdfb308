import pytest

from biopipe.clinical.dates import DateFinder
from biopipe.document import Document
from biopipe.errors import ConfigError

DAY = {"date": "2019-06-01"}


def told(text: str, *, order: str = "MDY", meta: dict[str, str] | None = None) -> list[str]:
    (document,) = DateFinder(order).predict([Document("n", text, meta=meta or {})])
    return [time.value for time in document.times]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("March 3, 2019", "2019-03-03"),
        ("Feb. 18, 2016", "2016-02-18"),
        ("18 May 2014", "2014-05-18"),
        ("3rd of May 2017", "2017-05-03"),
        ("12-Mar-2018", "2018-03-12"),
        ("03/14/2019", "2019-03-14"),
        ("4-5-19", "2019-04-05"),
        ("2019-01-02", "2019-01-02"),
        ("June 2013", "2013-06"),
        ("01/2020", "2020-01"),
        ("in 2004", "2004"),
    ],
)
def test_dates_are_as_precise_as_the_text(written: str, value: str) -> None:
    assert told(f"He was seen {written}.") == [value]


def test_the_order_of_three_numbers_is_the_users() -> None:
    assert told("Seen 3/4/2019.") == ["2019-03-04"]
    assert told("Seen 3/4/2019 and 2019-03-04.", order="DMY") == ["2019-04-03", "2019-03-04"]
    with pytest.raises(ConfigError, match="YDM"):
        DateFinder("YDM")


@pytest.mark.parametrize(
    ("written", "offset", "value"),
    [
        ("2 weeks ago", "-P2W", "2019-05-18"),
        ("yesterday", "-P1D", "2019-05-31"),
        ("two years ago", "-P2Y", "2017"),
        ("in 3 months", "+P3M", "2019-09"),
        ("tomorrow", "+P1D", "2019-06-02"),
        ("last month", "-P1M", "2019-05"),
    ],
)
def test_times_that_count_from_the_note(written: str, offset: str, value: str) -> None:
    (document,) = DateFinder().predict([Document("n", f"Fever {written}.", meta=DAY)])
    (time,) = document.times
    assert (time.kind, time.anchor, time.offset, time.value) == ("relative", "note", offset, value)
    assert told(f"Fever {written}.") == [""]


@pytest.mark.parametrize(
    ("written", "offset"),
    [
        ("Three days later", "+P3D"),
        ("the next day", "+P1D"),
        ("2 years before", "-P2Y"),
        ("postoperative day 9", "+P9D"),
    ],
)
def test_times_that_count_from_an_event_have_no_date(written: str, offset: str) -> None:
    (document,) = DateFinder().predict([Document("n", f"{written} he was well.", meta=DAY)])
    (time,) = document.times
    assert (time.anchor, time.offset, time.value) == ("event", offset, "")


def test_a_day_without_a_year_was_the_last_one() -> None:
    assert told("Seen on March 5 and December 24.", meta=DAY) == ["2019-03-05", "2018-12-24"]
    assert told("Seen on March 5.") == [""]


@pytest.mark.parametrize(
    "text", ["BP 120/80", "10/20/30/40", "2010 mL", "may have", "13/45/2019", "1.2.3.4", "May"]
)
def test_what_is_no_date(text: str) -> None:
    assert told(text) == []


def test_sections_and_order() -> None:
    from biopipe.clinical.sections.finder import SectionFinder

    text = "HPI: fever since March 3, 2019, seen yesterday.\nPMH: stroke in 2004\n"
    (document,) = DateFinder().predict(SectionFinder().predict([Document("n", text)]))
    assert [time.section for time in document.times] == [
        *["history_of_present_illness"] * 2,
        "past_medical_history",
    ]
    assert [time.start for time in document.times] == sorted(t.start for t in document.times)


@pytest.mark.parametrize("lead", ["on", "since", "from", "until", "dated"])
def test_a_day_and_a_month_behind_a_word_that_leads_to_them(lead: str) -> None:
    assert told(f"Seen {lead} 3/29.", meta=DAY) == ["2019-03-29"]


@pytest.mark.parametrize("text", ["Pain 4/10.", "every other day 4/1 am", "takes 1/2 tablet"])
def test_a_fraction_is_no_day(text: str) -> None:
    assert told(text, meta=DAY) == []


def test_where_dots_part_the_numbers_the_day_comes_first() -> None:
    assert told("Seen 04.02.2021.") == ["2021-02-04"]


def test_dates_that_can_be_read_in_one_way_tell_the_order_of_the_others() -> None:
    assert told("Seen 03/04/2021, again 23/04/2021.") == ["2021-04-03", "2021-04-23"]
    assert told("Seen 03/04/2021, again 04/23/2021.", order="DMY") == ["2021-03-04", "2021-04-23"]
    # They do not agree: the order is the user's.
    assert told("03/04/2021, 23/04/2021, 04/23/2021")[0] == "2021-03-04"
    assert told("2024-05-11 and 03/04/2021") == ["2024-05-11", "2021-03-04"]
