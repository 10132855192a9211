"""What a card says whatever its topic, and how it writes names, numbers and dates: in English, which needs no catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from cds_service.engine.short_names import ShortNames
from cds_service.knowledge.cards import CardDefinition, Housekeeping, Knowledge, Precautions
from cds_service.knowledge.wording import Wording
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Quantity

DateForm = Literal["day", "short day", "day of a year", "month", "figures", "month in figures"]
"""``3 March``, ``3 March 2025``, ``March 2025``, ``2025-03-03``, ``2025-03``."""


class Language:
    """English. Every other language says the same sentences (:mod:`cds_service.engine.translated`)."""

    tag = "en"

    @property
    def at_any_rate(self) -> Language:
        """The same language for what stands apart from a card: what it lacks is said in English, and nothing raises."""
        return self

    def say(self, sentence: str, /, **parts: Any) -> str:
        """Say one sentence of the frame, whole; the catalogues are extracted from these calls."""
        return sentence.format(**parts) if parts else sentence

    def count(self, one: str, many: str, count: int) -> str:
        """Say how many: ``1 day``, ``{count} days``."""
        return (one if count == 1 else many).format(count=count)

    def word(self, word: Any) -> Any:
        """A word of an outcome: what the record says stays, what we call something is said in the language."""
        return word

    def short(self, word: Any, names: ShortNames) -> Any:
        """The same with names of the record cut short, each once."""
        if isinstance(word, tuple):
            return tuple(dict.fromkeys(names.of(part) if isinstance(part, str) else part for part in word))
        return names.of(word) if isinstance(word, str) else word

    def measured(self, value: Quantity | Decimal | Span) -> str:
        """A value within a sentence of an order, in its own unit."""
        return str(value)

    def quantity(self, quantity: Quantity) -> str:
        return str(quantity)

    def number(self, number: Decimal) -> str:
        return f"{number.normalize():f}"

    def span(self, span: Span) -> str:
        return str(span)

    def date(self, day: datetime, form: DateForm) -> str:
        if form in {"figures", "month in figures"}:
            return day.date().isoformat()[: 10 if form == "figures" else 7]
        if form == "month":
            return f"{day:%B} {day.year}"
        if form == "short day":
            return f"{day.day} {day:%b}"
        return f"{day.day} {day:%B}" if form == "day" else f"{day.day} {day:%B} {day.year}"

    def card(self, card: CardDefinition) -> CardDefinition | None:
        """The card in this language; ``None`` where a sentence of it is not translated."""
        return card

    def rung(self, wording: Wording) -> Wording:
        """What holds at a rung of a card's ladder; in English where it is not translated."""
        return wording

    def gaps(self, knowledge: Knowledge) -> Mapping[str, str]:
        """What is said of what cannot be used, by problem."""
        return knowledge.gaps

    def precautions(self, knowledge: Knowledge) -> Precautions:
        return knowledge.precautions

    def housekeeping(self, knowledge: Knowledge) -> Housekeeping:
        return knowledge.housekeeping


ENGLISH = Language()


class Untranslated(LookupError):
    """A sentence or name of ours that a language lacks: the card is written in English, all of it."""
