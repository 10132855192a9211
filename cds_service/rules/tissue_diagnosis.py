"""Tissue before metastasis is taken for granted; in young men the markers of a curable germ cell tumour."""

from cds_service.clinical import Case, Span, said
from cds_service.findings.cancer import named_primary, primary, unknown_primary
from cds_service.findings.disease_course import new_disease
from cds_service.findings.finding import called
from cds_service.findings.markers import missing_markers
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.tissue import histology_awaited, histology_denied, malignant_histology
from cds_service.ladder import Ladder, absent, cancer_ladder, cards, silent

_GERM_CELL = ("afp", "bhcg", "ldh")


@cancer_ladder
def tissue_diagnosis(
    case: Case, *, new_disease_window: Span, young_below: int, biopsy_lookback: Span, marker_lookback: Span
) -> Ladder:
    """Fire on new metastases, cannonball lesions or an unknown primary without malignant histology."""
    origin, named = unknown_primary(case), named_primary(case)
    found = new_disease(case, new_disease_window) or origin
    yield absent("no_new_disease", found, needs=("conditions", "observations", "reports"))
    yield silent("histology_known", malignant_histology(case))
    yield silent("comfort_care", comfort_care(case))
    young = case.age is not None and case.age < young_below
    # The markers of a known germ cell tumour are what the card tumour-markers offers.
    tested = young and case.sex == "male" and not primary(case, "germ-cell-tumour")
    tests = missing_markers(case, marker_lookback, *_GERM_CELL) if tested else ()
    taken, denied = histology_awaited(case, biopsy_lookback), histology_denied(case)
    yield silent("biopsy_under_way", taken and not tests, taken)

    disease, known_age = called(case, found.facts), said("age not recorded") if case.age is None else case.age
    without_primary = {"disease": tuple(dict.fromkeys((disease, origin.label)))}
    yield from cards(
        {"young_man_markers": taken, "unknown_primary": origin, "young": young, "no_tissue": True},
        *(found.facts[:4], origin.facts[:1], named.facts[:1], taken[:1], denied.facts[:1]),
        words=without_primary if origin and not taken else {"disease": disease, "age": known_age},
        notes={
            "no_malignancy_reported": denied,
            "germ_cell": tests and not taken,
            "solitary_lesion": named and case.active("solitary-pulmonary-nodule"),
            "primary_known": named,
        },
        offers={"biopsy": not taken, **dict.fromkeys(tests, True)},
    )
