"""Clinical trials as a choice in metastatic cancer."""

from cds_service.clinical import Case
from cds_service.findings.cancer import metastases
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.naming import called
from cds_service.findings.performance_status import PerformanceLimit, performance_status, poor_performance
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent


@cancer_ladder
def clinical_trials(case: Case, *, performance: PerformanceLimit) -> Ladder:
    """Fire on active metastases in a patient who may be fit enough for a trial."""
    spread = metastases(case)
    yield absent("no_metastases", spread, needs=("conditions", "observations", "reports"))
    yield silent("comfort_care", comfort_care(case))
    status, unfit = performance_status(case, performance.reading), poor_performance(case, performance)
    yield silent("poor_performance", unfit, unfit.fact if unfit else None)

    notes, words = {"performance_unknown": status is None}, {"disease": called(spread.facts)}
    yield card("consider", True, spread.facts[:4], status.fact if status else None, words=words, notes=notes)
