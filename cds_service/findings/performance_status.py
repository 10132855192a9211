"""How able the patient is: the newest ECOG grade, or a Karnofsky index read as one."""

from dataclasses import dataclass

from cds_service.clinical import Case, Observation, Span, Table, finding


@dataclass(frozen=True, slots=True)
class Grade:
    """A row of the conversion: an ECOG grade, and the Karnofsky indices that mean it."""

    ecog: int
    karnofsky_from: int
    karnofsky_to: int


@dataclass(frozen=True, slots=True)
class PerformanceReading:
    """How old a score may be, and which ECOG grade a Karnofsky index means."""

    performance_age: Span
    performance_grades: Table[Grade]


@dataclass(frozen=True, slots=True)
class Performance:
    """ECOG grade 0 (fully active) to 5 (dead), on this observation."""

    ecog: int
    fact: Observation


@finding
def performance_status(case: Case, reading: PerformanceReading) -> Performance | None:
    """The newest usable ECOG or Karnofsky score that is not too old; of one day, the ECOG grade itself."""
    scores = _recent_scores(case, reading.performance_age)
    found = ((_grade(fact, reading.performance_grades), fact) for fact in scores)
    grades = ((grade.ecog, fact) for grade, fact in found if grade is not None)
    newest = min(grades, key=lambda one: (case.days_since(one[1].when), "ecog" not in one[1].concepts), default=None)
    return Performance(*newest) if newest else None


@finding
def _recent_scores(case: Case, age: Span) -> tuple[Observation, ...]:
    return case.recent(case.observations.of("ecog", "karnofsky"), age)


@dataclass(frozen=True, slots=True)
class PerformanceLimit:
    """From which ECOG grade on a patient is unfit."""

    poor_performance_from: int
    reading: PerformanceReading


@finding
def poor_performance(case: Case, limit: PerformanceLimit) -> Performance | None:
    """The newest score when it is as poor as the limit."""
    status = performance_status(case, limit.reading)
    return status if status is not None and status.ecog >= limit.poor_performance_from else None


def _grade(fact: Observation, grades: Table[Grade]) -> Grade | None:
    """The grade that a score means; ``None`` for a number that its scale does not have."""
    if fact.value is None or fact.comparator or fact.status == "preliminary":
        return None
    number = fact.value.value
    if "ecog" in fact.concepts:
        return next((grade for grade in grades if grade.ecog == number), None)
    whole = number == number.to_integral_value()
    return next((grade for grade in grades if whole and grade.karnofsky_from <= number <= grade.karnofsky_to), None)
