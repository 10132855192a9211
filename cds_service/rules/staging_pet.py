"""FDG PET-CT for full staging of new metastases, unless bone scan and staging CT have done the work."""

from cds_service.clinical import Case, Span
from cds_service.findings.cancer import primary
from cds_service.findings.disease_course import advanced_primary, new_disease
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.studies import contrast_staging_ct, done_or_ordered
from cds_service.ladder import Ladder, absent, cancer_ladder, cards, silent


@cancer_ladder
def staging_pet(
    case: Case,
    *,
    new_disease_window: Span,
    primary_window: Span,
    pet_lookback: Span,
    bone_scan_lookback: Span,
    ct_lookback: Span,
) -> Ladder:
    """Fire on metastases found of late, or a new cancer of stage III or IV, without PET."""
    spread, advanced = new_disease(case, new_disease_window), advanced_primary(case, primary_window)
    yield absent("no_new_disease", spread or advanced, needs=("conditions", "observations", "reports"))
    yield silent("comfort_care", comfort_care(case))
    yield silent("pet_on_record", done_or_ordered(case, pet_lookback, "pet-ct"))
    scan, ct = done_or_ordered(case, bone_scan_lookback, "bone-scan"), contrast_staging_ct(case, ct_lookback)
    yield silent("other_scans", scan and ct, scan[:1], ct)

    found = spread or advanced
    yield from cards(
        {"new_metastases": spread, "advanced_primary": True},
        *(found.facts[:4], scan[:1], ct[:1]),
        words={"disease": found},
        notes={
            "prostate": primary(case, "prostate-cancer"),
            "kidney": primary(case, "kidney-cancer"),
            "diabetes": case.active("diabetes"),
            "pregnancy": case.active("pregnancy"),
        },
        offers=["pet"],
    )
