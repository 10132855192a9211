"""The aims of care: hospice, comfort care, palliative care beside treatment, resuscitation status."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.patient_state import comfort_care, hospice_or_comfort, short_prognosis
from tests.findings.scenes import condition, scene, words


@pytest.mark.parametrize(
    ("fact", "comfort", "hospice"),
    [
        ({"encounter": "hospice"}, True, True),
        ({"encounter": "hospice", "status": "finished"}, False, False),
        ({"encounter": "comfort-care"}, True, True),
        (condition("comfort-care"), True, True),
        (condition("palliative-care"), True, False),
        (condition("comfort-care", clinical="resolved"), False, False),
        (words("best supportive care"), True, True),
        ({"order": "palliative-referral"}, True, False),
        ({"order": "palliative-referral", "status": "revoked"}, False, False),
        (condition("dnar"), False, False),
        (words("not for resuscitation"), False, False),
    ],
)
def test_comfort_care_and_hospice(fact: dict[str, Any], comfort: bool, hospice: bool) -> None:
    case = scene(fact)
    assert bool(comfort_care(case)) is comfort
    assert bool(hospice_or_comfort(case)) is hospice


def test_a_short_prognosis_is_read_from_words() -> None:
    assert short_prognosis(scene(words("Prognosis less than 3 months")))
    assert not short_prognosis(scene(condition("breast-cancer")))


@pytest.mark.parametrize(("present", "short"), [(True, True), (False, False)])
def test_a_short_prognosis_may_be_charted_as_an_observation(present: bool, short: bool) -> None:
    said = {"observation": "terminal-prognosis", "text": "Prognosis less than 3 months", "present": present}
    assert bool(short_prognosis(scene(said))) is short
