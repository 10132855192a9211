"""What clients report of the cards they were given: accepted or overridden, when and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

import msgspec
from pydantic import AfterValidator, AliasChoices, AwareDatetime, BeforeValidator, Field, model_validator

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


_EPIC = "com.epic.cdshooks.feedback.overrideReason."
EPIC_REASONS = f"urn:{_EPIC[:-1]}"
"""The system of what a clinician chose in Epic, which gives its title in the place of a code."""
_CHOSEN = ("reasonTitle", "reasonDisplay", "reasonCategory")


def _reason_of(value: object) -> object:
    """An override reason in the standard's form, from an object or a list, with Epic's extension or without.

    Epic keeps what the clinician chose in an ``extension``: the title stands for the code that it does not give. Of several
    reasons the first counts, and every comment.
    """
    if isinstance(value, list):
        read = [one for one in map(_reason_of, value) if isinstance(one, dict)]
        comments = [str(one["userComment"]) for one in read if one.get("userComment")]
        reason = next((one["reason"] for one in read if one.get("reason")), None)
        return {"reason": reason, "userComment": "; ".join(comments)} if read else None
    if not isinstance(value, dict) or not isinstance(value.get("extension"), dict):
        return value
    said: dict[str, Any] = value["extension"]
    texts = {
        name.removeprefix(_EPIC): text for name, text in said.items() if isinstance(text, str | int) and text != ""
    }
    chosen = next((str(texts[name]) for name in _CHOSEN if name in texts), "")
    reason = value.get("reason") or ({"code": chosen, "system": EPIC_REASONS} if chosen else None)
    comment = value.get("userComment") or texts.get("userComment")
    return {"reason": reason, "userComment": comment} if reason or comment else None


class FeedbackItem(WireModel):
    """What became of one card. Epic writes ``overrideReasons``, an object or a list."""

    card: Text
    outcome: Literal["accepted", "overridden"]
    outcome_timestamp: Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_to_utc)]
    """In UTC; a client's other offset is converted."""
    accepted_suggestions: tuple[AcceptedSuggestion, ...] = ()
    override_reason: Annotated[
        OverrideReason | None,
        Field(validation_alias=AliasChoices("overrideReason", "overrideReasons", "override_reason")),
        BeforeValidator(_reason_of),
    ] = None

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
