"""A draft of dexamethasone: the tissue, the dose in suspected cord compression, glucose, the stomach."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Medication
from cds_service.findings.cancer import cancer_name, in_scope, primary
from cds_service.findings.cord import COMPRESSION, suspected_compression
from cds_service.findings.finding import Finding
from cds_service.findings.medicines import on_medicine
from cds_service.findings.steroid import (
    daily_dexamethasone,
    glucose_at_risk,
    is_older,
    single_dose,
    steroid_drafts,
    stomach_at_risk,
)
from cds_service.findings.studies import done
from cds_service.findings.tissue import lymphoma, solid_primary_in_words, tissue_unknown
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Quantity


def dexamethasone_safety(
    case: Case,
    *,
    neurology_window: Span,
    minimum_dose: Quantity,
    maximum_dose: Quantity,
    age_over: int,
    glucose_lookback: Span,
) -> Outcome:
    """Fire on a draft of dexamethasone that may spoil a diagnosis, is dosed wrongly for cord compression, or lacks its cover."""
    drafts = steroid_drafts(case)
    if not drafts:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    compressed = _compressed(case, drafts, neurology_window)
    found = _Found(
        drafts,
        compressed,
        dose=_dose_concern(case, drafts, compressed, minimum_dose, maximum_dose, neurology_window),
        tissue=_tissue_concern(case, compressed),
        glucose=glucose_at_risk(case, glucose_lookback),
        stomach=stomach_at_risk(case, age_over),
    )
    concerns = found.concerns
    if not concerns:
        known = tuple(evidence_of(draft) for draft in drafts)
        return not_found(case, "no_concern", "conditions", "medications", evidence=known)
    return _fire(case, found, concerns, is_older(case, age_over))


@dataclass(frozen=True, slots=True)
class _Found:
    """What speaks against the drafts as they stand."""

    drafts: tuple[Medication, ...]
    compressed: Finding
    dose: str
    tissue: str
    glucose: tuple[Fact, ...]
    stomach: tuple[Fact, ...]

    @property
    def concerns(self) -> tuple[str, ...]:
        """Names of messages, gravest first."""
        named = (self.tissue, self.dose, "diabetes" if self.glucose else "", "no_ppi" if self.stomach else "")
        return tuple(name for name in named if name)


def _compressed(case: Case, drafts: tuple[Medication, ...], window: Span) -> Finding:
    """Cord compression that the record suspects, or that a draft names as its reason."""
    found = suspected_compression(case, window)
    named = tuple(draft for draft in drafts if not draft.reasons.isdisjoint(COMPRESSION))
    return Finding((*found.facts, *named), found.coded) if named else found


def _dose_concern(
    case: Case, drafts: tuple[Medication, ...], compressed: Finding, minimum: Quantity, maximum: Quantity, window: Span
) -> str:
    """Too much over the drafts, or too little over drafts and what is in use, unless treatment has begun and it is tapered."""
    if not compressed:
        return ""
    drafted, together = daily_dexamethasone(case, drafts_only=True), daily_dexamethasone(case, drafts_only=False)
    doses = [dose for draft in drafts if (dose := single_dose(draft)) is not None]
    if any(dose.value > maximum.value for dose in (*doses, *([drafted] if drafted else []))):
        return "dose_high"
    treated = done(case, window, "radiotherapy", "sbrt", "orthopaedic-fixation")
    return "dose_low" if together is not None and together.value < minimum.value and not treated else ""


def _tissue_concern(case: Case, compressed: Finding) -> str:
    """Lymphoma, or no tissue: not where the disease is under treatment and the steroid has another reason."""
    in_hand = bool(on_medicine(case, "systemic-anticancer")) and not compressed
    present = [fact for fact in lymphoma(case).facts if compressed or getattr(fact, "state", "active") == "active"]
    if present and not in_hand:
        return "lymphoma"
    named = bool(solid_primary_in_words(case) or (primary(case, "myeloma") and not compressed))
    return "no_tissue" if tissue_unknown(case) and not named and not in_hand and not present else ""


def _fire(case: Case, found: _Found, concerns: tuple[str, ...], older: bool) -> Fired:
    drafts, draft = found.drafts, found.drafts[0]
    offers = []
    if found.dose and not found.tissue and len(drafts) == 1 and found.compressed.coded:
        offers.append(Offer("correct_dose", draft=draft.reference))
    if found.glucose:
        offers.append(Offer("glucose"))
    if found.stomach and (older or any(fact.coded for fact in found.stomach)) and not case.lacking("medications"):
        offers.append(Offer("ppi"))
    tissue = (*lymphoma(case).facts, *in_scope(case).facts)[:2] if found.tissue else ()
    deciding = (*drafts[:2], *tissue, *found.compressed.facts[:3], *found.glucose[:1], *found.stomach[:2])
    daily = daily_dexamethasone(case, drafts_only=True) or single_dose(draft)
    words: dict[str, Word] = {
        "daily": daily if daily is not None else "(dose not stated)",
        "cancer": lymphoma(case).label if concerns[0] == "lymphoma" else cancer_name(case),
        "signs": tuple(dict.fromkeys(fact.label for fact in found.compressed.facts)),
        "diabetes": found.glucose[0].label if found.glucose else "",
        "risks": tuple(_named(fact, case) for fact in found.stomach),
    }
    evidence = tuple(evidence_of(fact) for fact in dict.fromkeys(deciding))
    return Fired(concerns[0], evidence, words=words, notes=concerns[1:], offers=tuple(offers))


def _named(fact: Fact, case: Case) -> str:
    return "age" if fact is case.patient else fact.label
