"""Cord, fracture and unstable bone go to surgery before local treatment, in this order."""

from __future__ import annotations

import pytest

from cds_service.findings.cord import cord_at_risk
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.rungs import surgeon_first
from cds_service.terminology.dates import Span
from tests.findings.scenes import condition, scene
from tests.findings.shared_tables import shared_values

LIMITS = shared_values(StabilityLimits)
WEAK = condition("limb-weakness", "2 d")
BROKEN = condition("pathological-fracture", "2 d")


def because(*facts: dict[str, object]) -> str:
    return next((rung.name for rung in surgeon_first(scene(*facts), LIMITS) if rung.holds), "")


def test_the_cord_goes_before_the_fracture_and_the_fracture_before_instability() -> None:
    unstable = {"observation": "sins-score", "integer": 15}
    assert because(WEAK, BROKEN, unstable) == "cord_first"
    assert because(BROKEN, unstable) == "fracture_first"
    assert because(unstable) == "unstable_first"
    assert because() == ""


@pytest.mark.parametrize(("points", "reason"), [(12, ""), (13, "unstable_first"), (14, "unstable_first")])
def test_sins_is_unstable_from_its_limit_on(points: int, reason: str) -> None:
    assert because({"observation": "sins-score", "integer": points}) == reason


@pytest.mark.parametrize(("points", "reason"), [(8, ""), (9, "unstable_first"), (10, "unstable_first")])
def test_mirels_fixes_from_its_limit_on(points: int, reason: str) -> None:
    assert because({"observation": "mirels-score", "integer": points}) == reason


def test_an_impending_fracture_in_words_counts() -> None:
    assert because({"condition": "impending-fracture", "text": "Impending fracture of the femur"}) == "unstable_first"


def test_a_subluxed_shoulder_is_no_unstable_spine() -> None:
    assert because({"condition": "other", "text": "Subluxation of the left shoulder"}) == ""


def test_a_whole_spine_mri_after_the_signs_that_excludes_compression_frees_the_cord() -> None:
    mri = {"report": "mri-whole-spine", "when": "1 d", "conclusion": "Bone metastases. No spinal cord compression."}
    assert cord_at_risk(scene(WEAK), Span(days=30))
    assert not cord_at_risk(scene(WEAK, mri), Span(days=30))
