"""What the card of hypercalcaemia offers and quotes, on plain values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.chart.facts import Observation
from cds_service.findings.antiresorptive import AgentLimits
from cds_service.findings.hypercalcaemia import PthLimits, SymptomLimits
from cds_service.outcomes import Fired, NotFired, Outcome
from cds_service.rules.hypercalcaemia import hypercalcaemia
from cds_service.terminology.dates import Span
from tests.findings.results import CLEARANCE, DAY, LIMITS, WEEK, case, condition, limit, quantity, result, total

MONTH = Span(days=30)
LIMITS_OF_THE_CARD: dict[str, Any] = {
    "calcium": LIMITS,
    "signs": SymptomLimits(MONTH, 1),
    "agents": AgentLimits(
        inputs=CLEARANCE,
        creatinine_limit=limit(("400", "umol/L"), substance="creatinine"),
        minimum_clearance=limit(("30", "mL/min")),
        first_antiresorptive="zoledronic-acid",
        repeat_interval=WEEK,
        refractory_window=MONTH,
        given_within=MONTH,
    ),
    "pth": PthLimits(limit(("6.9", "pmol/L"), substance="pth"), Span(months=12)),
    "dialysis_at": limit(("4.50", "mmol/L"), substance="calcium"),
    "danger_window": Span(days=14),
    "treated_window": Span(hours=72),
    "calcitonin_per_kg": Decimal(4),
    "test_lookback": DAY,
}


def judged(*facts: Observation) -> Outcome:
    return hypercalcaemia(case(condition("breast-cancer", "2024-01-01"), *facts), **LIMITS_OF_THE_CARD)


@pytest.mark.parametrize(("weight", "dose"), [("70", "280"), ("70.3", "281"), ("20", "80")])
def test_calcitonin_is_dosed_by_weight_in_whole_units(weight: str, dose: str) -> None:
    severe = judged(result("calcium-corrected", "3.6", "mmol/L"), result("body-weight", weight, "kg"))
    assert isinstance(severe, Fired)
    words = {offer.suggestion: offer.words for offer in severe.offers}
    assert words["calcitonin"] == {"dose": quantity(dose, "[IU]")}
    assert "calcitonin_weight" not in severe.notes


def test_without_a_weight_calcitonin_has_no_dose() -> None:
    severe = judged(result("calcium-corrected", "3.6", "mmol/L"))
    assert isinstance(severe, Fired)
    assert "calcitonin" not in {offer.suggestion for offer in severe.offers}
    assert "calcitonin_weight" in severe.notes


def test_the_last_calcium_that_is_quoted_is_the_newest_with_a_value() -> None:
    unread, older = total("see note", "", "2026-03-01"), total("2.4", when="2025-06-01")
    for facts, because, quoted in (
        ((unread, older), "calcium_old", [older.reference]),
        ((unread,), "no_calcium", [unread.reference]),
        ((), "no_calcium", []),
    ):
        outcome = judged(*facts)
        assert isinstance(outcome, NotFired)
        assert (outcome.because, [each.reference for each in outcome.evidence]) == (because, quoted)
