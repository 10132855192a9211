"""A dosage understood: structure, extensions and words of each line put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec
from msgspec import Raw, structs

from cds_service.chart.decode import listed
from cds_service.chart.orders import wire
from cds_service.chart.orders.amounts import Amount, Frequency, Unclear, daily
from cds_service.chart.orders.lines import Dosing, Line, Route, in_order
from cds_service.chart.orders.product import Product
from cds_service.chart.orders.quantities import amount_of, days_of
from cds_service.chart.orders.sentences import steps_of
from cds_service.chart.orders.step_amounts import StepAmount, amount_of_step
from cds_service.chart.orders.timing import read_timing
from cds_service.terminology.dates import parse_moment
from cds_service.terminology.order_words import OrderWords
from cds_service.terminology.said import said as in_words

_SHOWN = 80
_RATIO = msgspec.json.Decoder(wire.Ratio, strict=False)
_DOSE_EXTENSIONS = ("/ordered-dose", "/admin-amount")
"""Ends of the URLs of Epic's extensions: the dose as ordered, and how many of the product that is."""


def dosing_of(raw: Raw, product: Product, words: OrderWords, *, otherwise: str = "") -> Dosing:
    """Understand ``dosageInstruction`` (a list) or an administration's ``dosage`` (one).

    ``otherwise`` is the medicine's own text, which counts when the dosage says nothing: ``dexamethasone 4 mg QID``.
    """
    found = wire.dosage_lines(raw)
    text = ". ".join(line.text for line in found if line is not None and line.text)
    route = _route([line for line in found if line is not None], otherwise, words)
    lines = [_line(line, product, words) for line in found if line is not None]
    spoken = [line for line in lines if line.steps]
    if len(lines) != len(found):
        spoken = [not_read("a line of the dosage cannot be decoded")]
    elif not spoken and text:
        spoken = [not_read(f"{text[:_SHOWN]!r}")]
    elif not spoken and otherwise:
        said = _in_words(otherwise, product, words)
        spoken = [Line(said)] if any(step.frequency for step in said) else []
    return Dosing(tuple(in_order(spoken)), route, text)


def not_read(why: str) -> Line:
    """A line of which nobody knows the dose, and why."""
    return Line((StepAmount(unclear=(Unclear("dose", why),)),))


def _route(lines: Sequence[wire.Dosage], otherwise: str, words: OrderWords) -> Route:
    """The route by its element, else by the words of the instruction, else of the product's name."""
    for route in (line.route for line in lines if line.route is not None):
        codings = route.coding or ()
        text = route.text or next((coding.display for coding in codings if coding.display), "") or ""
        coded = " ".join(words.said(coding.system or "", coding.code or "") for coding in codings)
        if text or coded.strip():
            return Route(text or coded, _named(f"{text} {coded}", words))
    said = _named(". ".join(line.text for line in lines if line.text), words) or _named(otherwise, words)
    return Route(said, said)


def _named(text: str, words: OrderWords) -> str:
    """The one route that words name; two different ones name none."""
    names = {lexeme.value for lexeme in words.read(text) if lexeme.kind == "R"} if text else set()
    return names.pop() if len(names) == 1 else ""


def _line(line: wire.Dosage, product: Product, words: OrderWords) -> Line:
    if line.modifier_extension:
        return not_read("an extension that changes its meaning")
    structured = _structured(line, product, words)
    text = line.text or line.patient_instruction or ""
    steps = _reconciled(structured, _in_words(text, product, words) if text else ())
    instructed = _in_words(line.patient_instruction, product, words) if line.text and line.patient_instruction else ()
    if (
        len(steps) == len(instructed) == 1 and instructed[0].daily is not None
    ):  # else it says how to take it, not how much
        steps = _reconciled(steps[0], instructed)
    period = line.timing.repeat.bounds_period if line.timing and line.timing.repeat else None
    start, end = (
        parse_moment(day) if day else None for day in ((period.start, period.end) if period else (None, None))
    )
    return Line(
        steps,
        wire.number(line.sequence),
        start.first if start else None,
        end.last if end else None,
    )


def _in_words(text: str, product: Product, words: OrderWords) -> tuple[StepAmount, ...]:
    found = steps_of(words.read(text))
    said = tuple(amount_of_step(step, product, text) for step in found)
    changing = [step for step in found if step.changes]
    return (*said, StepAmount(unclear=(Unclear("later steps", f"{text[:_SHOWN]!r}"),))) if said and changing else said


def _structured(line: wire.Dosage, product: Product, words: OrderWords) -> StepAmount:
    timed = read_timing(line.timing, words)
    dose = _dose(line, product, words)
    unclear = tuple(part for part in (dose, timed.frequency) if isinstance(part, Unclear))
    amount = dose if isinstance(dose, Amount) else None
    frequency = timed.frequency if isinstance(timed.frequency, Frequency) else None
    reason = line.as_needed_codeable_concept or bytes(line.as_needed_for) not in {b"", b"[]"}
    needed = line.as_needed_boolean or reason or bytes(line.as_needed) == b"true"
    as_needed = bool(needed or timed.as_needed)
    total = daily(amount, frequency) if amount and frequency and not frequency.once else None
    found = StepAmount(amount, total, frequency, timed.days, as_needed, unclear, line.text or "")
    return _capped(_as_needed(found), line.max_dose_per_period, product, words)


def _as_needed(found: StepAmount) -> StepAmount:
    if not found.as_needed or found.daily is None:
        return found
    return structs.replace(found, daily=structs.replace(found.daily, least=Decimal(0)))


def _capped(found: StepAmount, raw: Raw, product: Product, words: OrderWords) -> StepAmount:
    """``maxDosePerPeriod``, in R5 a list: the most that a day may come to."""
    if not raw or found.daily is None:
        return found
    for ratio in listed(raw, _RATIO):
        found = _at_most(found, ratio, product, words)
    return found


def _at_most(found: StepAmount, ratio: wire.Ratio, product: Product, words: OrderWords) -> StepAmount:
    if found.daily is None or ratio.numerator is None or ratio.denominator is None:
        return found
    amount, days = amount_of(ratio.numerator, words), days_of(ratio.denominator, words)
    most = product.measure(amount) if isinstance(amount, Amount) else amount
    if isinstance(most, Unclear) or not days or (alike := most.times(1 / days).to(found.daily.unit)) is None:
        return found
    if alike.most < found.daily.least:
        return structs.replace(
            found,
            daily=None,
            unclear=(
                Unclear(
                    "dose", in_words("{daily} a day, and at most {most}", daily=found.daily.phrase, most=alike.phrase)
                ),
            ),
        )
    return structs.replace(found, daily=structs.replace(found.daily, most=min(found.daily.most, alike.most)))


def _dose(line: wire.Dosage, product: Product, words: OrderWords) -> Amount | Unclear | None:
    """The dose of a line in a unit of measurement, out of all places where it may stand; those must agree."""
    stated = [amount_of(each, words) for each in _doses(line)]
    read = [product.measure(each) if isinstance(each, Amount) else each for each in stated]
    amounts = [each for each in read if isinstance(each, Amount)]
    absolute = [each for each in amounts if "/" not in each.unit] or amounts
    if absolute:
        first, *others = absolute
        if all(first.nearly(other) for other in others):
            return next(
                (own for own, each in zip(stated, read, strict=True) if own is each and each in absolute), first
            )
        both = " and ".join(dict.fromkeys(map(str, absolute)))
        return Unclear("dose", both)
    if read:
        return read[0]
    rates = (
        line.rate_quantity
        or line.rate_ratio
        or any(one.rate_quantity or one.rate_ratio or one.rate_range for one in line.dose_and_rate or ())
    )
    return Unclear("dose", "given at a rate") if rates else None


def _doses(line: wire.Dosage) -> Iterable[wire.Quantity | wire.Range]:
    for each in line.dose_and_rate or ():
        yield from (found for found in (each.dose_quantity, each.dose_range) if found is not None)
    older = (line.quantity, line.quantity_quantity, line.quantity_range)
    yield from (found for found in (line.dose, line.dose_quantity, line.dose_range, *older) if found is not None)
    for extension in line.extension or ():
        if extension.url.endswith(_DOSE_EXTENSIONS) and extension.value_quantity is not None:
            yield extension.value_quantity


def _reconciled(structured: StepAmount, said: tuple[StepAmount, ...]) -> tuple[StepAmount, ...]:
    """Structure and words of one line: each fills what the other leaves open, and where both speak they must agree."""
    silent = structured.dose is None and structured.frequency is None and not structured.unclear
    if not said:
        return () if silent and structured.days is None else (structured,)
    first, *later = said
    if silent:
        merged = structs.replace(
            first, days=first.days or structured.days, as_needed=first.as_needed or structured.as_needed
        )
        return (_as_needed(merged), *later)
    complete = structured.dose is not None and structured.frequency is not None and not structured.unclear
    if not first.understood:
        return (structured if complete else structs.replace(structured, unclear=structured.unclear or first.unclear),)
    whole = _complete(structured, first) if complete else _filled(structured, first)
    return (whole, *later)


def _complete(structured: StepAmount, said: StepAmount) -> StepAmount:
    """The structure says all: the words may only say the same."""
    days = structured.days or said.days
    if said.daily is not None and structured.daily is not None:
        least = structs.replace(said.daily, least=structured.daily.least) if structured.as_needed else said.daily
        agrees = structured.daily.nearly(least) or (said.as_needed and structured.daily.most == said.daily.most)
    elif said.dose is not None:
        whole = structured.daily is not None and structured.daily.same(said.dose)
        agrees = whole or (structured.dose is not None and structured.dose.nearly(said.dose))
    else:
        agrees = said.frequency is None or said.frequency.once or _alike(said.frequency, structured.frequency)
    if not agrees:
        return _disagreeing(structured)
    return _as_needed(structs.replace(structured, days=days, as_needed=structured.as_needed or said.as_needed))


def _filled(structured: StepAmount, said: StepAmount) -> StepAmount:
    """The structure lacks the dose or the frequency: the words give it, unless they contradict what it has."""
    dose, frequency = structured.dose or said.dose, structured.frequency or said.frequency
    if structured.dose and said.dose and not structured.dose.nearly(said.dose):
        if said.daily is None or said.frequency is None or said.frequency.once:
            return _disagreeing(structured)
        if not structured.dose.same(said.daily):
            return _disagreeing(structured)
        dose, frequency = said.dose, said.frequency
    if structured.frequency and said.frequency and not _alike(structured.frequency, said.frequency):
        return _disagreeing(structured)
    as_needed = structured.as_needed or said.as_needed
    total = daily(dose, frequency) if dose and frequency and not frequency.once else said.daily
    if said.daily is not None and total is not None and said.dose is not None and structured.dose is None:
        total = said.daily
    unclear = tuple(part for part in structured.unclear if not _answered(part, said))
    found = StepAmount(
        dose, None if unclear else total, frequency, structured.days or said.days, as_needed, unclear, said.said
    )
    return _as_needed(found)


def _answered(unclear: Unclear, said: StepAmount) -> bool:
    """Whether the words say what could not be read in the structure."""
    return (unclear.part == "frequency" and said.frequency is not None) or (
        unclear.part != "frequency" and said.dose is not None
    )


def _alike(one: Frequency, other: Frequency | None) -> bool:
    return other is not None and (one.least, one.most, one.once) == (other.least, other.most, other.once)


def _disagreeing(found: StepAmount) -> StepAmount:
    return structs.replace(
        found, dose=None, daily=None, frequency=None, unclear=(Unclear("dose", "structure and words disagree"),)
    )
