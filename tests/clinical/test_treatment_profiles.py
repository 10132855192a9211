"""Treatment as profiles of registries and nations record it, in invented patients: each row is a line of docs/recognition.md."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chart.charts import bundle, read
from tests.clinical.asking import LOINC, SNOMED, Resource, coded, condition, day, observation
from tests.clinical.profile_records import BREAST, MCODE, MII, SNOMED_AU, shown, topics

PBS = "http://pbs.gov.au/code/item"
OPS = "http://fhir.de/CodeSystem/bfarm/ops"
BONE = condition(coded(SNOMED, "94222008"), 100)
PAIN = observation(coded(LOINC, "72514-3"), 6, "{score}", 1)


def procedure(code: Resource, days: float, **more: Any) -> Resource:
    about = {"subject": {"reference": "Patient/p1"}, "performedPeriod": {"start": day(days), "end": day(days)}}
    return {
        "resourceType": "Procedure",
        "id": f"procedure-{days}",
        "status": "completed",
        "code": code,
        **about,
        **more,
    }


def conference(kind: str, **more: Any) -> Resource:
    return {
        "resourceType": "CarePlan",
        "id": "conference",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": "Patient/p1"},
        "category": [coded(MII + "therapieplanung-typ", kind)],
        "created": day(5),
        **more,
    }


@pytest.mark.parametrize(
    ("done", "silences"),
    [
        (procedure(coded(OPS, "8-522.d0"), 20), True),
        (procedure(coded(OPS, "8-52"), 20), True),
        (procedure(coded(OPS, "8-522"), 200), False),
        (procedure(coded(OPS, "8-542.11"), 20), False),
        (procedure(coded(MII + "therapie-typ", "ST"), 20), True),
        (procedure(coded(SNOMED, "1217123003"), 20), True),
    ],
    ids=["OPS high voltage", "OPS 8-52", "long ago", "OPS chemotherapy", "oBDS kind of therapy", "mCODE course"],
)
def test_radiotherapy_of_a_registry_silences_radiotherapy(done: Resource, silences: bool) -> None:
    assert ("palliative-radiotherapy" not in topics(BREAST, BONE, PAIN, done)) is silences


@pytest.mark.parametrize(
    ("done", "silences"),
    [
        (procedure(coded(OPS, "8-542.11"), 20), True),
        (procedure(coded(OPS, "8-54"), 20), True),
        (procedure(coded(OPS, "8-548.0"), 20), False),
        (procedure(coded(MII + "therapie-typ", "CI"), 20), True),
        (procedure(coded(MII + "therapie-typ", "WW"), 20), False),
    ],
    ids=[
        "OPS chemotherapy",
        "OPS 8-54 alone",
        "OPS antiretrovirals",
        "oBDS chemotherapy and antibody",
        "oBDS watchful waiting",
    ],
)
def test_systemic_therapy_of_a_registry_silences_the_referral(done: Resource, silences: bool) -> None:
    fresh = condition(coded(SNOMED, "94222008"), 20)
    assert ("systemic-therapy-referral" not in topics(BREAST, fresh, done)) is silences


@pytest.mark.parametrize(
    ("plan", "silences"),
    [
        (conference("praeth"), True),
        (conference("postop", status="completed"), True),
        (conference("ther"), False),
        (conference("praeth", status="revoked"), False),
        (conference("praeth", created=day(400)), False),
        (conference("", title="Tumour board"), True),
    ],
    ids=["pretherapeutic", "postoperative", "planned without one", "revoked", "long ago", "in words"],
)
def test_a_tumour_conference_as_care_plan_silences_the_referral(plan: Resource, silences: bool) -> None:
    fresh = condition(coded(SNOMED, "94222008"), 10)
    assert ("mdt-referral" not in topics(BREAST, fresh, plan)) is silences


NONE_KNOWN = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"


@pytest.mark.parametrize(
    ("code", "known"),
    [("no-known-medications", True), ("no-medication-info", False)],
    ids=["none known", "no information"],
)
def test_no_known_medicine_is_no_medicine_and_no_information_is_not_known(code: str, known: bool) -> None:
    statement = {
        "resourceType": "MedicationStatement",
        "id": "m",
        "status": "unknown",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": coded(NONE_KNOWN, code),
        "effectiveDateTime": day(1),
    }
    case = read({"medicationStatements": bundle(statement)}, patient_id="p1")
    assert (not case.gaps) is known


def radiotherapy_extension(name: str, *parts: Resource, **value: Any) -> Resource:
    url = (
        name if name in {"volume", "totalDoseDelivered", "fractionsDelivered"} else f"{MCODE}mcode-radiotherapy-{name}"
    )
    return {"url": url, **value, **({"extension": list(parts)} if parts else {})}


LOCAL_COURSE = {"coding": [{"system": "urn:oid:2.999", "code": "RT"}]}
PHOTONS = radiotherapy_extension("modality", valueCodeableConcept=coded(SNOMED, "1156506007"))
MODULATED = radiotherapy_extension("technique", valueCodeableConcept=coded(SNOMED, "441799006"))


@pytest.mark.parametrize("parts", [(PHOTONS,), (MODULATED,), (PHOTONS, MODULATED)])
def test_modality_and_technique_of_a_course_are_radiotherapy(parts: tuple[Resource, ...]) -> None:
    course = procedure(LOCAL_COURSE, 20, extension=[radiotherapy_extension("modality-and-technique", *parts)])
    assert "palliative-radiotherapy" not in topics(BREAST, BONE, PAIN, course)
    assert "palliative-radiotherapy" in topics(BREAST, BONE, PAIN, procedure(LOCAL_COURSE, 20))


def test_sessions_volumes_and_doses_of_a_course_are_read() -> None:
    volume = radiotherapy_extension("volume", valueReference={"reference": "BodyStructure/1", "display": "Pelvis"})
    dose = radiotherapy_extension("totalDoseDelivered", valueQuantity={"value": 2000, "unit": "cGy"})
    delivered = radiotherapy_extension("dose-delivered-to-volume", volume, dose)
    sessions = radiotherapy_extension("sessions", valueUnsignedInt=5)
    code = coded(SNOMED, "1217123003")
    record = {
        "procedures": bundle(
            procedure(code, 20, extension=[sessions, delivered]) | {"subject": {"reference": "Patient/p"}}
        )
    }
    (course,) = read(record).procedures.of("radiotherapy")
    assert course.course is not None and course.course.total is not None
    assert (course.course.fractions, course.course.total.value) == (5, 20) and "site-pelvis" in course.sites


@pytest.mark.parametrize(
    ("codings", "text", "answer"),
    [
        ([{"system": PBS, "code": "99999X", "display": "denosumab 120 mg/1.7 mL injection, 1.7 mL vial"}], "", ""),
        ([{"system": SNOMED_AU, "code": "999000036103"}], "Xgeva 120 mg/1.7 mL injection, 1 vial", ""),
        ([{"system": SNOMED_AU, "code": "999000036103"}], "Panadol 500 mg tablet", "start"),
        ([{"system": PBS, "code": "99999X"}], "", "could not be read"),
        ([{"system": SNOMED_AU, "code": "999000036103"}], "", "could not be read"),
    ],
    ids=["PBS with a name", "AMT with a name", "another AMT product", "bare PBS item", "bare AMT product"],
)
def test_an_australian_product_is_known_by_its_name_and_not_known_by_its_bare_code(
    codings: list[Resource], text: str, answer: str
) -> None:
    medicine = {"coding": codings, **({"text": text} if text else {})}
    prescribed = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "authoredOn": day(20),
        "medicationCodeableConcept": medicine,
    }
    cards = shown(BREAST, BONE, prescribed)
    summary = cards.summary("bma-start") if "bma-start" in cards.by_topic else ""
    assert answer in summary and bool(answer) is bool(summary)
