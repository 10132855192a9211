"""Checks of answers as a whole: status, shape, nothing null or empty, what odd prefetches do."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.conformance.checks import NotApplicable, answers, cards, check, some, text
from cds_service.conformance.conversation import Call, Conversation

SLOW_S = 0.5
"""The specification's "on the order of 500 ms"."""


def _calls(talk: Conversation, *kinds: str) -> list[Call]:
    found = talk.of_kind(*kinds) if kinds else talk.calls
    why = f" (its hooks are not known here: {', '.join(talk.unknown_hooks)})" if talk.unknown_hooks else ""
    return some(f"hook call{why}", found)


def _answered(talk: Conversation) -> list[Call]:
    return some("answer with 200", (call for call in _calls(talk) if call.exchange.status == 200))


@check("a call with all data is answered 200 with an array of cards", "1", "16", "74", "28")
def _(talk: Conversation) -> Iterator[str]:
    for call in _calls(talk, "with findings", "nothing on record"):
        answer = call.exchange.json
        if call.exchange.status != 200:
            yield f"{call.place}: status {call.exchange.status} {call.exchange.trouble}".rstrip()
        elif not isinstance(answer, dict) or not isinstance(answer.get("cards"), list):
            yield f"{call.place}: the body is no JSON object with an array `cards`"


@check("an answer says that it is JSON", "1")
def _(talk: Conversation) -> Iterator[str]:
    for call in _answered(talk):
        if not call.exchange.headers.get("content-type", "").lower().startswith("application/json"):
            yield f"{call.place}: the Content-Type is not application/json"


@check("nothing in an answer is null or empty", "3", "3-13")
def _(talk: Conversation) -> Iterator[str]:
    places = [(call.place, call.exchange.json) for call in _answered(talk)]
    for place, answer in [("discovery", talk.discovery.json), *places]:
        for where in _hollow(answer, ""):
            yield f"{place}: null or empty at {where}"


def _hollow(value: object, path: str) -> Iterator[str]:
    inner: list[tuple[str, object]] = []
    if isinstance(value, dict):
        inner = [(f"{path}.{name}".lstrip("."), member) for name, member in value.items()]
    elif isinstance(value, list):
        inner = [(f"{path}[{at}]", member) for at, member in enumerate(value)]
    for where, member in inner:
        yield from _hollow(member, where)
    if value in (None, "") or (isinstance(value, dict | list) and not value and path not in {"cards", "services"}):
        yield path or "the body"


@check("with nothing to say the answer is 200 with no cards, or cards that say so", "77")
def _(talk: Conversation) -> Iterator[str]:
    for call in _calls(talk, "nothing on record"):
        if call.exchange.status not in {200, 412}:
            yield f"{call.place}: status {call.exchange.status}"


@check("systemActions is an array of actions where it is given", "75")
def _(talk: Conversation) -> Iterator[str]:
    given = [(place, answer["systemActions"]) for place, answer in answers(talk) if "systemActions" in answer]
    for place, actions in some("systemActions", given):
        if not isinstance(actions, list) or not all(isinstance(one, dict) and one.get("type") for one in actions):
            yield f"{place}: systemActions is no array of actions"


@check("an answer takes less than half a second", "27")
def _(talk: Conversation) -> Iterator[str]:
    for call in _calls(talk, "with findings again"):
        if call.exchange.seconds > SLOW_S:
            yield f"{call.place}: {call.exchange.seconds * 1000:.0f} ms"


@check("null in prefetch is taken for no data", "3-06")
def _(talk: Conversation) -> Iterator[str]:
    yield from _neither_crash_nor_refusal(_calls(talk, "prefetch null"))


@check("an OperationOutcome in prefetch is looked for, and no crash", "52", "3-06")
def _(talk: Conversation) -> Iterator[str]:
    yield from _neither_crash_nor_refusal(_calls(talk, "prefetch OperationOutcome"))


def _neither_crash_nor_refusal(calls: list[Call]) -> Iterator[str]:
    for call in calls:
        if call.exchange.status not in {200, 412}:
            yield f"{call.place}: status {call.exchange.status}, where 200 or 412 is due"


@check("without prefetch and FHIR server the answer is 412, or needs no data", "54", "3-05")
def _(talk: Conversation) -> Iterator[str]:
    seen = 0
    for call in _calls(talk, "no prefetch"):
        if call.exchange.status not in {200, 412}:
            yield f"{call.place}: status {call.exchange.status}, where 412 is due (or 200 when no data is required)"
        seen += call.exchange.status == 412
        if call.exchange.status == 412 and call.exchange.outcome is None:
            yield f"{call.place}: 412 without an OperationOutcome that names the prefetch keys"
    if not seen and all(call.exchange.status == 200 for call in _calls(talk, "no prefetch")):
        raise NotApplicable("every call without data was answered with 200: no data is required")


@check("extensions and unknown fields in a request are accepted", "3-22", "214")
def _(talk: Conversation) -> Iterator[str]:
    plain = {(call.service, call.hook): call.exchange.status for call in talk.of_kind("with findings")}
    for call in _calls(talk, "extensions"):
        if call.exchange.status != plain[call.service, call.hook]:
            yield f"{call.place}: status {call.exchange.status}, without extensions {plain[call.service, call.hook]}"


@check("extension is an object wherever an answer has one", "3-22", "214")
def _(talk: Conversation) -> Iterator[str]:
    found = [(call.place, value) for call in _answered(talk) for value in _extensions(call.exchange.json)]
    for place, value in some("extension in an answer", found):
        if not isinstance(value, dict):
            yield f"{place}: extension is no JSON object"


def _extensions(value: object, *, in_resource: bool = False) -> Iterator[object]:
    if isinstance(value, list):
        for member in value:
            yield from _extensions(member, in_resource=in_resource)
    elif isinstance(value, dict) and not in_resource:
        if "extension" in value:
            yield value["extension"]
        for name, member in value.items():
            yield from _extensions(member, in_resource=name == "resource")


@check("names in extensions are unlikely to collide", "215")
def _(talk: Conversation) -> Iterator[str]:
    found = [(call.place, value) for call in _answered(talk) for value in _extensions(call.exchange.json)]
    found += [(f"{entry['id']}", value) for entry in talk.entries for value in _extensions(entry)]
    for place, value in some("extension", found):
        for name in value if isinstance(value, dict) else ():
            if "." not in name:
                yield f"{place}: extension {name!r} has no reverse domain name"


@check("uuids are texts and no two cards of an answer share one", "80", "81", "82")
def _(talk: Conversation) -> Iterator[str]:
    with_uuid = some("card uuid", (one for one in cards(talk) if "uuid" in one[1]))
    for place, card in with_uuid:
        if not text(card["uuid"]):
            yield f"{place}: uuid is no text"
    for place, answer in answers(talk):
        ids = [str(card["uuid"]) for card in answer.get("cards", ()) if isinstance(card, dict) and "uuid" in card]
        if len(set(ids)) < len(ids):
            yield f"{place}: two cards have one uuid"
