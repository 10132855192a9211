"""What clients report of the cards they were given: accepted or overridden, when and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

import msgspec
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from cds_service.hooks.contexts import OptionalText, Text, WireModel
from cds_service.hooks.request import RequestError, read_model, unreadable


def _written(value: object) -> object:
    """Refuse numbers, which pydantic would take for seconds since 1970."""
    if isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-":
        return value
    raise ValueError("must be an RFC 3339 date and time, as text")


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be a date between the years 1 and 9999 in UTC") from None


class Reason(WireModel):
    """The Coding of an override reason; real clients send it without display."""

    code: Text
    system: OptionalText = None
    display: OptionalText = None


class OverrideReason(WireModel):
    """Why a card was overridden: a reason from the card's list, the clinician's own words, or both."""

    reason: Reason | None = None
    user_comment: OptionalText = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.reason is None and self.user_comment is None:
            raise ValueError("needs a reason, a userComment or both")
        return self


class AcceptedSuggestion(WireModel):
    """The ``uuid`` of a suggestion that the clinician took."""

    id: Text


class FeedbackItem(WireModel):
    """What became of one card."""

    card: Text
    outcome: Literal["accepted", "overridden"]
    outcome_timestamp: Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_to_utc)]
    """In UTC; a client's other offset is converted."""
    accepted_suggestions: tuple[AcceptedSuggestion, ...] = ()
    override_reason: OverrideReason | None = None

    @model_validator(mode="after")
    def _names_what_was_accepted(self) -> Self:
        if self.outcome == "accepted" and not self.accepted_suggestions:
            raise ValueError("accepted needs acceptedSuggestions with at least one id")
        return self


class Feedback(WireModel):
    """The body of a feedback call."""

    feedback: Annotated[tuple[FeedbackItem, ...], Field(min_length=1)]


def read_feedback(body: bytes) -> tuple[FeedbackItem, ...]:
    """Read a feedback body; raises :class:`~cds_service.hooks.request.RequestError` naming the wrong field."""
    try:
        body.decode()
        value = msgspec.json.decode(body)
    except RecursionError:
        raise RequestError("The JSON is nested too deeply", code="too-costly") from None
    except ValueError as error:
        raise unreadable(error) from None
    return read_model(Feedback, value).feedback
