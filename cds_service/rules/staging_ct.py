"""Staging of lung metastases or cannonball lesions by contrast CT of thorax, abdomen and pelvis."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Order, Report
from cds_service.findings.cancer import in_scope, metastases
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.contrast_risk import contrast_kidney
from cds_service.findings.finding import Finding, since
from cds_service.findings.imaging_safety import contrast_allergy
from cds_service.findings.lung_disease import NODULES, lung_disease
from cds_service.findings.naming import called
from cds_service.findings.staging_ct import contrast_staging_ct, other_trunk_ct
from cds_service.findings.studies import after, done_or_ordered
from cds_service.findings.surveillance import Schedule, stable_on_schedule
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit


def staging_ct(
    case: Case,
    *,
    ct_lookback: Span,
    chest_ct_lookback: Span,
    disease_status_age: Span,
    early_interval: Span,
    late_interval: Span,
    early_until: Span,
    ends: Span,
    grace: Span,
    contrast_egfr_limit: Limit,
    egfr_age: Span,
) -> Outcome:
    """Fire on lung metastases without staging CT, on nodules seen on a chest film only, and on a draft CT of the chest alone."""
    ordering = case.hook != "patient-view"
    drafts = _chest_drafts(case)
    if ordering and not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    disease = lung_disease(case)
    films = _nodules_on_film(case, chest_ct_lookback)
    if not (disease or films):
        return not_found(case, "no_lung_disease", "conditions", "reports")
    schedule = Schedule(early_interval, late_interval, early_until, ends, grace)
    silent = _in_hand(case, disease, ct_lookback, disease_status_age, schedule)
    if silent is not None:
        return silent
    risk = _contrast_notes(case, egfr_age, contrast_egfr_limit)
    plain = other_trunk_ct(case, ct_lookback)
    if plain and _unsafe(risk):
        return NotFired("staged_without_contrast", (evidence_of(plain[0]),))
    notes = [*risk, *(["without_contrast"] if plain else [])]
    notes += ["not_seen"] if case.lacking("reports", "procedures", "orders") else []
    facts = dict.fromkeys((*drafts[:1], *(disease.facts or films)[:3], *plain[:1]))
    evidence = tuple(evidence_of(fact) for fact in facts) + _kidney_evidence(case, egfr_age, contrast_egfr_limit)
    words: dict[str, Word] = {"disease": called(disease.facts or films), "last": _last_ct(case)}
    offers = _swap(drafts[0]) if ordering else [Offer("ct"), *([Offer("ct_plain")] if _unsafe(risk) else [])]
    message = "chest_ct_alone" if ordering else "staging" if disease else "nodules_on_film"
    return Fired(message, evidence, words, tuple(notes), tuple(offers))


def _chest_drafts(case: Case) -> tuple[Order, ...]:
    """Selected drafts of a CT of the chest that leave out abdomen and pelvis."""
    return tuple(order for order in case.selected_orders("ct-chest") if "ct-chest-abdomen-pelvis" not in order.concepts)


def _nodules_on_film(case: Case, lookback: Span) -> tuple[Report, ...]:
    """The chest film whose newest word is of nodules, when no CT of the chest followed it or is recent."""
    for film in case.reports.of("chest-x-ray"):
        if (film.affirmed | film.doubted) & NODULES:
            later = [ct for ct in after(case.reports.of("ct-chest"), film.when) if ct.when is not None]
            return () if later or done_or_ordered(case, lookback, "ct-chest") else (film,)
        if film.denied & NODULES:
            return ()
    return ()


def _in_hand(case: Case, disease: Finding, lookback: Span, status_age: Span, schedule: Schedule) -> NotFired | None:
    """Why nothing is due: aims of care, a staging CT on record or ordered, or controlled disease that is followed."""
    aims = comfort_care(case)
    if aims:
        return NotFired("comfort_care", tuple(evidence_of(fact) for fact in aims.facts[:2]))
    staged = contrast_staging_ct(case, lookback)
    if staged:
        return NotFired("staged", tuple(evidence_of(fact) for fact in staged[:2]))
    spread = metastases(case) or disease
    controlled = stable_on_schedule(case, since(spread), status_age, schedule)
    if controlled:
        return NotFired("under_surveillance", tuple(evidence_of(fact) for fact in controlled))
    return None


def _contrast_notes(case: Case, age: Span, limit: Limit) -> list[str]:
    kidney = contrast_kidney(case, age, limit)
    notes = ["egfr_low"] if kidney.low else ["egfr_missing"] if kidney.egfr is None else []
    return [*notes, *(["contrast_allergy"] if contrast_allergy(case) else [])]


def _unsafe(notes: list[str]) -> bool:
    return "egfr_low" in notes or "contrast_allergy" in notes


def _kidney_evidence(case: Case, age: Span, limit: Limit) -> tuple[Evidence, ...]:
    egfr = contrast_kidney(case, age, limit).egfr
    return () if egfr is None else (evidence_of(egfr),)


def _last_ct(case: Case) -> Word:
    """The day of the last CT of the chest, dated as the record has it."""
    dated = (report.when for report in case.reports.of("ct-chest") if report.when is not None)
    return next(dated, "none on record")


def _swap(draft: Order) -> list[Offer]:
    return [] if "#" in draft.reference else [Offer("swap", draft=draft.reference)]
