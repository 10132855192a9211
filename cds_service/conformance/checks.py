"""What a check is: a name, the requirements that it speaks for, and a judgement of a conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from cds_service.conformance.conversation import Conversation
from cds_service.conformance.exchange import Json

Standing = Literal["met", "not met", "not applicable"]
Judgement = Callable[[Conversation], Iterable[str]]
"""Yields what is wrong, with its place; raises :class:`NotApplicable` when there was nothing to look at."""

T = TypeVar("T")


class NotApplicable(Exception):
    """There was nothing to judge; the message says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """One judgement and the ids of the requirements that rest on it."""

    name: str
    requirements: tuple[str, ...]
    examine: Judgement


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """How one check ended; ``remarks`` say what is wrong, or why it does not apply."""

    check: Check
    standing: Standing
    remarks: tuple[str, ...] = ()


CHECKS: list[Check] = []
"""Every check, in the order of the modules that define them."""

_MOST_REMARKS = 5


def check(name: str, *requirements: str) -> Callable[[Judgement], Judgement]:
    """Enter a judgement into the list."""

    def enter(examine: Judgement) -> Judgement:
        CHECKS.append(Check(name, requirements, examine))
        return examine

    return enter


def examine(one: Check, conversation: Conversation) -> CheckFinding:
    """Run one check. A reply that the check itself stumbles over is not met: well-formed replies do not do that."""
    try:
        wrong = tuple(dict.fromkeys(one.examine(conversation)))
    except NotApplicable as reason:
        return CheckFinding(one, "not applicable", (str(reason),))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        return CheckFinding(one, "not met", (f"a reply has a shape that cannot be read ({type(error).__name__})",))
    if len(wrong) > _MOST_REMARKS:
        wrong = (*wrong[:_MOST_REMARKS], f"and {len(wrong) - _MOST_REMARKS} more")
    return CheckFinding(one, "not met" if wrong else "met", wrong)


# --- looking through answers

Placed = tuple[str, Json]


def answers(conversation: Conversation) -> Iterator[Placed]:
    """The bodies of answers with 200, with their places."""
    for call in conversation.calls:
        if call.exchange.status == 200 and isinstance(call.exchange.json, dict):
            yield call.place, call.exchange.json


def members(placed: Iterable[Placed], name: str) -> Iterator[Placed]:
    """The objects in a list member of each object."""
    for place, whole in placed:
        inner = whole.get(name)
        for position, one in enumerate(inner if isinstance(inner, list) else ()):
            if isinstance(one, dict):
                yield f"{place}: {name}[{position}]", one


def cards(conversation: Conversation) -> Iterator[Placed]:
    """Every card that was answered."""
    yield from members(answers(conversation), "cards")


def some(kind: str, found: Iterable[T]) -> list[T]:
    """All of what was found; raises :class:`NotApplicable` when there is none."""
    listed = list(found)
    if not listed:
        raise NotApplicable(f"no {kind} was seen")
    return listed


def text(value: object) -> bool:
    """Whether it is a string that says something."""
    return isinstance(value, str) and bool(value.strip())


def wrong_where(placed: Iterable[Placed], holds: Callable[[Json], bool], complaint: str) -> Iterator[str]:
    """Complain of each object for which something does not hold."""
    for place, one in placed:
        if not holds(one):
            yield f"{place}: {complaint}"
