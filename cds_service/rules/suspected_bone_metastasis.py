"""A cancer that seeks bone with new bone pain, a high alkaline phosphatase or calcium, and no bone metastasis on record."""

from __future__ import annotations

from decimal import Decimal

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.bone_clues import high_calcium, high_phosphatase
from cds_service.findings.cancer import BONE_SEEKING, bone_metastases, cancer, primary
from cds_service.findings.care_setting import hospice_or_comfort
from cds_service.findings.cord import neurology
from cds_service.findings.finding import Finding
from cds_service.findings.studies import after, done, ordered, planned
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Moment, Span
from cds_service.terminology.quantities import Limit

_PAIN = ("bone-pain", "back-pain")


def suspected_bone_metastasis(
    case: Case,
    *,
    pain_window: Span,
    imaging_lookback: Span,
    phosphatase_times: Decimal,
    phosphatase_upper: Limit,
    phosphatase_age: Span,
    calcium_upper: Limit,
    ionised_upper: Limit,
    calcium_age: Span,
    albumin_window: Span,
) -> Outcome:
    """Fire on a clue to bone metastases that no bone imaging has followed up."""
    if not cancer(case):
        return not_found(case, "no_cancer", "conditions")
    seeking = primary(case, *BONE_SEEKING)
    if not seeking:
        return not_found(case, "not_bone_seeking", "conditions")
    known = bone_metastases(case)
    if known:
        return NotFired("known", tuple(evidence_of(fact) for fact in known.facts[:3]))
    comfort = hospice_or_comfort(case)
    if comfort:
        return NotFired("comfort_care", tuple(evidence_of(fact) for fact in comfort.facts[:2]))
    pain = tuple(
        fact for fact in neurology(case, pain_window, *_PAIN).recent if "chronic-back-pain" not in fact.concepts
    )
    phosphatase = high_phosphatase(case, phosphatase_age, phosphatase_times, phosphatase_upper)
    calcium = high_calcium(case, calcium_age, albumin_window, calcium_upper, ionised_upper)
    clues: tuple[Fact, ...] = (*pain, *phosphatase, *calcium)
    if not clues:
        return not_found(case, "no_clue", "conditions", "observations")
    imaging = _imaging(case, imaging_lookback, _since(clues))
    if imaging:
        return NotFired("imaged", tuple(evidence_of(fact) for fact in imaging[:3]))
    return _fire(seeking, clues, bool(pain), bool(phosphatase), bool(calcium))


def _fire(seeking: Finding, clues: tuple[Fact, ...], pain: bool, phosphatase: bool, calcium: bool) -> Fired:
    message = "pain" if pain else "phosphatase" if phosphatase else "calcium"
    told = (
        ("phosphatase_too", phosphatase and pain),
        ("calcium_too", calcium and message != "calcium"),
        ("words_only", not seeking.coded or not any(fact.coded for fact in clues)),
    )
    facts = dict.fromkeys((*clues[:5], *seeking.facts[:2]))
    return Fired(
        message,
        tuple(evidence_of(fact) for fact in facts),
        words={"cancer": seeking.label, "clues": tuple(dict.fromkeys(fact.label for fact in clues))},
        notes=tuple(note for note, holds in told if holds),
        offers=(Offer("bone_scan"), Offer("pet_ct")),
        at_most="info",
    )


def _since(clues: tuple[Fact, ...]) -> Moment | None:
    """The date of the first clue: imaging before it does not explain it."""
    return min((fact.when for fact in clues if fact.when), key=lambda moment: moment.last, default=None)


def _imaging(case: Case, lookback: Span, start: Moment | None) -> tuple[Fact, ...]:
    """Bone imaging ordered or under way, or done since the clue; bone scan and PET at any time within the look-back."""
    whole_body = ("bone-scan", "bone-naf-pet", "pet-ct")
    return (
        *ordered(case, lookback, "bone-imaging"),
        *planned(case, "bone-imaging"),
        *done(case, lookback, *whole_body),
        *after(done(case, lookback, "bone-imaging"), start),
    )
