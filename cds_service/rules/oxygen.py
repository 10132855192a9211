"""Low oxygen saturation in a patient with disease in the lungs: oxygen with a target."""

from cds_service.clinical import Case, Limit, Span, below, said
from cds_service.findings.cancer import active_primary, cancer, cannonball, lung_metastases, pleural_metastases
from cds_service.findings.patient_state import comfort_care, hospice_or_comfort
from cds_service.findings.saturation import breathing, hypercapnic_risk, oxygen_orders, saturation
from cds_service.ladder import Ladder, absent, cards, ladder, needed, silent, unknown


@ladder
def oxygen(
    case: Case,
    *,
    warn_below: Limit,
    critical_below: Limit,
    risk_target_from: Limit,
    saturation_age: Span,
    order_age: Span,
) -> Ladder:
    """Fire when the newest saturation lies below the limit that holds for this patient and no oxygen is ordered."""
    disease = (
        lung_metastases(case) or active_primary(case, "lung-cancer") or pleural_metastases(case) or cannonball(case)
    )
    yield absent("no_cancer", disease or cancer(case), needs=("conditions",))
    yield absent("no_lung_disease", disease, needs=("conditions",))

    newest, older = saturation(case, saturation_age), case.observations.of("spo2")[:1]
    missing = "saturation_old" if older else "no_saturation"
    spo2 = yield from needed(missing, newest, older, needs=("observations",), within=saturation_age)

    risk = hypercapnic_risk(case)
    low, at_risk = below(spo2, risk_target_from if risk else warn_below), risk.facts[:1]
    yield unknown("oxygen saturation", low is None, spo2.fact, at_risk)
    yield silent("within_risk_target", risk and not low, spo2.fact, at_risk)
    yield silent("not_low", not low, spo2.fact)
    ordered, comfort = oxygen_orders(case, order_age), hospice_or_comfort(case)
    yield silent("oxygen_ordered", ordered, spo2.fact, at_risk, ordered)
    yield silent("comfort_care", comfort, spo2.fact, at_risk, comfort)

    on_oxygen, entry = breathing(case, saturation_age)
    flow = entry.value if on_oxygen and entry and "inhaled-oxygen" in entry.concepts else None
    yield from cards(
        {"hypercapnic_risk": risk, "critical": below(spo2, critical_below), "low": True},
        *(spo2.fact, at_risk, entry if on_oxygen else None, disease.facts[:2]),
        words={
            "disease": disease,
            "comparator": spo2.comparator,
            "saturation": spo2.value,
            "when": spo2.fact.when or "",
            "supply": said("on {flow}", flow=flow) if flow else said("on air") if on_oxygen is False else "",
        },
        notes={
            "on_oxygen": on_oxygen is True,
            "supply_unknown": on_oxygen is None,
            "preliminary": spo2.fact.status == "preliminary",
            "words_only": not disease.coded,
            "palliative_care": comfort_care(case),
        },
        offers=["oxygen_for_risk" if risk else "oxygen"],
        at_most="warning" if disease.suspected or spo2.fact.unit_assumed else None,
    )
