"""Who asks, from which setting, after which action: read from what came, never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.chart.facts import User
from tests.chart.charts import bundle, read

ROLE = {
    "resourceType": "PractitionerRole",
    "id": "7",
    "practitioner": {"reference": "Practitioner/9"},
    "code": [{"coding": [{"code": "Pharm", "display": "Pharmacist"}], "text": "Ward pharmacist"}],
    "specialty": [{"coding": [{"code": "394593009", "display": "Medical oncology"}]}],
}
KNOWN = User(roles=("ward pharmacist", "pharmacist", "pharm"), specialties=("medical oncology", "394593009"))


@pytest.mark.parametrize("user", ["PractitionerRole/7", "Practitioner/9", "7", "https://x.org/fhir/PractitionerRole/7"])
@pytest.mark.parametrize("value", [ROLE, bundle(ROLE)])
def test_a_role_is_the_users_under_any_key(user: str, value: Any) -> None:
    assert read({"whoever": value}, user_id=user).user == KNOWN


@pytest.mark.parametrize("user", ["PractitionerRole/8", "Practitioner/7", "Patient/p", ""])
def test_somebody_elses_role_says_nothing_of_the_user(user: str) -> None:
    assert read({"user": ROLE}, user_id=user).user is None


def test_a_role_without_words_is_known_and_says_nothing() -> None:
    bare = {"resourceType": "PractitionerRole", "id": "7"}
    assert read({"user": bare}, user_id="PractitionerRole/7").user == User()
    assert read({}, user_id="PractitionerRole/7").user is None


@pytest.mark.parametrize(
    ("of_class", "setting"),
    [
        ({"code": "IMP"}, "inpatient"),
        ({"code": "EMER"}, "emergency"),
        ({"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}, "inpatient"),
        ({"system": "http://hl7.org/fhir/v3/ActCode", "code": "EMER"}, "emergency"),
        ({"system": "urn:oid:1.2.840.114350.1", "code": "IMP"}, ""),
        ([{"coding": [{"code": "EMER"}]}, {"coding": [{"code": "IMP"}]}], ""),
        ({"code": "AMB"}, "outpatient"),
        ({"code": "HH"}, "community"),
        ([{"coding": [{"code": "amb"}]}], "outpatient"),
        ({"code": "PRENC"}, ""),
        ("inpatient", ""),
        (None, ""),
    ],
)
def test_the_setting_is_the_class_of_the_encounter_that_the_hook_names(of_class: Any, setting: str) -> None:
    stay = {"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/p"}, "class": of_class}
    assert read({"encounters": bundle(stay)}, encounter_id="e").setting == setting
    assert read({"encounters": bundle(stay)}, encounter_id="Encounter/e").setting == setting
    assert read({"encounters": bundle(stay)}, encounter_id="f").setting == ""
    assert read({"encounters": bundle(stay)}).setting == ""


def test_the_location_is_where_the_encounter_takes_place_now() -> None:
    places = [
        {"location": {"reference": "Location/W5", "display": "Ward 5"}},
        {"location": {"identifier": {"value": "E-1"}}, "status": "active"},
        {"location": {"display": "Emergency department"}, "status": "completed"},
        {"location": {"display": "Theatre"}, "period": {"start": "2026-02-01", "end": "2026-02-02"}},
        "nowhere",
        {"location": None},
    ]
    stay = {"resourceType": "Encounter", "id": "e", "subject": {"reference": "Patient/p"}, "location": places}
    assert read({"encounters": bundle(stay)}, encounter_id="e").locations == ("ward 5", "location/w5", "e-1")
    assert read({"encounters": bundle(stay)}, encounter_id="f").locations == ()
    assert read({"encounters": bundle(stay | {"location": "Ward 5"})}, encounter_id="e").locations == ()


def test_several_roles_of_a_practitioner_are_theirs_and_none_is_what_they_act_as() -> None:
    other = ROLE | {"id": "8", "code": [{"text": "Lecturer"}], "specialty": []}
    both = read({"users": bundle(ROLE, other)}, user_id="Practitioner/9").user
    assert both is not None and both.roles == (*KNOWN.roles, "lecturer") and not both.acting
    assert read({"users": bundle(ROLE, other)}, user_id="PractitionerRole/7").user == KNOWN
    assert read({"users": bundle(ROLE, other | {"active": False})}, user_id="Practitioner/9").user == KNOWN
    assert read({"users": bundle(ROLE, ROLE | {"id": "8"})}, user_id="Practitioner/9").user == KNOWN
