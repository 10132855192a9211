"""Is this token from a client on the list, meant for this address, valid now, and used for the first time?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from cds_service.service.auth.caller import Caller
from cds_service.service.auth.clients import Client, Clients
from cds_service.service.auth.key_sets import KeySets, NoKey
from cds_service.service.auth.public_keys import STRONG, PublicKey, signature_holds
from cds_service.service.auth.replay import ReplayStore, ReplayStoreDown
from cds_service.service.auth.tokens import Malformed, Token, read_token

Check = Literal[
    "missing",
    "malformed",
    "algorithm",
    "issuer",
    "tenant",
    "jku",
    "audience",
    "lifetime",
    "expired",
    "not-yet-valid",
    "key-set",
    "key",
    "signature",
    "replayed",
    "replay-store",
]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What was called: the public base URL, as clients know it in front of every proxy, and the path behind it."""

    base_url: str
    path: str
    call: str = ""
    """What the proxy names this call, where it may hand it over to another node; no client knows it."""

    @property
    def url(self) -> str:
        """The only audience that the specification allows."""
        return self.base_url + self.path


@dataclass(frozen=True, slots=True)
class Refused:
    """The first check that the token fails, and a sentence for the integrator that repeats nothing of the token."""

    check: Check
    message: str
    retry_after: int = 0
    """Where the token is not at fault: after so many seconds it may be checked again. Else 0."""


class TokenFinding(NamedTuple):
    """What one check found. ``holds`` is None when it could not be made."""

    check: Check
    holds: bool | None
    message: str


def verify(
    token: str, called: Endpoint, now: datetime, clients: Clients, keys: KeySets, replay: ReplayStore
) -> Caller | Refused:
    """Verify a token for the endpoint that was called: cheap checks, then the signature, and only then mark its use."""
    try:
        read = read_token(token)
    except Malformed as problem:
        return Refused("malformed", str(problem))
    client = client_of(read, clients)
    for finding in claim_checks(read, client, clients, called, now):
        if not finding.holds:
            return Refused(finding.check, finding.message)
    if client is None:  # never reached: the issuer or the tenant check has failed
        return Refused("issuer", "iss must be on this service's list of clients")
    key = keys.find(client, read.kid, read.algorithm)
    if isinstance(key, NoKey):
        return Refused("key-set" if key.retry_after else "key", key.why, key.retry_after)
    signature = signature_check(read, key)
    if not signature.holds:
        return Refused(signature.check, signature.message)
    return _mark(read, client, called.call, replay)


def client_of(token: Token, clients: Clients) -> Client | None:
    """Find the client by iss and tenant; an entry without tenant stands for every tenant that has no entry."""
    tenants = clients.of_issuer(token.issuer)
    return tenants.get(token.tenant) or tenants.get(None)


def claim_checks(
    token: Token, client: Client | None, clients: Clients, called: Endpoint, now: datetime
) -> Iterator[TokenFinding]:
    """Make every check that needs neither key nor store, in order; without a client, those that need none."""
    strong = token.algorithm in STRONG
    yield TokenFinding("algorithm", strong, f"alg must be one of {', '.join(STRONG)}")
    known = bool(clients.of_issuer(token.issuer))
    yield TokenFinding("issuer", known, "iss must be on this service's list of clients")
    if client is None:
        yield TokenFinding("tenant", False if known else None, "tenant must be one that is listed for this iss")
        return
    yield TokenFinding("tenant", True, "tenant must be one that is listed for this iss")
    if strong and token.algorithm not in client.algorithms:
        yield TokenFinding(
            "algorithm", False, f"alg must be one of {', '.join(sorted(client.algorithms))} for this client"
        )
    listed = token.jku is None or token.jku == client.jku
    yield TokenFinding("jku", listed, "jku must be left out, or be exactly the one that is listed for this client")
    yield _audience(token, client, called)
    yield from _times(token, client, now.timestamp())
    yield TokenFinding("key", token.kid != "", "kid must name the key that signed the token")


def signature_check(token: Token, key: PublicKey) -> TokenFinding:
    """Verify the signature with the key that the token names."""
    holds = signature_holds(token.algorithm, key, token.signed, token.signature)
    return TokenFinding("signature", holds, "the signature must be that of the key which kid names")


def _audience(token: Token, client: Client, called: Endpoint) -> TokenFinding:
    url = called.url
    meant = (
        url in token.audiences
        or any(each in client.audiences for each in token.audiences)
        or any(base + called.path in token.audiences for base in client.base_urls)
    )
    return TokenFinding("audience", meant, f"aud must be, or hold, exactly the URL that was called: {url}")


def _times(token: Token, client: Client, now: float) -> Iterator[TokenFinding]:
    lifetime, skew = token.expires - token.issued, client.skew
    fits = 0 < lifetime <= client.maximum_lifetime
    yield TokenFinding("lifetime", fits, f"exp must come after iat, by at most {client.maximum_lifetime} seconds")
    late = now - token.expires
    yield TokenFinding("expired", late < skew, f"exp must not be past by {skew} seconds or more ({_seconds(late)})")
    early = max(token.issued, token.not_before if token.not_before is not None else token.issued) - now
    message = f"iat and nbf must not lie ahead by more than {skew} seconds ({_seconds(early)})"
    yield TokenFinding("not-yet-valid", early <= skew, message)


def _seconds(behind: float) -> str:
    return f"by this service's clock it is {behind:+.0f} s"


def _mark(token: Token, client: Client, call: str, replay: ReplayStore) -> Caller | Refused:
    # Twice the skew: another node, whose clock lags by as much, must not meet a token that is already forgotten.
    until = datetime.fromtimestamp(token.expires, UTC) + timedelta(seconds=2 * client.skew)
    try:
        first = replay.first_use(token.issuer, token.token_id, until, call)
    except ReplayStoreDown:
        return Refused("replay-store", "it cannot be told now whether this token was used before", 1)
    if not first:
        return Refused("replayed", "jti was used before; each call needs a new token with a new jti")
    return Caller(client.name, client.issuer, token.tenant, profile=client.profile)
