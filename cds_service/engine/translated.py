"""Another language than English: sentences and names of its catalogues, numbers and dates as its locale writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_decimal

from cds_service.engine.language import DateForm, Language, Untranslated
from cds_service.engine.short_names import ShortNames
from cds_service.knowledge.cards import CardDefinition, Housekeeping, Knowledge, Precautions
from cds_service.knowledge.translation import ServiceWords, Translation, placeholders_only
from cds_service.knowledge.wording import Wording
from cds_service.terminology.dates import Moment, Since, Span
from cds_service.terminology.quantities import Quantity
from cds_service.terminology.said import Said

_SKELETONS: Mapping[DateForm, str] = {
    "day": "MMMMd",
    "short day": "MMMd",
    "day of a year": "yMMMMd",
    "month": "yMMMM",
    "figures": "yMMdd",
    "month in figures": "yMM",
}


class Translated(Language):
    """One language of a knowledge; made once, and shared by all calls."""

    def __init__(self, translation: Translation, *, strict: bool = True) -> None:
        self._known = translation
        self._strict = strict
        self.tag = translation.tag
        self._locale = Locale.parse(translation.tag, sep="-")
        percent = self._locale.percent_formats[None].pattern
        self._gap_of_percent = " " if percent[-2].isspace() else ""

    @cached_property
    def at_any_rate(self) -> Language:
        return Translated(self._known, strict=False) if self._strict else self

    def say(self, sentence: str, /, **parts: Any) -> str:
        if placeholders_only(sentence):
            return sentence.format(**parts)
        translation = self._known.frame.get(sentence) or self._lacking(sentence)
        return translation.format(**parts) if parts else translation

    def count(self, one: str, many: str, count: int) -> str:
        translation = self._known.plural(one, count) or self._lacking(one if count == 1 else many)
        return translation.format(count=count)

    def _lacking(self, sentence: str) -> str:
        """The English sentence where that may stand; raises :class:`Untranslated` where it may not."""
        if self._strict:
            raise Untranslated(sentence)
        return sentence

    def word(self, word: Any) -> Any:
        return self._translated(word, None)

    def short(self, word: Any, names: ShortNames) -> Any:
        if isinstance(word, tuple):
            return tuple(dict.fromkeys(self._translated(part, names) for part in word))
        return self._translated(word, names)

    def _translated(self, word: Any, names: ShortNames | None) -> Any:
        """The word in the language; names of the record cut short, where somebody cuts them."""
        if isinstance(word, Said):
            return self.say(word.sentence, **{name: self._part(part, names) for name, part in word.parts.items()})
        if isinstance(word, str):
            return self._name(word) or (names.of(word) if names is not None else word)
        if isinstance(word, tuple):
            return tuple(self._translated(part, names) for part in word)
        return word

    def _part(self, part: Any, names: ShortNames | None) -> str:
        if isinstance(part, Quantity):
            return self.quantity(part)
        if isinstance(part, Decimal):
            return self.number(part)
        if isinstance(part, Span):
            return self.span(part)
        if isinstance(part, Moment | Since):
            return str(part)
        return str(self._translated(part, names))

    def _name(self, text: str) -> str:
        """What we call it here; empty for what the record calls so. Raises :class:`Untranslated` for a name of ours alone."""
        known = self._known
        translation = known.names.get(text) or known.frame.get(text) or known.units.get(text)
        if translation is None and ", " in text and all(part in known.names for part in text.split(", ")):
            translation = ", ".join(known.names[part] for part in text.split(", "))
        if translation is None and text in known.untranslated:
            return self._lacking(text)
        return translation or ""

    def measured(self, value: Quantity | Decimal | Span) -> str:
        if isinstance(value, Quantity):
            return self.quantity(value)
        return self.number(value) if isinstance(value, Decimal) else self.span(value)

    def quantity(self, quantity: Quantity) -> str:
        figures, unit = quantity.parts
        unit = self._known.units.get(unit, unit)
        gap = self._gap_of_percent if unit == "%" else "" if unit[:1] in {"", "/"} else " "
        return f"{_localised(figures, self._locale)}{gap}{unit}"

    def number(self, number: Decimal) -> str:
        return _localised(super().number(number), self._locale)

    def span(self, span: Span) -> str:
        translation = (
            span.months and self.count("a span of {count} month", "a span of {count} months", span.months),
            span.days and self.count("a span of {count} day", "a span of {count} days", span.days),
            span.hours and self.count("a span of {count} hour", "a span of {count} hours", span.hours),
        )
        return " ".join(part for part in translation if part) or "0"

    def date(self, day: datetime, form: DateForm) -> str:
        return _dated(day.date(), form, self._locale)

    def card(self, card: CardDefinition) -> CardDefinition | None:
        return self._known.card(card)

    def rung(self, wording: Wording) -> Wording:
        return self._known.rungs.get(wording.text, wording)

    def gaps(self, knowledge: Knowledge) -> Mapping[str, str]:
        service = self._service
        return service.gaps if service else super().gaps(knowledge)

    def precautions(self, knowledge: Knowledge) -> Precautions:
        service = self._service
        return service.precautions if service else super().precautions(knowledge)

    def housekeeping(self, knowledge: Knowledge) -> Housekeeping:
        service = self._service
        return service.housekeeping if service else super().housekeeping(knowledge)

    @property
    def _service(self) -> ServiceWords | None:
        if self._known.service is None:
            self._lacking("services")
        return self._known.service


@lru_cache(maxsize=4096)
def _localised(figures: str, locale: Locale) -> str:
    return format_decimal(figures, locale=locale, decimal_quantization=False, group_separator=False)


@lru_cache(maxsize=1024)
def _dated(day: date, form: DateForm, locale: Locale) -> str:
    return format_skeleton(_SKELETONS[form], day, locale=locale)
