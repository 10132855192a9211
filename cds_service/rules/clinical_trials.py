"""Clinical trials as a choice in metastatic cancer."""

from cds_service.clinical import Case
from cds_service.findings.cancer import metastases
from cds_service.findings.patient_state import PerformanceLimit, comfort_care, performance_status
from cds_service.ladder import Ladder, cancer_ladder, card, needed, silent


@cancer_ladder
def clinical_trials(case: Case, *, performance: PerformanceLimit) -> Ladder:
    """Fire on active metastases in a patient who may be fit enough for a trial."""
    spread = yield from needed("no_metastases", metastases(case), needs=("conditions", "observations", "reports"))
    yield silent("comfort_care", comfort_care(case))
    status = performance_status(case, performance)
    yield silent("poor_performance", status.poor, status)

    notes = {"performance_unknown": not status}
    yield card("consider", spread.facts[:4], status, words={"disease": spread}, notes=notes)
