"""New spinal pain without neurology in a patient with bone metastases or a cancer that seeks bone: MRI within a week."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import BONE_SEEKING, bone_metastases, cancer, primary
from cds_service.findings.care_setting import hospice_or_comfort
from cds_service.findings.cord import Neurology, neurology, suspected_compression
from cds_service.findings.finding import Finding
from cds_service.findings.imaging_safety import mri_hazards
from cds_service.findings.studies import after, done, ordered, planned
from cds_service.outcomes import CannotTell, Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Moment, Span

_PAIN = ("back-pain", "radicular-pain")
_SPINE = ("mri-whole-spine", "mri-spine-region", "mri-spine-unspecified", "ct-myelogram")


def spinal_pain_mri(case: Case, *, pain_window: Span, mri_lookback: Span) -> Outcome:
    """Fire on new back, neck or radicular pain when no spinal MRI is ordered or done since; cord signs have their own card."""
    if not cancer(case):
        return not_found(case, "no_cancer", "conditions")
    metastases, seeking = bone_metastases(case), primary(case, *BONE_SEEKING)
    if not (metastases or seeking):
        return not_found(case, "not_bone_seeking", "conditions")
    compressed = suspected_compression(case, pain_window)
    if compressed:
        return NotFired("neurology", tuple(evidence_of(fact) for fact in compressed.facts[:4]))
    pain = neurology(case, pain_window, *_PAIN)
    new = tuple(fact for fact in pain.recent if not _long_standing(fact))
    if not new:
        return _no_new_pain(case, pain)
    start = min((fact.when for fact in new if fact.when), key=lambda moment: moment.last, default=None)
    imaging = _imaging(case, start, mri_lookback)
    if imaging:
        return NotFired("mri_under_way", tuple(evidence_of(fact) for fact in (*imaging[:2], *new[:2])))
    return _fire(case, new, metastases, seeking, start)


def _fire(case: Case, pain: tuple[Fact, ...], metastases: Finding, seeking: Finding, start: Moment | None) -> Fired:
    disease = metastases or seeking
    deciding = dict.fromkeys((*pain[:4], *metastases.facts[:2], *seeking.facts[:2]))
    coded = any(fact.coded.intersection(_PAIN) for fact in pain)
    circumstances = (
        ("words_only", not coded or not disease.coded),
        ("mri_unsafe_device", bool(mri_hazards(case))),
        ("comfort_care", bool(hospice_or_comfort(case))),
    )
    return Fired(
        "metastases" if metastases else "cancer",
        tuple(evidence_of(fact) for fact in deciding),
        words={
            "pain": tuple(dict.fromkeys(fact.label for fact in pain)),
            "cancer": disease.label,
            "since": start if start is not None else "date not recorded",
        },
        notes=tuple(note for note, holds in circumstances if holds),
        offers=(Offer("mri"),),
        at_most="warning",
    )


def _no_new_pain(case: Case, pain: Neurology) -> NotFired | CannotTell:
    known = tuple(evidence_of(fact) for fact in (*pain.recent, *pain.undated, *pain.old))[:4]
    because = (
        "pain_chronic" if pain.recent else "pain_undated" if pain.undated else "pain_old" if pain.old else "no_pain"
    )
    return not_found(case, because, "conditions", "observations", evidence=known)


def _long_standing(fact: Fact) -> bool:
    return "chronic-back-pain" in fact.concepts


def _imaging(case: Case, start: Moment | None, lookback: Span) -> tuple[Fact, ...]:
    """Spinal MRI that is ordered, under way, or done since the pain began."""
    return (
        *ordered(case, lookback, *_SPINE),
        *planned(case, *_SPINE),
        *after(done(case, lookback, *_SPINE), start),
    )
