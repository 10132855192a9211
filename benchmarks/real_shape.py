"""Two invented records in the shape of public synthetic ones: of somebody without cancer, and of somebody treated for it.

Half a life of visits, each with its encounter, vital signs, every year a metabolic and a lipid panel with its report, now and
then a problem, a course of medicine, a procedure: about forty codes, hundreds of resources, none of which a card may need.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TextIO

from benchmarks.bodies import FIXTURE, NOW

VISITS = 24
_LOINC, _SNOMED, _RXNORM = "http://loinc.org", "http://snomed.info/sct", "http://www.nlm.nih.gov/research/umls/rxnorm"
_HL7 = "http://terminology.hl7.org/CodeSystem"

_VITAL_SIGNS = [
    ("8302-2", "Body Height", "cm", 171.0),
    ("72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported", "{score}", 1.0),
    ("29463-7", "Body Weight", "kg", 78.0),
    ("39156-5", "Body Mass Index", "kg/m2", 26.7),
    ("8867-4", "Heart rate", "/min", 72.0),
]
_METABOLIC = [
    ("2339-0", "Glucose", "mg/dL", 91.0),
    ("6299-2", "Urea Nitrogen", "mg/dL", 14.0),
    ("38483-4", "Creatinine", "mg/dL", 0.9),
    ("49765-1", "Calcium", "mg/dL", 9.4),
    ("2947-0", "Sodium", "mmol/L", 140.0),
    ("6298-4", "Potassium", "mmol/L", 4.2),
    ("2069-3", "Chloride", "mmol/L", 104.0),
    ("20565-8", "Carbon Dioxide", "mmol/L", 25.0),
]
_LIPIDS = [
    ("2093-3", "Total Cholesterol", "mg/dL", 182.0),
    ("2571-8", "Triglycerides", "mg/dL", 124.0),
    ("18262-6", "Low Density Lipoprotein Cholesterol", "mg/dL", 101.0),
    ("2085-9", "High Density Lipoprotein Cholesterol", "mg/dL", 58.0),
]
_ENCOUNTERS = [
    ("162673000", "General examination of patient (procedure)"),
    ("185345009", "Encounter for symptom"),
    ("185349003", "Encounter for check up (procedure)"),
    ("185347001", "Encounter for problem"),
]
_PROBLEMS = [
    ("444814009", "Viral sinusitis (disorder)"),
    ("195662009", "Acute viral pharyngitis (disorder)"),
    ("15777000", "Prediabetes"),
    ("59621000", "Hypertension"),
    ("10509002", "Acute bronchitis (disorder)"),
    ("44465007", "Sprain of ankle"),
    ("162864005", "Body mass index 30+ - obesity (finding)"),
]
_MEDICINES = [
    ("316672", "Simvistatin 10 MG"),
    ("834060", "Penicillin V Potassium 250 MG"),
    ("310798", "Hydrochlorothiazide 25 MG"),
    ("849574", "Naproxen sodium 220 MG [Aleve]"),
    ("608680", "Acetaminophen 160 MG"),
]
_PROCEDURES = [
    ("428191000124101", "Documentation of current medications"),
    ("430193006", "Medication Reconciliation (procedure)"),
    ("76601001", "Intramuscular injection"),
    ("269911007", "Sputum examination (procedure)"),
]
_CANCER = [
    ("254637007", "Non-small cell lung cancer (disorder)"),
    ("94222008", "Secondary malignant neoplasm of bone (disorder)"),
]
_CYCLES = [("583214", "Paclitaxel 100 MG Injection"), ("1734340", "Cisplatin 50 MG Injection")]


@cache
def record(*, cancer: bool) -> bytes:
    """A hook request on opening this chart, compact JSON: about 345 kB, with cancer a little more."""
    call = json.loads(FIXTURE.read_text(encoding="utf-8"))
    patient = call["context"]["patientId"]
    call["prefetch"] = {key: _bundle() for key in call["prefetch"]} | {"patient": call["prefetch"]["patient"]}
    for key, resource in _resources(f"Patient/{patient}", cancer=cancer):
        url = f"https://ehr.example/fhir/{resource['resourceType']}/{resource['id']}"
        call["prefetch"][key]["entry"].append({"fullUrl": url, "resource": resource, "search": {"mode": "match"}})
    return json.dumps(call, separators=(",", ":")).encode()


def write_cohort(folder: Path, patients: int) -> None:
    """Many such patients as bulk-export NDJSON, one in ten with cancer."""
    person = json.loads(FIXTURE.read_text(encoding="utf-8"))["prefetch"]["patient"]
    with contextlib.ExitStack() as opened:
        files: dict[str, TextIO] = {}
        for number in range(patients):
            patient = f"p{number}"
            made = [resource for _, resource in _resources(f"Patient/{patient}", cancer=number % 10 == 0)]
            for resource in [person | {"id": patient}, *made]:
                kind = resource["resourceType"]
                if kind not in files:
                    files[kind] = opened.enter_context((folder / f"{kind}.ndjson").open("w", encoding="utf-8"))
                own = resource if kind == "Patient" else resource | {"id": f"{patient}-{resource['id']}"}
                files[kind].write(json.dumps(own, separators=(",", ":")) + "\n")


def _bundle() -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": []}


def _resources(patient: str, *, cancer: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each resource with the key of the prefetch that brings it, the oldest first."""
    for visit in range(VISITS):
        day = NOW - timedelta(days=200 * (VISITS - visit) - 90)
        made = _Visit(patient, visit, day)
        yield "encounters", made.encounter()
        for sign in _VITAL_SIGNS:
            yield "observations", made.observation(sign, "vital-signs")
        yield "observations", made.blood_pressure()
        for name, code, panel in (
            ("Basic Metabolic Panel", "51990-0", _METABOLIC),
            ("Lipid Panel", "57698-3", _LIPIDS),
        ):
            if visit % 2 == (panel is _LIPIDS):
                results = [made.observation(test, "laboratory") for test in panel]
                yield from (("laboratory", result) for result in results)
                yield "reports", made.report(code, name, results)
        if visit % 3 == 0:
            yield "conditions", made.condition(_PROBLEMS[visit // 3 % len(_PROBLEMS)], "resolved")
            yield "medicationRequests", made.medicine(_MEDICINES[visit // 3 % len(_MEDICINES)], "stopped")
        yield "procedures", made.procedure(_PROCEDURES[visit % len(_PROCEDURES)])
    if cancer:
        made = _Visit(patient, VISITS, NOW - timedelta(days=60))
        for disease in _CANCER:
            yield "conditions", made.condition(disease, "active")
        for cycle in _CYCLES:
            yield "medicationRequests", made.medicine(cycle, "active")


class _Visit:
    """Writes the resources of one visit; ids count up within it."""

    def __init__(self, patient: str, number: int, day: datetime) -> None:
        self._patient, self._number, self._made = patient, number, 0
        self._when = day.strftime("%Y-%m-%dT%H:%M:%S+00:00")

    def _shared(self, kind: str, subject: str = "subject") -> dict[str, Any]:
        self._made += 1
        return {
            "resourceType": kind,
            "id": f"{self._number:08d}-0000-4000-8000-{self._made:012d}",
            "meta": {"versionId": "1", "lastUpdated": "2026-03-01T09:00:00.000+00:00"},
            subject: {"reference": self._patient},
            "encounter": {"reference": f"Encounter/{self._number:08d}-0000-4000-8000-000000000001"},
        }

    def encounter(self) -> dict[str, Any]:
        kind = _ENCOUNTERS[self._number % len(_ENCOUNTERS)]
        made = self._shared("Encounter")
        del made["encounter"]
        return made | {
            "status": "finished",
            "class": {"system": f"{_HL7}/v3-ActCode", "code": "AMB"},
            "type": [_concept(_SNOMED, *kind)],
            "participant": [{"individual": {"reference": "Practitioner/p-1", "display": "Dr. Mustermann"}}],
            "period": {"start": self._when, "end": self._when},
            "serviceProvider": {"reference": "Organization/o-1", "display": "Musterklinik"},
        }

    def observation(self, of: tuple[str, str, str, float], category: str) -> dict[str, Any]:
        code, name, unit, value = of
        moved = round(value * (1 + self._number % 7 / 200), 4)
        quantity = {"value": moved, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
        return self._observed(code, name, category) | {"valueQuantity": quantity}

    def blood_pressure(self) -> dict[str, Any]:
        parts = [("8462-4", "Diastolic Blood Pressure", 78), ("8480-6", "Systolic Blood Pressure", 124)]
        return self._observed("55284-4", "Blood Pressure", "vital-signs") | {
            "component": [
                {
                    "code": _concept(_LOINC, code, name),
                    "valueQuantity": {"value": value, "unit": "mm[Hg]", "code": "mm[Hg]"},
                }
                for code, name, value in parts
            ]
        }

    def _observed(self, code: str, name: str, category: str) -> dict[str, Any]:
        return self._shared("Observation") | {
            "status": "final",
            "category": [
                {"coding": [{"system": f"{_HL7}/observation-category", "code": category, "display": category}]}
            ],
            "code": _concept(_LOINC, code, name),
            "effectiveDateTime": self._when,
            "issued": self._when,
        }

    def report(self, code: str, name: str, results: list[dict[str, Any]]) -> dict[str, Any]:
        return self._shared("DiagnosticReport") | {
            "status": "final",
            "category": [{"coding": [{"system": f"{_HL7}/v2-0074", "code": "LAB", "display": "Laboratory"}]}],
            "code": _concept(_LOINC, code, name),
            "effectiveDateTime": self._when,
            "issued": self._when,
            "result": [{"reference": f"Observation/{one['id']}", "display": one["code"]["text"]} for one in results],
        }

    def condition(self, code: tuple[str, str], status: str) -> dict[str, Any]:
        return self._shared("Condition") | {
            "clinicalStatus": {"coding": [{"system": f"{_HL7}/condition-clinical", "code": status}]},
            "verificationStatus": {"coding": [{"system": f"{_HL7}/condition-ver-status", "code": "confirmed"}]},
            "code": _concept(_SNOMED, *code),
            "onsetDateTime": self._when,
            "recordedDate": self._when,
        }

    def medicine(self, code: tuple[str, str], status: str) -> dict[str, Any]:
        return self._shared("MedicationRequest") | {
            "status": status,
            "intent": "order",
            "medicationCodeableConcept": _concept(_RXNORM, *code),
            "authoredOn": self._when,
            "requester": {"reference": "Practitioner/p-1"},
            "dosageInstruction": [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}],
        }

    def procedure(self, code: tuple[str, str]) -> dict[str, Any]:
        return self._shared("Procedure") | {
            "status": "completed",
            "code": _concept(_SNOMED, *code),
            "performedPeriod": {"start": self._when, "end": self._when},
        }


def _concept(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}
