"""Metastatic cancer without systemic treatment: medical oncology, with the baseline bloods that it will ask for."""

from cds_service.clinical import Case, Span
from cds_service.findings.cancer import metastases, primary
from cds_service.findings.disease_course import disease_status
from cds_service.findings.patient_state import PerformanceLimit, comfort_care, hospice_or_comfort, performance_status
from cds_service.findings.studies import done_or_ordered, measured_or_ordered
from cds_service.findings.treatment import systemic_therapy
from cds_service.ladder import Ladder, cancer_ladder, card, needed, silent

_ONCOLOGY = ("referral-oncology", "referral-haematology", "referral-cup-team")
_BLOODS = {
    "full-blood-count": ("full-blood-count", "haemoglobin"),
    "alkaline-phosphatase": ("alkaline-phosphatase",),
    "ldh": ("ldh",),
    "calcium-albumin": ("calcium-total", "calcium-corrected", "calcium-ionised"),
    "creatinine": ("creatinine", "egfr"),
}
_HORMONE_SENSITIVE = ("breast-cancer", "prostate-cancer", "ovarian-cancer")


@cancer_ladder
def systemic_therapy_referral(
    case: Case,
    *,
    given_within: Span,
    oncology_lookback: Span,
    bloods_lookback: Span,
    disease_status_age: Span,
    performance: PerformanceLimit,
) -> Ladder:
    """Fire on active metastases without systemic treatment and without a recent referral to oncology."""
    spread = yield from needed("no_metastases", metastases(case), needs=("conditions", "observations", "reports"))
    yield silent("comfort_care", hospice_or_comfort(case))
    yield silent("on_treatment", systemic_therapy(case, given_within, oncology_lookback))
    visits = case.recent(case.encounters.of(*_ONCOLOGY), oncology_lookback)
    yield silent("referred", (*done_or_ordered(case, oncology_lookback, *_ONCOLOGY), *visits))
    course = disease_status(case, disease_status_age)
    yield silent("controlled", course.controlled, course)

    status, palliative = performance_status(case, performance), comfort_care(case)
    yield card(
        "untreated",
        *(spread.facts[:4], status, palliative.facts[:1]),
        words={"disease": spread},
        notes={
            "palliative_care": palliative,
            "poor_performance": status.poor,
            "chemotherapy_first": primary(case, *case.groups["blood-cancers"], "germ-cell-tumour"),
            "hormone_sensitive": primary(case, *_HORMONE_SENSITIVE),
        },
        offers={"oncology": True}
        | {name: not measured_or_ordered(case, bloods_lookback, *tests) for name, tests in _BLOODS.items()},
    )
