"""Suspected or proven spinal cord compression: MRI, dexamethasone and the two teams at once."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Order, Report
from cds_service.findings.cancer import Finding, active_cancer, cancer_name, in_scope, metastases
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.cord import (
    COMPRESSION,
    Neurology,
    compression,
    epidural_metastasis,
    imaging_counts_from,
    last_spinal_image,
    neurology,
    treated_since,
    whole_spine_cleared,
)
from cds_service.findings.imaging_safety import mri_hazards
from cds_service.findings.steroid import daily_dexamethasone, on_dexamethasone
from cds_service.findings.stroke import explaining_stroke, more_than_weakness
from cds_service.findings.studies import after, done, done_or_ordered, ordered, planned
from cds_service.findings.tissue import lymphoma, tissue_unknown
from cds_service.outcomes import CannotTell, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Moment, Span
from cds_service.terminology.quantities import Quantity

_WISHED_FOR = ("reports", "orders", "medications", "allergies", "devices")
"""Needs whose absence does not stop the card, but is said on it."""
_IN_HAND = ("already_on_dexamethasone", "no_cancer_no_steroid")


def mscc_suspected(
    case: Case,
    *,
    neurology_window: Span,
    mri_within: Span,
    dexamethasone_dose: Quantity,
    referral_lookback: Span,
    stroke_apart: Span,
    steroid_recent: Span,
) -> Outcome:
    """Fire on new cord signs in a patient with cancer, on an epidural metastasis, or on compression itself."""
    disease = in_scope(case)
    neuro = neurology(case, neurology_window)
    compressed = compression(case, neurology_window)
    epidural = epidural_metastasis(case, neurology_window)
    if not disease and not compressed.coded:
        return not_found(case, "no_cancer", "conditions")
    if not (neuro.recent or compressed or epidural):
        return _no_signs(case, neuro)
    stroke = explaining_stroke(case, neuro, stroke_apart)
    if stroke and not compressed and not epidural and not more_than_weakness(case, neuro, neurology_window):
        return NotFired("stroke_explains", tuple(evidence_of(fact) for fact in (*stroke, *neuro.recent)))
    onset = neuro.onset or _earliest(compressed)
    newest = imaging_counts_from(neuro, compressed)
    cleared = whole_spine_cleared(case, newest, neurology_window)
    if cleared is not None:
        return NotFired("mri_excludes", (evidence_of(cleared, "reports no compression"),))
    treated = treated_since(case, (*compressed.facts, *epidural.facts), neurology_window)
    if treated and not neuro.recent:
        return NotFired("treated", tuple(evidence_of(fact) for fact in treated))
    picture = _Picture(disease, neuro, compressed, epidural, bool(stroke), onset)
    imaging = _imaging(case, newest, neurology_window)
    steroid = _steroid_withheld(case, picture, on_dexamethasone(case, steroid_recent), dexamethasone_dose)
    return _act(case, picture, imaging, steroid, mri_within, dexamethasone_dose, referral_lookback)


@dataclass(frozen=True, slots=True)
class _Picture:
    """What is known of this patient's cord."""

    disease: Finding
    neuro: Neurology
    compressed: Finding
    epidural: Finding
    stroke: bool
    onset: Moment | None


def _no_signs(case: Case, neuro: Neurology) -> NotFired | CannotTell:
    known = tuple(evidence_of(fact) for fact in (*neuro.undated, *neuro.old))
    because = "signs_undated" if neuro.undated else "signs_old" if neuro.old else "no_signs"
    return not_found(case, because, "conditions", "observations", evidence=known)


def _earliest(found: Finding) -> Moment | None:
    return min((fact.when for fact in found.facts if fact.when), key=lambda moment: moment.last, default=None)


def _act(
    case: Case,
    picture: _Picture,
    imaging: tuple[Fact, ...],
    steroid: str,
    mri_within: Span,
    dose: Quantity,
    referral_lookback: Span,
) -> Outcome:
    offers = [] if imaging else [Offer("mri")]
    offers += [] if steroid else [Offer("dexamethasone", {"dose": dose})]
    offers += _referrals(case, picture.disease, referral_lookback)
    deciding = (*picture.neuro.recent, *picture.compressed.facts, *picture.epidural.facts)
    against: tuple[Fact, ...] = (
        (*lymphoma(case).facts[:1], *case.medications.of("dexamethasone")[:1]) if steroid else ()
    )
    last = last_spinal_image(case)
    before = (last,) if last is not None else ()
    facts = dict.fromkeys((*deciding[:4], *picture.disease.facts[:2], *imaging[:2], *against[:1], *before))
    evidence = tuple(evidence_of(fact) for fact in facts)
    notes = [_imaging_note(case, imaging, mri_within)] if imaging else []
    if not offers and steroid in _IN_HAND and "mri_overdue" not in notes:
        return NotFired("all_under_way", evidence)
    notes += [steroid or "dexamethasone_cautions", *_circumstances(case, picture)]
    words = {**_words(case, picture), "unchecked": case.lacking(*_WISHED_FOR)}
    return Fired(_message(picture), evidence[:8], words=words, notes=tuple(notes), offers=tuple(offers))


def _imaging_note(case: Case, imaging: tuple[Fact, ...], mri_within: Span) -> str:
    """Whether the MRI that was asked for is late: ordered longer ago than it should have been done."""
    waiting = [fact for fact in imaging if isinstance(fact, Order) and fact.when is not None]
    late = len(waiting) == len(imaging) and all(
        not mri_within.reaches(order.authored, case.as_of) for order in waiting if order.authored
    )
    return "mri_overdue" if late else "mri_under_way"


def _imaging(case: Case, start: Moment | None, window: Span) -> tuple[Fact, ...]:
    """A whole-spine MRI that is ordered or under way, was done since the newest sign, or found compression."""
    whole = "mri-whole-spine"
    images = done(case, window, whole)
    found = tuple(fact for fact in images if isinstance(fact, Report) and fact.affirmed.intersection(COMPRESSION))
    return tuple(dict.fromkeys((*ordered(case, window, whole), *planned(case, whole), *after(images, start), *found)))


def _steroid_withheld(case: Case, picture: _Picture, medicines: tuple[Fact, ...], dose: Quantity) -> str:
    """The note that says why dexamethasone is not offered; empty when it is."""
    disease, neuro, compressed = picture.disease, picture.neuro, picture.compressed
    daily = daily_dexamethasone(case, drafts_only=False)
    too_little = daily is not None and 0 < daily.value < dose.value
    checks = (
        ("no_cancer_no_steroid", not disease),
        ("on_low_dose", bool(medicines) and too_little),
        ("already_on_dexamethasone", bool(medicines)),
        ("lymphoma", bool(lymphoma(case))),
        ("steroid_allergy", bool(case.allergies.of("steroid-allergy"))),
        ("steroid_refused", bool(_refused(case))),
        ("stroke_no_steroid", picture.stroke),
        ("no_neurology_no_steroid", not neuro.recent and not compressed),
        ("words_only_no_steroid", not (neuro.coded or compressed.coded) or not disease.coded),
        ("no_tissue", tissue_unknown(case)),
    )
    return next((note for note, holds in checks if holds), "")


def _refused(case: Case) -> tuple[Fact, ...]:
    said = tuple(fact for fact in case.conditions.of("steroid-refusal") if fact.state == "active")
    return (*said, *(fact for fact in case.observations.of("steroid-refusal") if fact.present is not False))


def _referrals(case: Case, disease: Finding, lookback: Span) -> list[Offer]:
    spinal = ("referral-spine", "referral-neurosurgery", "referral-orthopaedics", "referral-surgery")
    offers = [] if done_or_ordered(case, lookback, *spinal) else [Offer("spinal_surgery")]
    if disease and not done_or_ordered(case, lookback, "referral-radiation-oncology"):
        offers.append(Offer("radiation_oncology"))
    return offers


def _circumstances(case: Case, picture: _Picture) -> list[str]:
    neuro, disease = picture.neuro, picture.disease
    holding = (
        ("mri_unsafe_device", bool(mri_hazards(case))),
        ("diabetes", any(fact.state != "past" for fact in case.conditions.of("diabetes"))),
        ("comfort_care", bool(comfort_care(case))),
        ("words_only", bool(neuro.recent) and not neuro.coded),
        ("unconfirmed_cancer", disease.suspected),
        ("past_cancer", bool(disease) and not active_cancer(case) and not metastases(case)),
        ("no_spinal_image", last_spinal_image(case) is None and not case.lacking("reports")),
        ("not_available", bool(case.lacking(*_WISHED_FOR))),
    )
    return [note for note, holds in holding if holds]


def _message(picture: _Picture) -> str:
    if not picture.disease:
        return "compression_without_cancer"
    if picture.compressed and not picture.compressed.suspected:
        return "compression"
    return "suspected" if picture.neuro.recent or picture.compressed else "epidural"


def _words(case: Case, picture: _Picture) -> dict[str, Word]:
    deciding = picture.neuro.recent or picture.compressed.facts or picture.epidural.facts
    since = picture.onset or _earliest(picture.epidural)
    return {
        "cancer": cancer_name(case),
        "signs": tuple(dict.fromkeys(fact.label for fact in deciding)),
        "since": since if since is not None else "date not recorded",
    }
