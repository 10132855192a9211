"""Feedback from the wire to the store: the client hears 200 only when all of it is on disk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cds_service.hooks.feedback import EPIC_REASONS, FeedbackItem, Reason, read_feedback
from cds_service.hooks.operation_outcome import operation_outcome
from cds_service.hooks.request import RequestError
from cds_service.knowledge.cards import OverrideReason
from cds_service.service.store import Acknowledged, Caller, CardFeedback, Store, StoreUnavailable

MOST_ITEMS = 2000
"""Items of one call; a batch of a night's feedback has some hundreds."""
RETRY_AFTER = 5
"""Seconds after which a client should send its feedback again when the store is away."""
NOTHING = Acknowledged()
OTHER = "other"
"""What is kept of a reason that our cards do not offer: a code of the wire could say anything, a patient's name too."""
Reasons = Mapping[str, OverrideReason]
"""The reasons that cards offer, by every spelling in which clients send them: code, name and display in lower case."""
NO_REASONS: Reasons = MappingProxyType({})


def reasons_by_spelling(reasons: Iterable[OverrideReason]) -> Reasons:
    """Find reasons by their code; by name or display, too, which some clients send in its place."""
    return {spelling.lower(): one for one in reasons for spelling in (one.display, one.name, one.code)}


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
        done = store.record_feedback([card_feedback(item, reasons) for item in items], caller, service)
    except StoreUnavailable:
        problem = operation_outcome(
            "transient",
            "The feedback could not be stored; send all of it again: what is on record already is not counted twice",
        )
        return FeedbackAnswer(503, problem, retry_after=RETRY_AFTER, because="transient")
    return FeedbackAnswer(200, b"{}", acknowledged=done)


def card_feedback(item: FeedbackItem, reasons: Reasons) -> CardFeedback:
    """Take from a feedback item what the store keeps: of a reason the code that our cards give it, else ``other``."""
    override = item.override_reason
    code, system = _kept(override.reason, reasons) if override and override.reason else ("", "")
    return CardFeedback(
        card_id=item.card,
        outcome=item.outcome,
        outcome_at=item.outcome_timestamp,
        accepted=tuple(suggestion.id for suggestion in item.accepted_suggestions),
        reason_code=code,
        reason_system=system,
        comment=(override.user_comment or "") if override else "",
    )


def _kept(reason: Reason, reasons: Reasons) -> tuple[str, str]:
    known = reasons.get(reason.code.lower())
    if known is None or (reason.system or known.system) not in {known.system, EPIC_REASONS}:
        return OTHER, ""
    return known.code, known.system
