"""Staging of lung metastases or cannonball lesions by contrast CT of thorax, abdomen and pelvis."""

from functools import partial

from cds_service.clinical import Case, Limit, Offer, Span, Table
from cds_service.findings.cancer import lung_disease, metastases
from cds_service.findings.disease_course import Schedule, stable_on_schedule
from cds_service.findings.finding import Finding, newest_word
from cds_service.findings.imaging_safety import contrast_allergy
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.renal import CkdEpi, contrast_kidney
from cds_service.findings.studies import after, contrast_staging_ct, done, done_or_ordered, ordered
from cds_service.ladder import Ladder, absent, card, draft_needed, ladder, silent


@ladder
def staging_ct(
    case: Case,
    *,
    ct_lookback: Span,
    chest_ct_lookback: Span,
    schedule: Schedule,
    contrast_egfr_limit: Limit,
    egfr_age: Span,
    ckd_epi: Table[CkdEpi],
) -> Ladder:
    """Fire on lung metastases without staging CT, on nodules seen on a chest film only, and on a draft CT of the chest alone."""
    drafts = [one for one in case.selected_orders("ct-chest") if "ct-chest-abdomen-pelvis" not in one.concepts]
    yield from draft_needed(case, drafts)
    disease, films = lung_disease(case), newest_word(case.reports.of("chest-x-ray"), case.groups["nodules-on-film"])
    if films:  # unless a CT of the chest followed the film, or is recent
        later = [ct for ct in after(case.reports.of("ct-chest"), films[0].when) if ct.when is not None]
        films = () if later or done_or_ordered(case, chest_ct_lookback, "ct-chest") else films
    yield absent("no_lung_disease", disease or films, needs=("conditions", "reports"))
    yield silent("comfort_care", comfort_care(case))
    yield silent("staged", contrast_staging_ct(case, ct_lookback))
    yield silent("under_surveillance", stable_on_schedule(case, (metastases(case) or disease).since, schedule))
    plain = done(case, ct_lookback, "ct-chest-abdomen-pelvis")
    kidney = contrast_kidney(case, egfr_age, contrast_egfr_limit, ckd_epi)
    unsafe = kidney.low or contrast_allergy(case)
    without = plain or ordered(case, ct_lookback, "ct-chest-abdomen-pelvis")
    yield silent("staged_without_contrast", without and unsafe, without[:1])

    found = disease or Finding(films)
    speak = partial(
        card,
        words={"disease": found},
        notes={
            "egfr_low": kidney.low,
            "egfr_missing": kidney.egfr is None,
            "contrast_allergy": contrast_allergy(case),
            "without_contrast": plain,
        },
        offers={"ct": True, "ct_plain": unsafe},
    )
    facts = (found.facts[:3], plain[:1], kidney.evidence)
    if drafts:
        yield speak("chest_ct_alone", drafts[0], *facts, offers=[Offer("swap", draft=drafts[0].reference)])
    yield speak("staging", *facts, when=disease)
    yield speak("nodules_on_film", *facts)
