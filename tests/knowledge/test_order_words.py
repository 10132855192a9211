"""The files of order words: every language says what instructions need, and mistakes name file, line and what was allowed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from cds_service.knowledge.order_words import read_order_words
from cds_service.knowledge.yaml_source import Document, read_yaml
from cds_service.service.knowledge_files import cards_folder

LANGUAGES = ("de", "en", "es", "fr", "it", "nl")
ENGLISH = "language: en\nrates: {2/d: [bid]}\nevery: [every]\ntime: {d: [day]}\n"


def read(*texts: str, codes: str = "") -> list[str]:
    documents = [read_yaml(f"cards/orders/words/{place}.yaml", text) for place, text in enumerate(texts)]
    document = read_yaml("cards/orders/codes.yaml", codes) if codes else None
    read_order_words(documents, document)
    read_documents: list[Document] = [*documents, *([document] if document else [])]
    return [str(error) for one in read_documents for error in one.errors]


def written(language: str) -> dict[str, Any]:
    path = cards_folder() / "orders" / "words" / f"{language}.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_what_instructions_need(language: str) -> None:
    words = written(language)
    for section in (
        "numbers",
        "times",
        "every",
        "and",
        "then",
        "as_needed",
        "at_most",
        "once_only",
        "changes",
        "not",
        "doses",
    ):
        assert words.get(section), section
    assert {"h", "d", "wk", "mo"} <= words["time"].keys()
    assert {"d", "wk", "mo"} <= words["adverbs"].keys()
    assert {"morning", "noon", "evening", "night"} <= words["times_of_day"].keys()
    assert words["weekdays"].keys() == {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    assert {"tablet", "capsule", "vial", "syringe"} <= words["forms"].keys()
    assert {"oral", "intravenous", "subcutaneous"} <= words["routes"].keys()


def test_a_phrase_means_one_thing_in_all_languages() -> None:
    (error,) = read(ENGLISH, "language: nl\nthen: [bid]\n")
    assert error.startswith("cards/orders/words/1.yaml:2:8:")
    assert "'bid' means something else in 'en'" in error


def test_the_same_meaning_may_stand_in_two_languages() -> None:
    assert not read(ENGLISH, "language: nl\nevery: [every]\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("language: en\ntime: {fortnight: [fortnight]}\n", "no time"),
        ("language: en\nrates: {d: [daily]}\n", "no rate"),
        ("language: en\nrates: {two/d: [bid]}\n", "no rate"),
        ("language: en\nevry: [every]\n", "'evry' is not a key"),
        ("language: english\n", "language"),
    ],
)
def test_mistakes_in_a_file_of_words_are_named(text: str, problem: str) -> None:
    (error,) = read(text)
    assert problem in error


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ('{system: snomed, code: "229799002", says: bid, source: x}', "check digit"),
        ('{system: snomd, code: "229799001", says: bid, source: x}', "not a code system"),
        ('{system: snomed, code: "229799001", says: zweimal, source: x}', "no word that the files of words know"),
    ],
)
def test_mistakes_in_the_codes_are_named(entry: str, problem: str) -> None:
    (error,) = read(ENGLISH, codes=f"- {entry}\n")
    assert problem in error
