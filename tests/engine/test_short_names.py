"""Names of the record in a summary: short, plain, and never empty."""

from __future__ import annotations

import pytest

from cds_service.engine.short_names import capitalised, short_names
from cds_service.knowledge.cards import Knowledge


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
        ("Knochenmetastase, nicht näher bezeichnet", "Knochenmetastase"),
        ("Tumeur maligne du sein, sans précision", "Tumeur maligne du sein"),
        ("Tumor maligno de la mama (trastorno)", "Tumor maligno de la mama"),
        ("Tumore maligno del polmone, non specificato", "Tumore maligno del polmone"),
        ("Maligne neoplasma van long, niet gespecificeerd", "Maligne neoplasma van long"),
        ("unspecified", "unspecified"),
        ("", ""),
    ],
)
def test_fillers_of_classifications_are_dropped(name: str, short: str, knowledge: Knowledge) -> None:
    assert short_names(knowledge.codebook.vocabulary).of(name) == short


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Metastasis of bone and liver", "Metastasis of bone"),
        ("Metastasen der Wirbelsäule und der Rippen", "Metastasen der Wirbelsäule"),
        ("Métastases du foie et de la plèvre", "Métastases du foie"),
        ("Metástasis en hígado y en pulmón", "Metástasis en hígado"),
        ("Metastasi del fegato con ascite", "Metastasi del fegato"),
        ("Metastasen van de lever en de long", "Metastasen van de lever"),
    ],
)
def test_no_text_that_is_cut_short_ends_with_a_loose_word(text: str, cut: str, knowledge: Knowledge) -> None:
    assert short_names(knowledge.codebook.vocabulary).cut(text, text.rindex(" ")) == cut


def test_a_summary_starts_with_a_capital_unless_its_first_word_is_spelt_otherwise() -> None:
    assert capitalised("zoledronic acid ordered") == "Zoledronic acid ordered"
    assert capitalised("eGFR 25 mL/min") == "eGFR 25 mL/min"
    assert capitalised("128 U/L") == "128 U/L"
