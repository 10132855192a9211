"""Metastases in the long bones, which carry weight and break."""

from cds_service.chart.case import Case, finding
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.finding import Finding, active_whenever, summed_up
from cds_service.terminology.dates import Span

_LONG = "long-bone-metastasis"
_SITES = frozenset({"site-long-bone", "site-femur", "site-humerus", "peritrochanteric-site"})


@finding
def long_bone_metastases(case: Case, image_age: Span) -> Finding:
    """Active bone metastases whose code, words or body site name a long bone, and images within ``image_age`` that show one."""
    sited = [fact for fact in bone_metastases(case).facts if not _SITES.isdisjoint(getattr(fact, "sites", ()))]
    images = [one for one in case.recent(case.reports, image_age) if _LONG in one.affirmed]
    shown = [one for one in images if one.status != "registered"]
    return summed_up(
        (*active_whenever(case, _LONG), *sited, *shown), (_LONG, "bone-metastasis", "metastasis-site-unspecified")
    )
