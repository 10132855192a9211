"""Hormone treatment that thins the bones, without a bone density."""

from cds_service.clinical import Case, Span
from cds_service.findings.bone_agents import AgentReading, courses, newest_of, osteoporosis_product
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.medicines import on_medicine
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent, unknown

_BONE_LOSS = ("aromatase-inhibitor", "androgen-deprivation")
_IN_EITHER_STRENGTH = ("denosumab", "zoledronic-acid")


@cancer_ladder
def bone_health(case: Case, *, agents: AgentReading, density_lookback: Span, protection_lookback: Span) -> Ladder:
    """Fire on an aromatase inhibitor or androgen deprivation without a bone density within the look-back."""
    disease = bone_metastases(case)
    yield silent("bone_metastases", disease, disease.facts[:2])
    castrated = tuple(fact for fact in case.procedures.of("orchidectomy") if fact.status == "completed")
    treatment = on_medicine(case, agents.given_within, *_BONE_LOSS) or castrated
    yield absent("no_hormone_treatment", treatment, needs=("medications",))
    measured = case.recent(case.observations.of("dxa"), density_lookback)
    density = (*done_or_ordered(case, density_lookback, "dxa"), *measured)
    yield silent("density_known", density, density[:2], treatment[:1])
    running = newest_of(course for course in courses(case, agents) if course.current(case, protection_lookback))
    products = [osteoporosis_product(case, agents, agent, protection_lookback) for agent in _IN_EITHER_STRENGTH]
    tablets = on_medicine(case, agents.given_within, "oral-bisphosphonate")
    protection, comfort = (*running, *products[0], *products[1], *tablets), hospice_or_comfort(case)
    yield silent("protected", protection, protection[:2], treatment[:1])
    yield silent("comfort_care", comfort, comfort.facts[:2], treatment[:1])
    yield unknown("reports", case.lacking("reports"))
    yield card("no_density", treatment[:2], words={"treatment": treatment[0].called}, offers=["dxa"])
