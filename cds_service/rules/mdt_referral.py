"""Tumour board within a day of finding metastases; the team for cancer of unknown primary when there is none."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.findings.cancer import in_scope
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.finding import since
from cds_service.findings.naming import called
from cds_service.findings.new_disease import new_disease
from cds_service.findings.tumour_board import tumour_board_asked, tumour_board_held
from cds_service.findings.unknown_primary import unknown_primary
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span

_BOARDS = ("mdt", "referral-cup-team")


def mdt_referral(
    case: Case, *, new_disease_window: Span, mdt_lookback: Span, overdue_after: Span, chase_pending: bool
) -> Outcome:
    """Fire on metastases or cannonball lesions found of late that no tumour board has discussed or been asked about."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    found = new_disease(case, new_disease_window)
    if not found:
        return not_found(case, "no_new_disease", "conditions", "observations", "reports")
    held = tumour_board_held(case, mdt_lookback, *_BOARDS)
    if held:
        return NotFired("discussed", tuple(evidence_of(fact) for fact in held[:3]))
    asked = tumour_board_asked(case, mdt_lookback, *_BOARDS)
    waiting = [fact for fact in asked if fact.when is not None and not overdue_after.reaches(fact.when, case.as_of)]
    if asked and not (chase_pending and len(waiting) == len(asked)):
        return NotFired("referred", tuple(evidence_of(fact) for fact in asked[:3]))
    start = since(found)
    words: dict[str, Word] = {
        "disease": called(found.facts),
        "since": start if start is not None else "date not recorded",
    }
    evidence = tuple(evidence_of(fact) for fact in dict.fromkeys((*found.facts[:5], *asked[:2])))
    origin = unknown_primary(case)
    notes = [name for name, holds in (("comfort_care", comfort_care(case)), ("not_seen", _unseen(case))) if holds]
    if asked:
        return Fired("pending", evidence, words, tuple(notes))
    late = start is not None and not overdue_after.reaches(start, case.as_of)
    evidence += tuple(evidence_of(fact) for fact in origin.facts[:1] if fact not in found.facts)
    if origin:
        return Fired("unknown_primary", evidence, words, (*(["overdue"] if late else []), *notes), (Offer("cup_team"),))
    return Fired("overdue" if late else "new_disease", evidence, words, tuple(notes), (Offer("mdt"),))


def _unseen(case: Case) -> bool:
    return bool(case.lacking("procedures", "orders", "reports"))
