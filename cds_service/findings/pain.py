"""Pain scores of 0 to 10: the newest, whether pain persists, and which way it goes."""

from cds_service.clinical import Case, Measured, Span, finding, is_measured, said

_TOP = 10
"""Scores lie between 0 and this; a scale to 100 is another scale and is not read."""


@finding
def pain_scores(case: Case, age: Span) -> tuple[Measured, ...]:
    """Pain scores no older than ``age``, newest first; a score that was entered twice for one moment counts once."""
    found: dict[tuple[str, int], Measured] = {}
    for fact in case.recent(filter(is_measured, case.observations.of("pain-score")), age):
        if fact.when and fact.value.unit == "1" and not fact.comparator and 0 <= fact.value.value <= _TOP:
            found.setdefault((fact.when.text, points(fact)), fact)
    return tuple(found.values())


@finding
def newest_pain(case: Case, age: Span) -> Measured | None:
    """The newest usable score; of scores of one moment the worst."""
    scores = pain_scores(case, age)
    return max((score for score in scores if score.when == scores[0].when), key=points, default=None)


def points(score: Measured) -> int:
    """The score as whole points; a half point is rounded down."""
    return int(score.value.value)


@finding
def painful(case: Case, age: Span, least: int) -> Measured | None:
    """The newest score when it reaches ``least`` points."""
    newest = newest_pain(case, age)
    return newest if newest is not None and points(newest) >= least else None


@finding
def persistent_pain(case: Case, age: Span, least: int) -> tuple[Measured, ...]:
    """Scores that reach ``least`` at two or more moments, the newest among them; empty when pain does not persist."""
    reached = tuple(score for score in pain_scores(case, age) if points(score) >= least)
    moments = {score.when.text for score in reached if score.when}
    return reached if painful(case, age, least) and len(moments) > 1 else ()


@finding
def pain_trend(case: Case, age: Span) -> str:
    """``rising``, ``falling`` or ``unchanged`` from the oldest score within ``age`` to the newest; empty with fewer than two."""
    scores, newest = pain_scores(case, age), newest_pain(case, age)
    if newest is None or scores[-1].when == newest.when:
        return ""
    difference = points(newest) - points(scores[-1])
    return said("rising") if difference > 0 else said("falling") if difference < 0 else said("unchanged")
