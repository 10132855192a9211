"""A cancer found of late at a stage at which metastases are to be looked for."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.findings.cancer import BLOOD_CANCERS, SOLID_PRIMARIES, is_new, primary
from cds_service.findings.finding import Finding, summed_up
from cds_service.terminology.dates import Span

_ADVANCED = frozenset({"stage-iii", "stage-iv"})
_PRIMARIES = (*SOLID_PRIMARIES, "solid-cancer", *BLOOD_CANCERS, "any-malignancy")


@finding
def advanced_primary(case: Case, window: Span) -> Finding:
    """An active primary first recorded within the window whose stage, on the problem or as a stage group, is III or IV."""
    active = tuple(fact for fact in primary(case, *_PRIMARIES).facts if getattr(fact, "state", "") == "active")
    if not is_new(case, summed_up(active, _PRIMARIES), window):
        return summed_up((), _PRIMARIES)
    staged = tuple(fact for fact in active if not fact.concepts.isdisjoint(_ADVANCED))
    newest = case.recent(case.observations.of("stage-group"), window)[:1]
    graded = tuple(fact for fact in newest if not fact.answers.isdisjoint(_ADVANCED))
    return summed_up((*(staged or active[: len(graded)]), *graded), _PRIMARIES)
