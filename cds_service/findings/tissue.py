"""Is the tissue known: malignant histology on file, or a primary that is known by its name?"""

from cds_service.clinical import Case, Fact, Span, finding
from cds_service.findings.cancer import primary
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.studies import done_or_ordered

_PATHOLOGY = ("pathology-report", "biopsy")


@finding
def malignant_histology(case: Case) -> Finding:
    """A pathology report, a biopsy's report, or a pathology result in an observation, that is final and states a malignancy."""
    malignant = frozenset(case.groups["malignancies"])
    reports = [one for one in case.reports.of(*_PATHOLOGY) if one.status == "final" and one.affirmed & malignant]
    results = [one for one in case.observations.of("pathology-report") if "malignant-histology" in one.answers]
    return summed_up((*reports, *(one for one in results if one.status != "preliminary")), _PATHOLOGY)


@finding
def histology_denied(case: Case) -> Finding:
    """Final reports of a pathologist that find no malignancy: the tissue is still missing, the biopsy is no longer awaited."""
    malignant = frozenset(case.groups["malignancies"])
    denying = [one for one in case.reports.of(*_PATHOLOGY) if one.status == "final" and one.denied & malignant]
    return summed_up([one for one in denying if not (one.affirmed | one.doubted) & malignant], _PATHOLOGY)


@finding
def histology_awaited(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """Biopsies and examinations of tissue that are ordered or done, and that no report without malignancy has answered."""
    denied = histology_denied(case).facts
    answers = {id(report) for report in denied}
    until = [report.when.last for report in denied if report.when]
    return tuple(
        fact
        for fact in done_or_ordered(case, lookback, *reversed(_PATHOLOGY))
        if id(fact) not in answers and not (fact.when and until and fact.when.first <= max(until))
    )


@finding
def solid_primary(case: Case) -> Finding:
    """A confirmed solid primary of any state; words alone are too little to offer a steroid, enough not to question one."""
    solid = case.groups["solid-primaries-of-any-state"]
    return summed_up(tuple(fact for fact in primary(case, *solid).facts if not fact.suspected), solid)


@finding
def tissue_unknown(case: Case) -> bool:
    """No malignant histology on file and no coded solid primary: a steroid may spoil the diagnosis (lymphoma)."""
    return not malignant_histology(case) and not solid_primary(case).coded


@finding
def lymphoma(case: Case) -> Finding:
    """Lymphoma, known or suspected, as a condition of any state or in the words of a pathology report or result."""
    reports = [one for one in case.reports.of(*_PATHOLOGY) if "lymphoma" in one.affirmed | one.doubted]
    results = [fact for fact in case.observations.of("pathology-report") if "lymphoma-histology" in fact.answers]
    return summed_up((*primary(case, "lymphoma").facts, *reports, *results), ("lymphoma",))
