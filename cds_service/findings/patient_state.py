"""How the patient is as a whole: performance status, aims of care, prognosis, pregnancy."""

from dataclasses import dataclass

from cds_service.clinical import Case, Fact, Observation, Span, Table, finding
from cds_service.findings.finding import Finding, summed_up


@dataclass(frozen=True, slots=True)
class Grade:
    """A row of the conversion: an ECOG grade, and the Karnofsky indices that mean it."""

    ecog: int
    karnofsky_from: int
    karnofsky_to: int


@dataclass(frozen=True, slots=True)
class PerformanceLimit:
    """How old a score may be, which ECOG grade a Karnofsky index means, and from which grade on a patient is unfit."""

    performance_age: Span
    performance_grades: Table[Grade]
    poor_performance_from: int | None = None


class Performance(Finding, frozen=True):
    """ECOG grade 0 (fully active) to 5 (dead) by the newest score; without one there is no fact, and it is not poor."""

    ecog: int = 0
    poor: bool = False


@finding
def performance_status(case: Case, limit: PerformanceLimit) -> Performance:
    """The newest usable ECOG or Karnofsky score that is not too old; of one day, the ECOG grade itself."""
    found = ((_grade(fact, limit.performance_grades), fact) for fact in _recent_scores(case, limit.performance_age))
    grades = ((grade.ecog, fact) for grade, fact in found if grade is not None)
    newest = min(grades, key=lambda one: (case.days_since(one[1].when), "ecog" not in one[1].concepts), default=None)
    if newest is None:
        return Performance(())
    ecog, fact = newest
    poor_from = limit.poor_performance_from
    return Performance((fact,), ecog=ecog, poor=poor_from is not None and ecog >= poor_from)


@finding
def _recent_scores(case: Case, age: Span) -> tuple[Observation, ...]:
    return case.recent(case.observations.of("ecog", "karnofsky"), age)


def _grade(fact: Observation, grades: Table[Grade]) -> Grade | None:
    """The grade that a score means; ``None`` for a number that its scale does not have."""
    if fact.value is None or fact.comparator or fact.status == "preliminary":
        return None
    number = fact.value.value
    if "ecog" in fact.concepts:
        return next((grade for grade in grades if grade.ecog == number), None)
    whole = number == number.to_integral_value()
    return next((grade for grade in grades if whole and grade.karnofsky_from <= number <= grade.karnofsky_to), None)


@finding
def comfort_care(case: Case) -> Finding:
    """Hospice or comfort care: an encounter, a palliative referral in force, or a condition that says so.

    A do-not-resuscitate order is none of these and silences nothing.
    """
    return _aims(case, "hospice", "comfort-care", "palliative-care", orders=("palliative-referral",))


@finding
def hospice_or_comfort(case: Case) -> Finding:
    """Hospice or comfort care only; palliative care beside active treatment is none of it."""
    return _aims(case, "hospice", "comfort-care")


@finding
def short_prognosis(case: Case) -> Finding:
    """A life expectancy of less than three months, or terminal illness, in code or words."""
    stated = (fact for fact in case.observations.of("terminal-prognosis") if fact.present is not False)
    return summed_up((*case.active("terminal-prognosis"), *stated), ("terminal-prognosis",))


@finding
def possible_pregnancy(case: Case, test_age: Span) -> tuple[Fact, ...]:
    """A pregnancy on record, or the newest pregnancy test within ``test_age`` when it is positive."""
    tests = case.recent(case.observations.of("pregnancy-test"), test_age)[:1]
    return (*case.active("pregnancy"), *(test for test in tests if test.present or "pregnancy" in test.answers))


def _aims(case: Case, *concepts: str, orders: tuple[str, ...] = ()) -> Finding:
    encounters = (fact for fact in case.encounters.of(*concepts) if fact.status != "finished")
    ordered = (one for one in case.orders.of(*concepts, *orders) if one.status in {"active", "completed"})
    return summed_up((*encounters, *case.active(*concepts), *ordered), (*concepts, *orders))
