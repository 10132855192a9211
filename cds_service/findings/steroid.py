"""Dexamethasone: what a day amounts to, and what else makes it unsafe for this patient."""

from collections.abc import Iterable
from decimal import Decimal

from cds_service.clinical import Case, Fact, Medication, Quantity, Span, finding, said
from cds_service.findings.medicines import in_force, on_medicine, on_or_drafted
from cds_service.findings.studies import ordered

DRUG = "dexamethasone"
_MG = "mg"
_LOCAL_ROUTES = frozenset({"eye", "ear", "nasal", "topical", "inhaled"})
"""Routes that treat a place, not the patient, by our names."""


@finding
def steroid_drafts(case: Case) -> tuple[Medication, ...]:
    """Drafts of systemic dexamethasone that the clinician is picking or signing."""
    return tuple(draft for draft in case.selected_medications(DRUG) if not _is_local(draft))


@finding
def on_dexamethasone(case: Case, given_within: Span, recent: Span) -> tuple[Medication, ...]:
    """Systemic dexamethasone in force, drafted, or given so recently that it still works; newest first."""
    systemic = [medicine for medicine in on_or_drafted(case, given_within, DRUG) if not _is_local(medicine)]
    return tuple(one for one in systemic if one.kind != "administration" or case.within(one.when, recent))


@finding
def daily_dexamethasone(case: Case) -> Quantity | None:
    """Milligrams a day over all drafts of the session and all orders in force; ``None``: a dose or timing is open."""
    return _sum(medicine.daily for medicine in (*_drafts(case), *_standing(case)))


@finding
def least_dexamethasone(case: Case) -> Quantity | None:
    """The least of a day over all drafts and all orders in force: ranges at their bottom, "as needed" as nothing."""
    return _sum(medicine.least_daily for medicine in (*_drafts(case), *_standing(case)))


@finding
def drafted_dexamethasone(case: Case) -> Quantity | None:
    """Milligrams a day over all drafts of the session; ``None`` when the dose or timing of one of them is open."""
    return _sum(draft.daily for draft in _drafts(case))


def steroid_way(medicine: Medication) -> str:
    """How it goes: as the order says, else by mouth; an injection whose order does not say goes nobody knows how."""
    return medicine.way or ("" if "given-by-injection" in medicine.given else "oral")


@finding
def most_dexamethasone(case: Case) -> Quantity | None:
    """The most of a day over all drafts: ranges at their top, "as needed" at its limit, a taper at its highest step."""
    return _sum(draft.peak for draft in _drafts(case))


@finding
def dexamethasone_not_readable(case: Case, minimum: Quantity) -> str:
    """Why nobody knows what a day of the drafts comes to, in words for a clinician; empty when it is known.

    A dose without a timing that reaches the minimum counts as a first, single one.
    """
    for draft in _drafts(case):
        if draft.unclear:
            return draft.unclear[0].phrase
        if draft.dose is None and draft.most_daily is None:
            return said("dose not stated")
        if draft.most_daily is None and not draft.once and not _reaches(draft, minimum):
            return said("frequency not stated")
        if draft.most_daily is not None and _milligrams(draft.most_daily) is None:
            return said("dose not readable: {dose} a day", dose=draft.most_daily)
    return ""


def _reaches(draft: Medication, minimum: Quantity) -> bool:
    return (_milligrams(draft.dose) or 0) >= minimum.value


def _drafts(case: Case) -> list[Medication]:
    return [draft for draft in case.medications.of(DRUG) if draft.draft and not _is_local(draft)]


def _standing(case: Case) -> list[Medication]:
    """Orders and statements in force."""
    medicines = case.medications.of(DRUG)
    return [fact for fact in medicines if fact.listed and in_force(case, fact) and not _is_local(fact)]


def _sum(amounts: Iterable[Quantity | None]) -> Quantity | None:
    """Milligrams of all; ``None`` when one of them is open."""
    total = Decimal(0)
    for amount in amounts:
        milligrams = _milligrams(amount)
        if milligrams is None:
            return None
        total += milligrams
    return Quantity(total, _MG)


def single_dose(draft: Medication) -> Quantity | None:
    """The one dose of a draft in milligrams, such as a loading dose without a timing."""
    value = _milligrams(draft.dose)
    return None if value is None else Quantity(value, _MG)


@finding
def glucose_at_risk(case: Case, given_within: Span, lookback: Span) -> tuple[Fact, ...]:
    """Diabetes on record, or insulin in use, without an order for glucose checks in force."""
    if ordered(case, lookback, "glucose"):
        return ()
    diabetes = tuple(fact for fact in case.conditions.of("diabetes") if fact.state != "past")
    return (*diabetes, *on_medicine(case, given_within, "insulin"))


@finding
def stomach_at_risk(case: Case, given_within: Span, age_over: int) -> tuple[Fact, ...]:
    """What makes an ulcer under a steroid more likely, when no proton-pump inhibitor is in use or drafted."""
    if on_or_drafted(case, given_within, "ppi"):
        return ()
    old = (case.patient,) if case.patient is not None and is_older(case, age_over) else ()
    return (
        *on_or_drafted(case, given_within, "nsaid", "anticoagulant"),
        *case.conditions.of("peptic-ulcer", "gi-bleed"),
        *old,
    )


def dexamethasone_refused(case: Case) -> tuple[Fact, ...]:
    """What says that the patient does not want a steroid."""
    answers = (fact for fact in case.observations.of("steroid-refusal") if fact.present is not False)
    return (*case.active("steroid-refusal"), *answers)


def is_older(case: Case, age_over: int) -> bool:
    """Whether the patient's age in whole years lies above a limit; an unknown birth date does not."""
    return case.age is not None and case.age > age_over


def _milligrams(quantity: Quantity | None) -> Decimal | None:
    converted = quantity and quantity.converted(_MG)
    return converted.value if converted else None


def _is_local(draft: Medication) -> bool:
    return draft.way in _LOCAL_ROUTES or "given-locally" in draft.given
