"""The OAuth side of a SMART launch: discovery, authorisation, the token and who it is for. Authlib does the protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, KeySetSerialization

from cds_service.chart.needs import KEYS
from cds_service.service.auth.clients import web_address
from cds_service.terminology.said import said
from cds_service.view.apps import ALGORITHM, App

SECONDS = 10
"""How long the record's authorisation server may take for one answer."""
_LEEWAY = 60
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_SIGNED = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_TYPES = tuple(dict.fromkeys(key.type for key in KEYS.values()))


class LaunchRefused(Exception):
    """A launch that goes no further; the message is for whoever sits at the screen, and names nothing of a patient."""

    def __init__(self, says: str, status: int = 400) -> None:
        super().__init__(says)
        self.says, self.status = says, status


@dataclass(frozen=True, slots=True)
class Server:
    """What the record says of its authorisation server."""

    authorize: str
    token: str
    issuer: str
    keys: str
    """Address of the key set that id tokens are signed with; empty when there is none."""
    fine_scopes: bool
    """It knows scopes of SMART 2, such as ``patient/Observation.rs``."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What the record allowed: a token for one patient, for so many seconds."""

    token: str
    scope: str
    seconds: int
    patient: str
    encounter: str
    user: str
    """Reference of the user, such as ``Practitioner/7``; empty when the record does not say."""
    card: str
    """``appContext``: the id of the card that the launch came from."""


@dataclass(frozen=True, slots=True)
class SmartClient:
    """The view as an OAuth client; ``redirect`` is its one address for answers."""

    redirect: str
    key: ECKey | None
    development: bool
    verify: bool | str = True

    def discover(self, app: App) -> Server:
        """Ask the record how it authorises; raises :class:`LaunchRefused`."""
        found = self._json(f"{app.iss}/.well-known/smart-configuration")
        if "S256" not in _listed(found, "code_challenge_methods_supported"):
            raise LaunchRefused("The record's authorisation server does not support PKCE with S256.", 502)
        return Server(
            self._address(found, "authorization_endpoint"),
            self._address(found, "token_endpoint"),
            str(found.get("issuer") or app.iss),
            self._address(found, "jwks_uri") if found.get("jwks_uri") else "",
            "permission-v2" in _listed(found, "capabilities"),
        )

    def authorize(
        self, app: App, server: Server, *, state: str, nonce: str, verifier: str, launch: str | None, write: bool
    ) -> str:
        """The address that the browser is sent to; without ``launch`` the record asks for the patient itself."""
        reads = " ".join(f"patient/{kind}.{'rs' if server.fine_scopes else 'read'}" for kind in _TYPES)
        may_write = f" patient/Observation.{'c' if server.fine_scopes else 'write'}" if write else ""
        scope = f"{'launch/patient' if launch is None else 'launch'} openid fhirUser {reads}{may_write}"
        with self._session(app, server, scope) as session:
            given = {} if launch is None else {"launch": launch}
            url, _ = session.create_authorization_url(
                server.authorize, state=state, code_verifier=verifier, nonce=nonce, aud=app.iss, **given
            )
        return str(url)

    def redeem(self, app: App, server: Server, *, code: str, nonce: str, verifier: str) -> Granted:
        """Change the code for a token and check whom it is for; raises :class:`LaunchRefused`."""
        try:
            with self._session(app, server) as session:
                answer: Mapping[str, Any] = session.fetch_token(
                    server.token,
                    code=code,
                    code_verifier=verifier,
                    grant_type="authorization_code",
                    timeout=SECONDS,
                    allow_redirects=False,
                    verify=self.verify,
                )
        except (OAuthError, requests.RequestException, ValueError):
            raise LaunchRefused(
                "The record did not change the code of this launch for access. Launch it again."
            ) from None
        patient = str(answer.get("patient") or "")
        if not _ID.fullmatch(patient):
            raise LaunchRefused("The record named no patient. Open a patient's chart and launch the view from there.")
        if str(answer.get("token_type", "")).lower() != "bearer" or not answer.get("access_token"):
            raise LaunchRefused("The record gave a token of a kind that is not understood.", 502)
        claims = self._identity(app, server, answer, nonce)
        user = str(claims.get("fhirUser") or "")
        encounter = str(answer.get("encounter") or "")
        return Granted(
            token=str(answer["access_token"]),
            scope=str(answer.get("scope") or "patient/*.read"),  # left out: as it was asked for
            seconds=_seconds(answer.get("expires_in")),
            patient=patient,
            encounter=encounter if _ID.fullmatch(encounter) else "",
            user="/".join(user.split("/")[-2:]),
            card=str(answer.get("appContext") or "")[:64],
        )

    def _identity(self, app: App, server: Server, answer: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """The claims of the id token: ours, of this very launch, and signed by the record. Without ``openid`` there is none."""
        written = answer.get("id_token")
        if not written:
            if "openid" in str(answer.get("scope") or "").split():
                _foreign()
            return {}
        if not server.keys:
            raise LaunchRefused("The record names no key set for its id tokens.", 502)
        try:
            signed = jwt.decode(
                str(written),
                KeySet.import_key_set(cast(KeySetSerialization, self._json(server.keys))),
                algorithms=_SIGNED,
            )
            options = {
                "iss": {"essential": True, "value": server.issuer},
                "aud": {"essential": True, "value": app.client_id},
            }
            claims = CodeIDToken(signed.claims, signed.header, options, {"nonce": nonce, "client_id": app.client_id})
            claims.validate(leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError):
            _foreign()
        return signed.claims

    def _session(self, app: App, server: Server, scope: str | None = None) -> OAuth2Session:
        secret: Any = app.secret or self.key
        method = "client_secret_basic" if app.secret else "private_key_jwt" if self.key is not None else "none"
        session = OAuth2Session(
            app.client_id,
            secret,
            token_endpoint_auth_method=method,
            scope=scope,
            redirect_uri=self.redirect,
            code_challenge_method="S256",
        )
        session.trust_env = False  # neither a netrc file's password nor a proxy of the environment
        if self.key is not None:
            headers = {"kid": self.key.thumbprint(), "typ": "JWT"}
            session.register_client_auth_method(PrivateKeyJWT(server.token, headers=headers, alg=ALGORITHM))
        return session

    def _json(self, url: str) -> dict[str, Any]:
        try:
            with requests.Session() as session:
                session.trust_env = False
                answer = session.get(
                    url,
                    headers={"Accept": "application/json"},
                    timeout=SECONDS,
                    allow_redirects=False,
                    verify=self.verify,
                )
            found = answer.json() if answer.status_code == 200 else None
        except (requests.RequestException, ValueError):
            found = None
        if not isinstance(found, dict):
            raise LaunchRefused(
                "The record's authorisation server does not answer as SMART asks. Try again later.", 502
            )
        return found

    def _address(self, found: Mapping[str, Any], name: str) -> str:
        try:
            return web_address(str(found.get(name, "")), development=self.development)
        except ValueError:
            raise LaunchRefused(said("The record's {name} is no address that may be used.", name=name), 502) from None


def _listed(found: Mapping[str, Any], name: str) -> list[Any]:
    given = found.get(name)
    return given if isinstance(given, list) else []


def _seconds(given: object) -> int:
    try:
        return max(0, int(str(given)))
    except ValueError:
        return 300


def _foreign() -> NoReturn:
    raise LaunchRefused("The record's answer was not made for this launch. Launch the view again.", 403)
