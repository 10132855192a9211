"""What is said to a service and what it answers: everything that the checks look at is asked here, once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from cds_service.conformance import synthetic_patient as synthetic
from cds_service.conformance.exchange import SERVICES, Exchange, Json, Target

ORIGIN = "https://conformance.example.org"
"""Where the browser page stands that asks."""
UNKNOWN = "conformance-no-such-service"
FHIR_SERVER = "https://fhir.conformance.example.org/r4"
_CARD = "11111111-1111-4111-8111-111111111111"
_SUGGESTION = "22222222-2222-4222-8222-222222222222"


@dataclass(frozen=True, slots=True)
class Call:
    """One hook call of one discovery entry; ``kind`` names what was special about it."""

    service: str
    hook: str
    kind: str
    exchange: Exchange

    @property
    def place(self) -> str:
        """For a report."""
        return f"{self.service} on {self.hook}, {self.kind}"


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that was asked of a service, and its answers."""

    base: str
    signed: bool
    discovery: Exchange
    entries: tuple[Json, ...]
    """Discovery entries that are objects with an id and a hook."""
    calls: tuple[Call, ...]
    unknown_hooks: tuple[str, ...]
    """Hooks of the service that no request could be made for."""
    refusals: Mapping[str, Exchange]
    browser: Mapping[str, Exchange]
    feedback: Mapping[str, Exchange]
    tokens: Mapping[str, Exchange]
    """Calls with tokens that must not be believed, and without one."""

    def of_kind(self, *kinds: str) -> tuple[Call, ...]:
        """The calls of these kinds."""
        return tuple(call for call in self.calls if call.kind in kinds)


def converse(target: Target, as_of: datetime) -> Conversation:
    """Ask a service all that the checks need: some ten calls for each of its hooks, none with data of a real person."""
    discovery = target.ask("GET", SERVICES, headers={"Origin": ORIGIN})
    entries = _entries(discovery)
    asked = [
        (entry, context) for entry in entries if (context := synthetic.context(str(entry["hook"]), as_of)) is not None
    ]
    refusals: dict[str, Exchange] = {"unknown service": _call(target, UNKNOWN, _bare("patient-view", as_of))}
    browser: dict[str, Exchange] = {"discovery, preflight": _preflight(target, SERVICES, "GET")}
    feedback: dict[str, Exchange] = {}
    calls: list[Call] = []
    for entry, context in asked:
        calls += _calls_of(target, entry, context, as_of)
    if asked:
        first, context = asked[0]
        path = f"{SERVICES}/{first['id']}"
        refusals |= dict(_refusals(target, first, context))
        browser["service, preflight"] = _preflight(target, path, "POST")
        browser["feedback, preflight"] = _preflight(target, f"{path}/feedback", "POST")
        feedback |= dict(_feedback(target, path, calls))
    return Conversation(
        base=target.base,
        signed=target.signer is not None,
        discovery=discovery,
        entries=entries,
        calls=tuple(calls),
        unknown_hooks=tuple(sorted({str(entry["hook"]) for entry in entries} - {str(one["hook"]) for one, _ in asked})),
        refusals=refusals,
        browser=browser,
        feedback=feedback,
        tokens=dict(_tokens(target)),
    )


def request(hook: str, context: Json, **more: Any) -> Json:
    """A hook call's body, with a hook instance of its own."""
    return {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": context, **more}


def _bare(hook: str, as_of: datetime) -> Json:
    return request(hook, synthetic.context(hook, as_of) or {})


def _entries(discovery: Exchange) -> tuple[Json, ...]:
    found = discovery.json
    services = found.get("services") if isinstance(found, dict) else None
    rows = services if isinstance(services, list) else []
    return tuple(row for row in rows if isinstance(row, dict) and row.get("id") and row.get("hook"))


def _call(target: Target, service: str, body: object) -> Exchange:
    return target.ask("POST", f"{SERVICES}/{service}", body, headers={"Origin": ORIGIN})


def _calls_of(target: Target, entry: Json, context: Json, as_of: datetime) -> Iterator[Call]:
    service, hook = str(entry["id"]), str(entry["hook"])
    stated = entry.get("prefetch")
    templates = stated if isinstance(stated, dict) else {}
    chart = synthetic.chart(as_of)
    full = synthetic.answer(templates, context, chart, as_of)
    nobody = synthetic.answer(templates, context, chart[:1], as_of)
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}
    extension = {"org.example.conformance": {"asked": "by a conformance check"}}
    bodies: dict[str, Json] = {
        "with findings": request(hook, context, prefetch=full),
        "with findings again": request(hook, context, prefetch=full),
        "nothing on record": request(hook, context, prefetch=nobody),
        "prefetch null": request(hook, context, prefetch=dict.fromkeys(templates)),
        "prefetch OperationOutcome": request(hook, context, prefetch=dict.fromkeys(templates, outcome)),
        "no prefetch": request(hook, context),
        "extensions": request(
            hook, {**context, "extension": extension}, prefetch=full, extension=extension, unknownField={"a": [1]}
        ),
    }
    for kind, body in bodies.items():
        yield Call(service, hook, kind, _call(target, service, body))


def _refusals(target: Target, entry: Json, context: Json) -> Iterator[tuple[str, Exchange]]:
    service, hook = str(entry["id"]), str(entry["hook"])
    whole = request(hook, context)
    authorization = {
        "access_token": "t",
        "token_type": "Bearer",
        "expires_in": 60,
        "scope": "user/*.rs",
        "subject": "c",
    }
    yield "no JSON", _call(target, service, b'{"hook": ')
    yield "an empty object", _call(target, service, {})
    yield "no context", _call(target, service, {name: value for name, value in whole.items() if name != "context"})
    yield "another hook", _call(target, service, {**whole, "hook": "conformance-other-hook"})
    yield (
        "fhirAuthorization without fhirServer",
        _call(target, service, {**whole, "fhirAuthorization": authorization}),
    )


def _preflight(target: Target, path: str, method: str) -> Exchange:
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,content-type"}
    return target.ask("OPTIONS", path, headers={"Origin": ORIGIN, **wanted})


def _feedback(target: Target, path: str, calls: list[Call]) -> Iterator[tuple[str, Exchange]]:
    card, suggestion = _shown(calls)
    moment = "2026-01-02T03:04:05Z"
    overridden = {"card": card, "outcome": "overridden", "outcomeTimestamp": moment}
    reason = {"reason": {"code": "not-relevant", "system": "https://conformance.example.org/reasons"}}
    bodies: dict[str, list[Json]] = {
        "accepted": [
            {
                "card": card,
                "outcome": "accepted",
                "outcomeTimestamp": moment,
                "acceptedSuggestions": [{"id": suggestion}],
            }
        ],
        "overridden": [overridden],
        "overridden, reason without display": [overridden | {"overrideReason": reason}],
        "overridden, comment only": [overridden | {"overrideReason": {"userComment": "Seen by the team"}}],
        "several at once": [overridden, {**overridden, "card": _CARD}],
        "of an unknown card": [{**overridden, "card": _CARD}],
        "wrong: no outcome": [{"card": card, "outcomeTimestamp": moment}],
        "wrong: accepted without suggestions": [{**overridden, "outcome": "accepted"}],
    }
    for kind, items in bodies.items():
        yield kind, target.ask("POST", f"{path}/feedback", {"feedback": items}, headers={"Origin": ORIGIN})


def _shown(calls: list[Call]) -> tuple[str, str]:
    """A card that the service has shown, with a suggestion of it; invented ones when it has shown none."""
    found = (_CARD, _SUGGESTION)
    for call in calls:
        answer = call.exchange.json
        cards = answer.get("cards") if isinstance(answer, dict) else None
        for card in cards if isinstance(cards, list) else ():
            offers = card.get("suggestions") if isinstance(card, dict) else None
            if isinstance(offers, list) and offers and isinstance(offers[0], dict) and card.get("uuid"):
                return str(card["uuid"]), str(offers[0].get("uuid", _SUGGESTION))
    return found


def _tokens(target: Target) -> Iterator[tuple[str, Exchange]]:
    def discover(token: str) -> Exchange:
        return target.ask("GET", SERVICES, headers={"Origin": ORIGIN}, token=token)

    yield "no token", discover("")
    signer = target.signer
    if signer is None:
        return
    url = target.base + SERVICES
    start = signer.claims(url)["iat"]
    yield "unsigned (alg none)", discover(jwt.encode(signer.claims(url), "", "none", headers={"kid": signer.kid}))
    secret = jwt.encode(signer.claims(url), "0" * 64, "HS384", headers={"kid": signer.kid})
    yield "symmetric (HS384)", discover(secret)
    yield "another audience", discover(signer.token("https://elsewhere.example.org/cds-services"))
    yield "expired", discover(signer.token(url, iat=start - 4000, exp=start - 3700))
    yield "without jti", discover(signer.token(url, jti=None))
    yield "of an unlisted issuer", discover(signer.token(url, iss="https://unlisted.example.org"))
    broken = signer.token(url)
    yield "a broken signature", discover(broken[:-8] + ("AAAAAAAA" if broken[-8:] != "AAAAAAAA" else "BBBBBBBB"))
    once = signer.token(url)
    discover(once)
    yield "used before", discover(once)
