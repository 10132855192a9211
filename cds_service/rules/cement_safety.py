"""An order for vertebroplasty, kyphoplasty or other cement in a patient whom it may harm."""

from cds_service.clinical import Case, Offer, Span
from cds_service.findings.bleeding import BleedingLimits, bleeding
from cds_service.findings.cord import compression, cord_at_risk
from cds_service.findings.finding import names
from cds_service.findings.patient_state import PerformanceLimit, performance_status
from cds_service.findings.surgery_first import infections
from cds_service.ladder import Ladder, absent, card, draft_needed, ladder


@ladder
def cement_safety(
    case: Case, *, neurology_window: Span, infection_window: Span, bleeds: BleedingLimits, unfit: PerformanceLimit
) -> Ladder:
    """Fire when cement is ordered with cord compression or infection (critical), bleeding risk or poor health (warning)."""
    drafts = yield from draft_needed(case, case.selected_orders("cementoplasty"))

    cord, blood, status = cord_at_risk(case, neurology_window), bleeding(case, bleeds), performance_status(case, unfit)
    compressed = compression(case, neurology_window)
    severe = infections(case, infection_window, "severe-infection")
    against = {
        "cord_compression": cord.facts if compressed else (),
        "cord_suspected": () if compressed else cord.facts,
        "severe_infection": severe,
        "infection": () if severe else infections(case, infection_window),
        "bleeding": blood.against,
        "poor_health": status.facts if status.poor else (),
    }
    found = {name: facts for name, facts in against.items() if facts}
    yield absent("nothing_against_it", found, needs=("conditions", "observations"))
    message, *others = found
    cancel = "cancel_and_refer" if cord else "cancel"
    yield card(
        message,
        *(found[message], *(found[name][:2] for name in others), drafts, blood.facts[:2]),
        words={"ordered": drafts[0].called, "reason": names(found[message], *case.groups["telling-findings"])},
        notes={**{f"also_{name}": True for name in others}, "anticoagulant": blood.anticoagulants},
        offers=[Offer(cancel, draft=draft.reference) for draft in drafts],
    )
