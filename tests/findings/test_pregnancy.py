"""Pregnancy, as far as the record makes it possible."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.patient_state import possible_pregnancy
from cds_service.terminology.dates import Span
from tests.findings.scenes import condition, scene


@pytest.mark.parametrize(
    ("fact", "possible"),
    [
        (condition("pregnancy"), True),
        ({"observation": "pregnancy-test", "present": True, "when": "10 d"}, True),
        ({"observation": "pregnancy-test", "string": "positive", "when": "10 d"}, True),
        ({"observation": "pregnancy-test", "answer": "pregnancy", "when": "10 d"}, True),
        ({"observation": "pregnancy-test", "present": False, "when": "10 d"}, False),
        ({"observation": "pregnancy-test", "string": "negative", "when": "10 d"}, False),
        ({"observation": "pregnancy-test", "present": True, "when": "31 d"}, False),
    ],
)
def test_a_pregnancy_is_one_on_record_or_a_recent_positive_test(fact: dict[str, Any], possible: bool) -> None:
    assert bool(possible_pregnancy(scene(fact), Span(days=30))) is possible


def test_the_newest_test_decides() -> None:
    positive = {"observation": "pregnancy-test", "present": True, "when": "20 d"}
    negative = {"observation": "pregnancy-test", "present": False, "when": "2 d"}
    assert not possible_pregnancy(scene(positive, negative), Span(days=30))
