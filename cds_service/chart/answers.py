"""What the answer to a question means: that a sign is there, that it is not, or nobody knows what."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import NamedTuple

from cds_service.chart.meanings import NOTHING, Meaning
from cds_service.chart.measured import Part, number_of
from cds_service.terminology.instruments import Instrument
from cds_service.terminology.quantities import Quantity
from cds_service.terminology.value_sets import Codebook
from cds_service.terminology.vocabulary import Vocabulary
from cds_service.terminology.wording import plain

_PARTS = re.compile(r"[A-Z]{1,9} ?(\d)[ ,;/]{0,2}[A-Z]{1,9} ?(\d)[ ,;/]{0,2}[A-Z]{1,9} ?(\d)(?!\w)", re.IGNORECASE)
"""A score by its parts, ``E3V4M6``."""


class SignAnswer(NamedTuple):
    """Which signs an answer is about, and whether they are there; ``None``: the answer was not understood."""

    signs: frozenset[str]
    present: bool | None


def answered(part: Part, asked: Meaning, given: Meaning, words: str, codebook: Codebook) -> SignAnswer:
    """Read the answer to a question about the signs among the concepts that were asked."""
    signs = asked.concepts & codebook.signs
    instrument = codebook.instrument(asked.concepts)
    if instrument is not None and instrument.ability:
        able = _able(part, words, codebook.vocabulary)
        return SignAnswer(signs, None if able is None else not able)
    if part.value_boolean is not None:
        return SignAnswer(signs, part.value_boolean)
    if instrument is not None:
        graded = _graded(part, words, instrument, signs, codebook)
        if graded is not None:
            return graded
    if "absent" in given.concepts and "present" not in given.concepts:
        return SignAnswer(signs, False)
    if signs & given.denied and not signs & given.concepts:
        return SignAnswer(signs, False)  # "Leg weakness: no leg weakness"
    if signs & given.concepts or ("present" in given.concepts and "absent" not in given.concepts):
        return SignAnswer(signs, True)
    number = number_of(part, codebook.units) if instrument is None else None
    return SignAnswer(signs, False if number == 0 else None)


def _able(part: Part, words: str, vocabulary: Vocabulary) -> bool | None:
    """Whether the patient can do what was asked; ``None`` when nobody knows."""
    if part.value_boolean is not None:
        return part.value_boolean
    said = plain(words.lower())
    if vocabulary.unable.search(said):
        return False
    return True if vocabulary.able.search(said) else None


def _graded(
    part: Part, words: str, instrument: Instrument, signs: frozenset[str], codebook: Codebook
) -> SignAnswer | None:
    """The answer by the grades of the instrument: by number, else by words; ``None`` when neither says anything."""
    number = number_of(part, codebook.units, instrument.unit)
    if number is None and instrument.unit:
        number = _amount_in(words, instrument, codebook)
    elif number is None and instrument.low < instrument.high:
        number = _number_in(words, instrument, codebook.vocabulary.any_of("out_of"))
    if number is not None:
        if not instrument.low <= number <= instrument.high:
            return SignAnswer(signs, None)
        reached = [grade for grade in instrument.grades if grade.holds(number)]
    elif instrument.normal is not None and instrument.normal.search(words):
        reached = []
    else:
        reached = [grade for grade in instrument.grades if grade.says is not None and grade.says.search(words)]
        if not reached:
            return None
    if not reached:
        return SignAnswer(signs, False)
    meant = NOTHING.union(*(codebook.wider(name) for grade in reached for name in grade.means))
    return SignAnswer(meant or signs, True)


def _amount_in(words: str, instrument: Instrument, codebook: Codebook) -> Decimal | None:
    """The amount that an answer states, ``> 400 ml``, in the unit of the instrument; ``None`` for a limit that tells nothing."""
    stated = codebook.results.read(words)
    amount = Quantity(stated.value, stated.unit or instrument.unit).converted(instrument.unit) if stated else None
    if stated is None or amount is None:
        return None
    less = stated.comparator.startswith("<") and any(grade.holds(amount.value) for grade in instrument.grades)
    return None if less else amount.value


@cache
def _own_number(out_of: str) -> re.Pattern[str]:
    return re.compile(
        rf"\D{{0,24}}?([-\u2212]?\d{{1,3}}(?:[.,]\d)?)\s*(?:(?:/|{out_of})\s*(\d{{1,3}}))?\b(?!\s*[-\u2013]\s*\d)"
    )


def _number_in(words: str, instrument: Instrument, out_of: str) -> Decimal | None:
    """The number with which an answer begins, ``5/5`` or ``3 - severe``; one out of another total is not this scale's.

    A dash is a minus only where the scale goes below nought.
    """
    if parts := _PARTS.match(words):
        return Decimal(sum(map(int, parts.groups())))
    match = _own_number(out_of).match(words)
    if match is None:
        return None
    written = match[1] if instrument.low < 0 else match[1].lstrip("-\u2212")
    try:
        number = Decimal(written.replace(",", ".").replace("\u2212", "-"))
    except InvalidOperation:
        return None
    return number if match[2] is None or Decimal(match[2]) == instrument.high else None
