"""Every order that any example of any card offers is one that fhir.resources accepts, and reads as we wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from msgspec import UNSET

from cds_service.knowledge.cards import CardDefinition
from tests import expected

KNOWLEDGE, RUNNER = expected.loaded()


@pytest.mark.parametrize("card", KNOWLEDGE.cards.values(), ids=lambda card: card.topic)
def test_each_order_is_what_fhir_resources_accepts(card: CardDefinition) -> None:
    orders = {bytes(order) for order in _orders(card)}
    creates = any(action.template for suggestion in card.suggestions.values() for action in suggestion.actions)
    assert bool(orders) == creates
    for order in orders:
        written = json.loads(order)
        read = get_fhir_model_class(written["resourceType"]).model_validate_json(order)
        assert _plain(json.loads(read.model_dump_json())) == _plain(written)


def _orders(card: CardDefinition) -> Iterator[Any]:
    """The resources of all actions that the card's examples are answered with."""
    for example in card.examples:
        for shown in RUNNER.answer(card, example).shown:
            for suggestion in shown.card.suggestions or ():
                for action in suggestion.actions or ():
                    if action.resource is not UNSET:
                        yield action.resource


def _plain(value: Any) -> Any:
    """Numbers as numbers and moments as moments, however they are written."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    if isinstance(value, str) and "T" in value:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value
