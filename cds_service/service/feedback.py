"""Feedback from the wire to the store: the client hears 200 only when all of it is on disk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from cds_service.engine.housekeeping import TOPIC as HOUSEKEEPING
from cds_service.hooks.feedback import EPIC_REASONS, FeedbackItem, read_feedback
from cds_service.hooks.operation_outcome import operation_outcome
from cds_service.hooks.request import RequestError
from cds_service.knowledge.cards import CardDefinition, OverrideReason
from cds_service.service.store import Acknowledged, Caller, CardFeedback, Store, StoreUnavailable

MOST_ITEMS = 2000
"""Items of one call; a batch of a night's feedback has some hundreds."""
RETRY_AFTER = 5
"""Seconds after which a client should send its feedback again when the store is away."""
NOTHING = Acknowledged()
OTHER = "other"
"""What is kept of a reason that the card does not offer: a code of the wire could say anything, a patient's name too."""
Spellings = Mapping[str, OverrideReason]
"""Reasons by every spelling in which clients send them: code, name and display in lower case."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons that each card offers, by its topic; the card of housekeeping offers those of all that it may stand for."""

    by_topic: Mapping[str, Spellings] = field(default_factory=dict)

    @classmethod
    def of(cls, cards: Iterable[CardDefinition]) -> Reasons:
        """What these cards offer; a topic may come several times, in other languages or versions."""
        cards = list(cards)
        routine = [reason for card in cards if card.routine for reason in card.override_reasons]
        by_topic: dict[str, Spellings] = {}
        for card in cards:
            by_topic[card.topic] = {**by_topic.get(card.topic, {}), **_by_spelling(card.override_reasons)}
        return cls({**by_topic, HOUSEKEEPING: _by_spelling(routine)})

    def kept(self, topic: str, code: str, system: str) -> tuple[str, str]:
        """Code and system as the card of this topic offers them, else ``other``; of an unknown card ("") what any card offers."""
        if not code:
            return "", ""
        lists = (self.by_topic.get(topic, {}),) if topic else self.by_topic.values()
        known = next((found for spellings in lists if (found := spellings.get(code.lower()))), None)
        if known is None or (system or known.system) not in {known.system, EPIC_REASONS}:
            return OTHER, ""
        return known.code, known.system


NO_REASONS = Reasons()


@dataclass(frozen=True, slots=True)
class FeedbackAnswer:
    """Status, body and ``Retry-After`` in seconds (0: none) for the client; ``acknowledged`` is for our metrics."""

    status: int
    body: bytes
    retry_after: int = 0
    acknowledged: Acknowledged = NOTHING
    because: str = ""
    """The kind of problem, for the audit."""


def answer_feedback(
    store: Store,
    body: bytes,
    *,
    service: str,
    services: Collection[str],
    caller: Caller,
    reasons: Reasons = NO_REASONS,
    admit: Callable[[int], object] = lambda items: None,
) -> FeedbackAnswer:
    """Record a feedback call and say how it ended.

    200 when it is durable, 400 when it cannot be read and 413 when it is too much for one call (nothing kept), 404 for a
    service that is not ours, 503 when the store is away (send all of it again: repeats are harmless). ``admit`` may refuse
    so many items. Feedback for an unknown card, or for a card of another client, is answered alike: 200.
    """
    if service not in services:
        return FeedbackAnswer(404, operation_outcome("not-found", "There is no CDS service of this id here"))
    try:
        items = read_feedback(body)
    except RequestError as error:
        problem = operation_outcome(error.code, error.message, expression=error.path)
        return FeedbackAnswer(error.status, problem, because=error.code)
    if len(items) > MOST_ITEMS:
        problem = operation_outcome("too-long", f"At most {MOST_ITEMS} items in one call; send them in several")
        return FeedbackAnswer(413, problem, because="too-long")
    admit(len(items))
    try:
        done = store.record_feedback([*map(card_feedback, items)], caller, service, reasons.kept)
    except StoreUnavailable:
        problem = operation_outcome(
            "transient",
            "The feedback could not be stored; send all of it again: what is on record already is not counted twice",
        )
        return FeedbackAnswer(503, problem, retry_after=RETRY_AFTER, because="transient")
    return FeedbackAnswer(200, b"{}", acknowledged=done)


def card_feedback(item: FeedbackItem) -> CardFeedback:
    """Take from a feedback item what the store keeps; which reason it keeps, the card says."""
    override = item.override_reason
    reason = override.reason if override else None
    return CardFeedback(
        card_id=item.card,
        outcome=item.outcome,
        outcome_at=item.outcome_timestamp,
        accepted=tuple(suggestion.id for suggestion in item.accepted_suggestions),
        reason_code=reason.code if reason else "",
        reason_system=(reason.system or "") if reason else "",
        comment=(override.user_comment or "") if override else "",
    )


def _by_spelling(reasons: Iterable[OverrideReason]) -> Spellings:
    """Find reasons by their code; by name or display, too, which some clients send in its place."""
    return {spelling.lower(): one for one in reasons for spelling in (one.display, one.name, one.code)}
