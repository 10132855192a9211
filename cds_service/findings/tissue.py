"""Is the tissue known: malignant histology on file, or a primary that is known by its name?"""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import BLOOD_CANCERS, SOLID_PRIMARIES, SPREAD, primary
from cds_service.findings.finding import Finding, summed_up

_SOLID = (*SOLID_PRIMARIES, "solid-cancer", "solid-cancer-history")
MALIGNANT = ("any-malignancy", *SOLID_PRIMARIES, *BLOOD_CANCERS, *SPREAD)


@finding
def malignant_histology(case: Case) -> Finding:
    """A pathology report, a biopsy's report, or a pathology result in an observation, that is final and states a malignancy."""
    results = [
        fact
        for fact in case.observations.of("pathology-report")
        if fact.status != "preliminary" and "malignant-histology" in fact.answers
    ]
    reports: list[Fact] = [
        report
        for report in case.reports.of("pathology-report", "biopsy")
        if report.status == "final" and report.affirmed & set(MALIGNANT)
    ]
    return summed_up((*reports, *results), ("pathology-report", "biopsy"))


@finding
def histology_denied(case: Case) -> Finding:
    """Final reports of a pathologist that find no malignancy: the tissue is still missing, the biopsy is no longer awaited."""
    malignant = frozenset(MALIGNANT)
    reports = tuple(
        report
        for report in case.reports.of("pathology-report", "biopsy")
        if report.status == "final" and report.denied & malignant and not (report.affirmed | report.doubted) & malignant
    )
    return summed_up(reports, ("pathology-report", "biopsy"))


@finding
def solid_primary(case: Case) -> Finding:
    """A coded, confirmed solid primary, active, in remission or as a history: what the cancer is, is known."""
    found = primary(case, *_SOLID)
    coded = tuple(fact for fact in found.facts if fact.coded & set(_SOLID) and not getattr(fact, "suspected", False))
    return summed_up(coded, _SOLID)


@finding
def solid_primary_in_words(case: Case) -> Finding:
    """A confirmed solid primary that stands in words only: too little to offer a steroid, enough not to question one."""
    found = primary(case, *_SOLID)
    return summed_up(tuple(fact for fact in found.facts if not getattr(fact, "suspected", False)), _SOLID)


@finding
def tissue_unknown(case: Case) -> bool:
    """No malignant histology on file and no known solid primary: a steroid may spoil the diagnosis (lymphoma)."""
    return not malignant_histology(case) and not solid_primary(case)


@finding
def lymphoma(case: Case) -> Finding:
    """Lymphoma, known or suspected, as a condition of any state or in the words of a pathology report or result."""
    reports = tuple(
        report
        for report in case.reports.of("pathology-report", "biopsy")
        if "lymphoma" in report.affirmed | report.doubted
    )
    results = tuple(fact for fact in case.observations.of("pathology-report") if "lymphoma-histology" in fact.answers)
    return summed_up((*primary(case, "lymphoma").facts, *reports, *results), ("lymphoma",))
