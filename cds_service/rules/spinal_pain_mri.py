"""New spinal pain without neurology in a patient with bone metastases, a cancer that seeks bone, or myeloma: MRI within a week."""

from cds_service.clinical import Case, Span
from cds_service.findings.cancer import bone_metastases, cancer, primary
from cds_service.findings.cord import SPINE, cord_at_risk, neurology
from cds_service.findings.finding import earliest, known_since
from cds_service.findings.imaging_safety import implants
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.findings.studies import after, done, under_way
from cds_service.ladder import Ladder, absent, cards, ladder, silent

_PAIN = ("back-pain", "radicular-pain")


@ladder
def spinal_pain_mri(case: Case, *, pain_window: Span, mri_lookback: Span) -> Ladder:
    """Fire on new back, neck or radicular pain when no spinal MRI is ordered or done since; cord signs have their own card."""
    yield absent("no_cancer", cancer(case), needs=("conditions",))
    metastases = bone_metastases(case)
    seeking = primary(case, *case.groups["bone-seeking-primaries"], "myeloma")
    yield absent("not_bone_seeking", metastases or seeking, needs=("conditions",))
    compressed = cord_at_risk(case, pain_window)
    yield silent("neurology", compressed, compressed.facts[:4])

    pain = neurology(case, pain_window, *_PAIN)
    new = tuple(fact for fact in pain.facts if "chronic-back-pain" not in fact.concepts)
    reason = "pain_chronic" if pain else "pain_old" if pain.old else "no_pain"
    known = (*pain.facts, *pain.undated, *pain.old)[:4]
    yield absent(reason, new, known, needs=("conditions", "observations"))

    done_since = after(done(case, mri_lookback, *SPINE), earliest(new))
    imaging = (*under_way(case, mri_lookback, *SPINE), *done_since)
    yield silent("mri_under_way", imaging, imaging[:2], new[:2])

    disease = metastases or seeking
    coded = disease.coded and any(fact.coded.intersection(_PAIN) for fact in new)
    yield from cards(
        {"metastases": metastases, "cancer": True},
        *(new[:4], metastases.facts[:2], seeking.facts[:2]),
        words={"pain": new, "cancer": disease, "since": known_since(new)},
        notes={
            "words_only": not coded,
            "mri_unsafe_device": implants(case, allergies=False).unmarked,
            "comfort_care": hospice_or_comfort(case),
        },
        offers=["mri"],
        at_most="warning",
    )
