"""Red flags that nobody could check: named, so that silence is not taken for an all-clear."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Unanswered
from cds_service.chart.needs import NEEDS
from cds_service.ladder import Ladder, card, ladder, silent
from cds_service.outcomes import gaps_of


@ladder
def could_not_assess(case: Case, *, counted_needs: tuple[str, ...]) -> Ladder:
    """Fire when the rule of a red flag failed, or lacked data that count or a fact that no data would bring."""
    yield silent("all_answered", not case.unanswered)
    flags = [flag for flag in case.unanswered if _counts(flag, counted_needs)]
    yield silent("gap_does_not_count", not flags)
    yield card(
        "not_checked",
        True,
        words={
            "topics": tuple(dict.fromkeys(flag.title for flag in flags)),
            "missing": tuple(dict.fromkeys(gap for flag in flags for gap in gaps_of(case, flag))),
        },
    )


def _counts(flag: Unanswered, counted_needs: tuple[str, ...]) -> bool:
    """A failure always counts; so does a fact that is not a kind of data, such as the unit of a result."""
    return not flag.missing or any(name in counted_needs or name not in NEEDS for name in flag.missing)
