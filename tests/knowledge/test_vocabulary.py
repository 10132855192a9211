"""The vocabulary of a language: what is wrong with it is named with its place, and nothing of it stands twice."""

from __future__ import annotations

import pytest

from cds_service.knowledge.reading import read_part
from cds_service.knowledge.vocabulary import VocabularyEntry, VocabularyReader
from cds_service.knowledge.yaml_source import Document, read_yaml


def read(*texts: str) -> tuple[VocabularyReader, list[str]]:
    reader, documents = VocabularyReader(), [read_yaml(f"cards/words/{n}.yaml", text) for n, text in enumerate(texts)]
    for document in documents:
        entry = read_part(VocabularyEntry, document, ("vocabulary",))
        if entry is not None:
            reader.take(document, entry)
    return reader, [error for document in documents for error in _written(document)]


def _written(document: Document) -> list[str]:
    return [str(error) for error in document.errors]


@pytest.mark.parametrize(
    ("vocabulary", "complaint"),
    [
        ("months: [jan, feb]", "a year has twelve months, found 2"),
        ("questions: ['(score']", "is no pattern"),
        ("names: {'cancer of (x': ''}", "is no pattern"),
        ("names: {'cancer of (\\w+)': '\\2 cancer'}", "invalid group reference"),
        ("units: {mmol/l: [millimolar]}", "'mmol/l' is no unit in normal form (nearest: mmol/L)"),
        ("units: {g: [mg]}", "'mg' is 'mg' already"),
        ("moths: [jan]", "'moths' is not a key of the vocabulary of a language"),
        ("flags: ['']", "the text is empty"),
    ],
)
def test_a_mistake_is_named(vocabulary: str, complaint: str) -> None:
    _, (error,) = read(f"vocabulary:\n  {vocabulary}\n")
    assert complaint in error
    assert error.startswith("cards/words/0.yaml:2")


def test_a_spelling_is_one_unit_in_all_languages() -> None:
    _, (error,) = read("vocabulary: {units: {mo: [m.]}}", "vocabulary: {units: {min: [m.]}}")
    assert "'m.' is 'mo' already" in error
    reader, errors = read("vocabulary: {units: {h: [std]}}", "vocabulary: {units: {h: [std, stunde]}}")
    assert not errors
    assert reader.together().units == {"std": "h", "stunde": "h"}


def test_months_are_known_by_their_beginnings() -> None:
    months = "jan, 'fév fev', mar, avr, mai, juin, juil, 'aoû', sep, oct, nov, déc"
    reader, errors = read(f"vocabulary: {{months: [{months}]}}")
    assert not errors
    assert {name: reader.together().months[name] for name in ("fev", "juin", "juil", "dec")} == {
        "fev": 2,
        "juin": 6,
        "juil": 7,
        "dec": 12,
    }
