"""Records of one invented patient, written for a test and read as a request would be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.chart.case import Case
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.wire import Prefetch
from tests.shipped import meanings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
GM = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
BREAST_CANCER = {"coding": [{"system": SNOMED, "code": "254837009", "display": "Malignant neoplasm of breast"}]}
LEG_WEAKNESS = {"coding": [{"system": SNOMED, "code": "309774006", "display": "Weakness of limb"}]}


def read(prefetch: dict[str, Any], *, raw: bool = False, drafts: list[Any] | None = None, **more: Any) -> Case:
    """Read a prefetch, by key, and draft orders; ``raw``: as one in which an odd resource spoilt the typed reading."""
    given: dict[str, Any] = {"patient_id": "p", "hook": "patient-view", "as_of": NOW}
    if drafts:
        given["draft_orders"] = msgspec.json.encode(bundle(*drafts))
    if raw:
        sent: Any = {key: Raw(msgspec.json.encode(value)) for key, value in prefetch.items()}
    else:
        sent = msgspec.json.decode(json.dumps(prefetch), type=Prefetch)
    return read_case(sent, Circumstances(**{**given, **more}), meanings())


def bundle(*resources: Any, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources], **more}


def coded(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


def condition(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p"},
        "code": code,
        "onsetDateTime": "2026-02-20",
        **more,
    }


def observation(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": code,
        "effectiveDateTime": "2026-03-01T08:00:00Z",
        **more,
    }


def calcium(**more: Any) -> dict[str, Any]:
    return observation({"coding": [{"system": LOINC, "code": "2000-8", "display": "Calcium"}]}, **more)


def of(resource: dict[str, Any], **more: Any) -> Case:
    """A case of one resource, under whatever key, all of it read."""
    return read({"anything": bundle(resource)}, **more).read_all()


def problems(case: Case) -> list[str]:
    return [gap.problem for gap in case.gaps]


ANSWERED = {"valueQuantity": {"value": 3.2, "unit": "mmol/L"}}
"""A calcium that can be used."""


def flagged(code: str) -> dict[str, Any]:
    return {"interpretation": [{"coding": [{"code": code}]}]}
