"""How moments are said on a ward, in the site's time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cds_service.engine.ages import age, briefly, clock, lasting
from cds_service.engine.phrases import Phrases
from cds_service.knowledge.cards import Knowledge
from cds_service.terminology.dates import Moment, Since, Span, parse_moment

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def moment(text: str) -> Moment:
    found = parse_moment(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-03-02T03:00:00Z", "just now"),
        ("2026-03-02T04:00:00Z", "just now"),
        ("2026-03-02T02:01:00Z", "59 min ago"),
        ("2026-03-02T02:00:00Z", "1 h ago"),
        ("2026-03-01T22:00:00Z", "5 h ago"),
        ("2026-02-28T03:01:00Z", "48 h ago"),
        ("2026-02-28T03:00:00Z", "2 days ago"),
        ("2026-03-02", "today"),
        ("2026-03-01", "yesterday"),
        ("2026-02-16", "14 days ago"),
        ("2026-02-15", "15 February"),
        ("2025-12-30", "30 December 2025"),
        ("2024-05-01", "May 2024"),
        ("2026-01", "January 2026"),
        ("2025", "2025"),
        ("0001-01-01T00:00:00Z", "January 1"),
    ],
)
def test_an_age_is_said_in_hours_then_days_then_as_a_date(text: str, said: str) -> None:
    assert age(moment(text), NOW) == said


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (Since(moment("2026-02-28")), "2 days"),
        (Since(moment("2026-03-01")), "1 day"),
        (Since(moment("2026-03-02")), "since today"),
        (Since(moment("2026-02-01")), "since 1 February"),
        (Since(moment("2026-02-28"), recorded=True), "recorded 28 February"),
        (Since(moment("2026-03-02"), recorded=True), "recorded today"),
        (Since(moment("2026")), "since 2026"),
        (Since(None), "date unknown"),
    ],
)
def test_what_was_only_recorded_is_never_called_since(since: Since, said: str) -> None:
    assert lasting(since, NOW) == said


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (Since(moment("2026-02-28")), "2 days"),
        (Since(moment("2026-02-01")), "1 Feb"),
        (Since(moment("2026-02-28T23:00:00Z"), recorded=True), "28 Feb"),
        (Since(moment("2026-03-02"), recorded=True), "recorded today"),
        (Since(moment("2025-12-28"), recorded=True), "recorded 28 December 2025"),
        (Since(moment("2026-02")), "since February 2026"),
        (Since(None), "date unknown"),
    ],
)
def test_where_there_is_little_room_a_date_of_this_year_stands_alone(since: Since, said: str) -> None:
    assert briefly(since, NOW) == said


def test_a_summary_shortens_its_date_before_the_words_of_the_record(knowledge: Knowledge) -> None:
    recorded = Since(parse_moment("2026-09-14"), recorded=True)
    words = {
        "signs": ("urinary incontinence",),
        "since": recorded,
        "cancer": "breast cancer",
        "mri_within": Span(hours=12),
    }
    summary = knowledge.cards["mscc-suspected"].messages["suspected"].summary
    assert Phrases({}, datetime(2026, 9, 20, 13, 35, tzinfo=UTC)).summary(summary, words) == (
        "Urinary incontinence (14 Sep), breast cancer: cord compression? Whole-spine MRI by tomorrow 01:35"
    )


def test_days_and_times_are_those_of_the_site() -> None:
    berlin = NOW.astimezone(ZoneInfo("Europe/Berlin"))
    late = moment("2026-02-14T23:30:00Z")
    assert (age(late, NOW), age(late, berlin)) == ("14 February", "15 February")
    assert clock(berlin + timedelta(hours=12), berlin) == "16:00"
    assert clock(berlin + timedelta(hours=24), berlin) == "tomorrow 04:00"
    assert clock(berlin + timedelta(days=7), berlin) == "9 March 04:00"
