"""Medicines that raise calcium, harm the kidneys beside a raised calcium, or become toxic with it."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case
from cds_service.chart.facts import Medication
from cds_service.findings.calcium import CalciumLimits
from cds_service.findings.cancer import cancer_name, in_scope
from cds_service.findings.hypercalcaemia import Current, current_calcium, newer_unreadable
from cds_service.findings.medicines import on_medicine
from cds_service.outcomes import CannotTell, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit

RAISING = ("thiazide", "calcium-supplement", "vitamin-d-supplement")
LITHIUM = ("lithium",)
KIDNEY = ("nsaid", "aminoglycoside")
DIGOXIN = ("digoxin",)
_ALL = (*RAISING, *LITHIUM, *KIDNEY, *DIGOXIN)
_VIEW = "patient-view"


@dataclass(frozen=True, slots=True)
class _Medicines:
    """The medicines that matter, by what they do."""

    raising: tuple[Medication, ...]
    lithium: tuple[Medication, ...]
    kidney: tuple[Medication, ...]
    digoxin: tuple[Medication, ...]

    @property
    def all(self) -> tuple[Medication, ...]:
        return tuple(dict.fromkeys((*self.raising, *self.lithium, *self.kidney, *self.digoxin)))

    @property
    def notes(self) -> tuple[str, ...]:
        groups = (
            ("raising", self.raising),
            ("lithium", self.lithium),
            ("kidney", self.kidney),
            ("digoxin", self.digoxin),
        )
        return tuple(name for name, found in groups if found)


def hypercalcaemia_medicines(
    case: Case,
    *,
    upper_limit: Limit,
    treat_at: Limit,
    severe_at: Limit,
    ionised_upper_limit: Limit,
    ionised_treat_at: Limit,
    ionised_severe_at: Limit,
    calcium_age: Span,
    albumin_window: Span,
) -> Outcome:
    """Fire when calcium is raised and such a medicine is in use (patient-view) or being ordered (order hooks)."""
    viewing = case.hook == _VIEW
    chosen = on_medicine(case, *_ALL) if viewing else case.selected_medications(*_ALL)
    if not chosen and not viewing:
        return NotFired("no_such_draft")
    scope = in_scope(case)
    if not scope:
        return not_found(case, "no_cancer", "conditions")
    if not chosen:
        return not_found(case, "no_such_medicine", "medications")
    limits = CalciumLimits(
        upper=upper_limit,
        treat=treat_at,
        severe=severe_at,
        ionised_upper=ionised_upper_limit,
        ionised_treat=ionised_treat_at,
        ionised_severe=ionised_severe_at,
    )
    current = current_calcium(case, calcium_age, albumin_window, limits)
    if current is None or not current.high:
        return _not_high(case, current, calcium_age)
    medicines = _Medicines(
        *(tuple(fact for fact in chosen if fact.concepts & set(group)) for group in (RAISING, LITHIUM, KIDNEY, DIGOXIN))
    )
    offers = (Offer("review"),) if viewing else _removals(medicines)
    message = "review" if viewing else "order_raising" if medicines.raising else "order_caution"
    return Fired(
        message,
        tuple(evidence_of(fact) for fact in (*medicines.all[:4], *current.result.sources, *scope.facts[:1])),
        words=_words(case, current, medicines),
        notes=(*medicines.notes, *_standing(current)),
        offers=offers,
        at_most="warning" if current.uncertain or scope.suspected else None,
    )


def _not_high(case: Case, current: Current | None, age: Span) -> NotFired | CannotTell:
    unreadable = newer_unreadable(case, age, current)
    if unreadable:
        return CannotTell(("calcium unit",), tuple(evidence_of(fact) for fact in unreadable))
    if current is None:
        return not_found(case, "no_calcium", "observations")
    quoted = tuple(evidence_of(fact) for fact in current.result.sources)
    unclear = current.level == "unknown" or current.result.implausible
    return CannotTell(("calcium value",), quoted) if unclear else NotFired("normal", quoted)


def _removals(medicines: _Medicines) -> tuple[Offer, ...]:
    """A delete for each draft that should not be; lithium and digoxin are never removed without their prescriber."""
    drafts = tuple(dict.fromkeys((*medicines.raising, *medicines.kidney)))
    return tuple(
        Offer("remove", {"medicine": draft.label}, draft=draft.reference)
        for draft in drafts
        if "#" not in draft.reference
    )


def _standing(current: Current) -> tuple[str, ...]:
    result = current.result
    checks = (
        ("uncorrected", result.kind == "total"),
        ("preliminary", result.preliminary),
        ("assumed_unit", result.unit_assumed),
    )
    return tuple(note for note, holds in checks if holds)


def _words(case: Case, current: Current, medicines: _Medicines) -> dict[str, Word]:
    result = current.result
    return {
        "cancer": cancer_name(case),
        "kind": result.described,
        "comparator": result.comparator,
        "calcium": result.value,
        "when": result.fact.when if result.fact.when is not None else "",
        "medicines": _labels(medicines.all),
        "raising": _labels(medicines.raising),
        "lithium": _labels(medicines.lithium),
        "kidney": _labels(medicines.kidney),
        "digoxin": _labels(medicines.digoxin),
    }


def _labels(medicines: tuple[Medication, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.label for fact in medicines))
