"""Is the tissue known: malignant histology on file, or a primary that is known by its name?"""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import BLOOD_CANCERS, SOLID_PRIMARIES, SPREAD, Truth, primary, truth

MALIGNANT = ("any-malignancy", *SOLID_PRIMARIES, *BLOOD_CANCERS, *SPREAD)


@finding
def malignant_histology(case: Case) -> Truth:
    """A pathology report, or a biopsy's report, that is final and states a malignancy."""
    reports: list[Fact] = [
        report
        for report in case.reports.of("pathology-report", "biopsy")
        if report.status == "final" and report.affirmed & set(MALIGNANT)
    ]
    return truth(tuple(reports), ("pathology-report", "biopsy"))


@finding
def solid_primary(case: Case) -> Truth:
    """A coded solid primary, active, in remission or as a history: what the cancer is, is known."""
    found = primary(case, *SOLID_PRIMARIES, "solid-cancer-history")
    coded = tuple(fact for fact in found.facts if fact.coded)
    return truth(coded, (*SOLID_PRIMARIES, "solid-cancer-history"))


@finding
def tissue_unknown(case: Case) -> bool:
    """No malignant histology on file and no known solid primary: a steroid may spoil the diagnosis (lymphoma)."""
    return not malignant_histology(case) and not solid_primary(case)
