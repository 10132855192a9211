"""The heart after anthracyclines, and second cancers after radiotherapy, years after treatment."""

from cds_service.clinical import Case, Fact, Span, said
from cds_service.findings.cancer import in_scope
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, absent, cancer_ladder, cards, silent


@cancer_ladder
def late_effects(case: Case, *, echo_interval: Span, follow_up_starts: Span, second_cancer_after: Span) -> Ladder:
    """Fire when the heart of a patient who once had an anthracycline was not looked at within the interval."""
    given = {"completed", "in-progress"}
    courses = [one for one in case.procedures.of("anthracycline") if one.status in given]
    drugs = [one for one in case.medications.of("anthracycline") if one.status not in {"draft", "on-hold"}]
    known: list[Fact] = [*(drug for drug in drugs if not (drug.draft or drug.planned)), *courses]
    doses = sorted(known, key=lambda fact: (fact.when is None, case.days_since(fact.when) or 0))
    yield absent("no_anthracycline", doses, needs=("medications", "procedures"))
    yield silent("comfort_care", comfort_care(case))
    yield silent("under_treatment", case.recent(doses, follow_up_starts), doses[:1])
    yield silent("heart_examined", done_or_ordered(case, echo_interval, "echocardiogram"))

    last = next((report for report in case.reports.of("echocardiogram") if report.when is not None), None)
    rays = [course for course in case.procedures.of("radiotherapy") if course.status == "completed" and course.when]
    late = [course for course in rays if not case.within(course.when, second_cancer_after)]
    yield from cards(
        {"no_echo": last is None, "echo_old": True},
        *(doses[:2], last, late[:1], in_scope(case).facts[:1]),
        words={
            "drug": doses[0].called,
            "given": doses[0].when or said("date not recorded"),
            "last": (last and last.when) or said("none on record"),
        },
        notes={"second_cancer": late},
        offers=["echocardiogram"],
    )
