"""Which tokens are believed, and which check refuses the others."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import OKPAlgorithm

from cds_service.service.auth.caller import Caller
from cds_service.service.auth.public_keys import read_key_set
from cds_service.service.auth.replay import LocalReplay
from cds_service.service.auth.verify import Endpoint, Refused
from tests.service.auth.conftest import refused

BASE = "https://cds.example.org/oncology"
HERE = f"{BASE}/cds-services/metastases"


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def seconds(ehr: Any, offset: float) -> float:
    return ehr.now.timestamp() + offset


def test_a_well_made_es384_token_names_its_client(ehr: Any, ask: Any) -> None:
    assert ask(ehr.token()) == Caller("General Hospital", ehr.issuer, None)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS384", "PS512"])
def test_rsa_tokens_are_believed(ehr: Any, ask: Any, algorithm: str) -> None:
    assert isinstance(ask(ehr.token(key=ehr.rsa, algorithm=algorithm, header={"kid": "rsa"})), Caller)


def test_es512_is_believed_and_eddsa_only_for_a_client_that_asks_for_it(ehr: Any, ask: Any, listed: Any) -> None:
    longer, edwards = ec.generate_private_key(ec.SECP521R1()), ed25519.Ed25519PrivateKey.generate()
    edwards_jwk = {**OKPAlgorithm.to_jwk(edwards.public_key(), as_dict=True), "kid": "ed"}
    keys = read_key_set([ehr.jwk(longer, "long"), edwards_jwk])
    assert isinstance(ask(ehr.token(key=longer, algorithm="ES512", header={"kid": "long"}), listed(keys=keys)), Caller)
    token = ehr.token(key=edwards, algorithm="EdDSA", header={"kid": "ed"})
    assert refused(ask(token, listed(keys=keys))) == "algorithm"
    assert isinstance(ask(token, listed(keys=keys, algorithms=frozenset({"EdDSA"}))), Caller)


def test_a_kid_with_plus_slash_and_equals_is_found(ehr: Any, ask: Any) -> None:
    assert ehr.kid == "ehr+key/2026=="
    assert isinstance(ask(ehr.token()), Caller)
    assert refused(ask(ehr.token(header={"kid": "ehr key/2026=="}))) == "key"


# The algorithm


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
def test_an_unsigned_token_is_refused(ehr: Any, ask: Any, name: str) -> None:
    head = part({"alg": name, "kid": ehr.kid})
    assert refused(ask(f"{head}.{part(ehr.claims())}.")) == "algorithm"
    signature = ehr.token().rsplit(".", 1)[1]
    assert refused(ask(f"{head}.{part(ehr.claims())}.{signature}")) == "algorithm"


@pytest.mark.parametrize("name", ["HS256", "HS384", "HS512"])
def test_the_public_key_is_no_shared_secret(ehr: Any, ask: Any, name: str) -> None:
    secret = ehr.elliptic.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = f"{part({'alg': name, 'kid': ehr.kid})}.{part(ehr.claims())}"
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[name]
    assert refused(ask(f"{parts}.{part(hmac.digest(secret, parts.encode(), digest))}")) == "algorithm"


def test_weak_algorithms_are_refused_even_when_well_signed(ehr: Any, ask: Any) -> None:
    assert refused(ask(ehr.token(key=ehr.rsa, algorithm="RS256", header={"kid": "rsa"}))) == "algorithm"


def test_a_client_may_be_held_to_fewer_algorithms(ehr: Any, ask: Any, listed: Any) -> None:
    only = listed(algorithms=frozenset({"ES384"}))
    assert refused(ask(ehr.token(key=ehr.rsa, algorithm="RS384", header={"kid": "rsa"}), only)) == "algorithm"


def test_a_key_serves_only_the_algorithm_it_is_made_for(ehr: Any, ask: Any, listed: Any) -> None:
    assert refused(ask(ehr.token(key=ehr.rsa, algorithm="RS384"))) == "key"
    keys = read_key_set([ehr.jwk(ehr.rsa, "rsa", alg="RS384")])
    token = ehr.token(key=ehr.rsa, algorithm="PS384", header={"kid": "rsa"})
    assert refused(ask(token, listed(keys=keys))) == "key"


# Who signs


def test_another_key_under_the_right_kid_is_refused(ehr: Any, ask: Any) -> None:
    assert refused(ask(ehr.token(key=ehr.stranger))) == "signature"


@pytest.mark.parametrize("signature", ["", "AAAA", "A" * 128, "A" * 1024])
def test_a_signature_of_any_shape_that_is_not_the_right_one_is_refused(ehr: Any, ask: Any, signature: str) -> None:
    assert refused(ask(ehr.token().rsplit(".", 1)[0] + "." + signature)) == "signature"


def test_changed_claims_break_the_signature(ehr: Any, ask: Any) -> None:
    head, _, signature = ehr.token().split(".")
    assert refused(ask(f"{head}.{part(ehr.claims(sub='admin'))}.{signature}")) == "signature"


def test_keys_that_the_token_brings_along_are_ignored(ehr: Any, ask: Any) -> None:
    brought = {"jwk": ehr.jwk(ehr.stranger), "x5u": "https://evil.example.net/x5u"}
    assert refused(ask(ehr.token(key=ehr.stranger, header=brought))) == "signature"


def test_an_unlisted_issuer_is_refused(ehr: Any, ask: Any) -> None:
    assert refused(ask(ehr.token(iss="https://evil.example.net"))) == "issuer"
    assert refused(ask(ehr.token(iss=f"{ehr.issuer}/"))) == "issuer"


def test_one_client_cannot_speak_for_another(ehr: Any, ask: Any, listed: Any) -> None:
    other = listed(name="Other", issuer="https://other.example.org", keys=read_key_set([ehr.jwk(ehr.stranger)]))
    assert refused(ask(ehr.token(key=ehr.stranger), listed(), other)) == "signature"


@pytest.mark.parametrize(
    "jku", ["https://evil.example.net/jwks.json", "https://ehr.example.org/jwks.json?x=1", "file:///"]
)
def test_a_jku_off_the_list_is_refused(ehr: Any, ask: Any, listed: Any, jku: str) -> None:
    client = listed(jku="https://ehr.example.org/jwks.json")
    assert refused(ask(ehr.token(header={"jku": jku}), client)) == "jku"
    assert refused(ask(ehr.token(header={"jku": jku}))) == "jku"


def test_the_listed_jku_may_be_stated_or_left_out(ehr: Any, ask: Any, listed: Any) -> None:
    client = listed(jku="https://ehr.example.org/jwks.json")
    assert isinstance(ask(ehr.token(header={"jku": "https://ehr.example.org/jwks.json"}), client), Caller)
    assert isinstance(ask(ehr.token(), client), Caller)


@pytest.mark.parametrize("kid", ["unknown", "", ...])
def test_a_kid_that_names_no_key_is_refused(ehr: Any, ask: Any, kid: Any) -> None:
    assert refused(ask(ehr.token(header={"kid": kid}))) in ("key", "malformed")


# Tenants


def test_a_tenant_other_than_the_listed_one_is_refused(ehr: Any, ask: Any, listed: Any) -> None:
    north = listed(tenant="north")
    assert ask(ehr.token(tenant="north"), north) == Caller("General Hospital", ehr.issuer, "north")
    assert refused(ask(ehr.token(tenant="south"), north)) == "tenant"
    assert refused(ask(ehr.token(), north)) == "tenant"


def test_tenants_of_one_issuer_are_different_clients(ehr: Any, ask: Any, listed: Any) -> None:
    north = listed(name="North", tenant="north")
    south = listed(name="South", tenant="south", keys=read_key_set([ehr.jwk(ehr.stranger)]))
    assert ask(ehr.token(tenant="south", key=ehr.stranger), north, south) == Caller("South", ehr.issuer, "south")
    assert refused(ask(ehr.token(tenant="north", key=ehr.stranger), north, south)) == "signature"


def test_an_entry_without_tenant_speaks_for_every_tenant_and_keeps_them_apart(ehr: Any, ask: Any) -> None:
    assert ask(ehr.token(tenant="ward 7")) == Caller("General Hospital", ehr.issuer, "ward 7")


# The audience


@pytest.mark.parametrize(
    "aud",
    [
        HERE + "/",
        HERE.upper(),
        BASE,
        BASE + "/cds-services",
        HERE + "/feedback",
        HERE + "?",
        "http" + HERE.removeprefix("https"),
        "https://cds.example.org/cds-services/metastases",
        "",
        [],
        ["https://elsewhere.example.org"],
        [HERE + "/"],
        HERE + "\u200b",
    ],
)
def test_an_audience_that_is_not_exactly_the_called_url_is_refused(ehr: Any, ask: Any, aud: Any) -> None:
    assert refused(ask(ehr.token(aud=aud))) == ("malformed" if aud == [] else "audience")


def test_an_audience_may_be_one_of_an_array(ehr: Any, ask: Any) -> None:
    assert isinstance(ask(ehr.token(aud=["https://elsewhere.example.org", HERE])), Caller)


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/metastases", "/cds-services/metastases/feedback"])
def test_each_endpoint_is_an_audience_of_its_own(ehr: Any, ask: Any, path: str) -> None:
    assert isinstance(ask(ehr.token(aud=BASE + path), called=Endpoint(BASE, path)), Caller)
    assert refused(ask(ehr.token(aud=BASE + path), called=Endpoint(BASE, path + "-other"))) == "audience"


def test_a_client_may_have_audiences_and_base_urls_of_its_own(ehr: Any, ask: Any, listed: Any) -> None:
    typed = listed(audiences=frozenset({"oncology-cds"}), base_urls=("https://proxy.example.org/cds",))
    assert isinstance(ask(ehr.token(aud="oncology-cds"), typed), Caller)
    assert isinstance(ask(ehr.token(aud="https://proxy.example.org/cds/cds-services/metastases"), typed), Caller)
    assert refused(ask(ehr.token(aud="https://proxy.example.org/cds"), typed)) == "audience"
    assert refused(ask(ehr.token(aud="oncology-cds"))) == "audience"


# Time


@pytest.mark.parametrize(("past", "believed"), [(0, True), (59, True), (60, False), (3600, False)])
def test_a_token_expires_one_skew_after_exp(ehr: Any, ask: Any, past: int, believed: bool) -> None:
    outcome = ask(ehr.token(iat=seconds(ehr, -past - 300), exp=seconds(ehr, -past)))
    assert isinstance(outcome, Caller) if believed else refused(outcome) == "expired"


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "believed"), [(0, True), (60, True), (61, False)])
def test_iat_and_nbf_may_lie_ahead_by_the_skew(ehr: Any, ask: Any, claim: str, ahead: int, believed: bool) -> None:
    outcome = ask(ehr.token(**{claim: seconds(ehr, ahead)}))
    assert isinstance(outcome, Caller) if believed else refused(outcome) == "not-yet-valid"


@pytest.mark.parametrize(
    ("lifetime", "believed"), [(900, True), (901, False), (86_400, False), (0, False), (-5, False)]
)
def test_a_lifetime_is_positive_and_at_most_fifteen_minutes(ehr: Any, ask: Any, lifetime: int, believed: bool) -> None:
    outcome = ask(ehr.token(exp=seconds(ehr, lifetime)))
    assert isinstance(outcome, Caller) if believed else refused(outcome) == "lifetime"


def test_lifetime_and_skew_are_the_clients_own(ehr: Any, ask: Any, listed: Any) -> None:
    exact = listed(maximum_lifetime=60, skew=0)
    assert refused(ask(ehr.token(exp=seconds(ehr, 61)), exact)) == "lifetime"
    assert refused(ask(ehr.token(exp=seconds(ehr, 0), iat=seconds(ehr, -60)), exact)) == "expired"


def test_fractions_of_seconds_are_believed(ehr: Any, ask: Any) -> None:
    assert isinstance(ask(ehr.token(iat=seconds(ehr, -0.5), exp=seconds(ehr, 299.5))), Caller)


# Replay


def test_a_token_is_good_for_one_call(ehr: Any, ask: Any) -> None:
    token, replay = ehr.token(), LocalReplay()
    assert isinstance(ask(token, replay=replay), Caller)
    assert refused(ask(token, replay=replay)) == "replayed"


def test_a_jti_reused_in_another_token_is_refused_but_is_free_to_another_issuer(
    ehr: Any, ask: Any, listed: Any
) -> None:
    replay, other = LocalReplay(), listed(name="Other", issuer="https://other.example.org")
    assert isinstance(ask(ehr.token(jti="one"), listed(), other, replay=replay), Caller)
    assert refused(ask(ehr.token(jti="one", sub="x"), listed(), other, replay=replay)) == "replayed"
    assert isinstance(
        ask(ehr.token(jti="one", iss="https://other.example.org"), listed(), other, replay=replay), Caller
    )


def test_a_forged_token_does_not_use_up_the_jti_of_the_true_one(ehr: Any, ask: Any) -> None:
    replay = LocalReplay()
    assert refused(ask(ehr.token(jti="mine", key=ehr.stranger), replay=replay)) == "signature"
    assert isinstance(ask(ehr.token(jti="mine"), replay=replay), Caller)


def test_a_used_token_is_remembered_as_long_as_any_node_may_believe_it(ehr: Any, ask: Any) -> None:
    kept: list[Any] = []

    class Store:
        def first_use(self, issuer: str, jti: str, expires: Any, call: str = "") -> bool:
            kept.append(expires)
            return True

    ask(ehr.token(), replay=Store())
    assert kept == [ehr.now + timedelta(seconds=300 + 2 * 60)]


def test_of_many_threads_with_one_token_one_is_believed(ehr: Any, ask: Any) -> None:
    token, replay, barrier = ehr.token(), LocalReplay(), Barrier(8)
    outcomes: list[Caller | Refused] = []

    def call() -> None:
        barrier.wait()
        outcomes.append(ask(token, replay=replay))

    threads = [Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Caller) for outcome in outcomes) == 1
    assert len(outcomes) == 8
