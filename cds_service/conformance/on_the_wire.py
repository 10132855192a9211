"""Checks of errors, browsers, feedback, transport and trust."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cds_service.conformance.checks import NotApplicable, check, some
from cds_service.conformance.conversation import Conversation
from cds_service.conformance.exchange import Exchange

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_SEVERITIES = {"fatal", "error", "warning", "information"}


def _client_error(exchange: Exchange, *due: int) -> str | None:
    if exchange.status in due or (not due and 400 <= exchange.status < 500):
        return None
    wanted = " or ".join(map(str, due)) if due else "4xx"
    return f"status {exchange.status} {exchange.trouble}".rstrip() + f", where {wanted} is due"


@check("transport is TLS", "2", "168")
def _(talk: Conversation) -> Iterator[str]:
    parts = urlsplit(talk.base)
    if parts.scheme == "https":
        return
    if parts.hostname in _LOOPBACK:
        raise NotApplicable("called over loopback; judge the address that clients call")
    yield f"{talk.base} is not https"


# --- errors


@check("an unknown service is 404", "14", "76")
def _(talk: Conversation) -> Iterator[str]:
    wrong = _client_error(talk.refusals["unknown service"], 404)
    if wrong:
        yield f"a call of an unknown service: {wrong}"


@check("a wrong request is a 4xx, never 200 and never 5xx", "14", "76")
def _(talk: Conversation) -> Iterator[str]:
    for kind in ("no JSON", "an empty object", "no context"):
        exchange = talk.refusals.get(kind)
        wrong = _client_error(exchange) if exchange else None
        if wrong:
            yield f"a call with {kind}: {wrong}"


@check("a body whose hook is not the service's is refused", "76")
def _(talk: Conversation) -> Iterator[str]:
    for exchange in some("call with another hook", [talk.refusals.get("another hook")]):
        wrong = _client_error(exchange) if exchange else None
        if wrong:
            yield f"a call with another hook: {wrong}"


@check("fhirAuthorization without fhirServer is an error", "3-19")
def _(talk: Conversation) -> Iterator[str]:
    exchange = talk.refusals.get("fhirAuthorization without fhirServer")
    if exchange is None:
        raise NotApplicable("no request could be made")
    wrong = _client_error(exchange)
    if wrong:
        yield wrong


@check("an error has an OperationOutcome as its body", "3-04")
def _(talk: Conversation) -> Iterator[str]:
    refused = some("error", ((kind, one) for kind, one in talk.refusals.items() if one.status >= 400))
    for kind, exchange in refused:
        outcome = exchange.outcome
        issues = outcome.get("issue") if outcome else None
        if not isinstance(issues, list) or not issues:
            yield f"{kind}: no OperationOutcome with an issue"
        elif not all(one.get("severity") in _SEVERITIES and one.get("code") for one in issues):
            yield f"{kind}: an issue without severity and code"


@check("an error shows nothing of the service's inside", "76")
def _(talk: Conversation) -> Iterator[str]:
    marks = (b"Traceback", b"\tat ", b'.py"', b".java:", b"node_modules")
    for kind, exchange in [*talk.refusals.items(), *talk.feedback.items()]:
        if any(mark in exchange.body for mark in marks):
            yield f"{kind}: the body shows a stack trace"


# --- browsers


def _names(exchange: Exchange, header: str) -> set[str]:
    return {part.strip().lower() for part in exchange.headers.get(header, "").split(",") if part.strip()}


@check("a browser's preflight is allowed, Authorization and Content-Type included", "208")
def _(talk: Conversation) -> Iterator[str]:
    for kind, exchange in talk.browser.items():
        if not 200 <= exchange.status < 300:
            yield f"{kind}: status {exchange.status}, where 2xx is due"
            continue
        missing = {"authorization", "content-type"} - _names(exchange, "access-control-allow-headers")
        if missing:
            yield f"{kind}: Access-Control-Allow-Headers lacks {', '.join(sorted(missing))}"
        method = "GET" if kind.startswith("discovery") else "POST"
        allowed = _names(exchange, "access-control-allow-methods")
        if allowed and not {method.lower(), "*"} & allowed:  # GET and POST need no mention
            yield f"{kind}: Access-Control-Allow-Methods lacks {method}"
        if not exchange.headers.get("access-control-allow-origin"):
            yield f"{kind}: no Access-Control-Allow-Origin"


@check("a browser may read answers and errors", "208")
def _(talk: Conversation) -> Iterator[str]:
    seen = {"discovery": talk.discovery} | {f"a call, {kind}": one for kind, one in talk.refusals.items()}
    seen |= {f"feedback, {kind}": one for kind, one in talk.feedback.items()}
    seen |= {call.place: call.exchange for call in talk.of_kind("with findings")}
    for kind, exchange in seen.items():
        if exchange.status and not exchange.headers.get("access-control-allow-origin"):
            yield f"{kind}: no Access-Control-Allow-Origin"


# --- feedback


def _feedback(talk: Conversation) -> dict[str, Exchange]:
    statuses = {exchange.status for exchange in talk.feedback.values()}
    if not talk.feedback or statuses <= {404, 405, 501}:
        raise NotApplicable("the service takes no feedback")
    return dict(talk.feedback)


@check("feedback of every form is answered with 200", "148", "3-18")
def _(talk: Conversation) -> Iterator[str]:
    for kind, exchange in _feedback(talk).items():
        if not kind.startswith("wrong") and not 200 <= exchange.status < 300:
            yield f"feedback {kind}: status {exchange.status}"


@check("feedback without its required fields is refused", "3-18")
def _(talk: Conversation) -> Iterator[str]:
    for kind, exchange in _feedback(talk).items():
        if kind.startswith("wrong"):
            wrong = _client_error(exchange)
            if wrong:
                yield f"feedback {kind}: {wrong}"


# --- trust


def _guarded(talk: Conversation) -> None:
    if talk.tokens["no token"].status != 401:
        raise NotApplicable("the service asks for no token here")


def _needs_key(talk: Conversation) -> None:
    _guarded(talk)
    if not talk.signed:
        raise NotApplicable("needs --key and --issuer of a client that the service trusts")


@check("a caller must prove who it is", "176", "177")
def _(talk: Conversation) -> Iterator[str]:
    _guarded(talk)
    if talk.signed and talk.discovery.status != 200:
        yield f"a signed call is refused: status {talk.discovery.status}"


@check("a refused caller is told so: 401 with WWW-Authenticate, readable in a browser", "14", "208")
def _(talk: Conversation) -> Iterator[str]:
    _guarded(talk)
    for name in ("www-authenticate", "access-control-allow-origin"):
        if name not in talk.tokens["no token"].headers:
            yield f"401 without {name}"


@check("an unsigned token is refused", "201", "3-20")
def _(talk: Conversation) -> Iterator[str]:
    yield from _refused(talk, "unsigned (alg none)")


@check("a token under a symmetric algorithm is refused", "203", "3-20")
def _(talk: Conversation) -> Iterator[str]:
    yield from _refused(talk, "symmetric (HS384)")


@check("a token that is not for this endpoint, or of another time, is refused", "3-20")
def _(talk: Conversation) -> Iterator[str]:
    yield from _refused(talk, "another audience", "expired", "without jti", "a broken signature")


@check("a token that was used before is refused", "3-20")
def _(talk: Conversation) -> Iterator[str]:
    yield from _refused(talk, "used before")


@check("a client that is not on the allowlist is refused", "195", "3-21")
def _(talk: Conversation) -> Iterator[str]:
    yield from _refused(talk, "of an unlisted issuer")


@check("a token under the client's own algorithm is believed", "200", "205", "206", "207")
def _(talk: Conversation) -> Iterator[str]:
    _needs_key(talk)
    if talk.discovery.status != 200:
        yield f"the signed discovery call: status {talk.discovery.status}"


def _refused(talk: Conversation, *kinds: str) -> Iterator[str]:
    _needs_key(talk)
    for kind in kinds:
        status = talk.tokens[kind].status
        if status not in {401, 403}:
            yield f"a token {kind}: status {status}, where 401 is due"
