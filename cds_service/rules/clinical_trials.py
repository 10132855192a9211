"""Clinical trials as a choice in metastatic cancer."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.findings.cancer import in_scope, metastases
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.naming import called
from cds_service.findings.performance_status import performance_status
from cds_service.outcomes import Fired, NotFired, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span


def clinical_trials(case: Case, *, performance_age: Span, poor_performance_from: int) -> Outcome:
    """Fire on active metastases in a patient who may be fit enough for a trial."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    spread = metastases(case)
    if not spread:
        return not_found(case, "no_metastases", "conditions", "observations", "reports")
    aims = comfort_care(case)
    if aims:
        return NotFired("comfort_care", tuple(evidence_of(fact) for fact in aims.facts[:2]))
    performance = performance_status(case, performance_age)
    if performance is not None and performance.ecog >= poor_performance_from:
        return NotFired("poor_performance", (evidence_of(performance.fact),))
    notes = () if performance else ("performance_unknown",)
    facts = (*spread.facts[:4], *((performance.fact,) if performance else ()))
    return Fired("consider", tuple(evidence_of(fact) for fact in facts), {"disease": called(spread.facts)}, notes)
