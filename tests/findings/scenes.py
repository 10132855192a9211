"""A case from short facts, as the examples of the cards write them."""

from __future__ import annotations

from functools import cache
from typing import Any

from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.scenarios import Scenario
from cds_service.chart.case import Case
from cds_service.service.knowledge_files import cards_folder, read_card_files
from cds_service.service.knowledge_snapshots import load_or_take_up

_SHARED = (
    "value_sets/",
    "orders/",
    "words/",
    "expansions/",
    "services.yaml",
    "parameters.yaml",
    "override_reasons.yaml",
    "sources.yaml",
)


@cache
def _runner() -> ExampleRunner:
    """Findings need the value sets and no card, so that a mistake in a card does not fail them."""
    files = read_card_files(cards_folder())
    shared = {name: text for name, text in files.items() if name.startswith(_SHARED)}
    return ExampleRunner(load_or_take_up(shared))


def scene(*facts: dict[str, Any], hook: str = "patient-view", **patient: Any) -> Case:
    """Read facts as the service would read the request that they make; the patient is a woman of 62 unless said."""
    raw: dict[str, Any] = {"hook": hook, "facts": list(facts)}
    if patient:
        raw["patient"] = patient
    return _runner().case(Scenario.model_validate(raw))


def condition(concept: str, onset: str = "10 d", **more: Any) -> dict[str, Any]:
    return {"condition": concept, "onset": onset, **more}


def words(text: str, onset: str = "10 d", **more: Any) -> dict[str, Any]:
    return {"condition": "other", "text": text, "onset": onset, **more}


def coded(code: str, **more: Any) -> dict[str, Any]:
    return {"condition": "other", "code": code, **more}
