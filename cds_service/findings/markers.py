"""Tumour markers: which belong to this cancer, which of them are missing, very high, or rise."""

from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical import Case, Fact, Limit, Measured, Span, Table, above, at_least, finding, is_measured
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
class MarkerReading:
    """Which markers a cancer makes, the usual limits of each, and from where on a result is very high or a rise counts."""

    markers: Table[MarkersOf]
    usual_limits: Table[UsualLimit]
    young_below: int
    very_high_times: Decimal
    rise_percent: Decimal

    def upper(self, marker: str, result: Measured, times: Decimal = Decimal(1)) -> Limit | None:
        """So many times the laboratory's own upper limit, else the usual one of the marker, where it has one."""
        row = self.usual_limits.get(marker)
        return own_or_usual(result, row.upper if row is not None else None, times)


@finding
def markers_of_cancer(case: Case, reading: MarkerReading) -> tuple[str, ...]:
    """The markers that this patient's cancer may make: by primary, sex and age."""
    found: list[str] = []
    young = case.sex == "male" and case.age is not None and case.age < reading.young_below
    for row in reading.markers:
        if unknown_primary(case) if row.name == "unknown-primary" else primary(case, row.name):
            of_sex = row.women if case.sex == "female" else row.men if case.sex == "male" else ()
            found += (*row.everybody, *of_sex, *(row.young_men if young else ()))
    return tuple(dict.fromkeys(found))


@finding
def telling_markers(case: Case, reading: MarkerReading) -> tuple[str, ...]:
    """The markers whose results tell of this cancer: its own; any that is known, as long as no primary is named.

    LDH rises with much else: it is measured, and tells nothing by itself.
    """
    rows = reading.markers if not named_primary(case) else ()
    others = [marker for row in rows for marker in (*row.everybody, *row.women, *row.men, *row.young_men)]
    known = dict.fromkeys((*markers_of_cancer(case, reading), *others))
    return tuple(name for marker in known if marker != "ldh" for name in _either(marker))


@finding
def missing_markers(case: Case, lookback: Span, *markers: str) -> tuple[str, ...]:
    """Those of these markers that were neither measured nor ordered within the look-back."""
    return tuple(one for one in markers if not measured_or_ordered(case, lookback, *_either(one)))


@finding
def followed_markers(case: Case, lookback: Span, *markers: str) -> tuple[Fact, ...]:
    """Results and orders of these markers, or of what stands for one of them, within the look-back."""
    return measured_or_ordered(case, lookback, *(each for one in markers for each in _either(one)))


@finding
def very_high_markers(case: Case, lookback: Span, reading: MarkerReading, *markers: str) -> tuple[Measured, ...]:
    """Newest results within the look-back at or above so many times the laboratory's, else the usual, upper limit."""
    newest = ((marker, one) for marker in markers for one in case.recent(_results(case, marker), lookback)[:1])
    return tuple(one for marker, one in newest if at_least(one, reading.upper(marker, one, reading.very_high_times)))


@finding
def rising_markers(
    case: Case, lookback: Span, reading: MarkerReading, *markers: str
) -> tuple[tuple[Measured, Measured], ...]:
    """The newest result above its limit with the one before it, for each marker that went up by at least so many percent."""
    found = []
    for marker in markers:
        results = _results(case, marker)
        for newest in case.recent(results, lookback)[:1]:
            over = above(newest, reading.upper(marker, newest))
            earlier = (one for one in results if one.when and newest.when and one.when.last < newest.when.last)
            before = next(earlier, None)
            if over and before and _went_up(before, newest, reading.rise_percent):
                found.append((newest, before))
    return tuple(found)


def _either(marker: str) -> tuple[str, ...]:
    """CA 15-3 and CA 27-29 measure the same mucin (MUC1): one of them is enough."""
    return ("ca15-3", "ca27-29") if marker == "ca15-3" else (marker,)


def _results(case: Case, marker: str) -> list[Measured]:
    return [one for one in filter(is_measured, case.observations.of(marker)) if one.status != "preliminary"]


def _went_up(before: Measured, newest: Measured, percent: Decimal) -> bool:
    former = before.value.converted(newest.value.unit)
    if former is None or former.value <= 0 or before.comparator[:1] == ">" or newest.comparator[:1] == "<":
        return False
    return (newest.value.value - former.value) * 100 >= percent * former.value
