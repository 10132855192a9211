"""A cancer found of late at a stage at which metastases are to be looked for."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import BLOOD_CANCERS, SOLID_PRIMARIES, is_new, primary
from cds_service.findings.finding import Finding, summed_up
from cds_service.terminology.dates import Span

_ADVANCED = frozenset({"stage-iii", "stage-iv"})
_PRIMARIES = (*SOLID_PRIMARIES, "solid-cancer", *BLOOD_CANCERS, "any-malignancy")


@finding
def advanced_primary(case: Case, window: Span) -> Finding:
    """An active primary first recorded within the window whose stage, on the problem or as a stage group, is III or IV."""
    found = primary(case, *_PRIMARIES)
    active = tuple(fact for fact in found.facts if getattr(fact, "state", "") == "active")
    if not is_new(case, summed_up(active, _PRIMARIES), window):
        return summed_up((), _PRIMARIES)
    staged: tuple[Fact, ...] = tuple(fact for fact in active if fact.concepts & _ADVANCED)
    groups = [fact for fact in case.observations.of("stage-group") if case.within(fact.when, window)][:1]
    graded = tuple(fact for fact in groups if fact.answers & _ADVANCED)
    return (
        summed_up((*(staged or (active[:1] if graded else ())), *graded), _PRIMARIES)
        if staged or graded
        else summed_up((), ())
    )
