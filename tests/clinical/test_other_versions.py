"""Records of other versions of FHIR, STU3, DSTU2 and R5: dates, orders, conclusions, allergies and subjects are read alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chart.charts import bundle, read
from tests.clinical.asking import (
    SNOMED,
    Resource,
    ask,
    coded,
    condition,
    day,
    report,
)
from tests.clinical.other_records import BREAST, prefetched


def problems(**more: Any) -> tuple[Resource, ...]:
    """A breast cancer and weak legs, as bare as can be."""
    both = zip("12", ("254837009", "309774006"), (200, 2), strict=True)
    return tuple(
        {"resourceType": "Condition", "id": number, "code": coded(SNOMED, code), **more, "recordedDate": day(ago)}
        for number, code, ago in both
    )


OLDER_DATES = [("STU3", "assertedDate", "subject"), ("DSTU2", "dateRecorded", "patient")]


@pytest.mark.parametrize(("version", "date", "about"), OLDER_DATES)
def test_a_problem_of_an_earlier_version_has_its_date(version: str, date: str, about: str) -> None:
    of = {about: {"reference": "Patient/p1"}, "clinicalStatus": "active", "verificationStatus": "confirmed"}
    record = [{**one, date: one["recordedDate"]} for one in problems(**of)]
    for one in record:
        del one["recordedDate"]
    assert "mscc-suspected" in ask("patient-view", {"patientId": "p1"}, prefetched(*record)).topics


def asked(kind: str, **more: Any) -> Resource:
    """Something asked for as STU3 or DSTU2 write it."""
    about = {"patient" if kind == "ReferralRequest" else "subject": {"reference": "Patient/p1"}}
    return {"resourceType": kind, "id": "r1", "status": "active", **about, **more}


PET, BOARD = {"text": "FDG PET-CT"}, {"text": "Tumour board referral"}
NOT_DONE = {"subject": {"reference": "Patient/p1"}, "performedDateTime": day(2), "code": {"text": "Tumour board"}}
OLDER_ORDERS = {
    "STU3 referral": (asked("ReferralRequest", serviceRequested=[BOARD], authoredOn=day(2)), "mdt-referral", True),
    "DSTU2 referral": (
        asked("ReferralRequest", status="requested", serviceRequested=[BOARD], date=day(2)),
        "mdt-referral",
        True,
    ),
    "DSTU2 referral, rejected": (
        asked("ReferralRequest", status="rejected", serviceRequested=[BOARD], date=day(2)),
        "mdt-referral",
        False,
    ),
    "DSTU2 referral of long ago": (
        asked("ReferralRequest", serviceRequested=[BOARD], date=day(400)),
        "mdt-referral",
        False,
    ),
    "STU3 order": (asked("ProcedureRequest", code=PET, authoredOn=day(2)), "staging-pet", True),
    "DSTU2 order of a procedure": (
        asked("ProcedureRequest", status="accepted", code=PET, orderedOn=day(2)),
        "staging-pet",
        True,
    ),
    "DSTU2 order of long ago": (asked("ProcedureRequest", code=PET, orderedOn=day(400)), "staging-pet", False),
    "DSTU2 diagnostic order": (
        asked("DiagnosticOrder", status="requested", item=[{"code": PET}], event=[{"dateTime": day(2)}]),
        "staging-pet",
        True,
    ),
    "DSTU2 diagnostic order, one of several": (
        asked("DiagnosticOrder", status="received", item=[{"code": {"text": "Full blood count"}}, {"code": PET}]),
        "staging-pet",
        True,
    ),
    "DSTU2 diagnostic order, failed": (
        asked("DiagnosticOrder", status="failed", item=[{"code": PET}]),
        "staging-pet",
        False,
    ),
    "DSTU2 diagnostic order of another test": (
        asked("DiagnosticOrder", status="requested", item=[{"code": {"text": "Full blood count"}}]),
        "staging-pet",
        False,
    ),
    "DSTU2 procedure": (asked("Procedure", status="completed", **NOT_DONE, notPerformed=False), "mdt-referral", True),
    "DSTU2 procedure, not performed": (
        asked("Procedure", status="aborted", **NOT_DONE, notPerformed=True),
        "mdt-referral",
        False,
    ),
}


@pytest.mark.parametrize(("order", "topic", "silences"), OLDER_ORDERS.values(), ids=OLDER_ORDERS)
def test_an_order_of_an_earlier_version_silences_what_it_asks_for(order: Resource, topic: str, silences: bool) -> None:
    new = condition(coded(SNOMED, "94222008"), 10)
    topics = ask("patient-view", {"patientId": "p1"}, prefetched(BREAST, new, order)).topics
    assert (topic not in topics) is silences


@pytest.mark.parametrize("name", ["codedDiagnosis", "conclusionCode"])
def test_a_coded_conclusion_of_any_version_is_understood(name: str) -> None:
    image = report("MRI whole spine", "", 1) | {name: [coded(SNOMED, "71286001")]}
    assert "mscc-suspected" in ask("patient-view", {"patientId": "p1"}, prefetched(BREAST, image)).topics


@pytest.mark.parametrize(("state", "stands"), [("confirmed", True), ("active", True), ("refuted", False)])
def test_an_allergy_of_dstu2_names_its_substance(state: str, stands: bool) -> None:
    about = {"id": "a1", "patient": {"reference": "Patient/p"}, "status": state}
    allergy = {"resourceType": "AllergyIntolerance", **about, "substance": {"text": "Denosumab"}}
    assert bool(read({"a": bundle(allergy)}).allergies.of("denosumab-allergy")) is stands


SUBJECTS: dict[str, tuple[Any, bool]] = {
    "the patient's identifier": ({"identifier": {"system": "urn:mrn", "value": "77"}}, True),
    "an identifier of a system that the patient has none of": (
        {"identifier": {"system": "urn:ssn", "value": "1"}},
        True,
    ),
    "a name": ({"display": "Mrs X"}, True),
    "an older version": ({"reference": "https://ehr.example/Patient/p1/_history/2"}, True),
    "somebody else's identifier": ({"identifier": {"system": "urn:mrn", "value": "78"}}, False),
    "somebody else": ({"reference": "Patient/p2"}, False),
}


@pytest.mark.parametrize(("subject", "own"), SUBJECTS.values(), ids=SUBJECTS)
def test_whose_a_problem_is_stands_in_any_form_of_its_subject(subject: Any, own: bool) -> None:
    record = prefetched(*problems(subject=subject), identifier=[{"system": "urn:mrn", "value": "77"}])
    assert ("mscc-suspected" in ask("patient-view", {"patientId": "p1"}, record).topics) is own


@pytest.mark.parametrize(
    ("adherence", "status"),
    [
        ({}, "active"),
        ({"adherence": {"code": {"coding": [{"code": "taking-as-directed"}]}}}, "active"),
        ({"adherence": {"code": {"coding": [{"code": "not-taking"}]}}}, "stopped"),
        ({"adherence": {"code": {"coding": [{"code": "stopped-not-as-directed"}]}}}, "stopped"),
        ({"adherence": {"code": {"coding": [{"code": "on-hold-as-directed"}]}}}, "on-hold"),
    ],
)
def test_a_statement_of_r5_says_by_its_adherence_whether_the_medicine_is_taken(
    adherence: Resource, status: str
) -> None:
    stated = {"resourceType": "MedicationStatement", "id": "s", "subject": {"reference": "Patient/p"}}
    medicine = {"status": "recorded", "medication": {"concept": {"text": "dexamethasone 4 mg"}}}
    case = read({"medicationStatements": bundle({**stated, **medicine, **adherence})})
    assert [fact.status for fact in case.medications.of("dexamethasone")] == [status]
    assert not case.gaps
