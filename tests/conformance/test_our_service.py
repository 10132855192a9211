"""Our own service, running, judged by our own conformance tool and by what the tool cannot see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fhir.resources.R4B import get_fhir_model_class

from cds_service.conformance.requirements import checks_by_requirement, requirements
from cds_service.service.application import Application
from cds_service.workbench.cli import commands
from tests.conformance.running_service import ISSUER, cards_with_one_id, key_pair, request_of, running
from tests.service.whole import whole_service
from tests.service.wire import ROOT, Reply, over_wsgi

JSON = {"Content-Type": "application/json"}
UNSEEN = {"75", "111", "113", "132", "144", "145", "3-07", "3-24"}
"""Rows that the tool can judge, about things which our service need not send to the tool's patient."""
NAMESPACE = "org.example.hospital"
NAMES = {"215"}
"""Met where the site gave a namespace: the owners decided on bare names as the default."""
SPEED = {"27"}
"""Half a second for an answer: benchmarks measure it, as tests run beside each other on few cores."""
LINKS = {"103", "104", "138", "139", "140", "141", "142", "146", "147", "3-16"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the tool says of the service as a developer runs it, and guarded, with one id on all hooks and a namespace."""
    folder = tmp_path_factory.mktemp("conformance")
    private, allowlist = key_pair(folder)
    with running(folder) as base:
        plain = run("--url", base)
    guarded = {
        "authentication": "required",
        "clients": allowlist,
        "cards": cards_with_one_id(folder),
        "extension_namespace": NAMESPACE,
    }
    with running(folder, **guarded) as base:
        keyless = run("--url", base)
        signed = run("--url", base, "--key", str(private), "--issuer", ISSUER)
    return {"plain": plain, "keyless": keyless, "signed": signed}


def run(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(commands, ["conformance", *arguments, "--json"])
    found: dict[str, Any] = json.loads(result.stdout)
    return found | {"exit": result.exit_code}


@pytest.mark.parametrize(("way", "unmet"), [("plain", NAMES), ("signed", set())])
def test_the_running_service_meets_every_requirement_but_plain_names_by_default(
    reports: dict[str, Any], way: str, unmet: set[str]
) -> None:
    rows = reports[way]["requirements"]
    found = {row["id"]: row["reasons"] for row in rows if row["standing"] == "not met"}
    assert found.keys() - SPEED == unmet
    assert reports[way]["passes"]
    assert len(rows) == 144


def test_between_them_the_runs_judge_every_row_that_can_be_seen(reports: dict[str, Any]) -> None:
    met = {row["id"] for way in ("plain", "signed") for row in reports[way]["requirements"] if row["standing"] == "met"}
    judged = {row["id"] for row in reports["signed"]["requirements"] if row["checks"]}
    tls = {"2", "168"}  # tests/service/test_tls.py
    assert judged - met - UNSEEN - LINKS - SPEED == tls


def test_without_a_key_a_guarded_service_is_not_called_good(reports: dict[str, Any]) -> None:
    assert reports["keyless"]["exit"] == 1
    assert reports["keyless"]["hookCalls"] == 0


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with whole_service(tmp_path_factory.mktemp("service")) as made:
        yield made


@pytest.fixture(scope="module")
def namespaced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with whole_service(tmp_path_factory.mktemp("namespaced"), extension_namespace=NAMESPACE) as made:
        yield made


def call(service: Application, body: dict[str, Any]) -> Reply:
    path = f"/cds-services/metastatic-disease-{body['hook']}"
    return over_wsgi(service.wsgi)("POST", path, json.dumps(body).encode(), JSON)


@pytest.fixture(scope="module")
def answered(service: Application) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every fixture request with each card that it was answered with."""
    found = []
    for path in sorted((ROOT / "fhir_fixtures/requests").glob("*.json")):
        body = json.loads(path.read_text())
        found += [(body, card) for card in call(service, body).json()["cards"]]
    assert len(found) > 20
    return found


def test_details_are_markdown_without_html(answered: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for _, card in answered:
        assert not re.search(r"</?[a-z][a-z0-9]*(\s[^<>]*)?>", card.get("detail", "")), card["summary"]
        assert len(card["summary"]) < 140


def test_source_addresses_say_nothing_of_the_patient(answered: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for body, card in answered:
        assert body["context"]["patientId"] not in card["source"].get("url", "")


def test_every_suggested_resource_is_valid_r4b_for_the_right_patient(
    answered: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    seen = 0
    for body, card in answered:
        for action in (one for offer in card.get("suggestions", ()) for one in offer.get("actions", ())):
            if "resource" not in action:
                continue
            seen += 1
            resource = action["resource"]
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
            subject = resource.get("subject") or resource.get("for")
            assert subject["reference"] == f"Patient/{body['context']['patientId'].removeprefix('Patient/')}"
    assert seen


def test_somebody_without_cancer_gets_no_card(service: Application) -> None:
    assert call(service, request_of("no-cancer-back-pain-patient-view")).json()["cards"] == []


def test_a_prefetch_that_failed_is_no_empty_record(service: Application) -> None:
    body = request_of("breast-bone-mets-leg-weakness-patient-view")
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
    said = {}
    for name, value in {"failed": failed, "null": None, "absent": ...}.items():
        prefetch = {**body["prefetch"], "conditions": value}
        sent = body | {"prefetch": {key: one for key, one in prefetch.items() if one is not ...}}
        cards = {card["source"]["topic"]["code"]: card for card in call(service, sent).json()["cards"]}
        said[name] = cards["could-not-assess"]["detail"]
    assert len(set(said.values())) == 3


def test_412_names_the_keys_that_are_needed(service: Application) -> None:
    body = request_of("breast-bone-mets-leg-weakness-patient-view")
    reply = call(service, {name: value for name, value in body.items() if name != "prefetch"})
    assert reply.status == 412
    assert "conditions" in reply.issue["details"]["text"]


def test_extensions_are_taken_on_every_element(service: Application) -> None:
    extension = {"extension": {"org.example.x": {"deep": [{"a": 1}]}}}
    body = request_of("calcium-3.1-thiazide-order-order-select")
    plain = call(service, body)
    body["context"] = body["context"] | extension
    body["extension"] = body["extension"] | extension["extension"]
    body |= {"fhirServer": "https://fhir.example.org", "fhirAuthorization": {"access_token": "t"} | extension}
    found = call(service, body)
    assert found.status == 200
    assert found.body == plain.body


def test_under_a_namespace_every_name_in_an_extension_is_a_reverse_domain_name(
    service: Application, namespaced: Application
) -> None:
    names = set()
    for path in sorted((ROOT / "fhir_fixtures/requests").glob("*.json")):
        body = json.loads(path.read_text())
        plain, found = call(service, body), call(namespaced, body)
        assert found.body.replace(f"{NAMESPACE}.".encode(), b"") == plain.body
        names |= set(names_in_extensions(found.json()))
    names |= set(names_in_extensions(over_wsgi(namespaced.wsgi)("GET", "/cds-services").json()))
    ours = (
        "knowledgeVersion",
        "identity",
        "message",
        "evidence",
        "heldBack",
        "more",
        "topics",
        "sources",
        "unconfirmed",
    )
    assert names == {f"{NAMESPACE}.{name}" for name in ours}


def names_in_extensions(value: Any) -> Iterator[str]:
    """Names in every extension object but those of FHIR resources."""
    for name, member in value.items() if isinstance(value, dict) else ():
        if name == "extension":
            yield from member
        elif name != "resource":
            yield from names_in_extensions(member)
    for member in value if isinstance(value, list) else ():
        yield from names_in_extensions(member)


def test_every_row_that_no_check_sees_has_a_test_or_a_reason() -> None:
    checked = checks_by_requirement()
    assert all(row.tests or row.not_applicable or row.id in checked for row in requirements())


def test_the_report_in_the_terminal_names_each_row_and_the_sum(tmp_path: Path) -> None:
    with running(tmp_path) as base:
        result = CliRunner().invoke(commands, ["conformance", "--url", base, "--all"])
    assert result.exit_code == 0
    assert re.search(r"^met +83 SHALL", result.output, re.MULTILINE)
    assert re.search(r"\d+ met, [12] not met, \d+ not applicable", result.output)


def test_a_service_that_is_not_there_is_reported_and_has_its_own_exit_code() -> None:
    result = CliRunner().invoke(commands, ["conformance", "--url", "http://127.0.0.1:9"])
    assert (result.exit_code, "was not reached" in result.output) == (3, True)
