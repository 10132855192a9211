"""What one step of an instruction amounts to: a dose, what a day comes to, or why neither can be known."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from msgspec import Struct, structs

from cds_service.chart.orders.amounts import BARE, Amount, Frequency, Unclear, daily, every, per_day
from cds_service.chart.orders.phrases import Dose, Scheme, Total
from cds_service.chart.orders.product import Product
from cds_service.chart.orders.sentences import Statement, Step
from cds_service.chart.orders.timing import combined
from cds_service.terminology.said import said as in_words


class StepAmount(Struct, frozen=True):
    """One step. What is ``None`` without a word in ``unclear`` is not stated."""

    dose: Amount | None = None
    daily: Amount | None = None
    """From the least to the most that a day may come to; "as needed" may be nothing."""
    frequency: Frequency | None = None
    days: Decimal | None = None
    as_needed: bool = False
    unclear: tuple[Unclear, ...] = ()
    said: str = ""
    """The words, for a reader."""

    @property
    def understood(self) -> bool:
        return not self.unclear

    @property
    def length(self) -> Decimal | None:
        """Days from its beginning to its end; a single dose counts as one."""
        return self.days or (Decimal(1) if self.frequency is not None and self.frequency.once else None)

    @property
    def interval_days(self) -> int | None:
        """Days between doses, when they are given daily or less often."""
        frequency = self.frequency
        if frequency is None or frequency.once or not frequency.exact or not 0 < frequency.least <= 1:
            return None
        return round(1 / frequency.least)


def amount_of_step(step: Step, product: Product, said: str) -> StepAmount:
    """Add up what a step in words says; a number that nobody could read makes all of it unclear."""
    days = Decimal(step.days.numerator) / step.days.denominator if step.days is not None else None
    as_needed = step.as_needed or any(statement.as_needed for statement in step.statements)
    frame = StepAmount(days=days, as_needed=as_needed, said=said)
    if step.unread:
        return structs.replace(frame, unclear=(Unclear("dose", f"{said[:_SHOWN]!r}"),))
    here = _with_strengths(product, step)
    parts = [_part(statement, here) for statement in step.statements]
    found = _together(parts, [statement.joints for statement in step.statements], frame)
    if step.total is not None:
        found = _with_total(found, step, here)
    elif step.divided is not None:
        found = _in_doses(found, step.divided)
    if step.rate and found.dose is None and not found.unclear:
        found = _unclear(found, "dose", "given at a rate")
    found = structs.replace(found, daily=_least_nothing(found.daily)) if as_needed and len(parts) < 2 else found
    return _capped(found, step.maximum, here)


_SHOWN = 80


def _unclear(found: StepAmount, part: str, why: str) -> StepAmount:
    unclear = Unclear(part, why)  # type: ignore[arg-type]
    return structs.replace(found, dose=None, daily=None, unclear=(*found.unclear, unclear))


def _with_strengths(product: Product, step: Step) -> Product:
    """The product with the strength that the instruction itself names."""
    stated = tuple(dict.fromkeys(step.strengths))
    if not stated:
        return product
    if len(stated) > 1 or (product.strengths and not product.says(stated[0])):
        return structs.replace(product, unclear=Unclear("strength", "two strengths are stated"))
    return structs.replace(product, strengths=stated) if not product.strengths else product


def _part(statement: Statement, product: Product) -> StepAmount:
    by_meals = statement.dose is not None and statement.scheme is None  # else how much a day is stated without them
    how_often = combined(one for one in statement.frequencies if by_meals or one.given_as != "meals")
    if isinstance(how_often, Unclear):
        return StepAmount(unclear=(how_often,), as_needed=statement.as_needed)
    if statement.scheme is not None:
        return _by_scheme(statement, statement.scheme, how_often, product)
    if statement.dose is None:
        return StepAmount(frequency=how_often, as_needed=statement.as_needed)
    dose, frequency = statement.dose, how_often
    if (
        dose.multiplied and how_often is not None and how_often.given_as == "day"
    ):  # "3 x 4 mg daily" is three times 4 mg
        frequency = per_day(Fraction(dose.amount.least))
        dose = Dose(dose.each or dose.amount)
    if dose.times is not None:  # "2 x 2 tablets daily"
        if how_often is None or how_often.given_as != "day":
            return StepAmount(unclear=(Unclear("frequency", f"{dose.times} x {dose.amount}"),))
        frequency = per_day(Fraction(dose.times))
    amount = measured(dose, product)
    if isinstance(amount, Unclear):
        return StepAmount(frequency=frequency, as_needed=statement.as_needed, unclear=(amount,))
    total = daily(amount, frequency) if frequency is not None and not frequency.once else None
    total = _least_nothing(total) if statement.as_needed else total
    return StepAmount(amount, total, frequency, as_needed=statement.as_needed)


def measured(dose: Dose, product: Product) -> Amount | Unclear:
    """A dose in a unit of measurement, by the words themselves and by the product; where both speak they must agree."""
    by_product = product.measure(dose.amount)
    if dose.whole is not None:
        return _agreeing(dose.whole, by_product)
    if dose.each is not None:
        each = product.measure(dose.each)
        if isinstance(each, Unclear):
            return each
        whole = Amount(each.least * dose.amount.least, each.most * dose.amount.most, each.unit)
        return whole if dose.amount.unit == BARE else _agreeing(whole, by_product)
    if dose.beside is not None:
        return _beside(dose, dose.beside, by_product, product)
    return by_product


def _agreeing(stated: Amount, by_product: Amount | Unclear) -> Amount | Unclear:
    if isinstance(by_product, Amount) and not by_product.nearly(stated):
        return Unclear(
            "dose",
            in_words(
                "{stated} in the words, {product} by the strength of the product",
                stated=stated.phrase,
                product=by_product.phrase,
            ),
        )
    return stated


def _beside(dose: Dose, beside: Amount, by_product: Amount | Unclear, product: Product) -> Amount | Unclear:
    """``2 tablets (8 mg)``: the whole, or what one holds?"""
    if isinstance(by_product, Amount):
        one = product.measure(structs.replace(dose.amount, least=Decimal(1), most=Decimal(1)))
        if by_product.nearly(beside) or (isinstance(one, Amount) and one.nearly(beside)):
            return by_product
        return _agreeing(beside, by_product)
    if dose.amount.exact and dose.amount.least == 1:
        return beside
    return Unclear(
        "dose", in_words("{amount} ({beside}): one or all of them?", amount=dose.amount.phrase, beside=beside.phrase)
    )


def _by_scheme(statement: Statement, scheme: Scheme, how_often: Frequency | None, product: Product) -> StepAmount:
    """``1-0-1-0``: tablets, or how often a dose that stands beside it is taken."""
    times = [part for part in scheme.parts if part]
    if not times or (how_often is not None and how_often.given_as == "rate" and how_often.least != len(times)):
        return StepAmount(unclear=(Unclear("frequency", "two frequencies that disagree"),))
    frequency = per_day(Fraction(len(times)))
    if statement.dose is not None:
        if set(times) != {1}:
            return StepAmount(
                unclear=(
                    Unclear(
                        "dose",
                        in_words(
                            "{amount} and a scheme of more than one at a time", amount=statement.dose.amount.phrase
                        ),
                    ),
                )
            )
        amount = measured(statement.dose, product)
        if isinstance(amount, Unclear):
            return StepAmount(frequency=frequency, unclear=(amount,))
        return StepAmount(amount, daily(amount, frequency), frequency, as_needed=statement.as_needed)
    whole = product.measure(_exactly(sum(times, Decimal(0)), scheme))
    single = product.measure(_exactly(times[0], scheme))
    if isinstance(whole, Unclear) or isinstance(single, Unclear):
        return StepAmount(
            frequency=frequency, unclear=(next(one for one in (whole, single) if isinstance(one, Unclear)),)
        )
    return StepAmount(single if len(set(times)) == 1 else None, whole, frequency, as_needed=statement.as_needed)


def _exactly(value: Decimal, scheme: Scheme) -> Amount:
    return Amount(value, value, scheme.unit, scheme.counted)


def _together(parts: list[StepAmount], joints: list[str], frame: StepAmount) -> StepAmount:
    """Statements of one step: in brackets they say the same again, joined by "and" or by times of day they add up."""
    if not parts:
        return frame
    first, *others = parts
    whole = structs.replace(frame, dose=first.dose, daily=first.daily, frequency=first.frequency, unclear=first.unclear)
    for part, joint in zip(others, joints[1:], strict=True):
        if part.unclear or whole.unclear or whole.daily is None or part.daily is None:
            unclear = (*whole.unclear, *part.unclear) or (Unclear("frequency", f"{frame.said[:_SHOWN]!r}"),)
            return structs.replace(frame, unclear=unclear)
        same = whole.daily.same(part.daily)
        if "(" in joint or (same and "a" not in joint and not _both_by_times(whole, part)):
            if not same:
                return _unclear(frame, "dose", "two doses that disagree")
            continue
        total = whole.daily.plus(part.daily)
        if total is None or not ("a" in joint or _both_by_times(whole, part)):
            return _unclear(frame, "dose", "two doses, together or one after the other?")
        alike = whole.dose is not None and part.dose is not None and whole.dose.same(part.dose)
        frequency = whole.frequency if alike else None
        if alike and whole.frequency is not None and part.frequency is not None:
            frequency = per_day(
                whole.frequency.least + part.frequency.least,
                whole.frequency.most + part.frequency.most,
                given_as="times",
            )
        whole = structs.replace(whole, dose=whole.dose if alike else None, daily=total, frequency=frequency)
    return whole


def _both_by_times(one: StepAmount, other: StepAmount) -> bool:
    known = [part.frequency for part in (one, other) if part.frequency is not None]
    return all(frequency.given_as == "times" for frequency in known) and bool(known)


def _with_total(found: StepAmount, step: Step, product: Product) -> StepAmount:
    """``16 mg/day in 4 divided doses``; a total beside a whole statement must be what that one comes to."""
    assert step.total is not None
    amount = measured(step.total.dose, product)
    if found.unclear or isinstance(amount, Unclear):
        unclear = (*found.unclear, amount) if isinstance(amount, Unclear) else found.unclear
        return structs.replace(found, dose=None, daily=None, unclear=unclear)
    days = step.total.days
    total = amount.times(1 / days)
    if found.daily is not None:
        return (
            found
            if found.daily.same(total)
            else _unclear(
                found, "dose", in_words("{total} a day and {daily} a day", total=total.phrase, daily=found.daily.phrase)
            )
        )
    if found.dose is not None:
        return _unclear(found, "frequency", f"{found.said[:_SHOWN]!r}")
    stated = structs.replace(found, daily=total)
    if days != 1:
        return structs.replace(stated, dose=amount, frequency=every(days))
    if step.divided is not None:
        return _in_doses(structs.replace(stated, dose=amount, frequency=every(days)), step.divided)
    if found.frequency is not None and (not found.frequency.exact or found.frequency.least != 1):
        return _unclear(found, "dose", in_words("{total} a day, or each time?", total=total.phrase))
    return structs.replace(stated, frequency=found.frequency, dose=amount if found.frequency else None)


def _in_doses(found: StepAmount, divided: Decimal) -> StepAmount:
    """A daily dose that is given in several; of what is given more seldom, so many doses are how often in all."""
    if found.daily is None or found.dose is None or found.frequency is None or found.frequency.most < 1:
        return found
    if found.frequency.most > 1:
        return _unclear(found, "dose", "divided doses of a dose that is given several times a day")
    if not divided:
        return structs.replace(found, dose=None, frequency=None)
    share = 1 / Fraction(divided)
    frequency = per_day(found.frequency.least / share, found.frequency.most / share)
    return structs.replace(found, dose=found.dose.times(share), frequency=frequency)


def _capped(found: StepAmount, maximum: Total | None, product: Product) -> StepAmount:
    """A stated maximum is the most that a day may come to."""
    if maximum is None or found.unclear:
        return found
    amount = measured(maximum.dose, product)
    if isinstance(amount, Unclear):
        return structs.replace(found, unclear=(amount,), daily=None)
    most = amount.times(1 / maximum.days)
    if found.daily is None:
        nothing_else = found.dose is None or found.as_needed
        return structs.replace(found, daily=_least_nothing(most)) if nothing_else else found
    alike = most.to(found.daily.unit)
    if alike is None or alike.most < found.daily.least:
        return _unclear(
            found, "dose", in_words("{daily} a day, and at most {most}", daily=found.daily.phrase, most=most.phrase)
        )
    return structs.replace(found, daily=structs.replace(found.daily, most=min(found.daily.most, alike.most)))


def _least_nothing(amount: Amount | None) -> Amount | None:
    return structs.replace(amount, least=Decimal(0)) if amount is not None else None
