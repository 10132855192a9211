"""Red flags that nobody could check: named, so that silence is not taken for an all-clear."""

from cds_service.clinical import NEEDS, Case, Unanswered, lacked
from cds_service.ladder import Ladder, card, ladder, silent

_DRAFTS = "draft_orders"


@ladder
def could_not_assess(case: Case, *, counted_needs: tuple[str, ...]) -> Ladder:
    """Fire when the rule of a red flag failed, or lacked data that count, or something that concerns it cannot be used."""
    yield silent("all_answered", not case.unanswered)
    ordering = case.hook != "patient-view"  # then the check of an order names what it cannot do without
    counted = tuple(NEEDS) if ordering else counted_needs
    flags = [flag for flag in case.unanswered if _counts(flag, counted)]
    yield silent("gap_does_not_count", not flags)
    missing = tuple(dict.fromkeys(lack for flag in flags for lack in lacked(case, flag)))
    yield card(
        "not_checked",
        *(flag.evidence for flag in flags),
        words={
            "topics": tuple(dict.fromkeys(flag.title[:1].lower() + flag.title[1:] for flag in flags)),
            "missing": missing,
        },
        notes={"missing": missing},
        gaps=tuple(dict.fromkeys(gap for flag in flags for gap in flag.gaps)),
    )


def _counts(flag: Unanswered, counted_needs: tuple[str, ...]) -> bool:
    """A failure always counts; so does a fact that is not a kind of data, such as the unit of a result.

    Of gaps one of what is being ordered counts, one that is known to concern the question, and one of data that count.
    """
    failed = not flag.missing and not flag.gaps
    lacks = any(name in counted_needs or name not in NEEDS for name in flag.missing)
    return failed or lacks or any(gap.concepts or gap.need in (_DRAFTS, *counted_needs) for gap in flag.gaps)
