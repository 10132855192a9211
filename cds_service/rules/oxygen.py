"""Low oxygen saturation in a patient with disease in the lungs: oxygen with a target."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import Finding, cancer, cannonball, lung_metastases, pleural_metastases
from cds_service.findings.care_setting import comfort_care, hospice_or_comfort
from cds_service.findings.saturation import (
    Breathing,
    Saturation,
    breathing,
    hypercapnic_risk,
    implausible_saturation,
    oxygen_orders,
    saturation,
)
from cds_service.outcomes import CannotTell, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, below


def oxygen(
    case: Case,
    *,
    warn_below: Limit,
    critical_below: Limit,
    risk_target_from: Limit,
    saturation_age: Span,
    plausible_from: Limit,
    order_age: Span,
) -> Outcome:
    """Fire when the newest saturation lies below the limit that holds for this patient and no oxygen is ordered."""
    disease = _in_the_lungs(case)
    if not disease:
        return not_found(case, "no_lung_disease" if cancer(case) else "no_cancer", "conditions")
    measured = saturation(case, saturation_age, plausible_from)
    if measured is None:
        return _no_saturation(case, saturation_age, plausible_from)
    risk = hypercapnic_risk(case)
    facts: tuple[Fact, ...] = (measured.fact, *risk.facts[:1])
    low = below(measured.value, measured.comparator, risk_target_from if risk else warn_below)
    if low is None:
        return CannotTell(("oxygen saturation",), tuple(evidence_of(fact) for fact in facts))
    if not low:
        because = "within_risk_target" if risk else "not_low"
        return NotFired(because, tuple(evidence_of(fact) for fact in facts))
    if orders := oxygen_orders(case, order_age):
        return NotFired("oxygen_ordered", tuple(evidence_of(fact) for fact in (*facts, *orders)))
    if comfort := hospice_or_comfort(case):
        return NotFired("comfort_care", tuple(evidence_of(fact) for fact in (*facts, *comfort.facts)))
    very_low = bool(below(measured.value, measured.comparator, critical_below))
    air = breathing(case, saturation_age)
    shown = dict.fromkeys((*facts, *((air.fact,) if air.fact is not None else ()), *disease.facts[:2]))
    return Fired(
        "hypercapnic_risk" if risk else "critical" if very_low else "low",
        tuple(evidence_of(fact) for fact in shown),
        words=_words(disease, measured, risk),
        notes=_notes(case, measured, air, disease),
        offers=(Offer("oxygen_for_risk" if risk else "oxygen"),),
        at_most="warning" if disease.suspected or measured.fact.unit_assumed else None,
    )


def _in_the_lungs(case: Case) -> Finding:
    return lung_metastases(case) or pleural_metastases(case) or cannonball(case)


def _no_saturation(case: Case, age: Span, least: Limit) -> NotFired | CannotTell:
    """Say whether there was none, none of today, or only values that cannot be."""
    odd = implausible_saturation(case, age, least)
    if odd:
        return NotFired("implausible", tuple(evidence_of(fact) for fact in odd))
    older = tuple(evidence_of(fact) for fact in case.observations.of("spo2")[:1])
    return not_found(case, "saturation_old" if older else "no_saturation", "observations", evidence=older)


def _notes(case: Case, measured: Saturation, air: Breathing, disease: Finding) -> tuple[str, ...]:
    checks = (
        ("on_oxygen", air.on_oxygen is True),
        ("on_air", air.on_oxygen is False),
        ("supply_unknown", air.on_oxygen is None),
        ("preliminary", measured.fact.status == "preliminary"),
        ("words_only", not disease.coded),
        ("palliative_care", bool(comfort_care(case))),
    )
    return tuple(note for note, holds in checks if holds)


def _words(disease: Finding, measured: Saturation, risk: Finding) -> dict[str, Word]:
    return {
        "disease": disease.label,
        "comparator": measured.comparator,
        "saturation": measured.value,
        "when": measured.fact.when if measured.fact.when is not None else "",
        "taken": measured.fact.when.text if measured.fact.when is not None else "",
        "risk": risk.label,
    }
