"""Tumour markers: which belong to this cancer, which of them are missing, very high, or rise."""

from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical import (
    Case,
    Fact,
    Limit,
    Measured,
    Observation,
    Span,
    Table,
    above,
    at_least,
    finding,
    is_measured,
)
from cds_service.findings.cancer import named_primary, primary, unknown_primary
from cds_service.findings.limits import own_or_usual
from cds_service.findings.studies import measured_or_ordered


@dataclass(frozen=True, slots=True)
class MarkersOf:
    """The markers of the cancers of one primary: for whoever has it, and by sex and age."""

    name: str
    """Value set of the primary."""
    everybody: tuple[str, ...] = ()
    women: tuple[str, ...] = ()
    men: tuple[str, ...] = ()
    young_men: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UsualLimit:
    """Of a marker, for results that carry no range of their own laboratory."""

    upper: Limit


@dataclass(frozen=True, slots=True)
class Rise:
    """A marker above its limit that went up between its last two comparable results."""

    newest: Measured
    before: Measured


@finding
def markers_of_cancer(case: Case, known: Table[MarkersOf], young_below: int) -> tuple[str, ...]:
    """The markers that this patient's cancer may make: by primary, sex and age."""
    found: list[str] = []
    for row in known:
        if unknown_primary(case) if row.name == "unknown-primary" else primary(case, row.name):
            found += row.everybody
            found += row.women if case.sex == "female" else row.men if case.sex == "male" else ()
            found += row.young_men if case.sex == "male" and case.age is not None and case.age < young_below else ()
    return tuple(dict.fromkeys(found))


@finding
def telling_markers(case: Case, known: Table[MarkersOf], of_cancer: tuple[str, ...]) -> tuple[str, ...]:
    """The markers whose results tell of this cancer: its own; any that is known, as long as no primary is named.

    LDH rises with much else: it is measured, and tells nothing by itself.
    """
    rows = known if not named_primary(case) else ()
    others = [marker for row in rows for marker in (*row.everybody, *row.women, *row.men, *row.young_men)]
    return tuple(name for marker in dict.fromkeys((*of_cancer, *others)) if marker != "ldh" for name in _either(marker))


@finding
def missing_markers(case: Case, lookback: Span, *markers: str) -> tuple[str, ...]:
    """Those of these markers that were neither measured nor ordered within the look-back."""
    return tuple(one for one in markers if not measured_or_ordered(case, lookback, *_either(one)))


@finding
def followed_markers(case: Case, lookback: Span, *markers: str) -> tuple[Fact, ...]:
    """Results and orders of these markers, or of what stands for one of them, within the look-back."""
    return measured_or_ordered(case, lookback, *(each for one in markers for each in _either(one)))


@finding
def very_high_markers(
    case: Case, lookback: Span, times: Decimal, usual: Table[UsualLimit], *markers: str
) -> tuple[Observation, ...]:
    """Newest results within the look-back at or above so many times the laboratory's, else the usual, upper limit."""
    return tuple(
        result
        for marker in markers
        if (result := _newest(case, lookback, marker)) is not None
        and at_least(result, own_or_usual(result, _limit(usual, marker), times))
    )


@finding
def rising_markers(
    case: Case, lookback: Span, percent: Decimal, usual: Table[UsualLimit], *markers: str
) -> tuple[Rise, ...]:
    """Markers above their limit whose newest result lies at least so many percent above the one before."""
    found = []
    for marker in markers:
        newest = _newest(case, lookback, marker)
        if newest is None or not above(newest, own_or_usual(newest, _limit(usual, marker))):
            continue
        before = next((fact for fact in _results(case, marker) if _is_earlier(fact, newest)), None)
        if before is not None and _went_up(before, newest, percent):
            found.append(Rise(newest, before))
    return tuple(found)


def _either(marker: str) -> tuple[str, ...]:
    """CA 15-3 and CA 27-29 measure the same mucin (MUC1): one of them is enough."""
    return ("ca15-3", "ca27-29") if marker == "ca15-3" else (marker,)


def _results(case: Case, marker: str) -> list[Measured]:
    return [one for one in filter(is_measured, case.observations.of(marker)) if one.status != "preliminary"]


def _newest(case: Case, lookback: Span, marker: str) -> Measured | None:
    return next(iter(case.recent(_results(case, marker), lookback)), None)


def _limit(usual: Table[UsualLimit], marker: str) -> Limit | None:
    row = usual.get(marker)
    return row.upper if row is not None else None


def _is_earlier(fact: Observation, newest: Observation) -> bool:
    return fact.when is not None and newest.when is not None and fact.when.last < newest.when.last


def _went_up(before: Measured, newest: Measured, percent: Decimal) -> bool:
    if before.comparator[:1] == ">" or newest.comparator[:1] == "<":
        return False
    former = before.value.converted(newest.value.unit)
    if former is None or former.value <= 0:
        return False
    return (newest.value.value - former.value) * 100 >= percent * former.value
