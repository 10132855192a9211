"""A bone that broke where a tumour sits, or without known cancer: surgery first, and look for the cause."""

from cds_service.clinical import Case, Fact, Span, Word, said
from cds_service.findings.cancer import cancer, cancer_name
from cds_service.findings.cord import cord_at_risk
from cds_service.findings.finding import Finding, earliest, known_since, shown
from cds_service.findings.fractures import is_spinal, pathological_fractures, unfixed_fractures
from cds_service.findings.patient_state import PerformanceLimit, comfort_care, performance_status
from cds_service.findings.studies import after, done_or_ordered
from cds_service.ladder import Ladder, absent, card, cards, ladder, silent, unknown

_REFERRALS = ("referral-orthopaedics", "referral-spine", "referral-neurosurgery")


@ladder
def pathological_fracture(
    case: Case, *, fracture_window: Span, neurology_window: Span, unfit: PerformanceLimit
) -> Ladder:
    """Fire on a new pathological fracture that no surgeon has been asked about; critical in the spine with cord signs."""
    found = pathological_fractures(case, fracture_window)
    yield absent("no_fracture", found, needs=("conditions",))
    unfixed = unfixed_fractures(case, fracture_window)
    yield silent("fixed", not unfixed, found)
    fresh = case.recent(unfixed, fracture_window)
    undated = all(fact.when is None for fact in unfixed)
    yield absent("fracture_undated" if undated else "fracture_old", fresh, unfixed, needs=())

    disease = cancer(case)
    yield unknown("conditions", not disease and case.lacking("conditions"), fresh)
    spinal = [fact for fact in fresh if is_spinal(fact)]
    signs = cord_at_risk(case, neurology_window) if spinal else Finding(())
    seen = after(done_or_ordered(case, fracture_window, *_REFERRALS), earliest(fresh))
    yield silent("surgeon_asked", disease and seen and not signs, seen, fresh)

    osteoporosis, status = case.conditions.of("osteoporosis"), performance_status(case, unfit)
    words: dict[str, Word | tuple[Fact, ...]] = {
        "fracture": shown(fresh[0], "pathological-fracture", "vertebral-fracture"),
        "since": known_since(fresh),
        "cancer": cancer_name(case) or said("no cancer"),
        "signs": signs.facts,
    }
    notes = {"osteoporosis": osteoporosis}
    offers = {"spinal_surgery": spinal and not seen, "orthopaedics": len(spinal) < len(fresh) and not seen}
    yield card("cancer_not_known", fresh, osteoporosis[:1], when=not disease, words=words, notes=notes, offers=offers)
    yield from cards(
        {"vertebral_with_neurology": signs, "fracture": True},
        *(fresh, signs, seen[:1], disease.facts[:2], status),
        words=words,
        notes={
            "unfit": status.poor,
            "surgeon_asked": seen,
            "comfort_care": comfort_care(case),
            **notes,
            "words_only": not found.coded,
        },
        offers=offers,
        at_most="warning" if found.suspected and not signs else None,
    )
