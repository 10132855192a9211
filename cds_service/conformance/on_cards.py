"""Checks of cards and what they hold: suggestions, actions, sources, links, override reasons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from cds_service.conformance.checks import CHECKS, Check, Placed, cards, members, some, text, wrong_where
from cds_service.conformance.conversation import Conversation
from cds_service.conformance.exchange import Json

Parts = Callable[[Conversation], Iterable[Placed]]
Holds = Callable[[Json], bool]

_HTML = re.compile(r"<(?:[a-z][a-z0-9]*(?:\s[^<>]*)?|/[a-z][a-z0-9]*)>", re.IGNORECASE)
_MISSING = object()


def _rule(name: str, kind: str, parts: Parts, holds: Holds, *requirements: str) -> None:
    """Enter a check that something holds for every part of a kind; ``name`` is also the complaint's words."""

    def examine(talk: Conversation) -> Iterator[str]:
        return wrong_where(some(kind, parts(talk)), holds, f"it does not hold that {name}")

    CHECKS.append(Check(name, requirements, examine))


def _with(field: str, parts: Parts) -> Parts:
    return lambda talk: ((place, one) for place, one in parts(talk) if field in one)


def _suggestions(talk: Conversation) -> Iterator[Placed]:
    return members(cards(talk), "suggestions")


def _actions(talk: Conversation) -> Iterator[Placed]:
    return members(_suggestions(talk), "actions")


def _of_type(kind: str) -> Parts:
    return lambda talk: (one for one in _actions(talk) if one[1].get("type") == kind)


def _links(talk: Conversation) -> Iterator[Placed]:
    return members(cards(talk), "links")


def _reasons(talk: Conversation) -> Iterator[Placed]:
    return members(cards(talk), "overrideReasons")


def _sources(talk: Conversation) -> Iterator[Placed]:
    for place, card in cards(talk):
        source = card.get("source")
        yield f"{place}: source", source if isinstance(source, dict) else {}


def _topics(talk: Conversation) -> Iterator[Placed]:
    for place, source in _sources(talk):
        if "topic" in source:
            yield f"{place}: topic", source["topic"] if isinstance(source["topic"], dict) else {}


def _codings(talk: Conversation) -> Iterator[Placed]:
    yield from _topics(talk)
    yield from _reasons(talk)


def _is(field: str, kind: type | tuple[type, ...]) -> Holds:
    return lambda one: isinstance(one.get(field, _MISSING), kind)


def _says(field: str) -> Holds:
    return lambda one: text(one.get(field))


def _address(field: str) -> Holds:
    def holds(one: Json) -> bool:
        parts = urlsplit(str(one.get(field)))
        return bool(parts.scheme and (parts.netloc or parts.path))

    return holds


def _list_of_objects(field: str) -> Holds:
    return lambda one: isinstance(one[field], list) and all(isinstance(member, dict) for member in one[field])


def _resource(one: Json) -> bool:
    return isinstance(one.get("resource"), dict) and text(one["resource"].get("resourceType"))


def _recommended(card: Json) -> int:
    offers = card.get("suggestions")
    listed = offers if isinstance(offers, list) else []
    return sum(isinstance(offer, dict) and offer.get("isRecommended") is True for offer in listed)


def _one_at_most(card: Json) -> bool:
    return card.get("selectionBehavior") != "at-most-one" or _recommended(card) <= 1


def _relative(one: Json) -> bool:
    return bool(re.fullmatch(r"[A-Z][A-Za-z]+/[^/\s]+", str(one.get("resourceId", ""))))


_CARD, _SUGGESTION, _ACTION, _LINK = "card", "suggestion", "action", "link"

_rule("a card's summary is text", _CARD, cards, _says("summary"), "83")
_rule("a card's summary is shorter than 140 characters", _CARD, cards, lambda c: len(c["summary"]) < 140, "83", "3-23")
_rule("a card's detail is text", "detail", _with("detail", cards), _says("detail"), "84", "85")
_rule(
    "a card's detail has no HTML tags",
    "detail",
    _with("detail", cards),
    lambda card: not _HTML.search(str(card["detail"])),
    "85",
    "3-23",
)
_rule(
    "a card's indicator is info, warning or critical",
    _CARD,
    cards,
    lambda card: card.get("indicator") in {"info", "warning", "critical"},
    "87",
    "88",
    "89",
)
_rule("a card has a source", _CARD, cards, _is("source", dict), "90")
_rule("a source has a label", "source", _sources, _says("label"), "105", "106")
_rule("a source's url is absolute", "source url", _with("url", _sources), _address("url"), "107", "108", "109")
_rule("a source's icon is an absolute url", "source icon", _with("icon", _sources), _address("icon"), "111", "113")
_rule("a source's topic is a Coding", "topic", _topics, _says("code"), "115", "116")
_rule("a Coding has a code", "Coding", _codings, _says("code"), "216", "218")
_rule("a Coding has a system", "Coding", _codings, _says("system"), "217")
_rule("a topic's display is text", "topic display", _with("display", _topics), _says("display"), "220")

_rule(
    "suggestions are an array of objects",
    _SUGGESTION,
    _with("suggestions", cards),
    _list_of_objects("suggestions"),
    "92",
    "94",
)
_rule(
    "a card with suggestions has a selectionBehavior",
    "card with suggestions",
    _with("suggestions", cards),
    lambda card: card.get("selectionBehavior") in {"at-most-one", "any"},
    "93",
    "95",
    "96",
    "3-14",
)
_rule(
    "of at-most-one suggestions no more than one is recommended",
    "card with suggestions",
    _with("suggestions", cards),
    _one_at_most,
    "122",
    "3-14",
)
_rule("a suggestion has a label", _SUGGESTION, _suggestions, _says("label"), "117")
_rule("a suggestion's uuid is text", "suggestion uuid", _with("uuid", _suggestions), _says("uuid"), "118", "119")
_rule(
    "isRecommended is true or false",
    "isRecommended",
    _with("isRecommended", _suggestions),
    _is("isRecommended", bool),
    "120",
    "121",
)
_rule(
    "actions are an array of objects",
    "suggestion with actions",
    _with("actions", _suggestions),
    _list_of_objects("actions"),
    "123",
    "124",
)
_rule(
    "actionSelectionBehavior is absent, as this client did not say that it knows it",
    _SUGGESTION,
    _suggestions,
    lambda one: "actionSelectionBehavior" not in one,
    "125",
    "3-11",
)
_rule(
    "an action's type is create, update or delete",
    _ACTION,
    _actions,
    lambda one: one.get("type") in {"create", "update", "delete"},
    "127",
)
_rule("an action has a description", _ACTION, _actions, _says("description"), "128", "129", "3-17")
_rule(
    "an action's resource is a FHIR resource", "action with a resource", _with("resource", _actions), _resource, "130"
)
_rule("a create action holds a resource", "create action", _of_type("create"), _resource, "131")
_rule("an update action holds a whole resource", "update action", _of_type("update"), _resource, "132")
_rule(
    "a delete action holds no resource",
    "delete action",
    _of_type("delete"),
    lambda one: "resource" not in one,
    "133",
    "3-15",
)
_rule("a delete action names a relative resourceId", "delete action", _of_type("delete"), _relative, "134", "3-15")
_rule("a resourceId is text", "resourceId", _with("resourceId", _actions), _says("resourceId"), "135")

_rule(
    "override reasons are an array of Codings",
    "override reason",
    _with("overrideReasons", cards),
    _list_of_objects("overrideReasons"),
    "98",
    "99",
)
_rule("an override reason has a display", "override reason", _reasons, _says("display"), "100", "136", "219", "3-12")

_rule("links are an array of objects", _LINK, _with("links", cards), _list_of_objects("links"), "103", "104")
_rule("a link has a label", _LINK, _links, _says("label"), "138")
_rule("a link has an absolute url", _LINK, _links, _address("url"), "139", "140")
_rule(
    "a link's type is absolute or smart",
    _LINK,
    _links,
    lambda one: one.get("type") in {"absolute", "smart"},
    "141",
    "142",
)
_rule("appContext is text", "appContext", _with("appContext", _links), _says("appContext"), "144", "145", "3-24")
_rule(
    "an absolute link has no appContext",
    "absolute link",
    lambda talk: (one for one in _links(talk) if one[1].get("type") == "absolute"),
    lambda one: "appContext" not in one,
    "146",
    "147",
    "3-16",
)
