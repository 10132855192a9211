"""Moments as a ward says them: "5 h ago", "2 days", "recorded 3 March", "by 20:40"; days and hours of the clock's zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from cds_service.terminology.dates import VAGUE, Moment, Since

_HOURS_COUNTED = 48
_DAYS_COUNTED = 14
_MONTHS_NAMED = 12


def age(moment: Moment, as_of: datetime) -> str:
    """How long ago: ``40 min ago``, ``5 h ago``, ``yesterday``, ``12 days ago``; further back the date."""
    if moment.precision in VAGUE or moment.is_future(as_of):
        return on(moment, as_of)
    if moment.precision == "instant" and (hours := moment.hours_before(as_of)) < _HOURS_COUNTED:
        minutes = round(hours * 60)
        return f"{round(hours)} h ago" if hours >= 1 else f"{minutes} min ago" if minutes else "just now"
    days = moment.days_before(as_of)
    if days > _DAYS_COUNTED:
        return on(moment, as_of)
    return ("today", "yesterday")[days] if days < 2 else f"{days} days ago"


def lasting(since: Since, as_of: datetime) -> str:
    """For how long: ``2 days``, ``since 3 March``; ``recorded 3 March`` where nobody wrote down when it began."""
    moment = since.moment
    if moment is None:
        return "date unknown"
    days = moment.days_before(as_of)
    date = on(moment, as_of) if days or moment.precision in VAGUE else "today"
    if since.recorded:
        return f"recorded {date}"
    if moment.precision in VAGUE or not days or days > _DAYS_COUNTED:
        return f"since {date}"
    return f"{days} days" if days > 1 else "1 day"


def on(moment: Moment, as_of: datetime) -> str:
    """The date: ``3 March``, of other years ``3 March 2025``, of long ago ``March 2019``; as precise as it was written."""
    day = moment.first
    if moment.precision == "instant":
        day = _local(day, as_of)
    if moment.precision == "year":
        return str(day.year)
    months = (as_of.year - day.year) * _MONTHS_NAMED + as_of.month - day.month
    if moment.precision == "month" or months > _MONTHS_NAMED:
        return f"{day:%B} {day.year}"
    return f"{day.day} {day:%B}" if day.year == as_of.year else f"{day.day} {day:%B} {day.year}"


def clock(at: datetime, as_of: datetime) -> str:
    """A time to come: ``20:40``, ``tomorrow 08:40``, ``5 March 08:40``."""
    days = (at.date() - as_of.date()) // timedelta(days=1)
    day = ("", "tomorrow ")[days] if 0 <= days < 2 else f"{at.day} {at:%B} "
    return f"{day}{at:%H:%M}"


def _local(instant: datetime, as_of: datetime) -> datetime:
    try:
        return instant.astimezone(as_of.tzinfo)
    except OverflowError:  # the years 1 and 9999, which systems write for "none"
        return instant
