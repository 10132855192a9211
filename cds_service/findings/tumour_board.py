"""Has a tumour board (MDT) discussed the patient, or been asked to?"""

from cds_service.clinical import Case, Fact, Order, Span, finding
from cds_service.findings.studies import done, ordered, planned


@finding
def tumour_board_held(case: Case, lookback: Span, *concepts: str) -> tuple[Fact, ...]:
    """Discussions on record within the look-back: procedures, notes, meetings; default value set ``mdt``."""
    wanted = concepts or ("mdt",)
    meetings = case.recent(case.encounters.of(*wanted), lookback)
    notes = case.recent(case.observations.of(*wanted), lookback)
    return (*done(case, lookback, *wanted), *meetings, *notes)


@finding
def tumour_board_asked(case: Case, lookback: Span, *concepts: str) -> tuple[Order | Fact, ...]:
    """Referrals that stand, and discussions that are being prepared."""
    wanted = concepts or ("mdt",)
    return (*ordered(case, lookback, *wanted), *planned(case, *wanted))
