"""What a service answers: cards with suggestions, and the check that each answer passes before it leaves.

A field that is not used is absent: never null, never empty. Resources are JSON bytes that the engine has rendered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from cds_service.terminology.said import plain

LONGEST_SUMMARY = 139
"""Characters; the specification says "under 140"."""

Words = Annotated[str, Meta(min_length=1)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s]+$")]
Uuid = Annotated[str, Meta(min_length=36, max_length=36)]
Extension = Annotated[dict[str, Any], Meta(min_length=1)]


class _Sent(msgspec.Struct, rename="camel", omit_defaults=True, forbid_unknown_fields=True, frozen=True):
    """A part of an answer: camel case on the wire, unused fields absent, misspelt fields refused."""


class Coding(_Sent, frozen=True):
    """A code with its name; ``display`` is a must in override reasons."""

    code: Words
    system: Words
    display: Words | UnsetType = UNSET


class Source(_Sent, frozen=True):
    """Where the advice comes from; ``topic`` says what it is about, for filters and counts."""

    label: Words
    url: Url | UnsetType = UNSET
    icon: Url | UnsetType = UNSET
    topic: Coding | UnsetType = UNSET


class Link(_Sent, frozen=True):
    """A page, or a SMART app with its launch context."""

    label: Words
    url: Url
    type: Literal["absolute", "smart"]
    app_context: Words | UnsetType = UNSET
    autolaunchable: bool | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.type != "smart" and self.app_context is not UNSET:
            raise ValueError("appContext is for links of type smart only")


class Action(_Sent, frozen=True):
    """One change to the record that a suggestion makes."""

    type: Literal["create", "update", "delete"]
    description: Words
    resource: Raw | UnsetType = UNSET
    """The whole resource, on create and update."""
    resource_id: Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z]+/[^/\s]+$")] | UnsetType = UNSET
    """Relative reference, such as ``MedicationRequest/draft-1``, on delete; the id is the client's own."""
    extension: Extension | UnsetType = UNSET

    def __post_init__(self) -> None:
        if self.type == "delete":
            if self.resource_id is UNSET or self.resource is not UNSET:
                raise ValueError("a delete action has a resourceId and no resource")
        elif self.resource is UNSET:
            raise ValueError(f"a {self.type} action has a resource")
        else:
            _RESOURCE.decode(self.resource)


class Suggestion(_Sent, frozen=True):
    """A set of actions that a clinician takes together with one click."""

    label: Words
    uuid: Uuid
    is_recommended: bool | UnsetType = UNSET
    actions: Annotated[tuple[Action, ...], Meta(min_length=1)] | UnsetType = UNSET
    extension: Extension | UnsetType = UNSET


class Card(_Sent, frozen=True):
    """One piece of advice."""

    uuid: Uuid
    summary: Annotated[str, Meta(min_length=1, max_length=LONGEST_SUMMARY)]
    indicator: Literal["info", "warning", "critical"]
    source: Source
    detail: Words | UnsetType = UNSET
    """GitHub Flavored Markdown."""
    suggestions: Annotated[tuple[Suggestion, ...], Meta(min_length=1)] | UnsetType = UNSET
    selection_behavior: Literal["at-most-one", "any"] | UnsetType = UNSET
    override_reasons: Annotated[tuple[Coding, ...], Meta(min_length=1)] | UnsetType = UNSET
    links: Annotated[tuple[Link, ...], Meta(min_length=1)] | UnsetType = UNSET
    extension: Extension | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.suggestions is UNSET) != (self.selection_behavior is UNSET):
            raise ValueError("suggestions and selectionBehavior go together")
        if self.override_reasons is not UNSET and any(reason.display is UNSET for reason in self.override_reasons):
            raise ValueError("every override reason has a display")
        offered = self.suggestions or ()
        recommended = sum(suggestion.is_recommended is True for suggestion in offered)
        if self.selection_behavior == "at-most-one" and recommended > 1:
            raise ValueError("of at-most-one suggestions no more than one is recommended")


class Response(_Sent, frozen=True):
    """The whole answer to a hook call; no cards is an answer too."""

    cards: tuple[Card, ...]
    extension: Extension | UnsetType = UNSET

    def __post_init__(self) -> None:
        ids = [card.uuid for card in self.cards]
        ids += [offer.uuid for card in self.cards if card.suggestions is not UNSET for offer in card.suggestions]
        if len(set(ids)) < len(ids):
            raise ValueError("every card and suggestion has a uuid of its own")


class ResponseError(ValueError):
    """An answer of ours breaks the protocol; names the field and never a value."""


def encode(response: Response) -> bytes:
    """Write an answer as JSON; equal answers give equal bytes."""
    return _ENCODER.encode(response)


def check(body: bytes) -> None:
    """Verify an encoded answer against the protocol; raises :class:`ResponseError`. Costs tens of microseconds."""
    try:
        _DECODER.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ResponseError(str(error)) from None
    if any(mark in body for mark in _SUSPECT):
        for path in _hollow(msgspec.json.decode(body)):
            raise ResponseError(f"null or empty at {path}")


def salvage(response: Response) -> tuple[Response, tuple[str, ...]]:
    """Reduce each card that breaks the protocol to its valid parts, so that it does not affect others and is not lost itself.

    Gives the answer and the complaints. Raises :class:`ResponseError` when a card cannot be saved.
    """
    cards, complaints = [], []
    for card in response.cards:
        try:
            check(encode(Response(cards=(card,))))
            cards.append(card)
        except ResponseError as error:
            complaints.append(str(error))
            cards.append(_reduced(card))
    return Response(cards=tuple(cards), extension=response.extension), tuple(complaints)


def _reduced(card: Card) -> Card:
    """Try the card without its suggestions, then with its heading alone."""
    without = msgspec.structs.replace(card, suggestions=UNSET, selection_behavior=UNSET)
    heading = Card(
        uuid=card.uuid,
        summary=card.summary[:LONGEST_SUMMARY],
        indicator=card.indicator,
        source=Source(label=card.source.label, topic=card.source.topic),
    )
    try:
        check(encode(Response(cards=(without,))))
    except ResponseError:
        check(encode(Response(cards=(heading,))))
        return heading
    return without


class _Resource(msgspec.Struct, rename="camel"):
    resource_type: Words


_RESOURCE = msgspec.json.Decoder(_Resource)
_ENCODER = msgspec.json.Encoder(enc_hook=plain)
_DECODER = msgspec.json.Decoder(Response)
_SUSPECT = (b"null", b'""', b"[]", b"{}")
"""Bytes without which no value can be null or empty: the full walk is for answers that hold them, in a text perhaps."""


def _hollow(value: object, path: str = "$") -> Iterator[str]:
    """Yield where a value is null or empty; ``cards`` may be empty."""
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _hollow(member, f"{path}.{name}")
    elif isinstance(value, list) and value:
        for position, member in enumerate(value):
            yield from _hollow(member, f"{path}[{position}]")
    elif value is None or (value in ("", [], {}) and path != "$.cards"):
        yield path
