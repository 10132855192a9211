"""The patient on a time line: problems, reports, treatments, medicines and orders, each with what rests on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cds_service.chart.facts import Fact
from cds_service.engine.evidence import evidence_value
from cds_service.engine.phrases import Phrases, plain_text
from cds_service.outcomes import evidence_of
from cds_service.service.consultation import Consultation
from cds_service.terminology.said import said
from cds_service.view.disease import name_of
from cds_service.view.scale import TimeScale

_LANES = {
    "conditions": said("Problems"),
    "reports": said("Reports, imaging"),
    "procedures": said("Procedures"),
    "medications": said("Medicines"),
    "orders": said("Orders"),
    "observations": said("Results and signs"),
}
_MOST = 40
_HEIGHT = 26


@dataclass(frozen=True, slots=True)
class Mark:
    """One fact: from ``start`` to ``end``, per cent of the width, and in days ago."""

    says: str
    start: float
    end: float
    ago: int
    until: int
    decided: bool
    """A card that is due rests on it."""


@dataclass(frozen=True, slots=True)
class Lane:
    title: str
    marks: tuple[Mark, ...]
    y: int
    left_out: int
    """Older ones that are not drawn."""


@dataclass(frozen=True, slots=True)
class Timeline:
    lanes: tuple[Lane, ...]
    scale: TimeScale
    undated: tuple[str, ...]

    @property
    def height(self) -> int:
        return _HEIGHT * len(self.lanes) + 24


def timeline(consultation: Consultation) -> Timeline:
    """Draw what is dated; what is not is listed."""
    case, now = consultation.case, consultation.moment
    kinds = {kind: [fact for fact in getattr(case, kind) if not getattr(fact, "draft", False)] for kind in _LANES}
    every = [fact.when for facts in kinds.values() for fact in facts if fact.when is not None]
    scale = TimeScale(now, max([90, *(moment.days_before(now) for moment in every)]))
    decided = {
        item.reference for verdict in consultation.verdicts if verdict.fired for item in verdict.outcome.evidence
    }
    phrases = consultation.phrases
    lanes = [(phrases.word(_LANES[kind]), _marks(facts, scale, decided, phrases)) for kind, facts in kinds.items()]
    drawn = [(title, marks) for title, marks in lanes if marks]
    undated = [fact.label for facts in kinds.values() for fact in facts if fact.when is None]
    return Timeline(
        tuple(
            Lane(title, tuple(marks[:_MOST]), at * _HEIGHT, max(0, len(marks) - _MOST))
            for at, (title, marks) in enumerate(drawn)
        ),
        scale,
        tuple(dict.fromkeys(plain_text(label) for label in undated if label)),
    )


def _marks(facts: Iterable[Fact], scale: TimeScale, decided: set[str], phrases: Phrases) -> list[Mark]:
    """What decided goes first, so that it is drawn whatever else there is; else the newest first."""
    marks = [_mark(fact, scale, fact.reference in decided, phrases) for fact in facts if fact.when is not None]
    return sorted(marks, key=lambda mark: (not mark.decided, mark.ago))


def _mark(fact: Fact, scale: TimeScale, decided: bool, phrases: Phrases) -> Mark:
    when = fact.when
    assert when is not None
    ended = getattr(fact, "ended", None) or getattr(fact, "abated", None)
    quoted = evidence_of(fact)
    value = evidence_value(quoted, phrases)
    until = scale.ago(ended) if ended is not None else scale.ago(when)
    days = phrases.day(when)
    if ended is not None:
        days = phrases.say("{start} to {end}", start=days, end=phrases.day(ended))
    parts = (name_of(fact, phrases), value, phrases.word(quoted.remark), days)
    return Mark(
        ", ".join(part for part in parts if part),
        scale.share(scale.ago(when)),
        scale.share(until),
        scale.ago(when),
        until,
        decided,
    )
