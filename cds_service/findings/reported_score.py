"""A score that somebody worked out and recorded: as an observation, or in the words of a report ("SINS 14")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Observation
from cds_service.terminology.dates import Span

_IN_WORDS = {
    "sins-score": re.compile(
        r"\b(?:SINS|spin(?:e|al) instability neoplastic score)\b(?: score)?[^0-9.;\n]{0,12}(\d{1,2})\b", re.I
    ),
    "mirels-score": re.compile(r"\bMirels?'?s?\b(?: score)?[^0-9.;\n]{0,12}(\d{1,2})\b", re.I),
}


@dataclass(frozen=True, slots=True)
class Reported:
    """Points, and the fact that states them."""

    points: int
    fact: Fact


@finding
def reported_score(case: Case, concept: str, age: Span, highest: int) -> Reported | None:
    """The newest score of this value set no older than ``age``; numbers that the scale does not have are passed over."""
    found: list[Reported] = []
    for fact in case.observations.of(concept):
        points = _points(fact, concept)
        usable = fact.status != "preliminary" and not fact.comparator and case.within(fact.when, age)
        if points is not None and usable and 0 <= points <= highest:
            found.append(Reported(points, fact))
    for report in case.reports:
        match = _IN_WORDS[concept].search(report.conclusion)
        if match and int(match[1]) <= highest and case.within(report.when, age) and report.status == "final":
            found.append(Reported(int(match[1]), report))
    return min(found, key=lambda each: (case.days_since(each.fact.when) or 0, -each.points), default=None)


def _points(fact: Observation, concept: str) -> int | None:
    """The number of an observation, or the one in its words ("SINS 14, unstable")."""
    if fact.value is not None:
        return int(fact.value.value)
    match = _IN_WORDS[concept].search(fact.text)
    return int(match[1]) if match else None
