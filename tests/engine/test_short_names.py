"""Names of the record in a summary: short, plain, and never empty."""

from __future__ import annotations

import pytest

from cds_service.engine.short_names import capitalised, short_name


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Malignant neoplasm of unspecified site of right female breast", "Cancer of right breast"),
        ("Malignant neoplasm of unsp part of unsp bronchus or lung", "Cancer of bronchus or lung"),
        ("Malignant neoplasm of unspecified part of unspecified bronchus or lung", "Cancer of bronchus or lung"),
        ("Malignant tumor of breast (disorder)", "Cancer of breast"),
        ("Primary malignant neoplasm of prostate", "Cancer of prostate"),
        ("Personal history of malignant neoplasm of breast", "Past cancer of breast"),
        ("Secondary malignant neoplasm of bone", "Bone metastasis"),
        ("Secondary malignant neoplasm of bone and bone marrow", "Metastasis of bone and bone marrow"),
        ("Secondary malignant neoplasm of unspecified site", "Metastasis of unspecified site"),
        ("Paraplegia, unspecified", "Paraplegia"),
        ("Difficulty in walking, not elsewhere classified", "Difficulty in walking"),
        ("Malignant neoplasm of kidney, except renal pelvis", "Cancer of kidney"),
        ("Unspecified urinary incontinence", "Urinary incontinence"),
        ("Low back pain, unspecified", "Low back pain"),
        (
            "Pathological fracture in neoplastic disease, right femur, initial encounter",
            "Pathological fracture, right femur",
        ),
        ("Fracture of femur, subsequent encounter for fracture with routine healing", "Fracture of femur"),
        ("Chronic kidney disease, stage 4 (CMS/HCC)", "Chronic kidney disease, stage 4"),
        ("Heart failure (HCC)", "Heart failure"),
        ("Metastatic breast cancer", "Metastatic breast cancer"),
        ("unspecified", "unspecified"),
        ("", ""),
    ],
)
def test_fillers_of_classifications_are_dropped(name: str, short: str) -> None:
    assert short_name(name) == short


def test_a_summary_starts_with_a_capital_unless_its_first_word_is_spelt_otherwise() -> None:
    assert capitalised("zoledronic acid ordered") == "Zoledronic acid ordered"
    assert capitalised("eGFR 25 mL/min") == "eGFR 25 mL/min"
    assert capitalised("128 U/L") == "128 U/L"
