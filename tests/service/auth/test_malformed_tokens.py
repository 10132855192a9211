"""What is no well-formed token is refused as malformed before anything in it is believed, and never repeated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds_service.service.auth.caller import Caller
from cds_service.service.auth.public_keys import UnusableKey, read_key
from cds_service.service.auth.verify import Refused
from tests.service.auth.conftest import refused

# Shape


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        "e30.e30.",
        "e30.e30.AA==",
        "e30=.e30.AA",
        "not a token",
        "é.é.é",
        "\ud800.x.y",
        "e30.e30.\x00",
        "eyJhbGciOiJFUzM4NCJ9.W10.AA",
        "eyJhbGciOiJFUzM4NCJ9.bnVsbA.AA",
        "eyJhbGciOiJFUzM4NCJ9.A.AA",
    ],
)
def test_what_is_not_a_token_is_malformed(ask: Any, token: str) -> None:
    assert refused(ask(token)) == "malformed"


def test_a_huge_token_is_refused_before_it_is_read(ehr: Any, ask: Any) -> None:
    assert refused(ask(ehr.token(padding="x" * 9000))) == "malformed"
    assert refused(ask("A" * 10_000_000)) == "malformed"


def test_deep_nesting_in_a_token_is_malformed(ehr: Any, ask: Any) -> None:
    deep = ("[" * 2900 + "]" * 2900).encode()
    assert refused(ask(ehr.signed({"alg": "ES384", "kid": ehr.kid}, b'{"x":' + deep + b"}"))) == "malformed"


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat", "jti"])
def test_every_required_claim_is_required(ehr: Any, ask: Any, claim: str) -> None:
    outcome = ask(ehr.token(**{claim: ...}) if claim != "iss" else ehr.signed({"alg": "ES384"}, ehr.claims(iss=...)))
    assert refused(outcome) == "malformed"
    assert claim in outcome.message


@pytest.mark.parametrize("value", [None, True, "1772442000", [], {}, 1e300, -1e300, 10**400, 1e12])
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
def test_a_time_that_is_no_number_of_seconds_is_malformed(ehr: Any, ask: Any, claim: str, value: Any) -> None:
    body = ehr.claims() | {claim: value}
    assert refused(ask(ehr.signed({"alg": "ES384", "kid": ehr.kid}, body))) == "malformed"


@pytest.mark.parametrize("written", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_json_does_not_have_are_malformed(ehr: Any, ask: Any, written: str) -> None:
    body = json.dumps(ehr.claims(exp="HERE")).replace('"HERE"', written).encode()
    assert refused(ask(ehr.signed({"alg": "ES384", "kid": ehr.kid}, body))) == "malformed"


def test_a_name_written_twice_is_malformed(ehr: Any, ask: Any) -> None:
    body = json.dumps(ehr.claims()).replace("{", '{"iss": "https://evil.example.net", ', 1).encode()
    assert refused(ask(ehr.signed({"alg": "ES384", "kid": ehr.kid}, body))) == "malformed"


@pytest.mark.parametrize("value", [7, None, "", "x" * 257, "a\u0000b", "\ud800", "tab\there"])
@pytest.mark.parametrize("claim", ["jti", "tenant"])
def test_a_jti_or_tenant_that_is_no_plain_text_is_malformed(ehr: Any, ask: Any, claim: str, value: Any) -> None:
    body = ehr.claims() | {claim: value}
    assert refused(ask(ehr.signed({"alg": "ES384", "kid": ehr.kid}, body))) == "malformed"


def test_unicode_in_claims_is_welcome_where_text_is(ehr: Any, ask: Any) -> None:
    assert ask(ehr.token(tenant="Spitalul Județean", jti="número-7")).tenant == "Spitalul Județean"


def test_other_encodings_than_utf8_are_malformed(ehr: Any, ask: Any) -> None:
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        body = json.dumps(ehr.claims()).encode(encoding)
        assert refused(ask(ehr.signed({"alg": "ES384", "kid": ehr.kid}, body))) == "malformed"


def test_critical_extensions_and_other_types_are_malformed(ehr: Any, ask: Any) -> None:
    head = {"alg": "ES384", "kid": ehr.kid}
    assert refused(ask(ehr.signed(head | {"crit": ["b64"], "b64": False}, ehr.claims()))) == "malformed"
    assert refused(ask(ehr.signed(head | {"typ": "JOSE+JSON"}, ehr.claims()))) == "malformed"
    assert isinstance(ask(ehr.signed(head, ehr.claims())), Caller)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}\.[A-Za-z0-9_-]{0,40}"))
def test_no_text_whatever_is_believed_or_breaks_the_reader(ask: Any, token: str) -> None:
    assert isinstance(ask(token), Refused)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists),
    where=st.sampled_from(["alg", "kid", "jku", "typ", "iss", "aud", "exp", "iat", "nbf", "jti", "tenant"]),
)
def test_no_value_of_any_type_in_any_place_breaks_the_reader(ehr: Any, ask: Any, head: Any, where: str) -> None:
    header, claims = {"alg": "ES384", "kid": ehr.kid, "typ": "JWT"}, ehr.claims()
    (header if where in ("alg", "kid", "jku", "typ") else claims)[where] = head
    assert isinstance(ask(ehr.signed(header, claims)), Caller | Refused)


def test_a_refusal_never_repeats_the_token(ehr: Any, ask: Any) -> None:
    secret = "Zaphod-4711"
    for changes in ({"iss": secret}, {"tenant": secret, "aud": secret}, {"jti": secret, "exp": 1}, {"aud": [secret]}):
        assert secret not in ask(ehr.token(**changes)).message
    for header in ({"kid": secret}, {"jku": secret}):
        assert secret not in ask(ehr.token(header=header)).message


# Keys


def test_weak_symmetric_and_encryption_keys_are_not_usable(ehr: Any) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    small = ec.generate_private_key(ec.SECP256R1())
    for entry in (
        ehr.jwk(weak),
        ehr.jwk(small),
        ehr.jwk(use="enc"),
        ehr.jwk(key_ops=["sign"]),
        ehr.jwk(alg="ES256"),
        ehr.jwk(kid="x" * 300),
        ehr.jwk() | {"kid": 7},
        ehr.jwk() | {"x": "AAAA"},
        ehr.jwk() | {"x": 7},
        ehr.jwk() | {"y": ehr.jwk()["x"]},
        {"kty": "oct", "kid": "a", "k": "AAAA"},
        {"kty": "RSA", "kid": "a", "n": "é", "e": "AQAB"},
        "key",
        None,
    ):
        with pytest.raises(UnusableKey):
            read_key(entry)


def test_a_published_private_key_becomes_a_public_one(ehr: Any) -> None:
    private = {**type(ehr).jwk(ehr), "d": "AAAA"}
    (key,) = read_key(private).values()
    assert not hasattr(key, "sign")
