"""Bone scintigraphy beside lung metastases or bone symptoms, unless a bone scan or PET has looked at the skeleton."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.advanced_primary import advanced_primary
from cds_service.findings.cancer import in_scope, metastases, primary
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.cord import neurology
from cds_service.findings.finding import since
from cds_service.findings.lung_disease import lung_disease
from cds_service.findings.naming import called
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.surveillance import Schedule, stable_on_schedule
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_BONE_SYMPTOMS = ("bone-pain",)


def staging_bone_scan(
    case: Case,
    *,
    bone_scan_lookback: Span,
    symptom_window: Span,
    primary_window: Span,
    pet_counts: bool,
    disease_status_age: Span,
    early_interval: Span,
    late_interval: Span,
    early_until: Span,
    ends: Span,
    grace: Span,
) -> Outcome:
    """Fire on lung metastases, cannonball lesions, recent bone pain or a new advanced cancer without a look at the skeleton."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    schedule = Schedule(early_interval, late_interval, early_until, ends, grace)
    message, facts = _reason(case, symptom_window, primary_window, disease_status_age, schedule)
    if message == "under_surveillance":
        return NotFired(message, _quoted(facts))
    if not message:
        return not_found(case, "no_reason", "conditions", "observations", "reports")
    aims = comfort_care(case)
    if aims:
        return NotFired("comfort_care", _quoted(aims.facts))
    myeloma = primary(case, "myeloma")
    if myeloma and not metastases(case):
        return NotFired("myeloma", _quoted(myeloma.facts))
    looked = ("bone-scan", "bone-naf-pet", *(["pet-ct"] if pet_counts else []))
    scans = done_or_ordered(case, bone_scan_lookback, *looked)
    if scans:
        return NotFired("skeleton_imaged", _quoted(scans))
    notes = ("not_seen",) if case.lacking("reports", "procedures", "orders") else ()
    return Fired(message, _quoted(facts), {"finding": called(facts)}, notes, (Offer("bone_scan"),))


def _reason(
    case: Case, symptom_window: Span, primary_window: Span, status_age: Span, schedule: Schedule
) -> tuple[str, tuple[Fact, ...]]:
    """Which message is due and on which facts; symptoms speak even in a patient whose disease is followed as stable."""
    pain = neurology(case, symptom_window, *_BONE_SYMPTOMS).recent
    if pain:
        return "bone_symptoms", (*pain[:3], *in_scope(case).facts[:2])
    lungs = lung_disease(case)
    if lungs:
        followed = stable_on_schedule(case, since(metastases(case) or lungs), status_age, schedule)
        return ("under_surveillance", followed) if followed else ("lung_disease", lungs.facts)
    advanced = advanced_primary(case, primary_window)
    return ("advanced_primary", advanced.facts) if advanced else ("", ())


def _quoted(facts: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in facts[:6])
