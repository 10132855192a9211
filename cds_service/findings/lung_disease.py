"""Cancer in the lungs as the work-up sees it: metastases of lung or pleura, or cannonball lesions."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.findings.cancer import cannonball, lung_metastases
from cds_service.findings.finding import Finding, summed_up

NODULES = frozenset(
    {"cannonball", "lung-nodule", "pulmonary-nodules", "solitary-pulmonary-nodule", "lung-field-finding"}
)
"""What a chest film may call a lesion that a CT must look at."""

_CONCEPTS = ("lung-metastasis", "pleural-metastasis", "metastasis-site-unspecified", "cannonball", "pulmonary-nodules")


@finding
def lung_disease(case: Case) -> Finding:
    """Active metastases of lung or pleura, and cannonball lesions (in words alone, or coded nodules beside a cancer)."""
    facts = (*lung_metastases(case).facts, *case.active("pleural-metastasis"), *cannonball(case).facts)
    return summed_up(tuple(dict.fromkeys(facts)), _CONCEPTS)
