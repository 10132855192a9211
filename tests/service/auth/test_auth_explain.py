"""An integrator sees every check of a token at once, and nothing that should stay unseen."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.service.auth.clients import Clients
from cds_service.service.auth.explain import explain
from cds_service.service.auth.key_sets import KeySets
from cds_service.service.auth.verify import Endpoint, Refused, TokenFinding

CHECKS = [
    "malformed", "algorithm", "issuer", "tenant", "jku", "audience", "lifetime", "expired", "not-yet-valid", "key-set",
    "key", "signature", "replayed",
]  # fmt: skip


@pytest.fixture
def explained(ehr: Any, endpoint: Endpoint, listed: Any) -> Any:
    def tell(token: str) -> dict[str, TokenFinding]:
        findings = explain(token, endpoint, ehr.now, Clients.of([listed()]), KeySets())
        assert [finding.check for finding in findings] == CHECKS
        return {finding.check: finding for finding in findings}

    return tell


def failed(findings: dict[str, TokenFinding]) -> set[str]:
    return {check for check, finding in findings.items() if finding.holds is False}


def test_all_checks_of_a_good_token_hold(ehr: Any, explained: Any) -> None:
    findings = explained(ehr.token())
    assert [findings[check].holds for check in CHECKS] == [True] * 12 + [None]
    assert explained("Bearer " + ehr.token() + "\n")["signature"].holds


def test_every_failing_check_is_reported_at_once(ehr: Any, explained: Any) -> None:
    token = ehr.token(
        aud="https://elsewhere.example.org", exp=1, key=ehr.stranger, header={"jku": "https://evil.example.net"}
    )
    findings = explained(token)
    assert failed(findings) == {"audience", "lifetime", "expired", "jku", "signature"}
    assert findings["audience"].message.endswith("found: https://elsewhere.example.org")
    assert "1970-01-01T00:00:01" in findings["expired"].message


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"iss": "https://evil.example.net"}, "issuer"),
        ({"tenant": "north"}, "none"),
        ({"key": "stranger"}, "signature"),
        ({"header": {"kid": "?"}}, "key"),
        ({"nbf": 4e9}, "not-yet-valid"),
        ({"algorithm": "HS256", "key": "s" * 64}, "algorithm"),
    ],
)
def test_the_check_that_refuses_is_among_those_reported(
    ehr: Any, explained: Any, ask: Any, changes: dict[str, Any], check: str
) -> None:
    changes = changes | ({"key": ehr.stranger} if changes.get("key") == "stranger" else {})
    findings, outcome = explained(ehr.token(**changes)), ask(ehr.token(**changes))
    assert check in failed(findings) | {"none"}
    assert not isinstance(outcome, Refused) or outcome.check in failed(findings)


def test_a_text_that_is_no_token_fails_one_check_and_leaves_the_others_open(explained: Any) -> None:
    findings = explained("not a token")
    assert failed(findings) == {"malformed"}
    assert findings["signature"].holds is None


def test_neither_signature_nor_jti_nor_other_claims_are_shown(ehr: Any, explained: Any) -> None:
    token = ehr.token(jti="jti-4711", sub="Zaphod", tenant="Heart of Gold")
    text = str(explained(token))
    assert token.rsplit(".", 1)[1] not in text
    for hidden in ("4711", "Zaphod", "Heart"):
        assert hidden not in text
    assert "jti has 8 characters" in text


def test_a_token_cannot_steer_the_terminal(ehr: Any, explained: Any) -> None:
    assert "\x1b" not in "".join(finding.message for finding in explained(ehr.token(aud="\x1b[2J\u202e")).values())


def test_explaining_does_not_use_the_token_up(ehr: Any, explained: Any, ask: Any) -> None:
    token = ehr.token()
    explained(token)
    assert not isinstance(ask(token), Refused)


def test_a_key_set_that_cannot_be_had_is_distinguished_from_a_wrong_key(
    ehr: Any, endpoint: Endpoint, listed: Any, key_host: Any
) -> None:
    key_host.stop()
    clients = Clients.of([listed(jku=key_host.jku, keys={})])
    findings = {each.check: each for each in explain(ehr.token(), endpoint, ehr.now, clients, KeySets())}
    assert failed(findings) == {"key-set"}
    assert findings["key-set"].message.endswith("its host could not be reached; the token is not at fault")
    assert findings["signature"].holds is None
