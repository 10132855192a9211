"""A conclusion that only denies something says so: "no cord compression" is a finding."""

from __future__ import annotations

import pytest

from tests.findings.scenes import scene


@pytest.mark.parametrize(
    ("conclusion", "concept"),
    [("No pathological fracture.", "pathological-fracture"), ("No subluxation", "spinal-subluxation")],
)
def test_a_conclusion_of_nothing_but_denials_is_read(conclusion: str, concept: str) -> None:
    (report,) = scene({"report": "mri-whole-spine", "conclusion": conclusion}).reports
    assert concept in report.denied
    assert concept not in report.affirmed
