"""The allowlist file says who may call, and refuses what would be unsafe."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.service.auth.caller import Caller
from cds_service.service.auth.clients import UnreadableAllowlist, read_clients, sandbox_client

WHOLE = """
clients:
  - name: General Hospital
    iss: https://ehr.example.org
    jku: https://ehr.example.org/jwks.json
    tenant: north
    audiences: [oncology-cds]
    base_urls: [https://proxy.example.org/cds/]
    algorithms: [ES384, RS384]
    maximum_lifetime_seconds: 300
    skew_seconds: 30
"""


def refusal(text: str, **settings: Any) -> str:
    with pytest.raises(UnreadableAllowlist) as caught:
        read_clients(text, **settings)
    return str(caught.value)


def test_every_setting_of_an_entry_is_read() -> None:
    (client,) = read_clients(WHOLE).all
    assert (client.name, client.issuer, client.tenant) == ("General Hospital", "https://ehr.example.org", "north")
    assert client.jku == "https://ehr.example.org/jwks.json"
    assert (client.audiences, client.base_urls) == ({"oncology-cds"}, ("https://proxy.example.org/cds",))
    assert (client.algorithms, client.maximum_lifetime, client.skew) == ({"ES384", "RS384"}, 300, 30)
    assert not client.development_only


def test_an_entry_may_carry_its_keys(ehr: Any, ask: Any) -> None:
    entry = {"name": "General Hospital", "iss": ehr.issuer, "keys": [ehr.jwk()]}
    (client,) = read_clients(json.dumps({"clients": [entry]})).all
    assert (client.algorithms, client.maximum_lifetime, client.skew) == (
        {"ES384", "ES512", "RS384", "RS512", "PS384", "PS512"},
        900,
        60,
    )
    assert isinstance(ask(ehr.token(), client), Caller)


def test_an_empty_file_lists_nobody_and_never_the_sandbox() -> None:
    assert read_clients("").all == ()
    assert read_clients("", development=True).all == ()


def test_the_sandbox_is_trusted_in_development_and_on_request_only() -> None:
    (sandbox,) = read_clients("presets: [sandbox]", development=True).all
    assert sandbox == sandbox_client()
    assert sandbox.development_only
    assert list(sandbox.keys) == [("44823f3d-0b01-4a6c-a80e-b9d3e8a7226f", "ES384")]
    assert "development only" in refusal("presets: [sandbox]")


def test_the_sandbox_is_refused_in_disguise() -> None:
    entry = "{name: x, iss: 'https://x.example.org', keys: [{kty: EC, crv: P-384, kid: a, x: %s, y: %s}]}"
    key = sandbox_client()
    assert key.jku
    for disguise in (
        f"{{name: x, iss: 'https://x.example.org', jku: '{key.jku}'}}",
        f"{{name: x, iss: '{key.issuer}', jku: 'https://x.example.org/jwks.json'}}",
        entry
        % (
            "dw_JGR8nB2I6XveNxUOl2qk699ZPLM2nYI5STSdiEl9avAkrm3CkfYMbrrjr8laB",
            "Sm3mLE-n1zYNla_aiE3cb3nZsL51RbC7ysw3q8aJLxGm-hx79RPMYpITDjp7kgzy",
        ),
    ):
        assert "everybody has" in refusal(f"clients: [{disguise}]")
        assert read_clients(f"clients: [{disguise}]", development=True).all


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS384", "RS256", "ES256", "es384"])
def test_a_weak_or_symmetric_algorithm_cannot_be_listed(algorithm: str) -> None:
    assert "algorithms" in refusal(WHOLE.replace("RS384", algorithm))


@pytest.mark.parametrize(
    "jku",
    [
        "http://ehr.example.org/jwks.json",
        "ftp://ehr.example.org/jwks.json",
        "file:///etc/passwd",
        "//ehr.example.org/jwks.json",
        "https://user:secret@ehr.example.org/jwks.json",
        "https://ehr.example.org/jwks.json#x",
        "jwks.json",
    ],
)
def test_a_jku_is_an_https_address(jku: str) -> None:
    said = refusal(WHOLE.replace("https://ehr.example.org/jwks.json", jku))
    assert said.startswith("clients.yaml:5:5: clients.0.jku: ")


def test_http_is_for_development() -> None:
    text = WHOLE.replace("https://ehr.example.org/jwks.json", "http://127.0.0.1:8000/jwks.json")
    assert read_clients(text, development=True).all[0].jku == "http://127.0.0.1:8000/jwks.json"


def test_a_client_without_any_key_is_refused() -> None:
    assert "jku" in refusal("clients: [{name: x, iss: 'https://x.example.org'}]")


def test_a_private_key_is_refused_without_repeating_it(ehr: Any) -> None:
    entry = {"name": "x", "iss": ehr.issuer, "keys": [{**ehr.jwk(), "d": "c2VjcmV0"}]}
    said = refusal(json.dumps({"clients": [entry]}))
    assert "secret (d)" in said
    assert "c2VjcmV0" not in said


def test_a_key_that_cannot_be_used_is_refused(ehr: Any) -> None:
    entry = {"name": "x", "iss": ehr.issuer, "keys": [ehr.jwk(), {"kty": "EC", "crv": "P-256", "kid": "a"}]}
    assert "key 2: the key does not suit" in refusal(json.dumps({"clients": [entry]}))


def test_two_entries_for_one_issuer_and_tenant_are_refused() -> None:
    entry = "{name: %s, iss: 'https://x.example.org', jku: 'https://x.example.org/j', tenant: %s}"
    assert "same iss and tenant" in refusal(f"clients: [{entry % ('a', 'north')}, {entry % ('b', 'north')}]")
    assert len(read_clients(f"clients: [{entry % ('a', 'north')}, {entry % ('b', 'south')}]").all) == 2


def test_a_misspelt_name_is_reported_with_its_place_and_the_nearest_right_one() -> None:
    said = refusal(WHOLE.replace("audiences", "audience"), file="site.yaml")
    assert said == "site.yaml:7:5: clients.0.audience: unknown name; did you mean audiences?"


def test_a_name_written_twice_is_refused() -> None:
    assert refusal(WHOLE + "    jku: https://evil.example.net/jwks.json\n").startswith("clients.yaml:12:5:")


@pytest.mark.parametrize("text", ["clients: [", "a: b: c", "- 1", "clients: 7", "7", "clients: [7]", "\x00"])
def test_a_file_of_another_shape_is_refused_by_name(text: str) -> None:
    assert refusal(text).startswith("clients.yaml")


@pytest.mark.parametrize(
    ("name", "value"),
    [("maximum_lifetime_seconds: 300", "maximum_lifetime_seconds: 86400"), ("skew_seconds: 30", "skew_seconds: 3600")],
)
def test_lifetime_and_skew_are_bounded(name: str, value: str) -> None:
    assert value.split(":")[0] in refusal(WHOLE.replace(name, value))


@pytest.mark.parametrize(("count", "said"), [(100, ""), (101, "101 keys are listed, and at most 100 count")])
def test_more_listed_keys_than_count_are_refused(ehr: Any, count: int, said: str) -> None:
    listed = [ehr.jwk() | {"kid": f"key-{number}"} for number in range(count)]
    text = json.dumps({"clients": [{"name": "x", "iss": ehr.issuer, "keys": listed}]})
    assert said in refusal(text) if said else len(read_clients(text).all[0].keys) == count
