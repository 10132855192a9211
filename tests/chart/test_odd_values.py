"""Whatever stands in a field: the resource is read without it, or set aside by name, and the others are not affected."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from cds_service.chart.case import Case
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.workbench.fixture_files import fixtures_folder
from tests.shipped import meanings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MEANINGS = meanings()
ODD = (None, True, 5, -1.5, "words", [], {}, [None], [5], ["words"], [{}], [[]], {"value": []}, [{"coding": 5}])
SUBJECTS = ("subject", "patient")
"""Left out, so that the resource counts as this patient's and is read."""
OTHER: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "the-other",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "17861-6"}]},
    "effectiveDateTime": "2026-03-01",
    "valueQuantity": {"value": 12.1, "unit": "mg/dL"},
}


def fields() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each field of each resource type that a fixture has, once, with the resource."""
    seen: set[tuple[str, str]] = set()
    for path in sorted((fixtures_folder() / "patients").glob("*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8"))["entry"]:
            resource = entry["resource"]
            kind = resource["resourceType"]
            for field in resource.keys() - {"resourceType"}:
                if (kind, field) not in seen:
                    seen.add((kind, field))
                    about = {} if field in SUBJECTS else dict.fromkeys(SUBJECTS)
                    yield kind, field, {name: value for name, value in resource.items() if name not in about}


FIELDS = {f"{kind}.{field}": (field, resource) for kind, field, resource in fields()}


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_an_odd_value_costs_no_other_resource(name: str) -> None:
    field, resource = FIELDS[name]
    for odd in ODD:
        case = read([{**resource, field: odd}, OTHER])
        assert any(fact.reference == "Observation/the-other" for fact in case.observations), odd


def test_an_odd_value_deep_in_a_resource_costs_no_other() -> None:
    """A value of words where FHIR has an object once cost the whole request."""
    for field, resource in FIELDS.values():
        for odd in ODD:
            deeper = copy.deepcopy(resource)
            if spoil(deeper[field], odd):
                case = read([deeper, OTHER])
                assert any(fact.reference == "Observation/the-other" for fact in case.observations), (field, odd)


def spoil(value: Any, odd: Any) -> bool:
    """Put the odd value in the place of the first member of the first object in ``value``; False when there is none."""
    while isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict) or not value:
        return False
    value[next(iter(value))] = odd
    return True


def read(resources: list[dict[str, Any]]) -> Case:
    """Read resources as a request would that does not fit the lean shape."""
    bundle = {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}
    circumstances = Circumstances(patient_id="nobody-else", hook="patient-view", as_of=NOW)
    return read_case({"observations": Raw(msgspec.json.encode(bundle))}, circumstances, MEANINGS)
