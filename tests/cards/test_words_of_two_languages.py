"""A word of one language is part of a word of another: "bot" is bone in Dutch, and begins "both" in English."""

from __future__ import annotations

import pytest

from cds_service.service.knowledge_files import load_knowledge


@pytest.mark.parametrize(
    ("text", "stated", "unstated"),
    [
        ("Multiple pulmonary metastases in both lungs. No liver lesion.", "lung-metastasis", "bone-metastasis"),
        ("Metastases in both adrenals", "", "bone-metastasis"),
        ("Metastases in the bottom of the left lung", "", "bone-metastasis"),
        ("Metastases in long bones", "bone-metastasis", "lung-metastasis"),
        ("Metastases in longstanding scars", "", "lung-metastasis"),
        ("Metastasen in bot", "bone-metastasis", "lung-metastasis"),
        ("Botmetastasen", "bone-metastasis", "lung-metastasis"),
        ("Metastasen in de botten", "bone-metastasis", "lung-metastasis"),
        ("Metastasen in de longen", "lung-metastasis", "bone-metastasis"),
        ("Longmetastasen", "lung-metastasis", "bone-metastasis"),
    ],
)
def test_no_word_of_one_language_names_a_site_of_another(text: str, stated: str, unstated: str) -> None:
    read = load_knowledge(examples=False).codebook.of_words("Condition", text)
    assert unstated not in read
    assert not stated or read[stated] == "affirmed"
