"""Tumour board within a day of finding metastases; the team for cancer of unknown primary when there is none."""

from functools import partial

from cds_service.clinical import Case, Span
from cds_service.findings.cancer import unknown_primary
from cds_service.findings.disease_course import new_disease
from cds_service.findings.finding import known_since
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.studies import board_held, under_way
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent

_BOARDS = ("mdt", "referral-cup-team")


@cancer_ladder
def mdt_referral(
    case: Case, *, new_disease_window: Span, mdt_lookback: Span, overdue_after: Span, chase_pending: bool
) -> Ladder:
    """Fire on metastases or cannonball lesions found of late that no tumour board has discussed or been asked about."""
    found = new_disease(case, new_disease_window)
    yield absent("no_new_disease", found, needs=("conditions", "observations", "reports"))
    yield silent("discussed", board_held(case, mdt_lookback, *_BOARDS))
    asked = under_way(case, mdt_lookback, *_BOARDS)
    chased = chase_pending and all(fact.when and not case.within(fact.when, overdue_after) for fact in asked)
    yield silent("referred", asked and not chased, asked)

    origin, late = unknown_primary(case), found.since is not None and not case.within(found.since, overdue_after)
    notes = {"comfort_care": comfort_care(case)}
    speak = partial(card, words={"disease": found, "since": known_since(found.facts)}, notes=notes)
    yield speak("pending", found.facts[:5], asked[:2], when=asked)
    facts = (found.facts[:5], origin.facts[:1])
    yield speak("unknown_primary", *facts, when=origin, notes={"overdue": late, **notes}, offers=["cup_team"])
    yield speak("overdue", *facts, when=late, offers=["mdt"])
    yield speak("new_disease", *facts, offers=["mdt"])
