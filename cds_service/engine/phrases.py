"""Words of a card written out: units as the site shows them, record text made harmless, summaries that fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from cds_service.engine.ages import age, briefly, clock, figures, lasting, on
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.short_names import ShortNames, capitalised, short_names
from cds_service.knowledge.cards import LONGEST_SUMMARY, REPORTED, Knowledge
from cds_service.knowledge.wording import Placeholder, Wording
from cds_service.terminology.dates import Moment, Since, Span
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits
from cds_service.terminology.vocabulary import Vocabulary

_SHORTER = (80, 56, 40, 28, 20, 12)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
"""Controls, and marks that turn the direction of text: what stands on a screen is what the record says, in its order."""
_MARKDOWN = re.compile(r"([\\`*_\[\]#|~])")
_LINK = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
_ROOM = re.compile(" {2,}")
_MARKS = frozenset("\\`*_[]#|~:@.")
"""Without one of these a text has nothing to format or link."""
_AS_THEY_ARE = ShortNames(Vocabulary())
_JOINER = "\u2060"
"""An invisible character that keeps GitHub Flavored Markdown from making a link of a bare address."""


class Phrases:
    """Writes words in the units that a site shows; a conversion stands in brackets behind the leading unit."""

    def __init__(
        self,
        display_units: Mapping[str, tuple[str, ...]],
        as_of: datetime | None = None,
        language: Language = ENGLISH,
        names: ShortNames = _AS_THEY_ARE,
    ) -> None:
        """With a clock moments are written as ages, in its zone; without one, as the record dates them."""
        self._units = display_units
        self._as_of = as_of
        self._names = names
        self.language = language

    @classmethod
    def of(cls, knowledge: Knowledge, as_of: datetime | None = None, language: Language = ENGLISH) -> Phrases:
        """Those of a knowledge: in its units, with its names cut short."""
        return cls(knowledge.display_units, as_of, language, short_names(knowledge.codebook.vocabulary))

    def summary(self, wording: Wording, words: Mapping[str, Any]) -> str:
        """Fill a summary in plain text; should it not fit, dates and the record's own words are shortened, never the sentence."""
        words = self._short(wording, words)
        text = _sentence(wording.fill(lambda place: self._place(place, words, None, escape=False)))
        for longest in _SHORTER:
            if len(text) <= LONGEST_SUMMARY:
                return text
            limit = longest
            text = _sentence(
                wording.fill(lambda place, limit=limit: self._place(place, words, limit, escape=False))  # type: ignore[misc]
            )
        return text if len(text) <= LONGEST_SUMMARY else text[: LONGEST_SUMMARY - 1].rstrip() + "…"

    def plain(self, wording: Wording, words: Mapping[str, Any]) -> str:
        """Fill a sentence in plain text."""
        return wording.fill(lambda place: self._place(place, words, None, escape=False))

    def markdown(self, wording: Wording, words: Mapping[str, Any]) -> str:
        """Fill a sentence of the detail; what the record says can neither format nor link anything there."""
        words = self._short(wording, words)
        return _sentence(wording.fill(lambda place: self._place(place, words, None, escape=True)))

    def quantity(self, quantity: Quantity) -> str:
        """A quantity in the site's leading unit for its substance, with the others in brackets."""
        units = self._units_for(quantity)
        if not units:
            return self.language.quantity(quantity)
        shown = [shown for unit in units if (shown := _in_unit(quantity, unit, self.language))]
        leading = shown[0] if shown else self.language.quantity(quantity)
        return f"{leading} ({', '.join(shown[1:])})" if len(shown) > 1 else leading

    def _units_for(self, quantity: Quantity) -> tuple[str, ...]:
        units = self._units.get(quantity.substance, ())
        if units[:1] != (REPORTED,):
            return units
        return (quantity.unit, *(unit for unit in units[1:] if unit != quantity.unit))

    def _place(self, place: Placeholder, words: Mapping[str, Any], longest: int | None, *, escape: bool) -> str:
        if place.word == "now":
            return self._time(place, words)
        value = self.language.word(words[place.word])
        if place.part and isinstance(value, Quantity):
            value = value.value if place.part == "value" else value.unit
        if isinstance(value, Since) and longest is not None and self._as_of is not None:
            return briefly(value, self._as_of, self.language)
        text = self._written(value)
        if isinstance(value, tuple) and longest is not None:
            text = self._listed(value, longest)
        if isinstance(value, (str, tuple)):
            text = plain_text(text)
            if longest is not None:
                text = self.cut_short(text, longest)
            return escaped(text) if escape else text
        return text

    def _written(self, value: Any) -> str:
        if isinstance(value, Quantity):
            return self.quantity(value)
        if isinstance(value, Limit):
            return self._limit(value)
        if isinstance(value, Moment):
            return value.day if self._as_of is None else age(value, self._as_of, self.language)
        if isinstance(value, Since):
            return str(value) if self._as_of is None else lasting(value, self._as_of, self.language)
        if isinstance(value, tuple):
            return ", ".join(str(part) for part in value)
        if isinstance(value, Decimal):
            return self.language.number(value)
        return self.language.span(value) if isinstance(value, Span) else str(value)

    def _time(self, place: Placeholder, words: Mapping[str, Any]) -> str:
        """Now, or a span from now, as a time of the clock."""
        if self._as_of is None:
            return f"now + {words[place.plus]}" if place.plus else "now"
        at = words[place.plus].after(self._as_of) if place.plus else self._as_of
        return clock(at, self._as_of, self.language)

    def when(self, moment: Moment | Since) -> str:
        """The age of a moment, or how long something lasts."""
        return self._written(moment)

    def date(self, moment: Moment) -> str:
        """The date as a reader says it; as it was written where nobody knows which day it is."""
        return moment.day if self._as_of is None else on(moment, self._as_of, self.language)

    def day(self, moment: Moment | None) -> str:
        """The date in figures; empty without one."""
        return figures(moment, self._as_of, self.language) if moment and self._as_of else moment.day if moment else ""

    def at(self, instant: datetime) -> str:
        """The date in figures, and the time with its zone: ``2025-03-03 08:40 UTC``."""
        return f"{self.language.date(instant, 'figures')} {instant:%H:%M %Z}"

    def number(self, quantity: Quantity) -> str:
        """The number alone, where the unit stands beside it already."""
        return self._written(_rounded(quantity.value) if abs(quantity.value) < 1000 else quantity.value)

    def name(self, name: str) -> str:
        """What something is called: by us in the language, else as the record says, cut short."""
        return str(self.language.short(name, self._names))

    def word(self, word: str) -> str:
        """Words of ours in the language; those of the record as they are."""
        return str(self.language.word(word))

    def say(self, sentence: str, /, **parts: Any) -> str:
        """Say a sentence of the frame."""
        return self.language.say(sentence, **parts)

    def cut_short(self, text: str, longest: int) -> str:
        """The text, or as many of its words as there is room for, and a mark."""
        return text if len(text) <= longest else self._names.cut(text, longest - 1) + "…"

    def _limit(self, limit: Limit) -> str:
        units = self._units_for(limit.stated[0])
        leading, *others = map(self.language.quantity, map(limit.for_unit, units) if units else limit.stated)
        return f"{leading} ({', '.join(others)})" if others else leading

    def _short(self, wording: Wording, words: Mapping[str, Any]) -> dict[str, Any]:
        named = [name for place in wording.placeholders for name in (place.plus, place.word) if name not in ("", "now")]
        return {name: self.language.short(words[name], self._names) for name in named}

    def _listed(self, parts: tuple[str, ...], longest: int) -> str:
        """As many of the parts as there is room for, and how many more there are, were it by a mark only."""
        kept = [
            part for place, part in enumerate(parts) if not place or len(", ".join(parts[: place + 1])) + 7 <= longest
        ]
        more, listed = len(parts) - len(kept), ", ".join(kept)
        counted = self.say("{some}, {count} more", some=listed, count=more) if more else listed
        return counted if len(counted) <= longest or not more else f"{listed}…"


def _sentence(text: str) -> str:
    """With a capital first, and without the room of words that are empty for this patient."""
    return capitalised(_ROOM.sub(" ", text).replace(" ,", ",").replace(" (),", ",").replace(" ()", ""))


def plain_text(text: str) -> str:
    """Text of the record on one line, without control characters."""
    return (text if text.isprintable() else _CONTROL.sub(" ", text)).strip()


def escaped(text: str) -> str:
    """Text of the record as inert Markdown: no formatting, link, table or HTML survives."""
    harmless = plain_text(text).replace("&", "&amp;").replace("<", "&lt;")
    if _MARKS.isdisjoint(harmless):
        return harmless
    return _LINK.sub(_JOINER, _MARKDOWN.sub(r"\\\1", harmless))


@lru_cache(maxsize=4096)
def _in_unit(quantity: Quantity, unit: str, language: Language) -> str:
    try:
        converted = quantity.to(unit)
    except UnlikeUnits:
        return ""
    same = converted.unit == quantity.unit
    return language.quantity(quantity if same else replace(converted, value=_rounded(converted.value)))


def _rounded(value: Decimal) -> Decimal:
    """A converted value in no more figures than a laboratory gives: 12.02 is shown as 12, 3.094 as 3.09."""
    places = Decimal("0.01") if abs(value) < 10 else Decimal("0.1") if abs(value) < 100 else Decimal(1)
    return value.quantize(places)
