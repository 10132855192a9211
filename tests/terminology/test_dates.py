"""A date means a span of time; how far back it lies is decided by calendar dates, or by instants for hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.terminology.dates import Moment, Span, age_in_years, parse_moment, parse_span

AS_OF = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AUCKLAND = timezone(timedelta(hours=13))
NEW_YORK = timezone(timedelta(hours=-5))


def moment(text: str) -> Moment:
    read = parse_moment(text)
    assert read is not None, text
    return read


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2026", "year", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-02", "month", datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2024-02", "month", datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-03-02", "day", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_partial_date_means_all_of_its_time(text: str, precision: str, first: datetime, last: datetime) -> None:
    read = moment(text)
    assert (read.text, read.precision, read.first, read.last) == (text, precision, first, last)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02T10:00:00Z", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02T10:00:00.5Z", datetime(2026, 3, 2, 10, 0, 0, 500000, tzinfo=UTC)),
        ("2026-03-02T10:00:00.123456789Z", datetime(2026, 3, 2, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-02T10:00:00+02:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02t10:00:00z", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02T10:00Z", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02T10:00:00", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02T10:00", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        (" 2026-03-02T10:00:00Z ", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-12-31T23:59:60Z", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_date_with_a_time_means_one_instant(text: str, at: datetime) -> None:
    read = moment(text)
    assert read.precision == "instant"
    assert read.first == read.last == at


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "2",
            "20260302",
            "2026-3-2",
            "2026-13",
            "2026-00",
            "2026-02-30",
            "2026/03/02",
            "02.03.2026",
            "0000",
            "-2026",
        ),
        *(
            "2026-W10-1",
            "2026-061",
            "2026-03-02T",
            "2026-03-02T10",
            "2026-03-02 10:00",
            "2026-03-02T24:00:00Z",
            "yesterday",
        ),
        *(
            "2026-03-02T10:00:00+99:99",
            "2026-03-02T10:60:00Z",
            "٢٠٢٦",
            "２０２６-03-02",
            "2026-03-02T10:00:00ZZ",
            "20260302T101010",
        ),
    ],
)
def test_what_is_no_fhir_date_is_not_read(text: str) -> None:
    assert parse_moment(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026", "2026"),
        ("2026-03", "2026-03"),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T23:30:00-05:00", "2026-03-02"),
    ],
)
def test_the_day_is_shown_as_it_was_written(text: str, day: str) -> None:
    assert moment(text).day == day


@pytest.mark.parametrize(
    ("text", "as_of", "days"),
    [
        ("2026-03-02", AS_OF, 0),
        ("2026-03-01", AS_OF, 1),
        ("2026-02-01", AS_OF, 29),
        ("2026-03", AS_OF, 0),
        ("2026-02", AS_OF, 2),
        ("2025", AS_OF, 61),
        ("2026-03-05", AS_OF, 0),
        ("2026-03-01T23:59:00Z", AS_OF, 1),
        ("2026-03-01T23:30:00-05:00", AS_OF, 0),
        ("2026-03-02", datetime(2026, 3, 3, 8, tzinfo=AUCKLAND), 1),
        ("2026-03-02", datetime(2026, 3, 2, 20, tzinfo=NEW_YORK), 0),
        ("2026-03-02T20:00:00Z", datetime(2026, 3, 3, 10, tzinfo=AUCKLAND), 0),
        ("0001-01-01T00:00:00+14:00", AS_OF, 739676),
        ("9999-12-31T23:59:59-12:00", datetime(2026, 3, 2, 9, tzinfo=AUCKLAND), 0),
    ],
)
def test_days_are_counted_between_calendar_dates_in_the_zone_of_the_clock(
    text: str, as_of: datetime, days: int
) -> None:
    assert moment(text).days_before(as_of) == days


@pytest.mark.parametrize(
    ("text", "as_of", "hours"),
    [
        ("2026-03-02T08:30:00Z", AS_OF, 0.5),
        ("2026-03-01T09:00:00Z", AS_OF, 24.0),
        ("2026-03-02", AS_OF, 0.0),
        ("2026-03-02T12:00:00Z", AS_OF, 0.0),
        ("2026-03-02T08:00:00+02:00", AS_OF, 3.0),
    ],
)
def test_hours_are_counted_from_the_latest_instant_it_may_mean(text: str, as_of: datetime, hours: float) -> None:
    assert moment(text).hours_before(as_of) == hours


def test_a_date_ends_at_midnight_of_the_clocks_zone() -> None:
    assert round(moment("2026-03-01").hours_before(datetime(2026, 3, 2, 9, tzinfo=NEW_YORK)), 3) == 9.0


@pytest.mark.parametrize(
    ("text", "future"),
    [
        ("2026-03-03T09:00:00Z", False),
        ("2026-03-03T09:00:01Z", True),
        ("2026-03-03", False),
        ("2026-03-04", True),
        ("2026", False),
        ("2027", True),
    ],
)
def test_only_what_begins_more_than_a_day_ahead_is_future(text: str, future: bool) -> None:
    assert moment(text).is_future(AS_OF) is future


@pytest.mark.parametrize(
    ("span", "text", "reaches"),
    [
        (Span(days=30), "2026-01-31", True),
        (Span(days=30), "2026-01-30", False),
        (Span(days=30), "2026-01-31T00:00:00Z", True),
        (Span(days=30), "2026-01-30T23:59:59Z", False),
        (Span(days=30), "2026-01", False),
        (Span(days=0), "2026-03-02", True),
        (Span(days=0), "2026-03-01", False),
        (Span(days=30), "2027-01-01", True),
        (Span(months=6), "2025-09-02", True),
        (Span(months=6), "2025-09-01", False),
        (Span(hours=12), "2026-03-01T21:00:00Z", True),
        (Span(hours=12), "2026-03-01T20:59:59Z", False),
        (Span(hours=24), "2026-03-01", True),
        (Span(hours=24), "2026-02-28", False),
        (Span(days=1, hours=12), "2026-02-28T21:00:00Z", True),
        (Span(days=1, hours=12), "2026-02-28T20:59:00Z", False),
        (Span(months=24_000_000), "0001-01-01", True),
        (Span(days=999_999), "0001-01-01", True),
    ],
)
def test_a_span_reaches_what_lies_exactly_so_far_back(span: Span, text: str, reaches: bool) -> None:
    assert span.reaches(moment(text), AS_OF) is reaches


def test_six_months_before_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    as_of = datetime(2026, 8, 31, 9, tzinfo=UTC)
    assert Span(months=6).reaches(moment("2026-02-28"), as_of)
    assert not Span(months=6).reaches(moment("2026-02-27"), as_of)


@pytest.mark.parametrize(
    ("span", "after"),
    [
        (Span(hours=12), datetime(2026, 3, 2, 21, tzinfo=UTC)),
        (Span(days=60), datetime(2026, 5, 1, 9, tzinfo=UTC)),
        (Span(months=6), datetime(2026, 9, 2, 9, tzinfo=UTC)),
        (Span(months=11, days=1, hours=24), datetime(2027, 2, 4, 9, tzinfo=UTC)),
        (Span(), AS_OF),
    ],
)
def test_a_span_from_now_keeps_the_time_of_day(span: Span, after: datetime) -> None:
    assert span.after(AS_OF) == after


def test_a_month_after_the_31st_is_the_last_day_of_the_next() -> None:
    assert Span(months=1).after(datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "span", "written"),
    [
        ("12 h", Span(hours=12), "12 hours"),
        ("60 d", Span(days=60), "60 days"),
        ("1 d", Span(days=1), "1 day"),
        ("6 mo", Span(months=6), "6 months"),
        ("2 wk", Span(days=14), "14 days"),
        ("24 months", Span(months=24), "24 months"),
        ("30 days", Span(days=30), "30 days"),
        ("1 year", Span(months=12), "12 months"),
        ("1 hour", Span(hours=1), "1 hour"),
        (" 7D ", Span(days=7), "7 days"),
        ("0 d", Span(), "0 days"),
    ],
)
def test_a_span_is_read_as_card_files_write_it(text: str, span: Span, written: str) -> None:
    assert parse_span(text) == span
    assert str(span) == written


def test_a_span_of_several_parts_names_each() -> None:
    assert str(Span(months=1, days=2, hours=3)) == "1 month 2 days 3 hours"


@pytest.mark.parametrize("text", ["", "12", "h", "1.5 h", "-1 d", "12 h 30 min", "1,5 d", "9999999 d"])
def test_what_is_no_span_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="'60 d'"):
        parse_span(text)


def test_an_unknown_unit_of_time_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown unit of time 'dayz'.*did you mean 'day'"):
        parse_span("3 dayz")


@pytest.mark.parametrize(
    ("birth", "as_of", "age"),
    [
        ("1964-03-02", AS_OF, 62),
        ("1964-03-03", AS_OF, 61),
        ("1964-03", AS_OF, 62),
        ("1964", AS_OF, 62),
        ("2026-03-02", AS_OF, 0),
        ("2027-01-01", AS_OF, 0),
        ("1964-02-29", datetime(2026, 2, 28, tzinfo=UTC), 61),
        ("1964-02-29", datetime(2026, 3, 1, tzinfo=UTC), 62),
        ("1964-03-02T23:00:00+10:00", AS_OF, 62),
    ],
)
def test_age_is_in_completed_years(birth: str, as_of: datetime, age: int) -> None:
    assert age_in_years(moment(birth), as_of) == age


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    read = parse_moment(text)
    assert read is None or read.first <= read.last


_ZONES = st.integers(min_value=-14 * 60, max_value=14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_CLOCK = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=_ZONES)


@given(st.datetimes(timezones=_ZONES))
def test_every_instant_is_read_back(at: datetime) -> None:
    assert moment(at.isoformat()).last == at


@given(st.dates(), _CLOCK)
def test_days_before_is_the_difference_of_dates(day: date, as_of: datetime) -> None:
    assert moment(day.isoformat()).days_before(as_of) == max(0, (as_of.date() - day).days)


@given(st.datetimes(timezones=_ZONES), _CLOCK)
def test_no_moment_and_no_clock_break_the_counting(at: datetime, as_of: datetime) -> None:
    read = moment(at.isoformat())
    assert read.days_before(as_of) >= 0
    assert read.hours_before(as_of) >= 0
    assert Span(months=6).reaches(read, as_of) in {True, False}
    assert not (read.is_future(as_of) and read.hours_before(as_of))


@given(st.dates(min_value=date(1901, 1, 1)), st.integers(min_value=0, max_value=5000), _CLOCK)
def test_a_span_of_days_reaches_exactly_what_is_no_older(day: date, days: int, as_of: datetime) -> None:
    read = moment(day.isoformat())
    assert Span(days=days).reaches(read, as_of) is (read.days_before(as_of) <= days)


@given(st.integers(min_value=0, max_value=999), st.sampled_from(["days", "months", "hours"]))
def test_a_written_span_is_read_back(count: int, unit: str) -> None:
    span = Span(**{unit: count})
    assert parse_span(str(span)) == span


@given(st.integers(min_value=0, max_value=600), st.integers(min_value=0, max_value=60), _CLOCK)
def test_what_lies_a_span_ahead_is_reached_from_there(months: int, days: int, as_of: datetime) -> None:
    later = Span(months=months, days=days).after(as_of)
    assert Span(months=months, days=days + 3).reaches(moment(as_of.isoformat()), later)
