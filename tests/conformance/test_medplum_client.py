"""A request as Medplum's client (``buildCdsRequest``, ``callCdsService`` of @medplum/core 5.2) builds it gets the same answer.

It fills each prefetch template by a read or a search of its own server, sends ``null`` for what it cannot fill, no
``fhirServer``, searches without ``entry`` when nothing is found, and asks for FHIR JSON first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cds_service.service.application import Application
from tests.conformance.running_service import request_of
from tests.service.whole import whole_service
from tests.service.wire import Reply, over_wsgi

HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/fhir+json, */*; q=0.1",
    "X-Medplum": "extended",
}
REQUESTS = [
    "hard-patient-cord-calcium-kidneys-patient-view",
    "lung-mets-spo2-91-patient-view",
    "regional-mri-while-mscc-order-select",
    "dexamethasone-24mg-diabetes-order-sign",
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with whole_service(tmp_path_factory.mktemp("medplum")) as made:
        yield made


def call(service: Application, body: dict[str, Any]) -> Reply:
    sent = json.dumps(body).encode()
    return over_wsgi(service.wsgi)("POST", f"/cds-services/metastatic-disease-{body['hook']}", sent, HEADERS)


def as_medplum_sends(request: dict[str, Any], templates: dict[str, str]) -> dict[str, Any]:
    """The same patient on Medplum's server: every template is filled from all that the request holds."""
    sent = [resource for value in request["prefetch"].values() for resource in resources(value)]
    held = {(one["resourceType"], one["id"]): one for one in sent}  # each resource is one there
    prefetch: dict[str, Any] = {}
    for key, template in templates.items():
        kind = template.partition("?")[0].partition("/")[0]
        found = [one for (type_, _), one in held.items() if type_ == kind]
        if "?" not in template:
            prefetch[key] = found[0]
        else:
            laboratory = "category=laboratory" in template
            prefetch[key] = searchset([one for one in found if not laboratory or is_laboratory(one)])
    return {key: request[key] for key in ("hook", "hookInstance", "context", "extension")} | {"prefetch": prefetch}


def resources(value: dict[str, Any]) -> list[dict[str, Any]]:
    if value["resourceType"] != "Bundle":
        return [value]
    return [entry["resource"] for entry in value.get("entry", ())]


def is_laboratory(observation: dict[str, Any]) -> bool:
    return any(coding["code"] == "laboratory" for one in observation["category"] for coding in one["coding"])


def searchset(found: list[dict[str, Any]]) -> dict[str, Any]:
    """A search with hits has no total unless asked for; one without has no ``entry``."""
    if not found:
        return {"resourceType": "Bundle", "type": "searchset", "total": 0}
    entries = [{"search": {"mode": "match"}, "resource": one} for one in found]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


@pytest.fixture(scope="module")
def templates(service: Application) -> dict[str, dict[str, str]]:
    found = over_wsgi(service.wsgi)("GET", "/cds-services", None, HEADERS).json()["services"]
    return {one["hook"]: one["prefetch"] for one in found}


def answered(reply: Reply) -> list[tuple[str, str, list[str]]]:
    assert reply.status == 200
    return [
        (card["indicator"], card["summary"], [one["label"] for one in card.get("suggestions", ())])
        for card in reply.json()["cards"]
    ]


@pytest.mark.parametrize("name", REQUESTS)
def test_medplums_request_gets_the_cards_that_the_patient_gets(
    service: Application, templates: dict[str, dict[str, str]], name: str
) -> None:
    request = request_of(name)
    ours = answered(call(service, request))
    assert ours
    assert answered(call(service, as_medplum_sends(request, templates[request["hook"]]))) == ours


def test_no_template_needs_what_medplum_cannot_fill(templates: dict[str, dict[str, str]]) -> None:
    """It fills ``{{context.…}}`` and the user's id; a template with anything else comes as ``null``."""
    left = [text for each in templates.values() for text in each.values() if "{{" in text.replace("{{context.", "")]
    assert left == []


def test_a_prefetch_of_nulls_says_what_could_not_be_checked(
    service: Application, templates: dict[str, dict[str, str]]
) -> None:
    request = request_of(REQUESTS[0])
    sent = as_medplum_sends(request, templates["patient-view"])
    sent["prefetch"] = {key: value if key == "patient" else None for key, value in sent["prefetch"].items()}
    ((indicator, summary, _),) = answered(call(service, sent))
    assert (indicator, summary.partition(":")[0]) == ("warning", "Could not be checked")
