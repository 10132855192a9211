"""Tissue before metastasis is taken for granted; in young men the markers of a curable germ cell tumour."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import in_scope, primary
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.finding import Finding
from cds_service.findings.markers import missing_markers
from cds_service.findings.naming import called
from cds_service.findings.new_disease import new_disease
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.tissue import histology_denied, malignant_histology
from cds_service.findings.unknown_primary import named_primary, unknown_primary
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span, age_in_years

_GERM_CELL = ("afp", "bhcg", "ldh")


def tissue_diagnosis(
    case: Case, *, new_disease_window: Span, young_below: int, biopsy_lookback: Span, marker_lookback: Span
) -> Outcome:
    """Fire on new metastases, cannonball lesions or an unknown primary without malignant histology."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    origin = unknown_primary(case)
    found = new_disease(case, new_disease_window) or origin
    if not found:
        return not_found(case, "no_new_disease", "conditions", "observations", "reports")
    histology = malignant_histology(case)
    if histology:
        return NotFired("histology_known", _quoted(histology.facts))
    aims = comfort_care(case)
    if aims:
        return NotFired("comfort_care", _quoted(aims.facts))
    age = age_in_years(case.patient.birth, case.as_of) if case.patient and case.patient.birth else None
    young = age is not None and age < young_below
    tests = _young_mans_tests(case, marker_lookback) if young else ()
    denied = histology_denied(case).facts
    asked = done_or_ordered(case, biopsy_lookback, "biopsy", "pathology-report")
    taken = tuple(fact for fact in asked if not _answered(fact, denied))
    if taken and not tests:
        return NotFired("biopsy_under_way", _quoted(taken))
    words: dict[str, Word] = {"disease": called(found.facts), "age": age if age is not None else "age not recorded"}
    offers = (*(() if taken else (Offer("biopsy"),)), *(Offer(test) for test in tests))
    message = "young_man_markers" if taken else _message(origin, young)
    evidence = _quoted((*found.facts[:4], *origin.facts[:1], *named_primary(case).facts[:1], *taken[:1], *denied[:1]))
    return Fired(message, evidence, words, tuple(_notes(case, tests, message, denied=bool(denied))), offers)


def _answered(fact: Fact, denied: tuple[Fact, ...]) -> bool:
    """A report without malignancy, or an examination that it answers: taken no later than it."""
    if fact in denied:
        return True
    return any(fact.when and one.when and fact.when.first <= one.when.last for one in denied)


def _young_mans_tests(case: Case, lookback: Span) -> tuple[str, ...]:
    male = case.patient is not None and case.patient.sex == "male"
    known = primary(case, "germ-cell-tumour")  # whose markers the card tumour-markers offers
    return missing_markers(case, lookback, *_GERM_CELL) if male and not known else ()


def _message(origin: Finding, young: bool) -> str:
    return "unknown_primary" if origin else "young" if young else "no_tissue"


def _notes(case: Case, tests: tuple[str, ...], message: str, *, denied: bool) -> list[str]:
    solitary = any(fact.state == "active" for fact in case.conditions.of("solitary-pulmonary-nodule"))
    checks = (
        ("no_malignancy_reported", denied),
        ("germ_cell", bool(tests) and message != "young_man_markers"),
        ("solitary_lesion", solitary and bool(named_primary(case))),
        ("primary_known", bool(named_primary(case))),
        ("not_seen", bool(case.lacking("reports", "procedures", "orders"))),
    )
    return [note for note, holds in checks if holds]


def _quoted(facts: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in tuple(dict.fromkeys(facts))[:7])
