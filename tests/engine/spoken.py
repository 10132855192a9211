"""Cards of worked examples in another language."""

from __future__ import annotations

from cds_service.engine.language import Language
from cds_service.engine.shown import Answer
from cds_service.knowledge.cards import CardDefinition, Example
from tests.expected import loaded

PAGES = "https://cds.example.org"


def answer_of(card: CardDefinition, example: Example, language: Language) -> Answer:
    """What an example's card says in a language."""
    return loaded()[1].answer(card, example, language=language, pages=PAGES)
