"""What the cards cost and what they bring: burden per opening and per user, and cards shown for each one acted upon."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

FOLLOWED = timedelta(days=7)
"""How long after a card the next opening of the same record may come to tell whether it was acted upon."""
_SAME_CALL = timedelta(minutes=2)
"""Between an answer and its record in the audit, which is made when it has gone."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One answered call: when, which service, whose record (by pseudonym), which user, how many cards went out."""

    at: datetime
    service: str
    patient: tuple[str, ...]
    user: tuple[str, ...]
    cards: int


@dataclass(frozen=True, slots=True)
class Due:
    """One card that was due: shown, or held back by cap or snoozed; ``outcome`` is empty without feedback."""

    at: datetime
    service: str
    patient: tuple[str, ...]
    topic: str
    standing: str
    outcome: str


@dataclass(frozen=True, slots=True)
class BurdenRow:
    """Cards for each 100 answered calls of a service: of patient-view these are openings of a chart."""

    service: str
    calls: int
    cards: int
    per_100: float


@dataclass(frozen=True, slots=True)
class UserBurden:
    """Cards that one user saw, over those users who opened anything."""

    users: int
    median: float
    nine_of_ten: int
    most: int


NOBODY = UserBurden(0, 0.0, 0, 0)


@dataclass(frozen=True, slots=True)
class NeededRow:
    """Cards shown of a topic for each one acted upon ("number needed to alert").

    ``accepted`` by feedback, or by the chart: it has what the card asked for, dated after it; ``settled`` without either, but
    no longer due when the same service was next asked about the same patient within seven days.
    """

    topic: str
    shown: int
    accepted: int
    settled: int
    needed: float | None
    """None: none was acted upon."""


def burden(openings: Iterable[Opening]) -> tuple[BurdenRow, ...]:
    """Count cards and calls by service."""
    calls: Counter[str] = Counter()
    cards: Counter[str] = Counter()
    for one in openings:
        calls[one.service] += 1
        cards[one.service] += one.cards
    return tuple(
        BurdenRow(service, count, cards[service], round(100 * cards[service] / count, 1))
        for service, count in sorted(calls.items())
    )


def user_burden(openings: Iterable[Opening]) -> UserBurden:
    """Count cards by user; calls that name no user are left out."""
    seen: Counter[tuple[str, ...]] = Counter()
    for one in openings:
        if one.user and one.user[-1]:
            seen[one.user] += one.cards
    counts = sorted(seen.values())
    if not counts:
        return NOBODY
    return UserBurden(len(counts), float(median(counts)), counts[-(-9 * len(counts) // 10) - 1], counts[-1])


def numbers_needed(openings: Sequence[Opening], due: Sequence[Due]) -> tuple[NeededRow, ...]:
    """Count, by topic, the cards that were acted upon."""
    visits: defaultdict[tuple[object, ...], list[datetime]] = defaultdict(list)
    for opening in openings:
        visits[opening.service, opening.patient].append(opening.at)
    for moments in visits.values():
        moments.sort()
    reported: defaultdict[tuple[object, ...], list[datetime]] = defaultdict(list)
    for card in due:
        reported[card.service, card.patient, card.topic].append(card.at)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for card in due:
        if card.standing == "shown":
            count = counts[card.topic]
            count["shown"] += 1
            count["accepted"] += card.outcome == "accepted"
            count["settled"] += not card.outcome and _settled(card, visits, reported)
    return tuple(_needed(topic, count) for topic, count in sorted(counts.items()))


def _settled(
    card: Due, visits: dict[tuple[object, ...], list[datetime]], reported: dict[tuple[object, ...], list[datetime]]
) -> bool:
    """Whether the next opening of the record came in time and the card was not due then."""
    moments = visits.get((card.service, card.patient), [])
    place = bisect_right(moments, card.at + _SAME_CALL)
    if place == len(moments) or moments[place] > card.at + FOLLOWED:
        return False
    following = moments[place]
    return not any(abs(at - following) <= _SAME_CALL for at in reported[card.service, card.patient, card.topic])


def _needed(topic: str, count: Counter[str]) -> NeededRow:
    acted = count["accepted"] + count["settled"]
    needed = round(count["shown"] / acted, 1) if acted else None
    return NeededRow(topic, count["shown"], count["accepted"], count["settled"], needed)
