"""What the record answers when it changes a code for a token: only what was made for this launch of ours opens a view."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from werkzeug.serving import make_server

from cds_service.view.apps import App
from cds_service.view.oauth import LaunchRefused, Server, SmartClient
from tests.service.wire import free_port

NONCE, CLIENT = "nonce-of-this-launch", "our-app"
KEY, OTHER = ECKey.generate_key("P-256", {"kid": "k1"}), ECKey.generate_key("P-256", {"kid": "k1"})


class Record:
    """An authorisation server that answers what a test wants."""

    def __init__(self) -> None:
        self.base = f"http://localhost:{free_port()}"
        self.configuration: dict[str, Any] = {}
        self.answer: Any = {}
        self.asked: dict[str, str] = {}

    @property
    def app(self) -> App:
        return App(f"{self.base}/fhir", CLIENT, "https://ehr.example.org", secret="told-in-a-file")

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        whole = {"iss": self.base, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300, "nonce": NONCE}
        return {name: value for name, value in (whole | changes).items() if value is not None}

    def token(self, id_token: str | None, **changes: Any) -> dict[str, Any]:
        whole = {
            "access_token": "at",
            "token_type": "Bearer",
            "expires_in": 300,
            "patient": "p1",
            "scope": "launch openid patient/Observation.rs",
            "id_token": id_token,
        }
        return {name: value for name, value in (whole | changes).items() if value is not None}


@pytest.fixture(scope="module")
def record() -> Iterator[Record]:
    made, app = Record(), Flask("record")

    @app.get("/fhir/.well-known/smart-configuration")
    def configuration() -> Response:
        return jsonify(made.configuration)

    @app.get("/keys")
    def keys() -> Response:
        return jsonify({"keys": [KEY.as_dict(private=False)]})

    @app.post("/token")
    def token() -> Response:
        made.asked = {**request.form, "authorization": request.headers.get("Authorization", "")}
        return made.answer if isinstance(made.answer, Response) else jsonify(made.answer)

    server = make_server("localhost", int(made.base.rpartition(":")[2]), app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()


@pytest.fixture(autouse=True)
def well_configured(record: Record) -> None:
    record.configuration = {
        "issuer": record.base,
        "authorization_endpoint": f"{record.base}/authorize",
        "token_endpoint": f"{record.base}/token",
        "jwks_uri": f"{record.base}/keys",
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["permission-v1"],
    }


def signed(claims: dict[str, Any], key: ECKey = KEY) -> str:
    return jwt.encode({"alg": "ES256", "kid": "k1"}, claims, key)


def client(key: ECKey | None = None, *, development: bool = True) -> SmartClient:
    return SmartClient("https://cds.example.org/smart/callback", key, development)


def redeemed(record: Record) -> Any:
    server = client().discover(record.app)
    return client().redeem(record.app, server, code="c", nonce=NONCE, verifier="v" * 43)


def test_a_token_of_this_launch_is_taken_with_whom_it_is_for(record: Record) -> None:
    whole = record.claims(fhirUser=f"{record.base}/fhir/Practitioner/7")
    record.answer = record.token(signed(whole), encounter="e1", appContext="card-1")
    granted = redeemed(record)
    assert (granted.patient, granted.encounter, granted.user) == ("p1", "e1", "Practitioner/7")
    assert (granted.card, granted.token, granted.seconds) == ("card-1", "at", 300)
    assert record.asked["code_verifier"] == "v" * 43
    assert record.asked["authorization"].startswith("Basic ")
    assert "told-in-a-file" not in repr(record.app)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-app"},
        {"aud": ["another-app"]},
        {"aud": None},
        {"iss": "https://evil.example.org"},
        {"iss": None},
        {"nonce": "nonce-of-another-launch"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"azp": "another-app", "aud": [CLIENT, "another-app"]},
    ],
    ids=str,
)
def test_an_id_token_of_another_audience_issuer_launch_or_time_is_refused(
    record: Record, changes: dict[str, Any]
) -> None:
    record.answer = record.token(signed(record.claims(**changes)))
    with pytest.raises(LaunchRefused):
        redeemed(record)


def test_an_id_token_that_the_record_did_not_sign_is_refused(record: Record) -> None:
    forged = (
        signed(record.claims(), OTHER),
        "eyJhbGciOiJub25lIn0." + signed(record.claims()).split(".")[1] + ".",
        jwt.encode(
            {"alg": "HS256", "kid": "k1"}, record.claims(), OctKey.import_key("a-secret-that-somebody-made-up!!")
        ),
        "x",
        None,  # openid was granted
    )
    for id_token in forged:
        record.answer = record.token(id_token)
        with pytest.raises(LaunchRefused):
            redeemed(record)


def test_without_openid_there_is_no_user(record: Record) -> None:
    record.answer = record.token(None, scope="launch patient/Observation.rs")
    assert redeemed(record).user == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"patient": None},
        {"patient": "../Patient/p2"},
        {"patient": "p1,p2"},
        {"patient": "p" * 65},
        {"token_type": "mac"},
        {"access_token": None},
    ],
    ids=str,
)
def test_a_token_for_no_one_patient_is_refused(record: Record, changes: dict[str, Any]) -> None:
    record.answer = record.token(signed(record.claims()), **changes)
    with pytest.raises(LaunchRefused):
        redeemed(record)


@pytest.mark.parametrize("answer", ["no JSON", "[]", '{"error": "invalid_grant", "error_description": "p1 is dead"}'])
def test_a_refusal_names_nothing_of_what_the_record_said(record: Record, answer: str) -> None:
    record.answer = Response(answer, 400)
    with pytest.raises(LaunchRefused) as refused:
        redeemed(record)
    assert "p1" not in refused.value.says


def test_the_app_proves_itself_by_its_key_where_no_secret_is_shared(record: Record) -> None:
    key = ECKey.generate_key("P-384")
    app = App(record.app.iss, CLIENT, "https://ehr.example.org")
    record.answer = record.token(signed(record.claims()))
    signer = client(key)
    signer.redeem(app, signer.discover(app), code="c", nonce=NONCE, verifier="v" * 43)
    assertion = jwt.decode(record.asked["client_assertion"], key, algorithms=["ES384"])
    assert (assertion.claims["iss"], assertion.claims["aud"]) == (CLIENT, f"{record.base}/token")
    assert assertion.header["kid"] == key.thumbprint()


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": None},
        {"token_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://user:pw@ehr.example.org/a"},
        {"token_endpoint": None},
    ],
    ids=str,
)
def test_a_record_that_does_not_keep_to_smart_is_refused(record: Record, changes: dict[str, Any]) -> None:
    record.configuration |= changes
    with pytest.raises(LaunchRefused):
        client().discover(record.app)


def test_outside_development_every_address_is_https(record: Record) -> None:
    with pytest.raises(LaunchRefused):
        client(development=False).discover(record.app)


def test_scopes_are_those_that_the_record_knows(record: Record) -> None:
    server = client().discover(record.app)
    fine = Server(server.authorize, server.token, server.issuer, server.keys, fine_scopes=True)
    asked = {
        known: client().authorize(record.app, known, state="s", nonce="n", verifier="v" * 43, launch="l", write=True)
        for known in (server, fine)
    }
    assert "patient%2FObservation.read" in asked[server] and "patient%2FObservation.write" in asked[server]
    assert "patient%2FObservation.rs" in asked[fine] and "patient%2FObservation.c" in asked[fine]
