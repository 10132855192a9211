"""FDG PET-CT for full staging of new metastases, unless bone scan and staging CT have done the work."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.advanced_primary import advanced_primary
from cds_service.findings.cancer import in_scope, primary
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.naming import called
from cds_service.findings.new_disease import new_disease
from cds_service.findings.staging_ct import contrast_staging_ct
from cds_service.findings.studies import done_or_ordered
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span


def staging_pet(
    case: Case,
    *,
    new_disease_window: Span,
    primary_window: Span,
    pet_lookback: Span,
    bone_scan_lookback: Span,
    ct_lookback: Span,
) -> Outcome:
    """Fire on metastases found of late, or a new cancer of stage III or IV, without PET."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    spread = new_disease(case, new_disease_window)
    advanced = advanced_primary(case, primary_window)
    if not (spread or advanced):
        return not_found(case, "no_new_disease", "conditions", "observations", "reports")
    aims = comfort_care(case)
    if aims:
        return NotFired("comfort_care", _quoted(aims.facts))
    pet = done_or_ordered(case, pet_lookback, "pet-ct")
    if pet:
        return NotFired("pet_on_record", _quoted(pet))
    scan, ct = done_or_ordered(case, bone_scan_lookback, "bone-scan"), contrast_staging_ct(case, ct_lookback)
    if scan and ct:
        return NotFired("other_scans", _quoted((*scan[:1], *ct)))
    found = spread or advanced
    return Fired(
        "new_metastases" if spread else "advanced_primary",
        _quoted((*found.facts[:4], *scan[:1], *ct[:1])),
        {"disease": called(found.facts)},
        tuple(_notes(case)),
        (Offer("pet"),),
    )


def _quoted(facts: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in facts[:6])


def _notes(case: Case) -> list[str]:
    notes = ["prostate"] if primary(case, "prostate-cancer") else []
    if primary(case, "kidney-cancer"):
        notes.append("kidney")
    if any(fact.state == "active" for fact in case.conditions.of("diabetes")):
        notes.append("diabetes")
    if any(fact.state == "active" for fact in case.conditions.of("pregnancy")):
        notes.append("pregnancy")
    return [*notes, *(["not_seen"] if case.lacking("reports", "procedures", "orders") else [])]
