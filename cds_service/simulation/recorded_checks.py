"""Comparisons that a rule makes with a parameter, recorded so that another value can be tried without running the rule.

A rule is a pure function of case and parameters. If every question that it asked of a limit (does this calcium lie above
you?) or a span (do you reach back to this day?) has the same answer for another value, the rule says the same. Any other use
of the parameter, such as reading its number, cannot be replayed and is noted as such. Putting it into a memory of findings
counts for nothing: the finding itself asks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from cds_service.terminology.dates import Moment, Span
from cds_service.terminology.quantities import Limit, Quantity


@dataclass(frozen=True, slots=True)
class Check:
    """One question to a limit or span, with its answer under the value in force."""

    axis: int
    """Which of the swept parameters was asked."""
    quantity: Quantity | None
    moment: Moment | None
    as_of: datetime | None
    answer: int | None
    """``None``: the limit says nothing of this unit."""

    def holds(self, value: Limit | Span) -> bool:
        """Whether another value gives the same answer."""
        if self.quantity is not None and isinstance(value, Limit):
            return value.side(self.quantity) == self.answer
        if self.moment is not None and self.as_of is not None and isinstance(value, Span):
            return int(value.reaches(self.moment, self.as_of)) == self.answer
        return False


@dataclass(slots=True)
class Notes:
    """What was asked while a rule ran."""

    checks: list[Check] = field(default_factory=list)
    blind: bool = False
    """A parameter was used in a way that cannot be replayed."""
    unwatched: bool = False
    """A parameter is a number or a word, whose use nobody sees."""


def recording(value: Any, axis: int, notes: Notes) -> Any:
    """Give a copy that notes its use; a number or word is given back as it is, and noted as unwatched."""
    if isinstance(value, Limit):
        return _copy(_WatchedLimit, value, axis, notes)
    if isinstance(value, Span):
        return _copy(_WatchedSpan, value, axis, notes)
    notes.unwatched = True
    return value


def _copy(twin: Any, value: Limit | Span, axis: int, notes: Notes) -> Any:
    copy = object.__new__(twin)
    for item in fields(value):
        object.__setattr__(copy, item.name, getattr(value, item.name))
    for name, own in (("_value", value), ("_axis", axis), ("_notes", notes)):
        object.__setattr__(copy, name, own)
    return copy


def _noting(answerable: Collection[str]) -> Callable[[Any, str], Any]:
    """Make ``__getattribute__``: these methods are answered by the plain value and noted, all else is noted as blind."""

    def look(self: Any, name: str) -> Any:
        get = object.__getattribute__
        if name in answerable:
            return get(self, f"asked_{name}")
        if name != "__class__":
            get(self, "_notes").blind = True
        return get(self, name)

    return look


def _same(self: object, other: object) -> bool:
    if other is not self:
        object.__getattribute__(self, "_notes").blind = True
        return bool(object.__getattribute__(self, "_value") == other)
    return True


def _identity(self: object) -> int:
    return id(self)


def _asked_side(self: Any, quantity: Quantity) -> int | None:
    get = object.__getattribute__
    answer: int | None = get(self, "_value").side(quantity)
    get(self, "_notes").checks.append(Check(get(self, "_axis"), quantity, None, None, answer))
    return answer


def _asked_compare(self: Any, quantity: Quantity) -> int:
    answer = _asked_side(self, quantity)
    return object.__getattribute__(self, "_value").compare(quantity) if answer is None else answer  # raises


def _asked_reaches(self: Any, moment: Moment, as_of: datetime) -> bool:
    get = object.__getattribute__
    answer: bool = get(self, "_value").reaches(moment, as_of)
    get(self, "_notes").checks.append(Check(get(self, "_axis"), None, moment, as_of, int(answer)))
    return answer


def _twin(kind: Any, **asked: Callable[..., Any]) -> Any:
    members = {
        "__slots__": ("_axis", "_notes", "_value"),
        "__getattribute__": _noting(asked.keys()),
        "__eq__": _same,
        "__hash__": _identity,
        **{f"asked_{name}": answer for name, answer in asked.items()},
    }
    return type(f"Watched{kind.__name__}", (kind,), members)


_WatchedLimit = _twin(Limit, side=_asked_side, compare=_asked_compare)
_WatchedSpan = _twin(Span, reaches=_asked_reaches)
