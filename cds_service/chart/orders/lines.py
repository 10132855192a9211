"""The lines of a dosage as steps: one after the other or together, which of them is in force, and when all are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct, structs

from cds_service.chart.orders.amounts import Unclear
from cds_service.chart.orders.step_amounts import StepAmount


class Line(Struct, frozen=True):
    """One line of a dosage with what orders it among the others."""

    steps: tuple[StepAmount, ...]
    sequence: Decimal | None = None
    start: datetime | None = None
    end: datetime | None = None


class Route(Struct, frozen=True):
    """The way a medicine is given: as written, and by our name for it (``oral``, ``intravenous``) where that is known."""

    text: str = ""
    name: str = ""


class Dosing(Struct, frozen=True):
    """A dosage without a moment: its lines in order."""

    lines: tuple[Line, ...] = ()
    route: Route = Route()
    text: str = ""

    @property
    def steps(self) -> tuple[StepAmount, ...]:
        """The steps of a taper in order; one where the dose does not change."""
        return tuple(step for line in self.lines for step in line.steps)

    @property
    def until(self) -> str | None:
        """The end of its bounds, where every line has one."""
        ends = [line.end for line in self.lines if line.end is not None]
        return max(ends).isoformat() if ends and len(ends) == len(self.lines) else None

    def over(self, since: datetime | None) -> datetime | None:
        """When the last of its steps is over, where each says for how long it is given; a single dose counts as a day."""
        start = next((line.start for line in self.lines if line.start is not None), since)
        days = [step.length for step in self.steps if step.length is not None]
        if start is None or not days or len(days) < len(self.steps):
            return None
        return start + timedelta(days=float(sum(days)))

    def at(self, as_of: datetime, since: datetime | None) -> StepAmount:
        """The step in force. ``since`` is when it began, for steps that are given by their length only."""
        return _in_force(self.lines, as_of, since)


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Lines as steps, one after the other, or as one when they hold together."""
    if len(lines) < 2:
        return list(lines)
    if all(line.start is not None for line in lines):
        ordered = sorted(lines, key=_start)
        if all(one.end is not None and one.end <= _start(then) for one, then in pairwise(ordered)):
            return ordered
        if len({line.start for line in lines}) == len({line.end for line in lines}) == 1:
            return [_concurrent(lines)]
    sequences = [line.sequence for line in lines]
    if None not in sequences and len(set(sequences)) == len(lines):
        ordered = sorted(lines, key=_sequence)
        if all(line.steps[-1].days is not None for line in ordered[:-1]):
            return ordered
        return [_undecided(lines, "lines one after the other, without how long")]
    bounded = any(line.start or line.end or line.steps[-1].days is not None for line in lines)
    by_times = all(
        step.frequency is not None and step.frequency.given_as == "times" for line in lines for step in line.steps
    )
    needed = sum(not line.steps[0].as_needed for line in lines) <= 1
    if by_times or needed or (not bounded and len(set(sequences)) == 1 and sequences[0] is not None):
        return [_concurrent(lines)]
    return [_undecided(lines, "several lines, together or one after the other?")]


def _start(line: Line) -> datetime:
    assert line.start is not None
    return line.start


def _sequence(line: Line) -> Decimal:
    return line.sequence or Decimal(0)


def _undecided(lines: Sequence[Line], why: str) -> Line:
    doses = [line.steps[0].dose for line in lines]
    alike = doses[0] if doses[0] is not None and all(one is not None and one.same(doses[0]) for one in doses) else None
    rates = {line.steps[0].frequency for line in lines}
    frequency = rates.pop() if len(rates) == 1 else None
    return Line(steps=(StepAmount(alike, frequency=frequency, unclear=(Unclear("dose", why),)),))


def _concurrent(lines: Sequence[Line]) -> Line:
    """Lines that hold together: their days add up; one that is not clear leaves the sum open."""
    if any(len(line.steps) > 1 for line in lines):
        return _undecided(lines, "several lines with steps of their own")
    whole = lines[0].steps[0]
    for line in lines[1:]:
        part = line.steps[0]
        unclear = (*whole.unclear, *part.unclear)
        total = whole.daily.plus(part.daily) if whole.daily and part.daily else None
        if total is None and not unclear:
            unclear = (Unclear("dose", "several lines, and one does not say how much a day"),)
        alike = whole.dose is not None and part.dose is not None and whole.dose.same(part.dose)
        rates = {whole.frequency, part.frequency}
        frequency = whole.frequency if len(rates) == 1 else None
        whole = structs.replace(
            whole,
            dose=whole.dose if alike else None,
            daily=None if unclear else total,
            frequency=frequency,
            unclear=unclear,
            as_needed=whole.as_needed and part.as_needed,
        )
    return Line(steps=(whole,))


def _in_force(lines: tuple[Line, ...], as_of: datetime, since: datetime | None) -> StepAmount:
    """The step that holds now: by its dates, by the lengths of those before it, for a draft the first."""
    if not lines:
        return StepAmount()
    if len(lines) > 1 and all(line.start is not None for line in lines):
        begun = [line for line in lines if _start(line) <= as_of] or [lines[0]]
        return _repeating(begun[-1].steps)
    steps = tuple(step for line in lines for step in line.steps)
    elapsed = Decimal((as_of - since).days) if since is not None and since < as_of else Decimal(0)
    return _repeating(_remaining(steps, elapsed))


def _remaining(steps: tuple[StepAmount, ...], elapsed: Decimal) -> tuple[StepAmount, ...]:
    """The steps that are not over after so many days; one without a length is over when nobody knows."""
    while len(steps) > 1 and elapsed > 0:
        if steps[0].days is None:
            return (StepAmount(unclear=(Unclear("later steps", "which step is in force is not known"),)),)
        if elapsed < steps[0].days:
            break
        elapsed -= steps[0].days
        steps = steps[1:]
    return steps


def _repeating(steps: tuple[StepAmount, ...]) -> StepAmount:
    """The first step that is given again and again: a single dose before it is over when it begins."""
    first = steps[0]
    single = first.frequency is None or first.frequency.once
    if len(steps) > 1 and single and first.dose is not None and steps[1].daily is not None:
        return steps[1]
    return first
