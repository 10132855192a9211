"""A card quotes what a report found, not what the study was called; never what the report rules out."""

from __future__ import annotations

import pytest

from tests.clinical.asking import ICD10CM, coded, condition, report, view


def why(conclusion: str) -> list[str]:
    """The lines of *Why* for breast cancer whose bone metastases stand in a CT report alone."""
    study = report("CT chest abdomen pelvis with contrast", conclusion, 3)
    cards = view(condition(coded(ICD10CM, "C50.911"), 900), study)
    detail: str = cards.by_topic["bma-start"]["detail"]
    return [line[2:] for line in detail.split("**Why**")[1].splitlines() if "CT" in line]


@pytest.mark.parametrize(
    ("conclusion", "quoted"),
    [
        ("Pulmonary metastases. New bone metastases in T8 and L2.", '"New bone metastases in T8 and L2"'),
        ("New bone metastases in T8 and L2.", '"New bone metastases in T8 and L2"'),
        (
            "Liver normal. New lytic bone metastasis of 1.5 cm in L2. No effusion.",
            '"New lytic bone metastasis of 1.5 cm in L2"',
        ),
        ("No bone metastases in the femora. Bone metastases in L2.", '"Bone metastases in L2"'),
        (
            "Bone metastases in every vertebra of the thoracic and of the lumbar spine, old and new.",
            '"Bone metastases in every vertebra of the thoracic…"',
        ),
    ],
)
def test_the_sentence_that_states_the_finding_stands_beside_the_study(conclusion: str, quoted: str) -> None:
    (line,) = why(conclusion)
    assert line.startswith("Contrast CT chest, abdomen, pelvis: ") and quoted in line
