"""Authentication of a request: its caller, or how to refuse it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cds_service.service.auth.caller import ANYBODY, Caller
from cds_service.service.auth.clients import Clients, web_address
from cds_service.service.auth.key_sets import KeySets
from cds_service.service.auth.replay import ReplayStore
from cds_service.service.auth.verify import Check, Endpoint, Refused, verify

Mode = Literal["off", "required"]
IssueCode = Literal["login", "expired", "transient"]

_UNQUOTABLE = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")  # RFC 6750, section 3


@dataclass(frozen=True, slots=True)
class AuthFailure:
    """How to refuse: the status, the WWW-Authenticate header, and what the OperationOutcome says.

    The status is 401, or 503 with no WWW-Authenticate when the client is not at fault: its key set could not be had, or
    the store of used tokens does not answer.
    """

    status: Literal[401, 503]
    www_authenticate: str | None
    check: Check
    issue_code: IssueCode
    text: str
    retry_after: int = 0
    """Seconds, with 503."""


@dataclass(frozen=True, slots=True)
class Authenticator:
    """What callers are authenticated by: the mode, our address, the clients and their keys, and the tokens used before."""

    mode: Mode
    base_url: str
    clients: Clients
    keys: KeySets
    replay: ReplayStore

    @property
    def notices(self) -> tuple[str, ...]:
        """What must be said loudly at start-up and in health."""
        if self.mode == "off":
            return ("CLIENT AUTHENTICATION IS OFF: anybody may call. For development only.",)
        return tuple(
            f"A PUBLISHED PRIVATE KEY IS TRUSTED ({client.name}): anybody may call. For development only."
            for client in self.clients.all
            if client.development_only
        )


def make_authenticator(
    mode: Mode, base_url: str, clients: Clients, keys: KeySets, replay: ReplayStore, *, development: bool = False
) -> Authenticator:
    """Make the one of a worker process; raises ValueError naming what is not safe in these settings together."""
    if mode == "off" and not development:
        raise ValueError("client authentication may be off in development only; set it to 'required'")
    trusted = [client.name for client in clients.all if client.development_only]
    if trusted and not development:
        raise ValueError(f"'{trusted[0]}' signs with a published private key; it may be trusted in development only")
    if mode == "required" and not clients.all:
        raise ValueError("client authentication is required, but no client is listed; every call would be refused")
    try:
        base = web_address(base_url, development=development).rstrip("/")
    except ValueError as problem:
        raise ValueError(
            f"public base URL: {problem}; it is the address that clients call, up to /cds-services"
        ) from None
    return Authenticator(mode, base, clients, keys, replay)


def authenticate(
    authorization: str | None, endpoint_path: str, authenticator: Authenticator, now: datetime, call: str = ""
) -> Caller | AuthFailure:
    """Tell who calls an endpoint from the Authorization header.

    ``endpoint_path`` begins at ``/cds-services``, whatever prefix the deployment adds; preflight requests carry no
    token and must not come here. ``call`` is what the proxy names the call; see :mod:`replay`.
    """
    if authenticator.mode == "off":
        return ANYBODY
    if authorization is None or not authorization.strip():
        return _failure(Refused("missing", "an Authorization header with a Bearer token (JWT) is required"))
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        return _failure(Refused("missing", "the Authorization header's scheme must be Bearer"))
    called = Endpoint(authenticator.base_url, endpoint_path, call)
    outcome = verify(token.strip(), called, now, authenticator.clients, authenticator.keys, authenticator.replay)
    return outcome if isinstance(outcome, Caller) else _failure(outcome)


def _failure(refused: Refused) -> AuthFailure:
    if refused.retry_after:
        text = f"The caller cannot be verified now ({refused.check}): {refused.message}. The client is not at fault; try again."
        return AuthFailure(503, None, refused.check, "transient", text, refused.retry_after)
    text = f"Client authentication failed ({refused.check}): {refused.message}."
    challenge = 'Bearer realm="cds-services"'
    if refused.check != "missing":  # RFC 6750: no error code when no token came
        described = _UNQUOTABLE.sub("?", f"{refused.check}: {refused.message}")
        challenge += f', error="invalid_token", error_description="{described}"'
    return AuthFailure(401, challenge, refused.check, "expired" if refused.check == "expired" else "login", text)
