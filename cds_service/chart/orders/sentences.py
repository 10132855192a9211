"""An instruction in words as its steps: what is taken together, how often, how long, and what nobody could read.

Words are read strictly: an instruction is understood when every number in it has found its meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from msgspec import structs

from cds_service.chart.orders.amounts import BARE, ONCE, Frequency
from cds_service.chart.orders.phrases import Dose, Labelled, Phrase, Scheme, Strength, Total, needs_strength, phrases
from cds_service.terminology.order_lexemes import UNREADABLE, Lexeme, split_into_steps


@dataclass(slots=True)
class Statement:
    """A dose and how often it is taken; ``8 mg in the morning and 4 mg at noon`` are two."""

    joints: str = ""
    """Marks and joining words between the statement before and this one."""
    dose: Dose | None = None
    scheme: Scheme | None = None
    frequencies: list[Frequency] = field(default_factory=list)
    as_needed: bool = False


@dataclass(slots=True)
class Step:
    """What holds at one time. Steps follow each other: "16 mg daily, then 8 mg daily" is two."""

    statements: list[Statement] = field(default_factory=list)
    total: Total | None = None
    divided: Decimal | None = None
    """In how many doses the total is given; 0 when nobody says."""
    maximum: Total | None = None
    days: Fraction | None = None
    as_needed: bool = False
    rate: bool = False
    """An infusion's rate is stated."""
    strengths: list[Strength] = field(default_factory=list)
    routes: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Numbers and words that should mean something and were not understood."""
    changes: bool = False
    """What follows changes the dose in a way that is not read: reduce, taper."""

    @property
    def says_something(self) -> bool:
        return bool(self.statements or self.total or self.maximum or self.rate or self.unread)


def steps_of(lexemes: Sequence[Lexeme]) -> tuple[Step, ...]:
    """The steps that an instruction states; one that says nothing about dose or frequency is left out."""
    found: list[Step] = []
    for part in split_into_steps(lexemes):
        step = _StepReader().read(part)
        if step.says_something or (step.changes and found):
            found.append(step)
        if step.changes:
            break
    return tuple(found)


_SKIPS = {"U": ";)", "C": ";),", "X": ";),"}
"""Words after which a clause changes no dose, and what ends the clause."""
_JOINTS = ",a(;"
_NUMBERS = frozenset("nSkL") | {UNREADABLE}
_MEANS_SOMETHING = frozenset("nSLyerHuVdzk~W%oM") | {UNREADABLE}
"""Kinds that make an instruction unread when no phrase takes them."""


class _StepReader:
    """Reads one step."""

    def __init__(self) -> None:
        self.step = Step()
        self.joints = ""
        self.at_most = False
        self.periods: list[Fraction] = []
        self.products: list[Labelled] = []
        self.bare: list[tuple[Dose, Phrase]] = []

    def read(self, part: Sequence[Lexeme]) -> Step:
        found = list(phrases(self._without_skipped(part)))
        items = [phrase.kind for phrase in found if phrase.kind in {"dose", "bare", "frequency", "scheme"}]
        self.doses = items.count("dose") or items.count("bare")
        self.frequency_first = bool(items) and items[0] == "frequency" and self.doses > 1
        self.has_dose = "dose" in items
        for phrase in found:
            getattr(self, "_" + phrase.kind.replace(" ", "_"))(phrase)
        self._finish()
        return self.step

    def _without_skipped(self, part: Sequence[Lexeme]) -> list[Lexeme]:
        kept: list[Lexeme] = []
        skipping = ""
        for lexeme in part:
            if skipping and lexeme.kind in _SKIPS[skipping]:
                skipping = ""
            if lexeme.kind == "i" and not skipping:
                self.step.changes = True
                break
            if skipping:
                if skipping == "X" and lexeme.kind in _NUMBERS:
                    self.step.unread.append(lexeme.text)
            elif lexeme.kind in _SKIPS:
                skipping = lexeme.kind
                self.step.as_needed |= skipping == "C"
            elif lexeme.kind == "R":
                self.step.routes.append(lexeme.value)
            else:
                kept.append(lexeme)
        return kept

    @property
    def _current(self) -> Statement:
        if not self.step.statements:
            self._begin()
        return self.step.statements[-1]

    def _begin(self) -> None:
        self.step.statements.append(Statement(self.joints))
        self.joints = ""

    def _left(self, phrase: Phrase) -> None:
        lexeme: Lexeme = phrase.value
        if lexeme.kind in _JOINTS:
            self.joints += lexeme.kind
        elif lexeme.kind == "b":
            self._current.as_needed = True
        elif lexeme.kind == "z":
            self.at_most = True
        elif lexeme.kind in _MEANS_SOMETHING:
            self.step.unread.append(lexeme.text)

    def _dose(self, phrase: Phrase) -> None:
        if self._current.dose is not None:
            self._begin()
        self._current.dose = phrase.value
        self.joints = ""

    def _bare(self, phrase: Phrase) -> None:
        before = self.step.statements[-1] if self.step.statements else Statement()
        if before.dose is not None and before.dose.amount.counted and before.frequencies:
            form = before.dose.amount.unit  # "2 tablets in the morning, 1 at night"
            self._dose(phrase._replace(value=Dose(structs.replace(phrase.value.amount, unit=form))))
        elif self.has_dose:
            self.step.unread.append(str(phrase.value.amount))
        else:
            self._dose(phrase)

    def _scheme(self, phrase: Phrase) -> None:
        if self._current.scheme is not None:
            self._begin()
        self._current.scheme = phrase.value

    def _frequency(self, phrase: Phrase) -> None:
        frequency: Frequency = phrase.value
        if self.frequency_first and self._current.dose is not None and self._current.frequencies:
            self._begin()
        if self.at_most:
            frequency = Frequency(Fraction(0), frequency.most, frequency.given_as)
            self.at_most = False
        self._current.frequencies.append(frequency)
        self.joints = ""

    def _once(self, phrase: Phrase) -> None:
        self._current.frequencies.append(ONCE)

    def _total(self, phrase: Phrase) -> None:
        if self.step.total is not None and self.step.total != phrase.value:
            self.step.unread.append(str(phrase.value.dose.amount))
        self.step.total = phrase.value

    def _per(self, phrase: Phrase) -> None:
        """``2 tablets (8 mg) per day``: what stands before is the amount of a day."""
        statement = self.step.statements[-1] if self.step.statements else None
        if statement is None or statement.dose is None or statement.frequencies or self.step.total is not None:
            return
        if statement.dose.multiplied and phrase.value == 1:
            statement.frequencies.append(Frequency(Fraction(1), Fraction(1), "day"))
        else:
            self.step.total = Total(statement.dose, phrase.value)
            self.step.statements.pop()

    def _maximum(self, phrase: Phrase) -> None:
        self.step.maximum = phrase.value

    def _divided(self, phrase: Phrase) -> None:
        self.step.divided = self.step.divided or phrase.value

    def _strength(self, phrase: Phrase) -> None:
        self.step.strengths.append(phrase.value)

    def _product(self, phrase: Phrase) -> None:
        self.products.append(phrase.value)

    def _rate(self, phrase: Phrase) -> None:
        self.step.rate = True

    def _duration(self, phrase: Phrase) -> None:
        if self.step.days is not None:
            self.step.unread.append("two durations")
        self.step.days = phrase.value

    def _period(self, phrase: Phrase) -> None:
        self.periods.append(phrase.value)

    def _number_of_doses(self, phrase: Phrase) -> None:
        if phrase.value == 1:
            self._once(phrase)

    def _lasting(self, phrase: Phrase) -> None:
        """How long one infusion lasts, which changes no dose."""

    def _unread(self, phrase: Phrase) -> None:
        self.step.unread.append(phrase.value)

    def _days(self, phrase: Phrase) -> None:
        """On which days of a cycle."""

    def _body(self, phrase: Phrase) -> None:
        """A weight or a body surface."""

    def _finish(self) -> None:
        """Give a lone product its place: ``4 mg tablet twice daily`` is a dose, ``4 mg tablets: take 2`` a strength."""
        step = self.step
        counted = [one.dose for one in step.statements if one.dose is not None and needs_strength(one.dose.amount)]
        for product in self.products:
            strength = product.strength
            lone = not counted and not product.plural and len(self.products) == 1
            if (
                lone
                and strength.per is not None
                and not any(one.dose or one.scheme for one in step.statements)
                and not step.total
            ):
                self._current.dose = Dose(strength.per, each=strength.holds)
            else:
                step.strengths.append(strength)
        for statement in step.statements:
            dose = statement.dose
            if (
                dose is not None
                and dose.amount.unit == BARE
                and not (dose.each or statement.frequencies or statement.scheme)
            ):
                step.unread.append(str(dose.amount))
        if self.periods:
            known = any(one.frequencies or one.scheme for one in step.statements) or step.total
            if len(self.periods) == 1 and known and step.days is None:
                step.days = self.periods[0]
            else:
                step.unread.append("a number of days")
        if self.at_most and step.maximum is None:
            step.unread.append("a maximum")
        if not any(one.dose or one.scheme or one.frequencies for one in step.statements):
            step.as_needed |= any(one.as_needed for one in step.statements)
            step.statements = []
