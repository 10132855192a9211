"""Bone scintigraphy beside lung metastases or bone symptoms, unless a bone scan or PET has looked at the skeleton."""

from functools import partial

from cds_service.clinical import Case, Span
from cds_service.findings.cancer import in_scope, lung_disease, metastases, primary
from cds_service.findings.cord import neurology
from cds_service.findings.disease_course import Schedule, advanced_primary, stable_on_schedule
from cds_service.findings.finding import Finding
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent


@cancer_ladder
def staging_bone_scan(
    case: Case,
    *,
    bone_scan_lookback: Span,
    symptom_window: Span,
    primary_window: Span,
    pet_counts: bool,
    schedule: Schedule,
) -> Ladder:
    """Fire on lung metastases, cannonball lesions, recent bone pain or a new advanced cancer without a look at the skeleton."""
    pain, lungs = neurology(case, symptom_window, "bone-pain").facts, lung_disease(case)
    advanced = advanced_primary(case, primary_window)
    yield absent("no_reason", pain or lungs or advanced, needs=("conditions", "observations", "reports"))
    followed = stable_on_schedule(case, (metastases(case) or lungs).since, schedule)
    yield silent("under_surveillance", lungs and followed and not pain, followed)
    yield silent("comfort_care", comfort_care(case))
    myeloma = primary(case, "myeloma")
    yield silent("myeloma", myeloma and not metastases(case), myeloma)
    looked = ("bone-scan", "bone-naf-pet", *(["pet-ct"] if pet_counts else []))
    yield silent("skeleton_imaged", done_or_ordered(case, bone_scan_lookback, *looked))

    speak = partial(card, offers=["bone_scan"])
    yield speak("bone_symptoms", pain[:3], in_scope(case).facts[:2], when=pain, words={"finding": Finding(pain)})
    yield speak("lung_disease", lungs, when=lungs, words={"finding": lungs})
    yield speak("advanced_primary", advanced, words={"finding": advanced})
