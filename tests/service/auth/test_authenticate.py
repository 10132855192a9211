"""What authentication answers: a caller, or how to refuse."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cds_service.service.auth.authenticate import Authenticator, AuthFailure, authenticate, make_authenticator
from cds_service.service.auth.caller import Caller
from cds_service.service.auth.clients import Clients, sandbox_client
from cds_service.service.auth.key_sets import KeySets
from cds_service.service.auth.replay import LocalReplay, ReplayStoreDown

BASE = "https://cds.example.org/oncology"


@pytest.fixture
def authenticator(listed: Any) -> Authenticator:
    return make_authenticator("required", BASE + "/", Clients.of([listed()]), KeySets(), LocalReplay())


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/metastases", "/cds-services/metastases/feedback"])
def test_each_endpoint_behind_proxy_and_prefix_is_its_own_audience(
    ehr: Any, authenticator: Authenticator, path: str
) -> None:
    bearer = "Bearer " + ehr.token(aud=BASE + path)
    assert authenticate(bearer, path, authenticator, ehr.now) == Caller("General Hospital", ehr.issuer)
    failure = authenticate("Bearer " + ehr.token(aud="https://cds.example.org" + path), path, authenticator, ehr.now)
    assert isinstance(failure, AuthFailure)
    assert failure.text.endswith(f"exactly the URL that was called: {BASE}{path}.")


def test_the_scheme_may_be_written_in_any_case(ehr: Any, authenticator: Authenticator) -> None:
    bearer = "bEARER  " + ehr.token(aud=BASE + "/cds-services") + " "
    assert isinstance(authenticate(bearer, "/cds-services", authenticator, ehr.now), Caller)


@pytest.mark.parametrize("header", [None, "", "  ", "Basic dXM6c2VjcmV0", "Token x", "Bearerx"])
def test_without_a_bearer_token_no_error_code_is_given(
    ehr: Any, authenticator: Authenticator, header: str | None
) -> None:
    failure = authenticate(header, "/cds-services", authenticator, ehr.now)
    assert isinstance(failure, AuthFailure)
    assert (failure.status, failure.check, failure.issue_code) == (401, "missing", "login")
    assert failure.www_authenticate == 'Bearer realm="cds-services"'


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer a, Bearer b", "Bearer é", "Bearer \ud800", "Bearer a\r\nb"]
)
def test_a_token_that_cannot_be_read_is_malformed(ehr: Any, authenticator: Authenticator, header: str) -> None:
    failure = authenticate(header, "/cds-services", authenticator, ehr.now)
    assert isinstance(failure, AuthFailure)
    assert (failure.status, failure.check) == (401, "malformed")


def test_the_challenge_names_the_check_and_keeps_to_its_grammar(ehr: Any, authenticator: Authenticator) -> None:
    for changes in ({"iss": "https://evil.example.net"}, {"exp": 1}, {"aud": 'x"\r\nSet-Cookie: a'}, {"tenant": '"'}):
        failure = authenticate("Bearer " + ehr.token(**changes), '/cds-services/"\r\nx', authenticator, ehr.now)
        assert isinstance(failure, AuthFailure)
        assert failure.www_authenticate is not None
        assert re.fullmatch(
            r'Bearer realm="cds-services", error="invalid_token", '
            r'error_description="[\x20\x21\x23-\x5b\x5d-\x7e]+"',
            failure.www_authenticate,
        )
        assert f'"{failure.check}: ' in failure.www_authenticate
        assert failure.text.startswith(f"Client authentication failed ({failure.check}): ")


def test_an_expired_token_is_named_so_in_the_outcome(ehr: Any, authenticator: Authenticator) -> None:
    start = int(ehr.now.timestamp())
    bearer = "Bearer " + ehr.token(aud=BASE + "/cds-services", iat=start - 1000, exp=start - 700)
    failure = authenticate(bearer, "/cds-services", authenticator, ehr.now)
    assert isinstance(failure, AuthFailure)
    assert (failure.check, failure.issue_code) == ("expired", "expired")
    assert "(by this service's clock it is +700 s)" in failure.text


def test_a_store_that_is_down_is_our_trouble_and_not_the_clients(ehr: Any, listed: Any) -> None:
    class Down:
        def first_use(self, issuer: str, jti: str, expires: Any, call: str = "") -> bool:
            raise ReplayStoreDown

    authenticator = make_authenticator("required", BASE, Clients.of([listed()]), KeySets(), Down())
    failure = authenticate("Bearer " + ehr.token(aud=BASE + "/cds-services"), "/cds-services", authenticator, ehr.now)
    assert isinstance(failure, AuthFailure)
    assert (failure.status, failure.www_authenticate, failure.issue_code) == (503, None, "transient")
    assert failure.retry_after == 1


def test_a_key_host_that_was_never_reached_is_not_the_clients_fault(ehr: Any, listed: Any, key_host: Any) -> None:
    key_host.stop()  # the port is closed
    clients = Clients.of([listed(jku=key_host.jku, keys={})])
    authenticator = make_authenticator("required", BASE, clients, KeySets(), LocalReplay())
    bearer = "Bearer " + ehr.token(aud=BASE + "/cds-services")
    for _ in range(2):  # the second call does not ask the host again
        failure = authenticate(bearer, "/cds-services", authenticator, ehr.now)
        assert isinstance(failure, AuthFailure)
        assert (failure.status, failure.www_authenticate, failure.issue_code) == (503, None, "transient")
        assert 1 <= failure.retry_after <= 5
        assert failure.text == (
            "The caller cannot be verified now (key-set): the client's key set could not be had: its host could not be "
            "reached. The client is not at fault; try again."
        )


def test_off_lets_anybody_in_and_says_so_loudly(ehr: Any) -> None:
    authenticator = make_authenticator(
        "off", "http://localhost:8000", Clients.of([]), KeySets(), LocalReplay(), development=True
    )
    caller = authenticate(None, "/cds-services", authenticator, ehr.now)
    assert isinstance(caller, Caller)
    assert not caller.authenticated
    assert "AUTHENTICATION IS OFF" in authenticator.notices[0]


def test_the_sandbox_is_said_loudly_too(listed: Any) -> None:
    clients = Clients.of([sandbox_client(), listed()])
    authenticator = make_authenticator(
        "required", "http://localhost:8000", clients, KeySets(), LocalReplay(), development=True
    )
    assert len(authenticator.notices) == 1
    assert "CDS Hooks sandbox" in authenticator.notices[0]


def test_an_authenticator_for_production_has_no_notices(authenticator: Authenticator) -> None:
    assert authenticator.notices == ()


def test_unsafe_settings_make_no_authenticator(listed: Any) -> None:
    some, keys, replay = Clients.of([listed()]), KeySets(), LocalReplay()
    with pytest.raises(ValueError, match="development only"):
        make_authenticator("off", BASE, some, keys, replay)
    with pytest.raises(ValueError, match="published private key"):
        make_authenticator("required", BASE, Clients.of([sandbox_client()]), keys, replay)
    with pytest.raises(ValueError, match="no client is listed"):
        make_authenticator("required", BASE, Clients.of([]), keys, replay)
    for base in ("http://cds.example.org", "cds.example.org", "https://cds.example.org/?x", ""):
        with pytest.raises(ValueError, match="public base URL"):
            make_authenticator("required", base, some, keys, replay)


def test_the_public_sandboxs_token_is_judged_up_to_its_signature(ehr: Any) -> None:
    base = "http://localhost:8000"
    authenticator = make_authenticator(
        "required", base, Clients.of([sandbox_client()]), KeySets(), LocalReplay(), development=True
    )
    sandbox = {
        "kid": "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f",
        "jku": "https://sandbox.cds-hooks.org/.well-known/jwks.json",
    }
    claims = {"iss": "https://sandbox.cds-hooks.org", "aud": base + "/cds-services"}
    failure = authenticate("Bearer " + ehr.token(header=sandbox, **claims), "/cds-services", authenticator, ehr.now)
    assert isinstance(failure, AuthFailure)
    assert failure.check == "signature"  # our key is not the sandbox's; every other check holds
