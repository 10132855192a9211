"""Moments as a ward says them: "5 h ago", "2 days", "recorded 3 March", "by 20:40"; days and hours of the clock's zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from cds_service.engine.language import ENGLISH, Language
from cds_service.terminology.dates import VAGUE, Moment, Since

_HOURS_COUNTED = 48
_DAYS_COUNTED = 14
_MONTHS_NAMED = 12


def age(moment: Moment, as_of: datetime, language: Language = ENGLISH) -> str:
    """How long ago: ``40 min ago``, ``5 h ago``, ``yesterday``, ``12 days ago``; further back the date."""
    if moment.precision in VAGUE or moment.is_future(as_of):
        return on(moment, as_of, language)
    if moment.precision == "instant" and (hours := moment.hours_before(as_of)) < _HOURS_COUNTED:
        minutes = round(hours * 60)
        if hours >= 1:
            return language.say("{hours} h ago", hours=round(hours))
        return language.say("{minutes} min ago", minutes=minutes) if minutes else language.say("just now")
    days = moment.days_before(as_of)
    if days > _DAYS_COUNTED:
        return on(moment, as_of, language)
    if days < 2:
        return language.say("yesterday") if days else language.say("today")
    return language.count("{count} day ago", "{count} days ago", days)


def lasting(since: Since, as_of: datetime, language: Language = ENGLISH) -> str:
    """For how long: ``2 days``, ``since 3 March``; ``recorded 3 March`` where nobody wrote down when it began."""
    moment = since.moment
    if moment is None:
        return language.say("date unknown")
    days = moment.days_before(as_of)
    dated = days or moment.precision in VAGUE
    if since.recorded:
        return (
            language.say("recorded {date}", date=on(moment, as_of, language))
            if dated
            else language.say("recorded today")
        )
    if not dated:
        return language.say("since today")
    if moment.precision in VAGUE or days > _DAYS_COUNTED:
        return language.say("since {date}", date=on(moment, as_of, language))
    return language.count("{count} day", "{count} days", days)


def briefly(since: Since, as_of: datetime, language: Language = ENGLISH) -> str:
    """The same where there is little room: of ``recorded 3 November`` and ``since 3 November`` the date, ``3 Nov``."""
    moment, whole = since.moment, lasting(since, as_of, language)
    if moment is None or moment.precision in VAGUE or moment.first.year != as_of.year:
        return whole
    if on(moment, as_of, language) not in whole:  # "2 days"
        return whole
    return language.date(_local(moment.first, as_of) if moment.precision == "instant" else moment.first, "short day")


def on(moment: Moment, as_of: datetime, language: Language = ENGLISH) -> str:
    """The date: ``3 March``, of other years ``3 March 2025``, of long ago ``March 2019``; as precise as it was written."""
    day = moment.first
    if moment.precision == "instant":
        day = _local(day, as_of)
    if moment.precision == "year":
        return str(day.year)
    months = (as_of.year - day.year) * _MONTHS_NAMED + as_of.month - day.month
    if moment.precision == "month" or months > _MONTHS_NAMED:
        return language.date(day, "month")
    return language.date(day, "day" if day.year == as_of.year else "day of a year")


def figures(moment: Moment, as_of: datetime, language: Language = ENGLISH) -> str:
    """The date in figures, as in a table: ``2025-03-03``, ``03.03.2025``; as precise as it was written."""
    if moment.precision == "year":
        return str(moment.first.year)
    day = _local(moment.first, as_of) if moment.precision == "instant" else moment.first
    return language.date(day, "month in figures" if moment.precision == "month" else "figures")


def clock(at: datetime, as_of: datetime, language: Language = ENGLISH) -> str:
    """A time to come: ``20:40``, ``tomorrow 08:40``, ``5 March 08:40``."""
    days = (at.date() - as_of.date()) // timedelta(days=1)
    if days == 0:
        return f"{at:%H:%M}"
    if days == 1:
        return language.say("tomorrow {time}", time=f"{at:%H:%M}")
    return language.say("{date} {time}", date=language.date(at, "day"), time=f"{at:%H:%M}")


def _local(instant: datetime, as_of: datetime) -> datetime:
    try:
        return instant.astimezone(as_of.tzinfo)
    except OverflowError:  # the years 1 and 9999, which systems write for "none"
        return instant
