"""Measure calcium: symptoms without a recent result, a stale high one, or a number that nobody can read."""

from cds_service.clinical import Case, Fact, Observation, Span, Word
from cds_service.findings.calcium import CalciumLimits
from cds_service.findings.cancer import in_scope
from cds_service.findings.hypercalcaemia import (
    SymptomLimits,
    calcium_ordered,
    current_calcium,
    names_of,
    newer_unreadable,
    symptoms,
)
from cds_service.findings.naming import cancer_name
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.findings.studies import ordered
from cds_service.ladder import Ladder, Rung, absent, cancer_ladder, card, silent, unknown


@cancer_ladder
def hypercalcaemia_bloods(
    case: Case, *, calcium: CalciumLimits, signs: SymptomLimits, stale_window: Span, ordered_within: Span
) -> Ladder:
    """Fire when calcium is due in a patient with cancer: enough symptoms, or a result that cannot stand."""
    yield unknown("observations", case.lacking("observations"))
    current, felt = current_calcium(case, calcium.calcium_age, calcium), symptoms(case, signs)
    unreadable: tuple[Fact, ...] = newer_unreadable(case, calcium.calcium_age, current)
    if current is not None and not unreadable and felt.enough and current.open:
        unreadable = current.result.sources
    known = current is not None and not unreadable
    measured = current.result.sources if current is not None else ()
    yield silent("calcium_high", known and current is not None and current.high, measured, felt.facts)
    uncorrected = current is not None and current.result.kind == "total"
    yield silent("calcium_known", known and not (felt.enough and uncorrected), measured, felt.facts)

    stale = current_calcium(case, stale_window, calcium) if current is None else None
    recorded = [fact for fact in case.recent(case.active("hypercalcaemia"), stale_window) if not fact.suspected]
    old = stale.result.sources if stale is not None else ()
    high_before = stale.high if stale is not None else recorded
    yield absent("no_symptoms", unreadable or felt.enough or high_before, felt.facts, needs=("conditions",))
    under_way = ordered(case, ordered_within, "albumin") if known else calcium_ordered(case, ordered_within)
    yield silent("ordered", under_way)

    def due(message: str, when: object, facts: tuple[Fact, ...], offer: str = "bloods") -> Rung:
        words: dict[str, Word] = {"cancer": cancer_name(case), "signs": names_of(felt.facts)}
        because = (*facts, *felt.facts, *in_scope(case).facts[:1])
        notes = {"comfort_care": hospice_or_comfort(case)}
        return card(message, because, when=when, words=words | _newest(facts), notes=notes, offers=[offer])

    yield due("unreadable", unreadable, unreadable)
    yield due("albumin", known, measured, "albumin")
    yield due("symptoms", felt.enough, old)
    yield due("stale", stale, old)
    yield due("recorded", True, tuple(recorded))


def _newest(facts: tuple[Fact, ...]) -> dict[str, Word]:
    """Words of the first of these facts."""
    words: dict[str, Word] = {}
    for newest in facts[:1]:
        if newest.when is not None:
            words["when"] = newest.when
        if isinstance(newest, Observation):
            words |= {"comparator": newest.comparator, "calcium": newest.value or newest.text}
    return words
