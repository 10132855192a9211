"""A card with some parameters set otherwise: what its examples, the playground and "what if" questions run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cds_service.knowledge.cards import CardDefinition
from cds_service.knowledge.parameters import Parameter, change
from cds_service.knowledge.templates import HoleValue, Suggestion


def with_changes(card: CardDefinition, changes: Mapping[str, Any], origin: str = "example") -> CardDefinition:
    """The same card with these parameters changed (name to value as written, ``3.1 mmol/L``), orders and words included.

    Raises :class:`KeyError` for an unknown parameter, :class:`ValueError` for a value that it does not admit.
    """
    if not changes:
        return card
    return with_parameters(
        card, {name: change(card.parameters[name], written, {}, origin) for name, written in changes.items()}
    )


def with_parameters(card: CardDefinition, changed: Mapping[str, Parameter]) -> CardDefinition:
    """The same card with these parameters in the place of its own."""
    parameters = {**card.parameters, **changed}
    values: dict[str, HoleValue] = {name: parameter.value for name, parameter in parameters.items()}
    return replace(
        card,
        parameters=parameters,
        arguments={name: parameters[name].value for name in card.arguments},
        suggestions={name: _rebound(suggestion, values) for name, suggestion in card.suggestions.items()},
    )


def _rebound(suggestion: Suggestion, values: Mapping[str, HoleValue]) -> Suggestion:
    actions = tuple(
        replace(action, template=replace(action.template, parameters=values)) if action.template else action
        for action in suggestion.actions
    )
    return replace(suggestion, actions=actions)
