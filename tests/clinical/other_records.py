"""Invented patients as other hospitals, nations and versions of FHIR write them."""

from __future__ import annotations

from typing import Any

from tests.clinical.asking import (
    SNOMED,
    Resource,
    coded,
    condition,
    day,
)

BREAST = condition(coded(SNOMED, "254837009"), 1000)
BONE = condition(coded(SNOMED, "94222008"), 150)
WEAK = condition(coded(SNOMED, "309774006", "Weakness of both legs"), 2)


def prefetched(*resources: Resource, **more: Any) -> dict[str, Any]:
    """A prefetch in one Bundle under a key of the client's own."""
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1964-05-01", **more}
    entries = [{"resource": one} for one in (patient, *resources)]
    return {"record": {"resourceType": "Bundle", "type": "collection", "entry": entries}}


def done(code: Resource) -> Resource:
    about = {"subject": {"reference": "Patient/p1"}, "status": "completed", "performedDateTime": day(20)}
    return {"resourceType": "Procedure", "id": "done", "code": code, **about}
