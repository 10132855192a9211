"""Suspected or proven spinal cord compression: MRI, dexamethasone and the two teams at once."""

from cds_service.clinical import Case, Fact, Moment, Order, Quantity, Report, Span, evidence_of, said
from cds_service.findings.cancer import active_cancer, cancer_name, in_scope, metastases
from cds_service.findings.cord import (
    COMPRESSION,
    EPIDURAL,
    SPINE,
    compression,
    epidural_metastasis,
    explaining_stroke,
    imaging_counts_from,
    incomplete_images,
    more_than_weakness,
    neurology,
    signs,
    treated_since,
    whole_spine_cleared,
)
from cds_service.findings.finding import Finding, known_since, names, shown
from cds_service.findings.imaging_safety import implants
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.steroid import dexamethasone_a_day, on_dexamethasone, steroid_allergy
from cds_service.findings.studies import after, done, done_or_ordered, under_way
from cds_service.findings.tissue import lymphoma, tissue_unknown
from cds_service.ladder import Ladder, absent, cards, ladder, silent

_IN_HAND = ("already_on_dexamethasone", "no_cancer_no_steroid")
_STEROID = ("dexamethasone", "corticosteroids")
_SPINAL = ("referral-spine", "referral-neurosurgery", "referral-orthopaedics", "referral-surgery")


@ladder
def mscc_suspected(
    case: Case,
    *,
    neurology_window: Span,
    mri_within: Span,
    dexamethasone_dose: Quantity,
    referral_lookback: Span,
    stroke_apart: Span,
    given_within: Span,
    steroid_recent: Span,
) -> Ladder:
    """Fire on new cord signs in a patient with cancer, on an epidural metastasis, or on compression itself."""
    disease, compressed = in_scope(case), compression(case, neurology_window)
    yield absent("no_cancer", disease or compressed.coded, needs=("conditions",))

    neuro, epidural = neurology(case, neurology_window), epidural_metastasis(case, neurology_window)
    cord_signs = neuro or compressed or epidural
    no_signs = "signs_old" if neuro.old else "no_signs"
    yield absent(no_signs, cord_signs, neuro.undated, neuro.old, needs=("conditions", "observations"))

    stroke = explaining_stroke(case, neuro, stroke_apart)
    more = compressed or epidural or more_than_weakness(case, neuro, neurology_window)
    yield silent("stroke_explains", stroke and not more, stroke, neuro)

    newest = imaging_counts_from(neuro, compressed)
    cleared = whole_spine_cleared(case, newest, neurology_window)
    yield silent("mri_excludes", cleared, cleared and evidence_of(cleared, said("reports no compression")))
    treated = treated_since(case, (*compressed.facts, *epidural.facts), neurology_window)
    yield silent("treated", treated and not neuro, treated)

    imaging, on_steroid = _imaging(case, newest, neurology_window), on_dexamethasone(case, given_within, steroid_recent)
    cord = Finding((*neuro.facts, *compressed.facts), neuro.coded or compressed.coded)
    withheld = _steroid_withheld(case, disease, cord, stroke, on_steroid, dexamethasone_dose)
    offers = {
        "mri": not imaging,
        "dexamethasone": not withheld and {"dose": dexamethasone_dose},
        "spinal_surgery": not done_or_ordered(case, referral_lookback, *_SPINAL),
        "radiation_oncology": disease and not done_or_ordered(case, referral_lookback, "referral-radiation-oncology"),
    }
    # Overdue: all there is of an MRI are orders, placed longer ago than it should have been done.
    placed = [fact.authored if isinstance(fact, Order) else None for fact in imaging]
    overdue = imaging and all(authored and not case.within(authored, mri_within) for authored in placed)
    against = (*lymphoma(case).facts[:1], *case.medications.of("dexamethasone")[:1]) if withheld else ()
    spinal_image = next((image for image in case.reports.of(*SPINE) if image.status != "registered"), None)
    facts = ((*cord.facts, *epidural.facts)[:4], disease.facts[:2], imaging[:2], against[:1], spinal_image)
    yield silent("all_under_way", not any(offers.values()) and withheld in _IN_HAND and not overdue, *facts)

    quoted = next((fact.quote for fact in imaging if isinstance(fact, Report) and fact.quote), "")
    under_way = "mri_quoted" if quoted else "mri_under_way" if imaging else "mri_due"
    incomplete = incomplete_images(case, neurology_window)
    stated = shown(compressed.facts[0], *COMPRESSION) if compressed else ""
    yield from cards(
        {
            "compression_without_cancer": not disease,
            "compression": compressed and not compressed.suspected,
            "suspected": cord,
            "epidural": True,
        },
        *facts,
        words={
            "cancer": cancer_name(case),
            "signs": names(cord_signs.facts, *COMPRESSION, *EPIDURAL),
            "since": known_since(cord_signs.facts),
            "incomplete": tuple(said("{report}: {limits}", report=one.called, limits=one.limits) for one in incomplete),
            "prohibited": tuple(fact.called for fact in case.prohibitions.of(*_STEROID)),
            **({"quoted": quoted} if quoted else {}),
            **({"compression": stated, "compression_since": known_since(compressed.facts)} if compressed else {}),
        },
        notes={
            "mri_overdue" if overdue else under_way: not (quoted and compressed),
            "mri_incomplete": incomplete,
            "date_vague": neuro.vague,
            withheld or "dexamethasone_cautions": True,
            "mri_unsafe_device": implants(case, allergies=False).unmarked,
            "diabetes": any(fact.state != "past" for fact in case.conditions.of("diabetes")),
            "comfort_care": comfort_care(case),
            "words_only": neuro and not neuro.coded,
            "unconfirmed_cancer": disease.suspected,
            "past_cancer": disease and not active_cancer(case) and not metastases(case),
            "no_spinal_image": spinal_image is None and not case.lacking("reports"),
        },
        offers=offers,
    )


def _imaging(case: Case, start: Moment | None, window: Span) -> tuple[Fact, ...]:
    """A whole-spine MRI that is ordered or under way, was done since the newest sign, or found compression."""
    whole = "mri-whole-spine"
    images = done(case, window, whole)
    found = tuple(fact for fact in images if isinstance(fact, Report) and fact.affirmed.intersection(COMPRESSION))
    return tuple(dict.fromkeys((*under_way(case, window, whole), *after(images, start), *found)))


def _steroid_withheld(
    case: Case, disease: Finding, cord: Finding, stroke: object, medicines: object, dose: Quantity
) -> str:
    """The note that says why dexamethasone is not offered; empty when it is."""
    daily = dexamethasone_a_day(case, with_orders=True).stated
    too_little = daily is not None and 0 < daily.value < dose.value
    reasons = {
        "no_cancer_no_steroid": not disease,
        "on_low_dose": medicines and too_little,
        "already_on_dexamethasone": medicines,
        "lymphoma": lymphoma(case),
        "steroid_allergy": steroid_allergy(case),
        "steroid_refused": signs(case, "steroid-refusal"),
        "steroid_prohibited": case.prohibitions.of(*_STEROID),
        "stroke_no_steroid": stroke,
        "no_neurology_no_steroid": not cord,
        "words_only_no_steroid": not cord.coded or not disease.coded,
        "no_tissue": tissue_unknown(case),
    }
    return next((note for note, holds in reasons.items() if holds), "")
