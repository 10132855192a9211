"""Every check of a token, without stopping at the first that fails: for the person who integrates a client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import get_args

from cds_service.service.auth.clients import Client, Clients
from cds_service.service.auth.key_sets import KeySets, NoKey
from cds_service.service.auth.tokens import Malformed, Token, read_token
from cds_service.service.auth.verify import Check, Endpoint, TokenFinding, claim_checks, client_of, signature_check

_NOT_CHECKS = {"missing", "replay-store"}
_NOT_MADE = "not checked: an earlier check must hold first"


def explain(token: str, called: Endpoint, now: datetime, clients: Clients, keys: KeySets) -> list[TokenFinding]:
    """Make every check and say what was found.

    ``holds`` is None for a check that could not be made. Nothing is marked as used. Of the token only header, iss, aud,
    times and the length of jti are shown, never its signature or its other claims.
    """
    text = token.strip().removeprefix("Bearer ").strip()
    try:
        read = read_token(text)
    except Malformed as problem:
        return _complete([TokenFinding("malformed", False, str(problem))])
    client = client_of(read, clients)
    findings = [TokenFinding("malformed", True, _header(read))]
    findings += [_with_claim(read, finding) for finding in claim_checks(read, client, clients, called, now)]
    if client is not None:
        findings += _key_checks(read, client, keys)
    return _complete(findings)


def _key_checks(token: Token, client: Client, keys: KeySets) -> Iterator[TokenFinding]:
    key = keys.find(client, token.kid, token.algorithm)
    if isinstance(key, NoKey) and key.retry_after:
        yield TokenFinding("key-set", False, f"{key.why}; the token is not at fault")
        return
    yield TokenFinding("key-set", True, "the client's keys are at hand")
    if isinstance(key, NoKey):
        yield TokenFinding("key", False, key.why)
        return
    yield TokenFinding("key", True, "kid names a key of this client")
    yield signature_check(token, key)
    length = len(token.token_id)
    yield TokenFinding("replayed", None, f"not checked, so that the token stays usable; jti has {length} characters")


def _complete(findings: list[TokenFinding]) -> list[TokenFinding]:
    """Bring one finding for each check into their order; of several for one check, the one that fails counts."""
    worst: dict[str, TokenFinding] = {}
    for finding in findings:
        known = worst.get(finding.check)
        if known is None or known.holds is not False:
            worst[finding.check] = finding
    checks: tuple[Check, ...] = get_args(Check)
    return [worst.get(each) or TokenFinding(each, None, _NOT_MADE) for each in checks if each not in _NOT_CHECKS]


def _with_claim(token: Token, finding: TokenFinding) -> TokenFinding:
    found = {
        "algorithm": token.algorithm,
        "issuer": token.issuer,
        "tenant": "one is stated" if token.tenant is not None else "none is stated",
        "jku": token.jku or "none",
        "audience": ", ".join(token.audiences),
        "lifetime": f"{token.expires - token.issued:.0f} s",
        "expired": f"exp {_day(token.expires)}",
        "not-yet-valid": f"iat {_day(token.issued)}" + (f", nbf {_day(token.not_before)}" if token.not_before else ""),
        "key": ascii(token.kid),
    }.get(finding.check, "")
    return finding._replace(message=f"{finding.message}; found: {_shown(found)}")


def _header(token: Token) -> str:
    return _shown(f"three parts; header: alg {token.algorithm}, kid {token.kid or 'none'}, jku {token.jku or 'none'}")


def _shown(text: str) -> str:
    # What a token says must not steer the terminal that shows it.
    return "".join(each if each.isprintable() else "?" for each in text)[:500]


def _day(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.0f} (not a date)"
