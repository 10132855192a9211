"""The heart after anthracyclines, and second cancers after radiotherapy, years after treatment."""

from cds_service.clinical import Case, Fact, Medication, Span, said
from cds_service.findings.cancer import in_scope
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, absent, cancer_ladder, cards, silent


@cancer_ladder
def late_effects(case: Case, *, echo_interval: Span, follow_up_starts: Span, second_cancer_after: Span) -> Ladder:
    """Fire when the heart of a patient who once had an anthracycline was not looked at within the interval."""
    doses = _anthracyclines(case)
    yield absent("no_anthracycline", doses, needs=("medications", "procedures"))
    yield silent("comfort_care", comfort_care(case))
    yield silent("under_treatment", case.recent(doses, follow_up_starts), doses[:1])
    yield silent("heart_examined", done_or_ordered(case, echo_interval, "echocardiogram"))

    last = next((report for report in case.reports.of("echocardiogram") if report.when is not None), None)
    late = _old_radiotherapy(case, second_cancer_after)
    yield from cards(
        {"no_echo": last is None, "echo_old": True},
        *(doses[:2], last, late[:1], in_scope(case).facts[:1]),
        words={
            "drug": doses[0].called,
            "given": doses[0].when or said("date not recorded"),
            "last": last.when if last is not None and last.when else said("none on record"),
        },
        notes={"second_cancer": late},
        offers=["echocardiogram"],
    )


def _anthracyclines(case: Case) -> tuple[Fact, ...]:
    """Doses and courses, newest first: what was given, stated or ordered and not merely planned."""
    drugs: list[Fact] = [fact for fact in case.medications.of("anthracycline") if _counts(fact)]
    drugs += [fact for fact in case.procedures.of("anthracycline") if fact.status in {"completed", "in-progress"}]
    return tuple(sorted(drugs, key=lambda fact: (fact.when is None, case.days_since(fact.when) or 0)))


def _counts(fact: Medication) -> bool:
    return not (fact.draft or fact.planned or fact.status in {"draft", "on-hold"})


def _old_radiotherapy(case: Case, age: Span) -> tuple[Fact, ...]:
    """Courses that lie further back than ``age``."""
    courses = [one for one in case.procedures.of("radiotherapy") if one.status == "completed" and one.when is not None]
    return tuple(course for course in courses if not case.within(course.when, age))
