"""The one evaluation: every card's rule on the case. It serves the hook, the simulation, the page and the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.chart.case import Case
from cds_service.knowledge.cards import Card
from cds_service.outcomes import CannotTell, Failed, Fired, Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one card's rule said of the case."""

    card: Card
    outcome: Outcome

    @property
    def fired(self) -> bool:
        return isinstance(self.outcome, Fired)

    @property
    def unanswered(self) -> bool:
        return isinstance(self.outcome, CannotTell | Failed)


def evaluate(case: Case, cards: Iterable[Card]) -> tuple[Verdict, ...]:
    """Ask every card's rule. One that raises becomes ``Failed`` and costs no other card."""
    return tuple(Verdict(card, judge(case, card)) for card in cards)


def judge(case: Case, card: Card, arguments: Mapping[str, Any] | None = None) -> Outcome:
    """Ask one card's rule, with its own parameters or with changed ones."""
    try:
        return card.rule(case, **(card.arguments if arguments is None else arguments))
    except Exception as error:  # noqa: BLE001 - whatever a rule raises must not cost another card
        return Failed(type(error).__name__)
