"""What every local treatment of painful bone asks first: is there pain to treat, and must a surgeon judge before?"""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Observation
from cds_service.findings.pain import newest_pain, painful
from cds_service.findings.surgery_first import StabilityLimits, surgery_first
from cds_service.outcomes import CannotTell, NotFired, evidence_of, not_found


@finding
def pain_to_treat(case: Case, limits: StabilityLimits) -> Observation | NotFired | CannotTell:
    """The newest pain score when it is at least moderate and no surgeon must judge first; else why the card is silent."""
    pain = painful(case, limits.pain_score_age, limits.pain_moderate_from)
    if pain is not None:
        return surgeon_first(case, limits) or pain
    newest = newest_pain(case, limits.pain_score_age)
    if newest is not None:
        return NotFired("pain_mild", (evidence_of(newest),))
    return not_found(case, "no_pain_score", "observations")


@finding
def surgeon_first(case: Case, limits: StabilityLimits) -> NotFired | None:
    """Silence because cord, fracture or unstable bone come before any other local treatment."""
    surgery = surgery_first(case, limits)
    return NotFired(surgery.because, tuple(evidence_of(fact) for fact in surgery.facts)) if surgery else None
