"""A draft of dexamethasone: the tissue, the dose in suspected cord compression, glucose, the stomach."""

from cds_service.clinical import Case, Medication, Offer, Quantity, Span, Word, said
from cds_service.findings.cancer import in_scope, primary
from cds_service.findings.cord import COMPRESSION, compression_unknown, cord_at_risk
from cds_service.findings.finding import Finding
from cds_service.findings.medicines import on_medicine
from cds_service.findings.naming import cancer_name, names
from cds_service.findings.steroid import (
    dexamethasone_not_readable,
    drafted_dexamethasone,
    glucose_at_risk,
    is_older,
    least_dexamethasone,
    most_dexamethasone,
    single_dose,
    steroid_drafts,
    steroid_way,
    stomach_at_risk,
)
from cds_service.findings.studies import done
from cds_service.findings.tissue import lymphoma, solid_primary_in_words, tissue_unknown
from cds_service.ladder import Ladder, absent, cards, draft_needed, ladder, unknown


@ladder
def dexamethasone_safety(
    case: Case,
    *,
    given_within: Span,
    neurology_window: Span,
    minimum_dose: Quantity,
    maximum_dose: Quantity,
    age_over: int,
    glucose_lookback: Span,
) -> Ladder:
    """Fire on a draft of dexamethasone that may spoil a diagnosis, is dosed wrongly for cord compression, or lacks its cover."""
    drafts = yield from draft_needed(case, steroid_drafts(case))
    suspected = cord_at_risk(case, neurology_window)
    named = tuple(draft for draft in drafts if not draft.reasons.isdisjoint(COMPRESSION))
    compressed = Finding((*suspected.facts, *named), suspected.coded)

    high, low = _too_much(case, drafts, maximum_dose), _too_little(case, minimum_dose, neurology_window)
    tissue, disease = _tissue_concern(case, compressed, given_within), lymphoma(case)
    glucose = glucose_at_risk(case, given_within, glucose_lookback)
    stomach = stomach_at_risk(case, given_within, age_over)
    holding = {
        "lymphoma": tissue == "lymphoma",
        "no_tissue": tissue == "no_tissue",
        "dose_high": compressed and high,
        "dose_high_unless": high and not compressed and compression_unknown(case),
        "dose_low": compressed and low and not high,
        "diabetes": glucose,
        "no_ppi": stomach,
    }
    concerns = [concern for concern, holds in holding.items() if holds]
    unread = compressed and not high and dexamethasone_not_readable(case, minimum_dose)
    yield unknown("dexamethasone dose", unread and not concerns, drafts)
    yield absent("no_concern", concerns, drafts, needs=("conditions", "medications"))

    misdosed = compressed.coded and not tissue and (high or low) and len(drafts) == 1
    sure = is_older(case, age_over) or any(fact.coded for fact in stomach)
    histology = (*disease.facts, *in_scope(case).facts)[:2] if tissue else ()
    yield from cards(
        holding,
        *(drafts[:2], histology, compressed.facts[:3], glucose[:1], stomach[:2]),
        words={
            "daily": _a_day(case, drafts, at_most=high),
            **({"unread": unread} if unread else {}),
            "cancer": disease.label if concerns[0] == "lymphoma" else cancer_name(case),
            "signs": names(compressed.facts),
            "diabetes": glucose[0].called if glucose else "",
            "risks": tuple(said("age") if fact is case.patient else fact.called for fact in stomach),
        },
        notes=[*concerns[1:], *(["dose_not_readable"] if unread else ())],
        offers=[
            *(_corrected(drafts[0], minimum_dose) if misdosed else ()),
            *(["glucose"] if glucose else ()),
            *(["ppi"] if stomach and sure and not case.lacking("medications") else ()),
        ],
    )


def _corrected(draft: Medication, dose: Quantity) -> list[Offer]:
    """The right dose by the way that the draft goes already; none where nobody knows it."""
    suggestion = {"oral": "correct_dose", "intravenous": "correct_dose_iv"}.get(steroid_way(draft), "")
    return [Offer(suggestion, {"dose": dose}, draft.reference)] if suggestion else []


def _a_day(case: Case, drafts: tuple[Medication, ...], *, at_most: bool) -> Word:
    """What a day of the drafts comes to, as a reader wants it: the number, or its most, or from which to which."""
    exact, most, least = drafted_dexamethasone(case), most_dexamethasone(case), least_dexamethasone(case)
    if at_most or most is None or least is None or exact is not None:
        return (most if at_most else exact) or single_dose(drafts[0]) or said("(dose not readable)")
    return said("{least} to {most}", least=least.value, most=most)


def _too_much(case: Case, drafts: tuple[Medication, ...], maximum: Quantity) -> bool:
    """Whether one dose of a draft, or the most of a day over all drafts, lies above the maximum."""
    doses = (most_dexamethasone(case), *map(single_dose, drafts))
    return any(dose is not None and dose.value > maximum.value for dose in doses)


def _too_little(case: Case, minimum: Quantity, window: Span) -> bool:
    """Whether drafts and what is in use may stay below the minimum; once treatment has begun the steroid is tapered."""
    together = least_dexamethasone(case)
    treated = done(case, window, "radiotherapy", "sbrt", "orthopaedic-fixation")
    return together is not None and together.value < minimum.value and not treated


def _tissue_concern(case: Case, compressed: Finding, given_within: Span) -> str:
    """Lymphoma, or no tissue: not where the disease is under treatment and the steroid has another reason."""
    in_hand = bool(on_medicine(case, given_within, "systemic-anticancer")) and not compressed
    present = [fact for fact in lymphoma(case).facts if compressed or fact.active]
    if present and not in_hand:
        return "lymphoma"
    named = bool(solid_primary_in_words(case) or (primary(case, "myeloma") and not compressed))
    return "no_tissue" if tissue_unknown(case) and not named and not in_hand and not present else ""
