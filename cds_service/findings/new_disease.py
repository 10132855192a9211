"""Metastases that were found of late, organ by organ: an old bone metastasis does not make a new lung metastasis old."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import SPREAD, bone_metastases, cannonball, is_new, lung_metastases, metastases
from cds_service.findings.finding import Finding, summed_up
from cds_service.terminology.dates import Span

_NAMED = ("pleural-metastasis", "liver-metastasis", "brain-metastasis", "epidural-metastasis", "bone-marrow-metastasis")
_NODULES = ("cannonball", "pulmonary-nodules")


@finding
def new_disease(case: Case, window: Span) -> Finding:
    """Metastases or cannonball lesions whose organ is first mentioned within the window; empty when there are none.

    Cannonball lesions without any date count as new: nobody can tell that they are old, and they need attention.
    """
    named = [summed_up(case.active(name), (name,)) for name in _NAMED]
    found = [organ for organ in (lung_metastases(case), bone_metastases(case), *named) if is_new(case, organ, window)]
    everything = metastases(case)
    if not found and is_new(case, everything, window):
        found = [everything]
    lesions = cannonball(case)
    undated = not any(fact.when for fact in lesions.facts)
    if not found and lesions and (undated or is_new(case, lesions, window)):
        found = [lesions]
    facts: tuple[Fact, ...] = tuple(dict.fromkeys(fact for part in found for fact in part.facts))
    return summed_up(facts, (*SPREAD, *_NODULES, "m-category"))
