"""Metastases in the long bones, which carry weight and break."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.finding import Finding, summed_up
from cds_service.terminology.dates import Span

_LONG = "long-bone-metastasis"
_SITES = frozenset({"site-long-bone", "site-femur", "site-humerus", "peritrochanteric-site"})


@finding
def long_bone_metastases(case: Case, image_age: Span) -> Finding:
    """Active bone metastases whose code, words or body site name a long bone, and images within ``image_age`` that show one."""
    found: list[Fact] = [fact for fact in case.conditions.of(_LONG) if fact.state == "active"]
    named = {fact.reference for fact in found}
    found += [
        fact
        for fact in bone_metastases(case).facts
        if fact.reference not in named and not _SITES.isdisjoint(getattr(fact, "sites", ()))
    ]
    found += [
        report
        for report in case.reports
        if _LONG in report.affirmed and report.status != "registered" and case.within(report.when, image_age)
    ]
    return summed_up(tuple(found), (_LONG, "bone-metastasis", "metastasis-site-unspecified"))
