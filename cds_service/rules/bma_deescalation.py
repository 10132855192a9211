"""Zoledronic acid every three to four weeks in controlled disease: twelve weeks will do."""

from cds_service.clinical import Case, Offer, Span, Word, said
from cds_service.findings.bone_agents import drafted, in_use, stated_dose
from cds_service.findings.bone_disease import skeletal_events
from cds_service.findings.disease_course import disease_status
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.findings.zoledronate import MISFITS, DoseByKidney, dose_for_bone, says_hypercalcaemia, zoledronate_dose
from cds_service.ladder import Ladder, absent, card, draft_needed, ladder, needed, silent


@ladder
def bma_deescalation(
    case: Case,
    *,
    earliest: Span,
    latest: Span,
    frequent_up_to: int,
    spaced_interval: int,
    treatment_lookback: Span,
    event_window: Span,
    status_age: Span,
    kidney: DoseByKidney,
) -> Ladder:
    """Fire when zoledronic acid has been frequent for long enough, the disease is controlled, and no event is recent."""
    drafts = (draft for draft in drafted(case, kidney.agents, "zoledronic-acid") if not says_hypercalcaemia(draft))
    opening, draft = case.hook == "patient-view", next(drafts, None)
    yield from draft_needed(case, draft)
    running = next(iter(in_use(case, kidney.agents, treatment_lookback)), None)
    course = yield from needed("not_on_zoledronic_acid", running, needs=("medications",))
    yield silent("not_on_zoledronic_acid", course.agent != "zoledronic-acid", course.facts)

    misfit = draft is not None and dose_for_bone(case, draft, kidney) in MISFITS
    yield silent("said_with_the_dose", misfit and not opening, draft)
    spacing = (draft and draft.interval_days) or course.spacing
    yield silent("interval_unknown", spacing is None, draft, course.facts)
    yield silent("already_spaced", spacing and spacing > frequent_up_to, draft, course.facts)
    yield silent("not_yet", not case.long_ago(course.first, earliest), draft, course.facts)
    yield silent("recent_event", skeletal_events(case, event_window))
    status = disease_status(case, status_age)
    yield silent("progression", status.progressing, status)
    yield absent("status_unknown", status.controlled, needs=("observations",))
    yield silent("comfort_care", hospice_or_comfort(case))

    dose = stated_dose(draft, kidney.agents) if draft else zoledronate_dose(case, kidney.doses, kidney.clearance).dose
    words: dict[str, Word] = {"dose": dose or "", "interval": spaced_interval}
    offer = Offer("space_draft", words, draft.reference) if draft else Offer("space", words)
    coded = any("zoledronic-acid" in fact.coded for fact in (*course.doses, *course.orders))
    offered = dose is not None and (draft is not None or coded)
    yield card(
        "order" if draft else "review",
        *(draft, course.doses[:2], course.doses[-1:], course.orders[:1], status),
        words={
            "first": course.first or said("date not recorded"),
            "spacing": spacing or "",
            "interval": spaced_interval,
        },
        notes={
            "late": case.long_ago(course.first, latest),
            "doses_not_seen": not course.doses,
            "replace_order": not draft and offered,
            "dose_open": not draft and not offered,
        },
        offers=[offer] if offered else [],
    )
