"""Whose rate has drifted: a card that comes twice as often as before, or not at all, within a week.

Either is seldom medicine: an upgrade of the EHR that renamed its codes, a list of codes too wide, a knowledge change.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, func, select

from cds_service.service.store.tables import audit, shown_cards

LATELY, BEFORE = timedelta(days=7), timedelta(days=28)
"""The week that is judged, and the time before it that it is judged by."""
FEWEST = 5
"""Cards expected, or seen, before a change is more than chance (of five expected, none come in 1 of 150 weeks)."""
DEVIATIONS = 3
"""How many standard deviations above the expected count (Poisson) a doubled one must lie."""
_DUE = ("shown", "capped", "snoozed", "withheld", "silent")


@dataclass(frozen=True, slots=True)
class Drift:
    """One card of one service whose rate has doubled or fallen to nothing; rates are per 100 calls."""

    service: str
    topic: str
    kind: Literal["doubled", "fell to nothing"]
    before: float
    lately: float

    @property
    def sentence(self) -> str:
        what = "is due twice as often as before" if self.kind == "doubled" else "has not been due for a week"
        return f"{self.topic} {what}: {self.before:.1f} -> {self.lately:.1f} per 100 calls of {self.service}"


def drifts(connection: Connection, now: datetime) -> tuple[Drift, ...]:
    """Compare the last seven days with the 28 before; silent where the counts are too few to tell."""
    week, start = now - LATELY, now - LATELY - BEFORE
    calls_before, calls_lately = _calls(connection, start, week), _calls(connection, week, now)
    before, lately = _cards(connection, start, week), _cards(connection, week, now)
    found = []
    for service, topic in sorted(before.keys() | lately.keys()):
        count, earlier, calls = before[service, topic], calls_before[service], calls_lately[service]
        if not earlier or not calls:
            continue
        kind = drifted(count * calls / earlier, lately[service, topic])
        if kind is not None:
            rates = (100 * count / earlier, 100 * lately[service, topic] / calls)
            found.append(Drift(service, topic, kind, round(rates[0], 2), round(rates[1], 2)))
    return tuple(found)


def drifted(expected: float, seen: int) -> Literal["doubled", "fell to nothing"] | None:
    """Say whether a count is none where some were due, or twice what was due and beyond chance."""
    if seen == 0:
        return "fell to nothing" if expected >= FEWEST else None
    beyond_chance = seen - expected >= DEVIATIONS * expected**0.5
    return "doubled" if seen >= max(FEWEST, 2 * expected) and beyond_chance else None


def _calls(connection: Connection, since: datetime, until: datetime) -> Counter[str]:
    """Answered calls by service."""
    answered = (audit.c.door == "hook", audit.c.status == 200, audit.c.at >= since, audit.c.at < until)
    query = select(audit.c.service, func.count()).where(*answered).group_by(audit.c.service)
    return Counter({service: int(count) for service, count in connection.execute(query)})


def _cards(connection: Connection, since: datetime, until: datetime) -> Counter[tuple[str, str]]:
    """Cards due, whatever became of them, by service and topic."""
    cards = shown_cards.c
    due = (cards.variant == "", cards.standing.in_(_DUE), cards.shown_at >= since, cards.shown_at < until)
    query = select(cards.service, cards.topic, func.count()).where(*due).group_by(cards.service, cards.topic)
    return Counter({(service, topic): int(count) for service, topic, count in connection.execute(query)})
