"""The one evaluation: every card's rule on the case. It serves the hook, the simulation, the page and the tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from msgspec import Struct

from cds_service.chart.case import Case
from cds_service.chart.evidence import Unanswered
from cds_service.knowledge.cards import CardDefinition
from cds_service.outcomes import CannotTell, Failed, Fired, Outcome


class Verdict(Struct, frozen=True):
    """What one card's rule said of the case."""

    card: CardDefinition
    outcome: Outcome
    withheld: str = ""
    """Why the card is not shown to who asks, though it is due: ``not for this role (ward pharmacist)``."""

    @property
    def fired(self) -> bool:
        return isinstance(self.outcome, Fired)

    @property
    def unanswered(self) -> bool:
        return isinstance(self.outcome, (CannotTell, Failed))

    @property
    def missing(self) -> tuple[str, ...]:
        """What the rule lacked; nothing unless it could not tell."""
        return self.outcome.missing if isinstance(self.outcome, CannotTell) else ()


TOO_MUCH = "time to judge so large a record"
"""What a rule lacked that was not asked, or not to its end, before the time of the call was over."""


_WITHOUT_END = nullcontext()


class OutOfTime(BaseException):
    """The call has used up its time. No rule may take this for an error of its own."""


def evaluate(
    case: Case, cards: Collection[CardDefinition], within: AbstractContextManager[object] = _WITHOUT_END
) -> tuple[Verdict, ...]:
    """Ask every card's rule, last those that ask after the red flags. One that raises is ``Failed`` and does not affect others.

    ``within`` may raise :class:`OutOfTime` at any point. The red flags are asked first, so that what they said by then
    stands; what was not asked is not known.
    """
    asked = [card for card in cards if not card.asks_red_flags]
    outcomes: dict[str, Outcome] = {}
    try:
        with within:
            for card in sorted(asked, key=lambda card: case.hook not in card.red_flag):
                outcomes[card.topic] = evaluate_card(case, card)
    except OutOfTime:
        pass
    verdicts = [verdict_of(case, card, outcomes.get(card.topic) or CannotTell((TOO_MUCH,))) for card in asked]
    return evaluate_remaining(case, verdicts, (card for card in cards if card.asks_red_flags))


def evaluate_remaining(case: Case, verdicts: Iterable[Verdict], last: Iterable[CardDefinition]) -> tuple[Verdict, ...]:
    """Ask the cards that ask after the red flags, once all others have been."""
    said = tuple(verdicts)
    informed = _with_unanswered(case, said)
    return (*said, *(verdict_of(case, card, evaluate_card(informed, card)) for card in last))


def verdict_of(case: Case, card: CardDefinition, outcome: Outcome) -> Verdict:
    """What a card says of the case, and whether to who asks."""
    due = isinstance(outcome, Fired) and card.for_whom
    return Verdict(card, outcome, card.for_whom.withholds(case, outcome.rung) if due else "")


def case_for(card: CardDefinition, case: Case, cards: Iterable[CardDefinition]) -> Case:
    """The case as the rule of one card sees it: with the red flags among ``cards`` asked, if it asks after them."""
    if not card.asks_red_flags:
        return case
    flags = (one for one in cards if case.hook in one.red_flag and one.evaluated)
    return _with_unanswered(case, [Verdict(flag, evaluate_card(case, flag)) for flag in flags])


def evaluate_card(case: Case, card: CardDefinition, arguments: Mapping[str, Any] | None = None) -> Outcome:
    """Ask one card's rule, with its own parameters or with changed ones."""
    try:
        return card.ask(case, arguments)
    except Exception as error:  # noqa: BLE001 - whatever a rule raises does not affect another card
        return Failed(type(error).__name__)


def is_flag(card: CardDefinition, hook: str) -> bool:
    """Whether the silence of a card on this hook has to be accounted for: a red flag that is shown."""
    return hook in card.red_flag and card.status == "active"


def _with_unanswered(case: Case, verdicts: Iterable[Verdict]) -> Case:
    """The case with the red flags that nobody could judge; those of cards that are not shown do not count."""
    flags = [verdict for verdict in verdicts if verdict.unanswered and is_flag(verdict.card, case.hook)]
    return replace(case, unanswered=tuple(_unanswered(flag) for flag in flags))


def _unanswered(flag: Verdict) -> Unanswered:
    outcome = flag.outcome
    gaps = outcome.gaps if isinstance(outcome, CannotTell) else ()
    return Unanswered(flag.card.title, flag.missing, gaps, outcome.evidence)
