"""What an order check offers depends on whether the draft can be named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cds_service.outcomes import Fired
from cds_service.rules.hypercalcaemia_medicines import hypercalcaemia_medicines
from cds_service.terminology.dates import Span
from tests.findings.results import LIMITS, case, condition, medicine, result


def judged(**draft: Any) -> Fired:
    given = {"draft": True, "selected": True, "kind": "request", "status": "draft"}
    chart = case(
        condition("breast-cancer", "2024-01-01"),
        result("calcium-corrected", "2.9", "mmol/L"),
        medicine("calcium-supplement", **{**given, **draft}),
    )
    outcome = hypercalcaemia_medicines(replace(chart, hook="order-select"), calcium=LIMITS, given_within=Span(days=30))
    assert isinstance(outcome, Fired)
    return outcome


@pytest.mark.parametrize(
    ("reference", "removable"), [("MedicationRequest/draft-1", True), ("MedicationRequest/#1", False)]
)
def test_only_a_draft_with_an_id_can_be_taken_back(reference: str, removable: bool) -> None:
    outcome = judged(reference=reference)
    assert outcome.message == "order_raising"
    assert [offer.draft for offer in outcome.offers] == ([reference] if removable else [])
