"""The FHIR server of made-up patients: what the prefetch templates and the public sandbox ask of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.service.wire import Send
from tests.workbench.playground.conftest import CORD

ORIGIN = {"Origin": "https://sandbox.cds-hooks.org", "Accept": "application/json+fhir"}


def get(ask: Send, path: str, **headers: str) -> dict[str, Any]:
    reply = ask("GET", path, headers=ORIGIN | headers)
    assert reply.status == 200, reply.body
    assert reply.headers["Content-Type"] == "application/fhir+json"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    found: dict[str, Any] = reply.json()
    return found


def ids(bundle: dict[str, Any]) -> list[str]:
    return [entry["resource"]["id"] for entry in bundle.get("entry", ())]


def test_it_says_what_it_can_do(ask: Send) -> None:
    statement = get(ask, "/fhir/metadata")
    get_fhir_model_class("CapabilityStatement").model_validate(statement)
    assert statement["fhirVersion"] == "4.0.1"


def test_every_template_of_discovery_is_answered_for_every_patient(ask: Send) -> None:
    services = ask("GET", "/cds-services").json()["services"]
    patients = ids(get(ask, "/fhir/Patient?_count=500"))
    assert len(patients) > 40
    for template in {query for service in services for query in service["prefetch"].values()}:
        for patient in patients[:3]:
            found = get(ask, "/fhir/" + template.replace("{{context.patientId}}", patient))
            assert found["resourceType"] in {"Patient", "Bundle"}


def test_a_search_gives_only_this_patients_resources(ask: Send) -> None:
    found = get(ask, f"/fhir/Condition?patient={CORD}")
    subjects = {entry["resource"]["subject"]["reference"] for entry in found["entry"]}
    assert subjects == {f"Patient/{CORD}"}
    assert found["total"] == len(found["entry"])


def test_post_search_gives_what_get_gives(ask: Send) -> None:
    form = urlencode({"patient": CORD, "clinical-status": "active"}).encode()
    headers = ORIGIN | {"Content-Type": "application/x-www-form-urlencoded"}
    posted = ask("POST", "/fhir/Condition/_search", form, headers).json()
    assert ids(posted) == ids(get(ask, f"/fhir/Condition?patient={CORD}&clinical-status=active"))
    assert posted["total"] > 0


def test_what_is_found_can_be_read_by_its_name(ask: Send) -> None:
    found = get(ask, f"/fhir/Observation?patient={CORD}")
    for entry in found["entry"]:
        assert get(ask, f"/fhir/Observation/{entry['resource']['id']}") == entry["resource"]


def test_names_are_of_one_resource_only(ask: Send) -> None:
    for kind in ("Condition", "Observation", "Encounter", "MedicationRequest"):
        names = ids(get(ask, f"/fhir/{kind}?_count=500"))
        assert len(names) == len(set(names))


def test_every_patient_is_as_of_now(ask: Send) -> None:
    found = get(ask, "/fhir/Encounter?_count=500")
    now = datetime.now(UTC)
    starts = [datetime.fromisoformat(entry["resource"]["period"]["start"]) for entry in found["entry"]]
    assert all(timedelta(0) <= now - start.astimezone(UTC) < timedelta(days=40) for start in starts)
    assert min(now - start.astimezone(UTC) for start in starts) < timedelta(days=1)


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("code=http://loinc.org|17861-6", True),
        ("code=17861-6", True),
        ("code=http://snomed.info/sct|17861-6", False),
        ("code=17861-6,1751-7", True),
        ("category=laboratory&code=17861-6", True),
        ("category=vital-signs&code=17861-6", False),
        ("date=ge2020-01-01", True),
        ("date=lt2020-01-01", False),
        ("date=gt2999", False),
        ("status=final", True),
        ("status:not=final", False),
        (f"subject=Patient/{CORD}", True),
        ("subject=Patient/nobody", False),
        ("_id=nothing", False),
    ],
)
def test_search_parameters_mean_what_fhir_says(ask: Send, query: str, matches: bool) -> None:
    found = get(ask, f"/fhir/Observation?patient={CORD}&{query}")
    assert (found["total"] > 0) is matches


def test_results_are_sorted_and_paged(ask: Send) -> None:
    whole = get(ask, f"/fhir/Observation?patient={CORD}&_sort=-date&_count=100")
    dates = [entry["resource"]["effectiveDateTime"] for entry in whole["entry"]]
    assert dates == sorted(dates, reverse=True)
    page, seen = get(ask, f"/fhir/Observation?patient={CORD}&_sort=-date&_count=2"), []
    while True:
        seen += ids(page)
        following = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not following:
            break
        page = get(ask, following[0].partition("://localhost")[2])
    assert seen == ids(whole)


def test_a_patient_is_found_by_name(ask: Send) -> None:
    family = get(ask, f"/fhir/Patient/{CORD}")["name"][0]["family"]
    assert CORD in ids(get(ask, f"/fhir/Patient?family={family[:3].lower()}&_count=200"))
    assert CORD in ids(get(ask, f"/fhir/Patient?name={family}&gender=female&_count=200"))
    assert get(ask, "/fhir/Patient?name:exact=nobody")["total"] == 0


def test_a_parameter_that_is_not_known_is_left_out_of_the_self_link(ask: Send) -> None:
    found = get(ask, f"/fhir/Condition?patient={CORD}&colour=red")
    assert "colour" not in found["link"][0]["url"]
    strict = ask("GET", f"/fhir/Condition?patient={CORD}&colour=red", headers={"Prefer": "handling=strict"})
    assert strict.status == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fhir/Patient/nobody", 404),
        ("/fhir/Spaceship", 404),
        ("/fhir/Condition?_count=many", 400),
        ("/fhir/Observation?date=yesterday", 400),
    ],
)
def test_errors_are_operation_outcomes(ask: Send, path: str, status: int) -> None:
    reply = ask("GET", path, headers=ORIGIN)
    assert reply.status == status
    assert reply.json()["resourceType"] == "OperationOutcome"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_nothing_can_be_written(ask: Send) -> None:
    reply = ask("POST", "/fhir/Condition", json.dumps({"resourceType": "Condition"}).encode())
    assert reply.status == 405


def test_a_browser_may_ask_from_another_origin(ask: Send) -> None:
    preflight = ask("OPTIONS", "/fhir/Condition/_search", headers=ORIGIN | {"Access-Control-Request-Method": "POST"})
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
