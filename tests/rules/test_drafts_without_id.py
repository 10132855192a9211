"""A draft that the client gave no id can be spoken of, but not deleted or changed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.scenarios import Scenario
from cds_service.chart.case import Case, Facts
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.outcomes import Fired
from tests import shipped

KNOWLEDGE: Knowledge = shipped.knowledge()
DISEASE: list[dict[str, Any]] = [
    {"condition": "breast-cancer", "onset": "900 d"},
    {"condition": "bone-metastasis", "onset": "400 d"},
]
NORMAL = {"observation": "calcium-corrected", "value": "2.35 mmol/L"}
LOW = {"observation": "calcium-corrected", "value": "1.9 mmol/L"}
HIGH = {"observation": "calcium-corrected", "value": "3.2 mmol/L"}
STABLE = {"observation": "disease-status", "answer": "status-stable"}
DOSES = [{"administration": "zoledronic-acid", "dose": "4 mg", "when": when} for when in ("200 d", "48 d", "20 d")]


def clearance(value: int) -> dict[str, Any]:
    return {"observation": "creatinine-clearance", "value": f"{value} mL/min"}


def zoledronic(**more: Any) -> dict[str, Any]:
    return {"draft": "zoledronic-acid", "dose": "4 mg", "every": "28 d", **more}


def without_id(case: Case) -> Case:
    medicines = [
        structs.replace(medicine, reference="MedicationRequest/#0") if medicine.draft else medicine
        for medicine in case.medications
    ]
    named = {name: getattr(case, name) for name in case.__slots__ if name != "memo"}
    return Case(**{**named, "medications": Facts(medicines)})


def offers(card: CardDefinition, case: Case) -> set[str]:
    outcome = card.ask(case.restricted_to(card.needs))
    assert isinstance(outcome, Fired)
    return {offer.suggestion for offer in outcome.offers}


@pytest.mark.parametrize(
    ("topic", "facts", "acting"),
    [
        ("zoledronate-renal-dose", [clearance(25), zoledronic()], {"cancel"}),
        ("zoledronate-renal-dose", [clearance(45), zoledronic()], {"adjust", "cancel"}),
        ("zoledronate-renal-dose", [clearance(25), HIGH, zoledronic(reason="hypercalcaemia")], {"denosumab"}),
        ("denosumab-safety", [LOW, {"draft": "denosumab", "dose": "120 mg"}], {"cancel"}),
        ("bma-choice", [NORMAL, zoledronic()], {"swap"}),
        ("bma-deescalation", [*DOSES, STABLE, zoledronic()], {"space_draft"}),
    ],
)
def test_a_draft_without_an_id_is_neither_deleted_nor_changed(
    topic: str, facts: list[dict[str, Any]], acting: set[str]
) -> None:
    card = KNOWLEDGE.cards[topic]
    case = ExampleRunner(KNOWLEDGE).case(Scenario.model_validate({"hook": "order-select", "facts": DISEASE + facts}))
    assert acting <= offers(card, case)
    assert acting.isdisjoint(offers(card, without_id(case)))
