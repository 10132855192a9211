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
    organs = [lung_metastases(case), bone_metastases(case), *(_organ(case, name) for name in _NAMED)]
    found = [organ for organ in organs if is_new(case, organ, window)]
    everything = metastases(case)
    if not found and is_new(case, everything, window):
        found = [everything]
    lesions = cannonball(case)
    if not found and lesions and not _is_old(case, lesions, window):
        found = [lesions]
    facts: tuple[Fact, ...] = tuple(dict.fromkeys(fact for part in found for fact in part.facts))
    return summed_up(facts, (*SPREAD, *_NODULES, "m-category"))


def _organ(case: Case, name: str) -> Finding:
    return summed_up(tuple(fact for fact in case.conditions.of(name) if fact.state == "active"), (name,))


def _is_old(case: Case, found: Finding, window: Span) -> bool:
    dated = [fact for fact in found.facts if fact.when is not None]
    return bool(dated) and not all(case.within(fact.when, window) for fact in dated)
