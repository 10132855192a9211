"""When something was: dates, periods, ages and words, each as the span of time that it may mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta

import msgspec
from msgspec import Raw

from cds_service.chart.decode import decoded
from cds_service.chart.elements import Period, ReferenceRange, WireQuantity
from cds_service.chart.reading import Reading
from cds_service.chart.wire import Resource
from cds_service.terminology.dates import VAGUE, Moment, Span, parse_moment
from cds_service.terminology.wording import plain

NO_PERIOD = Period()
_PERIOD = msgspec.json.Decoder(Period)
_QUANTITY = msgspec.json.Decoder(WireQuantity, strict=False)
_RANGE = msgspec.json.Decoder(ReferenceRange, strict=False)


def moment_of(reading: Reading, *texts: str | None) -> Moment | None:
    """The first of these dates that can be read and does not lie in the future."""
    for text in texts:
        moment = parse_moment(text) if text else None
        if moment is not None and moment.first <= reading.ahead:
            return moment
    return None


def date_of(resource: Resource, reading: Reading) -> Moment | None:
    """The date of a resource of any kind that is known by when it was, was noted or was issued."""
    return moment_of(reading, *(getattr(resource, name, None) for name in _DATES))


_DATES = (
    *("effective_date_time", "effective_instant", "issued", "onset_date_time", "recorded_date"),
    *("performed_date_time", "authored_on"),
)


def future_of(reading: Reading, *texts: str | None) -> Moment | None:
    """The first of these dates that lies ahead by more than a day."""
    moments = (parse_moment(text) for text in texts if text)
    return next((moment for moment in moments if moment is not None and moment.first > reading.ahead), None)


def note_doubtful_date(
    reading: Reading, need: str, reference: str, concepts: frozenset[str], when: Moment | None, label: str = ""
) -> None:
    """Note a date that is missing, or too vague for a window: then nobody can tell whether it lies within one."""
    if when is None:
        reading.gap(need, "undated", reference, concepts, label)
    elif when.precision in VAGUE:
        reading.gap(need, "vague-date", reference, concepts, when.text, when)


def period_of(raw: Raw) -> Period:
    """Decode a Period leniently; an unreadable one has neither start nor end."""
    return (decoded(raw, _PERIOD) if raw else None) or NO_PERIOD


def moment_at_age(reading: Reading, age: Raw, ages: Raw) -> Moment | None:
    """When the patient was of this Age, or of an age in this Range; ``None`` without a date of birth."""
    birth = reading.patient.birth if reading.patient is not None else None
    if birth is None or not (age or ages):
        return None
    if age:
        exact = decoded(age, _QUANTITY)
        return _at_age(reading, birth, exact, exact)
    given = decoded(ages, _RANGE)
    return _at_age(reading, birth, given.low or given.high, given.high or given.low) if given else None


def moment_in_words(text: str | None, months: Mapping[str, int]) -> Moment | None:
    """The date that words name: ``2019``, ``seit März 2019``, ``03/2019``, ``12.03.2019``; a year is enough.

    ``months`` are known by the letters that they begin with.
    """
    if not text:
        return None
    moment = parse_moment(text)
    if moment is not None:
        return moment
    for pattern, order in _WRITTEN:
        if match := pattern.search(text):
            written = "-".join(_padded(match[part]) for part in order)
            return parse_moment(written)
    if (match := _MONTH_NAME.search(plain(text))) and (month := _month(match[1].lower(), months)):
        return parse_moment(f"{match[2]}-{month:02}")
    years: Iterable[str] = _YEAR.findall(text)
    return next((moment for year in years if (moment := parse_moment(year)) is not None), None)


_MONTHS_OF = {"a": 12, "mo": 1}


def _at_age(reading: Reading, birth: Moment, low: WireQuantity | None, high: WireQuantity | None) -> Moment | None:
    if low is None or high is None or low.value is None or high.value is None:
        return None
    months = _MONTHS_OF.get(reading.meanings.codebook.units.normalise(low.code or low.unit or "a") or "")
    if months is None or not 0 <= low.value <= high.value <= 150 * 12:
        return None
    first = Span(months=int(low.value * months)).after(birth.first)
    last = Span(months=int(high.value * months) + months).after(birth.last) - timedelta(days=1)
    text = f"age {low.value}" if low.value == high.value else f"age {low.value} to {high.value}"
    return Moment(text, first, datetime.combine(last.date(), time.max, UTC), "year")


_WRITTEN: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = (
    (re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b"), (1, 2, 3)),
    (re.compile(r"\b(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)\b"), (3, 2, 1)),
    (re.compile(r"\b((?:19|20)\d\d)-(\d\d)\b"), (1, 2)),
    (re.compile(r"(?<![\d/.])(0?[1-9]|1[0-2])[/.]((?:19|20)\d\d)\b"), (2, 1)),
)
_YEAR = re.compile(r"(?<![\d.,])((?:19|20)\d\d)(?![\d%]|\s?(?:mg|ml|g|cm|mm)\b)")
_MONTH_NAME = re.compile(r"\b([A-Za-z]{3,10})\.?,? ((?:19|20)\d\d)\b")


def _month(name: str, months: Mapping[str, int]) -> int | None:
    """A month by its longest known beginning: ``juil`` is not ``jui``."""
    return next((months[name[:length]] for length in (4, 3) if name[:length] in months), None)


def _padded(number: str) -> str:
    return number.zfill(2)
