"""A SMART authorisation server of the demonstration patients: it asks nobody who they are, and so knows made-up patients only.

What it hands out is sealed and kept nowhere, so that every worker can redeem what another gave.
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Blueprint, Response, redirect, render_template, request
from msgspec import Struct

from cds_service.service import clock
from cds_service.service.auth.replay import ReplayStore
from cds_service.view import App, Seal
from cds_service.workbench.playground.keys import ALGORITHM, DevelopmentKey
from cds_service.workbench.playground.patients import DemoPatients

CLIENT_ID = "patient-view"
USER = "Practitioner/example"
CODE_SECONDS, TOKEN_SECONDS, LAUNCH_SECONDS = 60, 3600, 24 * 3600
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Launch(Struct, frozen=True):
    """What the record knows when it launches an app: whose chart is open, and which card was clicked."""

    patient: str
    card: str = ""


class Code(Struct, frozen=True):
    """What an authorisation code stands for; ``id`` is used once."""

    id: str
    patient: str
    card: str
    redirect_uri: str
    challenge: str
    nonce: str
    scope: str


class AccessToken(Struct, frozen=True):
    """An access token: for whose record, at which server."""

    patient: str
    audience: str


@dataclass(frozen=True, slots=True)
class SmartServer:
    """The server's parts. ``base`` is the address of the whole service."""

    base: str
    redirect_uri: str
    patients: DemoPatients
    key: DevelopmentKey
    launches: Seal
    codes: Seal
    tokens: Seal
    used: ReplayStore

    @classmethod
    def of(
        cls,
        base: str,
        redirect_uri: str,
        patients: DemoPatients,
        key: DevelopmentKey,
        secrets: tuple[bytes, ...],
        used: ReplayStore,
    ) -> SmartServer:
        """Make the server with seals of its own."""
        launches, codes, tokens = (Seal(f"demonstration {what}", secrets) for what in ("launch", "code", "token"))
        return cls(base, redirect_uri, patients, key, launches, codes, tokens, used)

    @property
    def iss(self) -> str:
        return f"{self.base}/fhir"

    @property
    def app(self) -> App:
        """The patient view's registration here."""
        return App(self.iss, CLIENT_ID, issuer="", framed_by=())

    @property
    def configuration(self) -> Mapping[str, Any]:
        """``.well-known/smart-configuration``."""
        return {
            "issuer": self.iss,
            "jwks_uri": f"{self.base}/playground/jwks.json",
            "authorization_endpoint": f"{self.iss}/authorize",
            "token_endpoint": f"{self.iss}/token",
            "grant_types_supported": ["authorization_code"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "code_challenge_methods_supported": ["S256"],
            "capabilities": [
                *("launch-ehr", "launch-standalone", "client-confidential-asymmetric", "sso-openid-connect"),
                *("context-ehr-patient", "context-standalone-patient", "permission-patient", "permission-v2"),
            ],
        }


def smart_server(server: SmartServer) -> Blueprint:
    """Make the routes, all below ``/fhir``."""
    pages = Blueprint("smart_server", __name__, url_prefix="/fhir", template_folder="templates")

    @pages.get("/.well-known/smart-configuration")
    def configuration() -> Response:
        return _json(server.configuration)

    @pages.post("/_services/smart/Launch")
    def prepare() -> Response:
        """As the public CDS Hooks sandbox asks a record to launch an app: ``{"parameters": {"patient", "appContext"}}``."""
        body = request.get_json(silent=True)
        parameters = body.get("parameters") if isinstance(body, dict) else None
        wanted = parameters if isinstance(parameters, dict) else {}
        if wanted.get("patient") not in server.patients.by_name:
            return _refuse("invalid_request", "there is no such patient here")
        launch = Launch(str(wanted["patient"]), str(wanted.get("appContext") or "")[:64])
        return _json({"launch_id": server.launches.seal(launch), "iss": server.iss})

    @pages.get("/authorize")
    def authorize() -> Response | str:
        asked = request.args
        wrong = _wrong(server, asked)
        if wrong:
            return _refuse("invalid_request", wrong)
        launch = server.launches.open(asked.get("launch", ""), Launch, LAUNCH_SECONDS)
        if "launch" in asked and launch is None:
            return _back(asked, {"error": "invalid_request", "error_description": "the launch is not known"})
        patient = launch.patient if launch else asked.get("patient", "")
        if patient not in server.patients.by_name:
            return render_template("choose_patient.html", patients=server.patients.by_name.values(), asked=asked)
        code = Code(
            str(uuid.uuid4()),
            patient,
            launch.card if launch else "",
            asked["redirect_uri"],
            asked["code_challenge"],
            asked.get("nonce", ""),
            asked.get("scope", ""),
        )
        return _back(asked, {"code": server.codes.seal(code)})

    @pages.post("/token")
    def token() -> Response:
        given = request.form
        if not _proven(server, given):
            return _refuse("invalid_client", "the assertion does not prove the client", 401)
        code = server.codes.open(given.get("code", ""), Code, CODE_SECONDS)
        later = clock.now() + timedelta(seconds=CODE_SECONDS)
        verifier = given.get("code_verifier", "")
        holds = (
            code is not None
            and given.get("grant_type") == "authorization_code"
            and given.get("redirect_uri") == code.redirect_uri
            and 43 <= len(verifier) <= 128
            and hmac.compare_digest(create_s256_code_challenge(verifier), code.challenge)
        )
        if code is None or not holds or not server.used.first_use("demonstration code", code.id, later):
            return _refuse("invalid_grant", "the code does not hold")
        return _json(_granted(server, code))

    return pages


def _wrong(server: SmartServer, asked: Mapping[str, str]) -> str:
    """What keeps the server from sending anybody back to the app; such a mistake is never redirected."""
    if asked.get("client_id") != CLIENT_ID or asked.get("redirect_uri") != server.redirect_uri:
        return "client_id and redirect_uri are not registered"
    if asked.get("aud", "").rstrip("/") != server.iss:
        return "aud is not this FHIR server"
    if asked.get("response_type") != "code" or asked.get("code_challenge_method") != "S256":
        return "a code and PKCE with S256 are asked for here"
    return "" if asked.get("code_challenge") else "code_challenge is missing"


def _proven(server: SmartServer, given: Mapping[str, str]) -> bool:
    """Whether the client signed for this very endpoint, and not before."""
    if given.get("client_assertion_type") != _ASSERTION:
        return False
    try:
        claims = jwt.decode(
            given.get("client_assertion", ""),
            server.key.private.public_key(),
            algorithms=[ALGORITHM],
            audience=f"{server.iss}/token",
            issuer=CLIENT_ID,
            options={"require": ["exp", "jti", "sub"]},
        )
    except jwt.PyJWTError:
        return False
    over = clock.now() + timedelta(hours=1)
    return claims["sub"] == CLIENT_ID and server.used.first_use("demonstration client", str(claims["jti"]), over)


def _granted(server: SmartServer, code: Code) -> Mapping[str, Any]:
    now = int(clock.now().timestamp())
    claims = {
        "iss": server.iss,
        "aud": CLIENT_ID,
        "sub": USER,
        "fhirUser": f"{server.iss}/{USER}",
        "iat": now,
        "exp": now + 300,
        "nonce": code.nonce,
    }
    answer = {
        "access_token": server.tokens.seal(AccessToken(code.patient, server.iss)),
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": code.scope,
        "patient": code.patient,
        "id_token": jwt.encode(claims, server.key.private, algorithm=ALGORITHM, headers={"kid": server.key.kid}),
    }
    return answer | ({"appContext": code.card} if code.card else {})


def _back(asked: Mapping[str, str], answer: Mapping[str, str]) -> Response:
    query = urlencode({**answer, "state": asked.get("state", "")})
    response = redirect(f"{asked['redirect_uri']}?{query}", 303)
    assert isinstance(response, Response)
    return response


def _refuse(error: str, description: str, status: int = 400) -> Response:
    return _json({"error": error, "error_description": description}, status)


def _json(value: Mapping[str, Any], status: int = 200) -> Response:
    response = Response(msgspec.json.encode(value), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
