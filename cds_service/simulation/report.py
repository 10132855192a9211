"""What a simulation found, as plain values for terminal, JSON, CSV and page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from cds_service.knowledge.cards import Knowledge
from cds_service.simulation.changes import Change
from cds_service.simulation.intervals import Share
from cds_service.simulation.question import Question
from cds_service.simulation.tally import Flip, Side, Tally

_INDICATORS = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True)
class Rate:
    """Patients (or evaluations) of 100 with a 95 % interval."""

    count: int
    of: int
    per_100: float
    low: float
    high: float

    @classmethod
    def of_share(cls, count: int, of: int) -> Rate:
        share = Share(count, of)
        low, high = share.interval
        return cls(count, of, round(100 * share.value, 2), round(100 * low, 2), round(100 * high, 2))

    def __str__(self) -> str:
        return f"{self.per_100:.1f} ({self.low:.1f} to {self.high:.1f})"


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic under both; ``indicator`` is empty for the topic as a whole."""

    topic: str
    title: str
    indicator: str
    current: Rate
    candidate: Rate | None
    gains: int = 0
    loses: int = 0
    changes: int = 0


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """Two topics due for the same patient at the same moment."""

    first: str
    second: str
    current: int
    candidate: int | None


@dataclass(frozen=True, slots=True)
class GapRow:
    """Evaluations in which a card could not tell, for want of what."""

    topic: str
    missing: str
    evaluations: int
    per_100: float


@dataclass(frozen=True, slots=True)
class FlipCount:
    topic: str
    before: str
    after: str
    evaluations: int


@dataclass(frozen=True, slots=True)
class Loads:
    """How many cards are due at once."""

    cards: int
    current: int
    candidate: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationReport:
    """A whole simulation."""

    cohort: str
    asked: str
    """When, in words."""
    patients: int
    evaluations: int
    unreadable: int
    current_version: str
    candidate_version: str
    changes: tuple[str, ...]
    any_card: TopicRow
    cards_per_100: tuple[float, float | None]
    """Cards due for 100 evaluations, current and candidate, before the cap."""
    held_back: tuple[int, int | None]
    topics: tuple[TopicRow, ...]
    flip_counts: tuple[FlipCount, ...]
    flips: tuple[Flip, ...]
    overlap: tuple[OverlapRow, ...]
    gaps: tuple[GapRow, ...]
    failures: tuple[GapRow, ...]
    silent: tuple[FlipCount, ...]
    """Cards of silent status that would speak: topic, message, indicator."""
    loads: tuple[Loads, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def simulation_report(
    tally: Tally, question: Question, differences: Iterable[Change], *, cohort: str, unreadable: int
) -> SimulationReport:
    """Sum a tally up."""
    compared = question.candidate is not None
    candidate = tally.candidate if compared else None
    when = (
        f"at each encounter up to {question.as_of:%Y-%m-%d %H:%M}"
        if question.at_encounters
        else f"as of {question.as_of:%Y-%m-%d %H:%M %Z}"
    )
    return SimulationReport(
        cohort=cohort,
        asked=when,
        patients=tally.patients,
        evaluations=tally.evaluations,
        unreadable=unreadable,
        current_version=question.current.version,
        candidate_version=question.candidate.version if question.candidate else "",
        changes=tuple(str(change) for change in differences),
        any_card=_row("", "any card", "", tally, compared),
        cards_per_100=(_due(tally.current, tally), _due(candidate, tally) if candidate else None),
        held_back=(tally.current.held_back, candidate.held_back if candidate else None),
        topics=tuple(_topics(tally, question)),
        flip_counts=tuple(
            FlipCount(*key, evaluations)
            for key, evaluations in sorted(tally.flips.items(), key=lambda item: (-item[1], item[0]))
        ),
        flips=tuple(sorted(tally.listed)),
        overlap=tuple(_overlap(tally.current, candidate)),
        gaps=tuple(_gaps(tally)),
        failures=tuple(_failures(tally)),
        silent=tuple(FlipCount(*key, n) for key, n in sorted((candidate or tally.current).silent.items())),
        loads=tuple(
            Loads(cards, tally.current.cards[cards], candidate.cards[cards] if candidate else None)
            for cards in range(max((*tally.current.cards, *(candidate.cards if candidate else ())), default=0) + 1)
        ),
    )


def _due(side: Side, tally: Tally) -> float:
    due = sum(cards * evaluations for cards, evaluations in side.cards.items())
    return round(100 * due / tally.evaluations, 2) if tally.evaluations else 0.0


def _row(topic: str, title: str, indicator: str, tally: Tally, compared: bool) -> TopicRow:
    def patients(side: Side) -> int:
        return side.indicators[topic, indicator] if indicator else side.patients[topic]

    return TopicRow(
        topic=topic,
        title=title,
        indicator=indicator,
        current=Rate.of_share(patients(tally.current), tally.patients),
        candidate=Rate.of_share(patients(tally.candidate), tally.patients) if compared else None,
        gains=0 if indicator else tally.flipped_patients[topic, "gains"],
        loses=0 if indicator else tally.flipped_patients[topic, "loses"],
        changes=0 if indicator else tally.flipped_patients[topic, "changes"],
    )


def _topics(tally: Tally, question: Question) -> Iterator[TopicRow]:
    """Every topic that anything is known of, each indicator below it."""
    compared = question.candidate is not None
    for topic, title in _titles(question.current, question.candidate).items():
        asked = any(key[0] == topic for side in (tally.current, tally.candidate) for key in side.outcomes)
        if not asked:
            continue
        yield _row(topic, title, "", tally, compared)
        for indicator in _INDICATORS:
            if tally.current.indicators[topic, indicator] or tally.candidate.indicators[topic, indicator]:
                yield _row(topic, title, indicator, tally, compared)


def _titles(current: Knowledge, candidate: Knowledge | None) -> dict[str, str]:
    titles = {topic: card.title for topic, card in current.cards.items()}
    return titles | ({topic: card.title for topic, card in candidate.cards.items()} if candidate else {})


def _overlap(current: Side, candidate: Side | None) -> list[OverlapRow]:
    pairs = current.overlap.keys() | (candidate.overlap.keys() if candidate else set())
    rows = [
        OverlapRow(
            first, second, current.overlap[first, second], candidate.overlap[first, second] if candidate else None
        )
        for first, second in pairs
    ]
    return sorted(rows, key=lambda row: (-max(row.current, row.candidate or 0), row.first, row.second))[:40]


def _gaps(tally: Tally) -> Iterator[GapRow]:
    for (topic, missing), evaluations in sorted(tally.current.missing.items(), key=lambda item: (-item[1], item[0])):
        yield GapRow(topic, missing, evaluations, round(100 * evaluations / max(1, tally.evaluations), 2))


def _failures(tally: Tally) -> Iterator[GapRow]:
    for side in (tally.current, tally.candidate):
        for (topic, kind, name, _), evaluations in sorted(side.outcomes.items()):
            if kind == "failed":
                yield GapRow(topic, name, evaluations, round(100 * evaluations / max(1, tally.evaluations), 2))


def csv_rows(report: SimulationReport) -> Iterator[list[str]]:
    """The rates as rows for a spreadsheet, then the flips."""
    yield ["topic", "indicator", "knowledge", "patients_with_card", "patients", "per_100", "low_95", "high_95"]
    for row in (report.any_card, *report.topics):
        for name, rate in (("current", row.current), ("candidate", row.candidate)):
            if rate is not None:
                figures = (rate.count, rate.of, rate.per_100, rate.low, rate.high)
                yield [row.topic or "any", row.indicator, name, *map(str, figures)]
    if report.flips:
        yield []
        yield ["topic", "patient", "moment", "before", "after", "rung", "because", "evidence"]
        for flip in report.flips:
            yield [
                flip.topic,
                flip.patient,
                flip.moment,
                flip.before,
                flip.after,
                flip.rung,
                "; ".join(flip.because),
                "; ".join(flip.evidence),
            ]
