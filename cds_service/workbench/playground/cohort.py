"""The demonstration patients as a cohort: each read once, on the day and for the hook that he or she was made for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds_service.hooks.request import RequestError
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.workbench.playground.asking import consult
from cds_service.workbench.playground.patients import DemoPatient
from cds_service.workbench.playground.tuning import CohortPatient


def read_cohort(advisor: KnowledgeAdvisor, patients: Iterable[DemoPatient]) -> Iterator[CohortPatient]:
    """Read every patient; one whom the service refuses is left out."""
    services = {hook: service_id for service_id, hook in advisor.knowledge.services}
    for patient in patients:
        if patient.hook not in services:
            continue
        try:
            case = consult(advisor, services[patient.hook], patient.request).case
        except RequestError:
            continue
        yield CohortPatient(patient.name, case)
