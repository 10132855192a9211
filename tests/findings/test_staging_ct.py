"""One contrast CT of the trunk, or its two halves."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.studies import contrast_staging_ct, done
from cds_service.terminology.dates import Span
from tests.findings.scenes import scene

LOOKBACK = Span(days=60)


def cpt(code: str, when: str = "10 d") -> dict[str, Any]:
    return {"procedure": "other", "code": f"cpt|{code}", "when": when}


def report(code: str, when: str = "10 d") -> dict[str, Any]:
    return {"report": "other", "code": f"loinc|{code}", "when": when}


@pytest.mark.parametrize(
    ("facts", "staged"),
    [
        ([report("72254-6")], True),
        ([report("72254-6", "60 d")], True),
        ([report("72254-6", "61 d")], False),
        ([cpt("71260"), cpt("74177")], True),
        ([cpt("71270"), cpt("74177")], True),
        ([cpt("71250"), cpt("74177")], False),
        ([cpt("71260")], False),
        ([cpt("74177")], False),
        ([cpt("71260"), cpt("74177", "61 d")], False),
        ([report("72253-8")], False),
        ([report("24627-2")], False),
        ([{"order": "other", "text": "CT chest abdomen pelvis with contrast", "when": "1 d"}], True),
        ([{"order": "other", "text": "CT chest abdomen pelvis without contrast", "when": "1 d"}], False),
        ([{"order": "other", "text": "CT TAP", "when": "1 d"}], True),
        (
            [{"order": "ct-chest-contrast", "when": "1 d"}, {"report": "ct-abdomen-pelvis-contrast", "when": "20 d"}],
            True,
        ),
    ],
)
def test_a_staging_ct_in_one_study_or_two(facts: list[dict[str, Any]], staged: bool) -> None:
    assert bool(contrast_staging_ct(scene(*facts), LOOKBACK)) is staged


def test_a_trunk_ct_without_contrast_is_known() -> None:
    assert done(scene(report("72253-8")), LOOKBACK, "ct-chest-abdomen-pelvis")
    assert not done(scene(report("24627-2")), LOOKBACK, "ct-chest-abdomen-pelvis")
