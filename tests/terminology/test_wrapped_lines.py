"""Reports come with hard line breaks: one inside a sentence hides no denial, and one between two statements carries none over."""

from __future__ import annotations

import pytest

from tests.shipped import codebook


def compression(text: str) -> str | None:
    return codebook().of_words("Condition", text).get("cord-compression")


@pytest.mark.parametrize(
    "text",
    [
        "No evidence of\ncord compression.",
        "The images of the whole spine give no evidence of spinal\ncord compression or fracture.",
        "Kein Nachweis einer\nMyelonkompression.",
        "Pas de\ncompression médullaire.",
        "Sin evidencia de\ncompresión medular.",
    ],
)
def test_a_sentence_that_surely_goes_on_is_one(text: str) -> None:
    assert compression(text) == "denied"


@pytest.mark.parametrize(
    "text",
    [
        "There is no evidence of spinal\ncord compression or cauda equina\nsyndrome.",
        "Im gesamten Verlauf kein Nachweis einer höhergradigen\nMyelonkompression.",
        "Es besteht weiterhin kein Hinweis auf eine relevante\nMyelonkompression oder Fraktur",
        "Cord compression\nnot seen",
        "Myelonkompression\nnicht nachweisbar",
        "No fracture of any vertebra, no\nretropulsion and no relevant stenosis or higher grade\nCord compression",
    ],
)
def test_where_nobody_can_tell_whether_it_goes_on_the_finding_is_doubted(text: str) -> None:
    assert compression(text) == "doubted"


@pytest.mark.parametrize(
    "text",
    [
        "IMPRESSION:\nNo fracture\nCord compression at T8",
        "- No fracture\n- Cord compression at T8",
        "No acute fracture or dislocation of the whole lumbar spine is identified.\nCord compression at T8.",
        "Cord compression at T8\nno fracture",
        "Keine Fraktur\nMyelonkompression in Höhe BWK 8",
        "Epidural tumour with\ncord compression at T8.",
    ],
)
def test_a_statement_on_its_own_line_is_affirmed(text: str) -> None:
    assert compression(text) == "affirmed"


@pytest.mark.parametrize(
    "text",
    [
        "Eine Myelonkompression lässt sich nicht nachweisen.",
        "Eine Myelonkompression konnte nicht dargestellt werden",
        "Für eine Myelonkompression kein Anhalt",
        "Für eine Myelonkompression ergibt sich kein sicherer Hinweis.",
        "Myelonkompression kommt nicht zur Darstellung",
        "Aucun argument en faveur d'une compression médullaire",
        "Il n'existe pas de signe en faveur d'une compression médullaire",
        "Absence d'une compression médullaire",
        "Risque d'une compression médullaire",
        "Compressione midollare non evidente",
        "Assenza d'evidente compressione midollare",
        "Compresión medular no objetivada",
        "Compresión medular no se visualiza",
        "Esclusa la presenza di compressione midollare",
        "No new or existing cord compression",
    ],
)
def test_what_denies_after_the_finding_or_with_an_elided_article_is_understood(text: str) -> None:
    assert compression(text) == "denied"


@pytest.mark.parametrize(
    "text",
    [
        "Myelonkompression, kein Hinweis auf Fraktur",
        "Myelonkompression. Fraktur lässt sich nicht nachweisen.",
        "Présence d'une compression médullaire",
        "Compression médullaire d'origine épidurale",
        "Compressione midollare evidente",
    ],
)
def test_what_denies_something_else_denies_it_alone(text: str) -> None:
    assert compression(text) == "affirmed"


@pytest.mark.parametrize(
    "text",
    [
        "Refoulement du cordon médullaire en regard de T11",
        "A mass displaces the spinal cord",
        "Cordon médullaire refoulé",
    ],
)
def test_a_displaced_cord_is_called_by_any_of_its_names(text: str) -> None:
    assert codebook().of_words("Condition", text)["cord-distortion"] == "affirmed"
