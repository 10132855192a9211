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
        ({"code": "EMER"}, "inpatient"),
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
