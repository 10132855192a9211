"""Dexamethasone: what a day amounts to, and what else makes it unsafe for this patient."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from cds_service.clinical import Case, Fact, Medication, Quantity, Span, finding, said
from cds_service.findings.medicines import in_force, on_medicine, on_or_drafted
from cds_service.findings.studies import ordered

DRUG = "dexamethasone"
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
    return tuple(one for one in systemic if one.draft or _still_works(case, one, recent))


def _still_works(case: Case, medicine: Medication, recent: Span) -> bool:
    """An order may still be active long after the days, or the single dose, that it states, or long before it begins."""
    if medicine.kind == "administration":
        return case.within(medicine.when, recent)
    over, lines = _over(medicine), medicine.dosing.lines
    ahead = bool(lines) and all(line.start is not None and line.start > case.as_of for line in lines)
    return not ahead and (over is None or recent.after(over) >= case.as_of)


def _over(medicine: Medication) -> datetime | None:
    return medicine.dosing.over(medicine.when.last if medicine.when else None)


@dataclass(frozen=True, slots=True)
class DailyDose:
    """Milligrams a day; ``None`` where a dose or a timing is open."""

    stated: Quantity | None
    least: Quantity | None
    """Ranges at their bottom, "as needed" as nothing."""
    most: Quantity | None
    """Ranges at their top, "as needed" at its limit, a taper at its highest step."""


@finding
def dexamethasone_a_day(case: Case, *, with_orders: bool) -> DailyDose:
    """What a day comes to over all drafts of the session, ``with_orders`` also over orders and statements in force.

    An order that is drafted anew, or that a draft replaces, is in force once.
    """
    systemic = [medicine for medicine in case.medications.of(DRUG) if not _is_local(medicine)]
    drafts = [one for one in systemic if one.draft]
    anew = {reference for draft in drafts for reference in (draft.reference, draft.replaces)}
    ordered = [one for one in systemic if one.listed and in_force(case, one) and one.reference not in anew]
    under_way = [one for one in ordered if (over := _over(one)) is None or over >= case.as_of]
    taken = [*drafts, *(under_way if with_orders else ())]
    return DailyDose(
        _sum(medicine.daily for medicine in taken),
        _sum(medicine.least_daily for medicine in taken),
        _sum(medicine.peak for medicine in taken),
    )


@finding
def dexamethasone_not_readable(case: Case, minimum: Quantity) -> str:
    """Why nobody knows what a day of the drafts comes to, in words for a clinician; empty when it is known.

    A dose without a timing that reaches the minimum counts as a first, single one.
    """
    for draft in (one for one in case.medications.of(DRUG) if one.draft and not _is_local(one)):
        if draft.unclear:
            return draft.unclear[0].phrase
        if draft.most_daily is not None:
            if in_milligrams(draft.most_daily) is None:
                return said("dose not readable: {dose} a day", dose=draft.most_daily)
        elif draft.dose is None:
            return said("dose not stated")
        elif not draft.once and ((single := in_milligrams(draft.dose)) is None or single.value < minimum.value):
            return said("frequency not stated")
    return ""


@finding
def steroid_allergy(case: Case) -> tuple[Fact, ...]:
    """An allergy or intolerance to systemic steroids, as an allergy or noted as a problem."""
    return (*case.allergies.of("steroid-allergy"), *case.active("steroid-allergy-history"))


def in_milligrams(dose: Quantity | None) -> Quantity | None:
    """The dose in milligrams; ``None`` for one that is not of mass."""
    return dose and dose.converted("mg")


@finding
def glucose_at_risk(case: Case, given_within: Span, lookback: Span) -> tuple[Fact, ...]:
    """Diabetes on record, or insulin in use, without an order for glucose checks in force."""
    if ordered(case, lookback, "glucose"):
        return ()
    diabetes = tuple(fact for fact in case.conditions.of("diabetes") if fact.state != "past")
    return (*diabetes, *on_medicine(case, given_within, "insulin"))


@finding
def stomach_at_risk(case: Case, given_within: Span, age_over: int) -> tuple[Fact, ...]:
    """What makes an ulcer under a steroid more likely, when no proton-pump inhibitor is in use or drafted.

    The patient stands for an age in whole years above the limit; an unknown birth date says nothing.
    """
    if on_or_drafted(case, given_within, "ppi"):
        return ()
    risks = (
        *on_or_drafted(case, given_within, "nsaid", "anticoagulant"),
        *case.conditions.of("peptic-ulcer", "gi-bleed"),
    )
    return (*risks, case.patient) if case.patient and case.age is not None and case.age > age_over else risks


def _sum(amounts: Iterable[Quantity | None]) -> Quantity | None:
    """Milligrams of all; ``None`` when one of them is open."""
    doses = [in_milligrams(amount) for amount in amounts]
    known = [dose.value for dose in doses if dose is not None]
    return Quantity(sum(known, Decimal(0)), "mg") if len(known) == len(doses) else None


def _is_local(medicine: Medication) -> bool:
    return medicine.way in _LOCAL_ROUTES or "given-locally" in medicine.given
