"""Scenarios as complete bodies of hook requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from uuid import NAMESPACE_URL, uuid5

from cds_service.authoring.scenarios.codings import Json
from cds_service.authoring.scenarios.concepts import ConceptCodes
from cds_service.authoring.scenarios.facts import Flavour, SupplyFact, Supplying
from cds_service.authoring.scenarios.resources import record_and_drafts, selections
from cds_service.authoring.scenarios.scenario import Scenario
from cds_service.chart.needs import KEYS, NEEDS

AS_OF = "org.cds-service.as-of"
"""Key of the request's extension that tells a development server which moment to take for now."""
PREFETCH: Mapping[str, tuple[str, ...]] = {name: (key.type,) for name, key in KEYS.items()}
"""Every prefetch key that the service knows, and the resource type behind it."""
_EHR = "https://ehr.example/fhir"
_OTHER = "Patient/somebody-else"


def request_body(
    scenario: Scenario,
    codes: ConceptCodes,
    *,
    prefetch_keys: Mapping[str, Iterable[str]] = PREFETCH,
    flavour: Flavour | None = None,
    name: str = "",
) -> bytes:
    """Give the JSON body of the scenario's hook, prefetch filled under these keys as its ``supply`` facts say.

    ``name`` tells hook instances of different scenarios apart. Each resource comes once, under the first key
    that asks for it.
    """
    return json.dumps(
        request(scenario, codes, prefetch_keys=prefetch_keys, flavour=flavour, name=name),
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def request(
    scenario: Scenario,
    codes: ConceptCodes,
    *,
    prefetch_keys: Mapping[str, Iterable[str]] = PREFETCH,
    flavour: Flavour | None = None,
    name: str = "",
) -> Json:
    """Give the hook request as :func:`request_body` does, before it becomes bytes."""
    record, drafts = record_and_drafts(scenario, codes, flavour)
    return {
        "hook": scenario.hook,
        "hookInstance": str(uuid5(NAMESPACE_URL, f"{_EHR}/{name}/{scenario.hook}/{scenario.patient.id}")),
        "context": _context(scenario, record, drafts),
        "prefetch": _prefetch(record, _supply(scenario), prefetch_keys),
        "extension": {AS_OF: scenario.as_of.isoformat(timespec="seconds").replace("+00:00", "Z")},
    }


def _context(scenario: Scenario, record: list[Json], drafts: list[Json]) -> Json:
    context: Json = {"userId": "Practitioner/example", "patientId": scenario.patient.id}
    current = [one["id"] for one in record if one["resourceType"] == "Encounter" and one.get("status") == "in-progress"]
    if current:
        context["encounterId"] = current[0]
    if scenario.hook == "order-select":
        context["selections"] = selections(scenario, drafts)
    if scenario.hook != "patient-view":
        entries = [{"resource": draft} for draft in drafts]
        context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return context


def _supply(scenario: Scenario) -> dict[str, Supplying]:
    """How each resource type arrives; types that simply arrive are not named."""
    return {
        kind: how
        for fact in scenario.facts
        if isinstance(fact, SupplyFact)
        for name, how in fact.supply.items()
        for kind in NEEDS.get(name, {name})
    }


def _prefetch(record: list[Json], supply: Mapping[str, Supplying], keys: Mapping[str, Iterable[str]]) -> Json:
    prefetch: Json = {}
    waiting = list(record)
    for key, kinds in keys.items():
        wanted = frozenset(kinds)
        how = next((supply[kind] for kind in sorted(wanted) if kind in supply), None)
        found = [one for one in waiting if one["resourceType"] in wanted and _is_asked(one, key)]
        waiting = [one for one in waiting if one not in found]
        if how == "absent":
            continue
        prefetch[key] = None if how == "null" else _answer(found, wanted, how)
    return prefetch


def _is_asked(resource: Json, key: str) -> bool:
    """Whether a key brings a resource of its type: ``laboratory`` brings the observations of that category only."""
    if key != "laboratory":
        return True
    codes = (coding.get("code") for category in resource.get("category", ()) for coding in category.get("coding", ()))
    return key in codes


def _answer(found: list[Json], wanted: frozenset[str], how: Supplying | None) -> Json | None:
    if how == "error":
        return {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "error", "code": "exception", "diagnostics": "The search could not be run."}],
        }
    if how == "other-patient":
        found = [_of_somebody_else(one) for one in found]
    if wanted == {"Patient"}:
        return found[0] if found and how != "empty" else None
    entries = [] if how == "empty" else [_entry(one) for one in found]
    links = [{"relation": "next", "url": f"{_EHR}/page-2"}] if how == "truncated" else []
    answer: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(entries) + 50 * len(links)}
    return answer | ({"link": links} if links else {}) | ({"entry": entries} if entries else {})


def _entry(resource: Json) -> Json:
    return {
        "fullUrl": f"{_EHR}/{resource['resourceType']}/{resource['id']}",
        "resource": resource,
        "search": {"mode": "match"},
    }


def _of_somebody_else(resource: Json) -> Json:
    if resource["resourceType"] == "Patient":
        return {**resource, "id": _OTHER.removeprefix("Patient/")}
    owner = "patient" if "patient" in resource else "subject"
    return {**resource, owner: {"reference": _OTHER}}
