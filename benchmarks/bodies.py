"""Request bodies of 20 kB, 200 kB, 1 MB and 5 MB: a patient with metastatic disease among ordinary resources.

Shapes, sizes and the mix of types follow public synthetic records: one resource is about a kilobyte, most are
observations, and most of those are of no interest to any card. The bodies of ``benchmarks/real_shape.py`` have the mix of
codes of such records too.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

SIZES = {"20 kB": 20_000, "200 kB": 200_000, "1 MB": 1_000_000, "5 MB": 5_000_000}
FIXTURE = (
    Path(__file__).parent.parent / "fhir_fixtures" / "requests" / "breast-bone-mets-leg-weakness-patient-view.json"
)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

_LABORATORY = [
    ("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", 92),
    ("6299-2", "Urea nitrogen [Mass/volume] in Blood", "mg/dL", 14),
    ("38483-4", "Creatinine [Mass/volume] in Blood", "mg/dL", 0.9),
    ("49765-1", "Calcium [Mass/volume] in Blood", "mg/dL", 9.4),
    ("2947-0", "Sodium [Moles/volume] in Blood", "mmol/L", 140),
    ("6298-4", "Potassium [Moles/volume] in Blood", "mmol/L", 4.2),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 180),
    ("2571-8", "Triglycerides", "mg/dL", 120),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5.6),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 6.1),
    ("789-8", "Erythrocytes [#/volume] in Blood by Automated count", "10*6/uL", 4.6),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12.8),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 250),
]
_VITAL = [
    ("8302-2", "Body Height", "cm", 168),
    ("29463-7", "Body Weight", "kg", 70),
    ("39156-5", "Body mass index (BMI) [Ratio]", "kg/m2", 24.8),
    ("8867-4", "Heart rate", "/min", 76),
    ("9279-1", "Respiratory rate", "/min", 15),
]


@cache
def body(size: str) -> bytes:
    """A hook request of about this size, compact JSON."""
    call = json.loads(FIXTURE.read_text(encoding="utf-8"))
    wanted = SIZES[size]
    patient = call["context"]["patientId"]
    have = len(json.dumps(call, separators=(",", ":")))
    number = 0
    while have < wanted:
        resource, key = _ordinary(number, patient)
        entry = {
            "fullUrl": f"https://ehr.example/fhir/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
        }
        call["prefetch"][key].setdefault("entry", []).append(entry)
        have += len(json.dumps(entry, separators=(",", ":"))) + 1
        number += 1
    return json.dumps(call, separators=(",", ":")).encode()


def _ordinary(number: int, patient: str) -> tuple[dict[str, Any], str]:
    when = (NOW - timedelta(days=number % 1500, hours=number % 24)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    kind = number % 10
    if kind == 7:
        return _encounter(number, patient, when), "encounters"
    if kind == 8:
        return _procedure(number, patient, when), "procedures"
    if kind == 9:
        return _report(number, patient, when), "reports"
    vital = kind >= 5
    code, name, unit, value = (_VITAL if vital else _LABORATORY)[number % len(_VITAL if vital else _LABORATORY)]
    return _observation(
        number, patient, when, vital, (code, name, unit, value)
    ), "observations" if vital else "laboratory"


def _shared(kind: str, number: int, patient: str) -> dict[str, Any]:
    return {
        "resourceType": kind,
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "meta": {
            "versionId": "1",
            "lastUpdated": "2026-03-01T09:00:00.000+00:00",
            "source": "https://ehr.example/feed",
        },
        "subject": {"reference": f"Patient/{patient}"},
        "encounter": {"reference": f"Encounter/00000000-0000-4000-9000-{number // 20:012d}"},
    }


def _observation(number: int, patient: str, when: str, vital: bool, of: tuple[str, str, str, float]) -> dict[str, Any]:
    code, name, unit, value = of
    category = "vital-signs" if vital else "laboratory"
    return {
        **_shared("Observation", number, patient),
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": category,
                        "display": category,
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": name}], "text": name},
        "effectiveDateTime": when,
        "issued": when,
        "valueQuantity": {
            "value": round(value * (1 + number % 7 / 50), 4),
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    }


def _encounter(number: int, patient: str, when: str) -> dict[str, Any]:
    return {
        **_shared("Encounter", number, patient),
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "type": [
            {
                "coding": [
                    {"system": "http://snomed.info/sct", "code": "185345009", "display": "Encounter for symptom"}
                ],
                "text": "Encounter for symptom",
            }
        ],
        "participant": [{"individual": {"reference": "Practitioner/p-1", "display": "Dr. Mustermann"}}],
        "period": {"start": when, "end": when},
        "serviceProvider": {"reference": "Organization/o-1", "display": "Musterklinik"},
    }


def _procedure(number: int, patient: str, when: str) -> dict[str, Any]:
    return {
        **_shared("Procedure", number, patient),
        "status": "completed",
        "code": {
            "coding": [
                {"system": "http://snomed.info/sct", "code": "430193006", "display": "Medication reconciliation"}
            ],
            "text": "Medication reconciliation",
        },
        "performedPeriod": {"start": when, "end": when},
    }


def _report(number: int, patient: str, when: str) -> dict[str, Any]:
    results = [{"reference": f"Observation/00000000-0000-4000-8000-{number + step:012d}"} for step in range(4)]
    return {
        **_shared("DiagnosticReport", number, patient),
        "status": "final",
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "LAB"}]}],
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "24323-8", "display": "Comprehensive metabolic panel"}],
            "text": "Comprehensive metabolic panel",
        },
        "effectiveDateTime": when,
        "issued": when,
        "result": results,
    }
