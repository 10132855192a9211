"""A draft of dexamethasone: the tissue, the dose in suspected cord compression, glucose, the stomach."""

from cds_service.clinical import Case, Medication, Offer, Quantity, Span, Word, said
from cds_service.findings.cancer import cancer_name, in_scope, primary
from cds_service.findings.cord import COMPRESSION, TREATMENT, compression_unknown, cord_at_risk
from cds_service.findings.finding import Finding
from cds_service.findings.medicines import on_medicine
from cds_service.findings.steroid import (
    DailyDose,
    dexamethasone_a_day,
    dexamethasone_not_readable,
    glucose_at_risk,
    in_milligrams,
    steroid_allergy,
    steroid_drafts,
    stomach_at_risk,
)
from cds_service.findings.studies import done
from cds_service.findings.tissue import lymphoma, solid_primary, tissue_unknown
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

    drafted, least = dexamethasone_a_day(case, with_orders=False), dexamethasone_a_day(case, with_orders=True).least
    single = [in_milligrams(draft.dose) for draft in drafts]
    most = max((dose for dose in (drafted.most, *single) if dose), key=lambda dose: dose.value, default=None)
    high = most is not None and most.value > maximum_dose.value
    treated = done(case, neurology_window, *TREATMENT)  # from then on the steroid is tapered
    low = least is not None and least.value < minimum_dose.value and not treated
    tissue, disease = _tissue_concern(case, compressed, given_within), lymphoma(case)
    allergies = steroid_allergy(case)
    glucose = glucose_at_risk(case, given_within, glucose_lookback)
    stomach = stomach_at_risk(case, given_within, age_over)
    holding = {
        "lymphoma": tissue == "lymphoma",
        "allergy": allergies,
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

    may_advise = compressed.coded and not tissue and not allergies
    misdosed = may_advise and (high or low) and len(drafts) == 1
    daily = most if high else _a_day(drafted, single[0])
    sure = any(fact is case.patient or fact.coded for fact in stomach)
    histology = (*disease.facts, *in_scope(case).facts)[:2] if tissue else ()
    yield from cards(
        holding,
        *(drafts[:2], allergies[:2], histology, compressed.facts[:3], glucose[:1], stomach[:2]),
        words={
            "daily": daily or "",
            "ordered": said("{daily} a day", daily=daily) if daily else said("dose not readable"),
            **({"unread": unread} if unread else {}),
            "cancer": disease.label if concerns[0] == "lymphoma" else cancer_name(case),
            "signs": compressed.facts,
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
    """The right dose by the way that the draft goes already, by mouth unless it says else; none where nobody knows it."""
    way = draft.way or ("" if "given-by-injection" in draft.given else "oral")
    suggestion = {"oral": "correct_dose", "intravenous": "correct_dose_iv"}.get(way, "")
    return [Offer(suggestion, {"dose": dose}, draft.reference)] if suggestion else []


def _a_day(drafted: DailyDose, single: Quantity | None) -> Word | None:
    """What a day of the drafts comes to, as a reader wants it: the number, or from which to which, or one dose."""
    if drafted.stated is not None or drafted.least is None or drafted.most is None:
        return drafted.stated or single
    return said("{least} to {most}", least=drafted.least.value, most=drafted.most)


def _tissue_concern(case: Case, compressed: Finding, given_within: Span) -> str:
    """Lymphoma, or no tissue: not where the disease is under treatment and the steroid has another reason."""
    in_hand = bool(on_medicine(case, given_within, "systemic-anticancer")) and not compressed
    present = [fact for fact in lymphoma(case).facts if compressed or fact.active]
    if present and not in_hand:
        return "lymphoma"
    named = bool(solid_primary(case) or (primary(case, "myeloma") and not compressed))
    return "no_tissue" if tissue_unknown(case) and not named and not in_hand and not present else ""
