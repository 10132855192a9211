"""Measure calcium: symptoms without a recent result, a stale high one, or a number that nobody can read."""

from cds_service.clinical import Case, Fact, Observation, Span, Word
from cds_service.findings.calcium import CalciumLimits, current_calcium, unreadable_calcium
from cds_service.findings.cancer import cancer_name, in_scope
from cds_service.findings.finding import observed
from cds_service.findings.hypercalcaemia import SymptomLimits, calcium_ordered, names_of, symptoms
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.findings.studies import ordered
from cds_service.ladder import Ladder, absent, cancer_ladder, cards, silent, unknown


@cancer_ladder
def hypercalcaemia_bloods(
    case: Case, *, calcium: CalciumLimits, signs: SymptomLimits, stale_window: Span, ordered_within: Span
) -> Ladder:
    """Fire when calcium is due in a patient with cancer: enough symptoms, or a result that cannot stand."""
    yield unknown("observations", case.lacking("observations"))
    current, felt = current_calcium(case, calcium.calcium_age, calcium), symptoms(case, signs)
    measured: tuple[Fact, ...] = current.result.sources if current else ()
    unreadable: tuple[Fact, ...] = unreadable_calcium(
        case, calcium.calcium_age, current.result.when if current else None
    )
    if current and not unreadable and felt.enough and current.open:
        unreadable = measured
    known = current if not unreadable else None
    yield silent("calcium_high", known and known.high, measured, felt.facts)
    uncorrected = known and known.result.kind == "total"
    yield silent("calcium_known", known and not (felt.enough and uncorrected), measured, felt.facts)

    stale = None if current else current_calcium(case, stale_window, calcium)
    recorded = case.recent((*case.confirmed("hypercalcaemia"), *observed(case, "hypercalcaemia")), stale_window)
    high_before = stale.high if stale else recorded
    yield absent("no_symptoms", unreadable or felt.enough or high_before, felt.facts, needs=("conditions",))
    under_way = ordered(case, ordered_within, "albumin") if known else calcium_ordered(case, ordered_within)
    yield silent("ordered", under_way)

    old = stale.result.sources if stale else ()
    facts: tuple[Fact, ...] = unreadable or measured or old or (() if felt.enough else recorded)
    words: dict[str, Word] = {"cancer": cancer_name(case), "signs": names_of(felt.facts)}
    for newest in facts[:1]:
        words |= {"when": newest.when} if newest.when else {}
        if isinstance(newest, Observation):
            words |= {"comparator": newest.comparator, "calcium": newest.value or newest.text}
    yield from cards(
        {"unreadable": unreadable, "albumin": known, "symptoms": felt.enough, "stale": stale, "recorded": True},
        (*facts, *felt.facts, *in_scope(case).facts[:1]),
        words=words,
        notes={"comfort_care": hospice_or_comfort(case)},
        offers=["albumin" if known else "bloods"],
    )
