"""Radiotherapy under way or just finished: blood count and side effects."""

from cds_service.clinical import Case, Fact, Span
from cds_service.findings.studies import ordered
from cds_service.findings.treatment import treatments
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent, unknown

_COUNTS = ("full-blood-count", "haemoglobin", "platelets")


@cancer_ladder
def radiotherapy_toxicity(case: Case, *, after_radiotherapy: Span, blood_count_age: Span) -> Ladder:
    """Fire while radiotherapy is under way, ordered or was finished within the window, and no blood count is at hand."""
    given = [
        course
        for course in case.procedures.of("radiotherapy")
        if course.status == "in-progress"
        or (course.status in {"completed", "stopped"} and case.within(course.when, after_radiotherapy))
    ]
    courses: tuple[Fact, ...] = (*given, *treatments(ordered(case, after_radiotherapy, "radiotherapy")))
    yield absent("no_radiotherapy", courses, needs=("procedures", "orders"))
    counts = case.recent(case.observations.of(*_COUNTS), blood_count_age)
    yield silent("blood_count_at_hand", (*counts, *ordered(case, blood_count_age, *_COUNTS)))
    yield unknown("observations", case.lacking("observations"))
    yield card(
        "check_blood_count",
        courses[:4],
        words={"course": courses[0].called},
        notes={"pelvis": any("site-pelvis" in course.sites for course in courses)},
        offers=["full_blood_count"],
    )
