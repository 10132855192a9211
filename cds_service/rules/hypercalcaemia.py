"""Raised calcium in a patient with cancer: how grave, how sure, and which treatment may be offered."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.antiresorptive import Choice, choose, renal_state
from cds_service.findings.calcium import CalciumLimits
from cds_service.findings.cancer import cancer_name, in_scope, primary
from cds_service.findings.care_setting import comfort_care, hospice_or_comfort
from cds_service.findings.hypercalcaemia import (
    DANGERS,
    SYMPTOMS,
    Current,
    before_now,
    calcitonin_dose,
    calcium_ordered,
    current_calcium,
    fluids,
    is_falling,
    kinds_of,
    medicine_within,
    named,
    newer_unreadable,
    recent_signs,
)
from cds_service.findings.hypercalcaemia_picture import Picture, at_or_above, complications, treatment
from cds_service.findings.medicines import on_medicine
from cds_service.findings.parathyroid import parathyroid
from cds_service.findings.studies import done_or_ordered, ordered
from cds_service.outcomes import (
    CannotTell,
    Evidence,
    Fired,
    Indicator,
    NotFired,
    Offer,
    Outcome,
    Word,
    evidence_of,
    not_found,
)
from cds_service.terminology.dates import Span, age_in_years
from cds_service.terminology.quantities import Limit

_SUGGESTIONS = {"zoledronic-acid": "zoledronic_acid", "denosumab": "denosumab"}
_AGAINST = (
    "already_given",
    "last_dose_unknown",
    "pregnancy",
    "renal_unknown",
    "creatinine_high",
    "clearance_low",
    "bisphosphonate_allergy",
    "refractory",
    "denosumab_allergy",
    "denosumab_60",
)
"""What may speak against an antiresorptive, each with a note of that name."""
_BESIDE_AN_ORDER = frozenset({"renal_fine", "dental", "calcitonin_weight"})
"""Notes that say something only beside an order that is offered."""


def hypercalcaemia(
    case: Case,
    *,
    upper_limit: Limit,
    treat_at: Limit,
    severe_at: Limit,
    ionised_upper_limit: Limit,
    ionised_treat_at: Limit,
    ionised_severe_at: Limit,
    dialysis_at: Limit,
    calcium_age: Span,
    albumin_window: Span,
    symptom_window: Span,
    symptoms_needed: int,
    danger_window: Span,
    treated_window: Span,
    creatinine_age: Span,
    weight_age: Span,
    creatinine_limit: Limit,
    minimum_clearance: Limit,
    first_antiresorptive: str,
    repeat_interval: Span,
    refractory_window: Span,
    pth_upper_limit: Limit,
    pth_age: Span,
    calcitonin_per_kg: Decimal,
    test_lookback: Span,
    adult_from: int,
) -> Outcome:
    """Fire on a calcium above the upper limit; its level, symptoms and dangers decide how urgently."""
    scope = in_scope(case)
    if not scope:
        return not_found(case, "no_cancer", "conditions")
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
    symptoms = recent_signs(case, symptom_window, *SYMPTOMS)
    picture = Picture(
        scope=scope,
        current=current,
        earlier=before_now(case, calcium_age, albumin_window, current),
        symptoms=symptoms,
        symptomatic=len(kinds_of(symptoms, SYMPTOMS)) >= symptoms_needed,
        dangers=recent_signs(case, danger_window, *DANGERS),
        parathyroid_state=parathyroid(case, pth_age, pth_upper_limit),
        renal=renal_state(case, creatinine_age, weight_age, creatinine_limit, minimum_clearance),
        complications=complications(case, danger_window),
        treatment=treatment(case, treated_window),
        dialysis_level=at_or_above(current, dialysis_at),
    )
    falling = is_falling(current.result, picture.earlier)
    if picture.treatment.complete and falling and not picture.severe:
        return NotFired("treated_falling", _evidence(picture, picture.treatment.facts))
    choice = choose(case, first_antiresorptive, picture.renal, repeat_interval, refractory_window)
    advice = _Advice()
    if picture.urgent:
        _fluids(advice, case, picture, fluids(case, test_lookback))
        _antiresorptive(advice, picture, choice)
        _calcitonin(advice, picture, medicine_within(case, treated_window, "calcitonin"), calcitonin_per_kg)
        if withheld := _withheld(case, picture, adult_from):  # cautions still hold for what a clinician orders
            advice = _Advice(notes=[withheld, *(note for note in advice.notes if note not in _BESIDE_AN_ORDER)])
    _tests(advice, case, picture, choice, test_lookback)
    _referrals(advice, case, picture, test_lookback, repeat_interval)
    _circumstances(advice, case, picture)
    return Fired(
        _message(picture),
        _evidence(picture, (*choice.facts, *picture.treatment.facts)),
        words=_words(case, picture),
        notes=(*_standing(picture, falling), *advice.notes),
        offers=_softened(case, advice.offers),
        at_most=_at_most(case, picture),
    )


@dataclass(slots=True)
class _Advice:
    """Suggestions and notes as they come together."""

    offers: list[Offer] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _message(picture: Picture) -> str:
    """Severe first, then a parathyroid cause, then by level and symptoms."""
    if picture.severe:
        return "severe"
    if picture.parathyroid_cause:
        return "hyperparathyroidism"
    if picture.current.grave:
        return "treat"
    return "symptomatic" if picture.symptomatic else "raised"


def _not_high(case: Case, current: Current | None, age: Span) -> NotFired | CannotTell:
    """Say why not: nothing usable, an open value, or a normal one; a newer number without a unit leaves all open."""
    unreadable = newer_unreadable(case, age, current)
    if unreadable:
        return CannotTell(("calcium unit",), tuple(evidence_of(fact) for fact in unreadable))
    if current is None:
        results = case.observations.of("calcium-total", "calcium-corrected", "calcium-ionised")
        older = [fact for fact in results if fact.value is not None]
        known = tuple(evidence_of(fact) for fact in (older or results)[:1])
        return not_found(case, "calcium_old" if older else "no_calcium", "observations", evidence=known)
    quoted = tuple(evidence_of(fact) for fact in current.result.sources)
    if current.level == "unknown" or current.result.implausible:
        return CannotTell(("calcium value",), quoted)
    return NotFired("not_corrected" if current.result.kind == "total" else "normal", quoted)


def _withheld(case: Case, picture: Picture, adult_from: int) -> str:
    """The note that says why no medicine is offered; empty when medicines may be."""
    result = picture.current.result
    birth = case.patient.birth if case.patient is not None else None
    checks = (
        ("not_adult", birth is not None and age_in_years(birth, case.as_of) < adult_from),
        ("preliminary", result.preliminary),
        ("unit_assumed", result.unit_assumed),
        ("unit_doubtful", result.implausible),
        ("no_albumin_no_medicine", picture.current.uncertain),
        ("words_only", not picture.scope.coded or not result.fact.coded),
    )
    return next((note for note, holds in checks if holds), "")


def _fluids(advice: _Advice, case: Case, picture: Picture, running: tuple[Fact, ...]) -> None:
    limits = {"heart-failure", "oliguria"} & frozenset(
        concept for fact in picture.complications for concept in fact.concepts
    )
    if limits or picture.renal.dialysis:
        advice.notes.append("fluids_with_caution")
    elif running:
        advice.notes.append("fluids_under_way")
    else:
        advice.offers.append(Offer("saline"))
    if on_medicine(case, "loop-diuretic"):
        advice.notes.append("loop_diuretic")


def _antiresorptive(advice: _Advice, picture: Picture, choice: Choice) -> None:
    if picture.parathyroid_cause:
        advice.notes.append("hyperparathyroidism_no_antiresorptive")
        return
    advice.notes += [note for note in _AGAINST if note in choice.reasons]
    if choice.agent:
        advice.offers.append(Offer(_SUGGESTIONS[choice.agent]))
        injured = any("acute-kidney-injury" in fact.concepts for fact in picture.complications)
        advice.notes += ["clearance_unsteady"] if injured else ["renal_fine"] if picture.renal.state == "fine" else []
        advice.notes.append("dental")


def _calcitonin(advice: _Advice, picture: Picture, given: tuple[Fact, ...], per_kg: Decimal) -> None:
    if not (picture.severe and picture.current.grave) or given:
        return
    dose = calcitonin_dose(per_kg, picture.renal.clearance.weight)
    if dose is None:
        advice.notes.append("calcitonin_weight")
    else:
        advice.offers.append(Offer("calcitonin", {"dose": dose}))


def _tests(advice: _Advice, case: Case, picture: Picture, choice: Choice, lookback: Span) -> None:
    asked = calcium_ordered(case, lookback)
    albumin_asked = picture.current.result.kind != "total" or ordered(case, lookback, "albumin")
    if not (asked and albumin_asked):
        advice.offers.append(Offer("bloods"))
    elif picture.urgent and "renal_unknown" in choice.reasons and not ordered(case, lookback, "creatinine"):
        advice.offers.append(Offer("creatinine"))
    if picture.parathyroid_state.pth is None and not ordered(case, lookback, "pth"):
        advice.offers.append(Offer("pth"))
    watched = picture.severe or on_medicine(case, "digoxin")
    if watched and not done_or_ordered(case, lookback, "ecg"):
        advice.offers.append(Offer("ecg"))


def _referrals(advice: _Advice, case: Case, picture: Picture, recent: Span, lookback: Span) -> None:
    kidneys = picture.dialysis_level or picture.complications or picture.renal.state == "failing"
    if not (picture.severe or (picture.urgent and kidneys)):
        return
    if picture.dialysis_level:
        advice.notes.append("dialysis")
    if ordered(case, lookback, "referral-nephrology") or ordered(case, recent, "dialysis-procedure"):
        advice.notes.append("nephrology_knows")
    else:
        advice.offers.append(Offer("nephrology"))


def _circumstances(advice: _Advice, case: Case, picture: Picture) -> None:
    parathyroid_state = picture.parathyroid_state
    checks = (
        (
            "hyperparathyroidism_known",
            bool(parathyroid_state.primary) and (picture.severe or not parathyroid_state.raised),
        ),
        ("pth_raised", bool(parathyroid_state.raised) and not parathyroid_state.primary),
        ("calcitriol_mediated", any(fact.state == "active" for fact in case.conditions.of("sarcoidosis"))),
        ("calcitriol_medicine", bool(on_medicine(case, "vitamin-d-analogue"))),
        ("lymphoma", bool(primary(case, "lymphoma"))),
        ("mronj", any(fact.state == "active" for fact in case.conditions.of("mronj"))),
        ("suspected_cancer", picture.scope.suspected),
    )
    advice.notes += [note for note, holds in checks if holds]
    if comfort_care(case):
        advice.notes.insert(0, "comfort_care")


def _softened(case: Case, offers: list[Offer]) -> tuple[Offer, ...]:
    """With comfort care only, what relieves symptoms stays and escalation goes."""
    if not hospice_or_comfort(case):
        return tuple(offers)
    return tuple(offer for offer in offers if offer.suggestion not in {"calcitonin", "ecg", "nephrology", "pth"})


def _standing(picture: Picture, falling: bool) -> list[str]:
    """How the value came about and how far it can be trusted."""
    result = picture.current.result
    origin = {"ionised": "ionised", "total": "uncorrected"}.get(
        result.kind, "laboratory_corrected" if result.albumin is None else "corrected_here"
    )
    notes = [origin]
    if result.preliminary:
        notes.append("preliminary_result")
    if result.unit_assumed:
        notes.append("assumed_unit")
    if falling:
        notes.append("falling")
    if _message(picture) in {"severe", "treat"} and (picture.dangers or picture.symptoms):
        notes.append("with_signs")
    return notes


def _at_most(case: Case, picture: Picture) -> Indicator | None:
    mild = picture.parathyroid_cause and not picture.urgent
    softened = bool(hospice_or_comfort(case))
    return "warning" if picture.current.uncertain or picture.scope.suspected or mild or softened else None


def _words(case: Case, picture: Picture) -> dict[str, Word]:
    result = picture.current.result
    measured = result.fact.value
    words: dict[str, Word] = {
        "cancer": cancer_name(case),
        "kind": result.described,
        "comparator": result.comparator,
        "calcium": result.value,
        "when": result.fact.when if result.fact.when is not None else "",
        "taken": result.fact.when.text if result.fact.when is not None else "",
        "unit": result.value.unit,
        "measured": measured if measured is not None else "",
        "signs": tuple(dict.fromkeys(named(fact) for fact in (*picture.dangers, *picture.symptoms))),
    }
    if result.albumin is not None and result.albumin.value is not None:
        words["albumin"] = result.albumin.value
    if picture.earlier is not None:
        words["earlier"] = picture.earlier.value
        words["earlier_when"] = picture.earlier.fact.when or ""
    if picture.parathyroid_state.pth is not None and picture.parathyroid_state.pth.value is not None:
        words["pth"] = picture.parathyroid_state.pth.value
    if picture.renal.creatinine is not None and picture.renal.creatinine.value is not None:
        words["creatinine"] = picture.renal.creatinine.value
    if picture.renal.clearance.value is not None:
        words["clearance"] = picture.renal.clearance.value
    return words


def _evidence(picture: Picture, more: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    current = picture.current
    others = tuple(fact for result in current.together for fact in result.sources)
    facts = dict.fromkeys(
        (
            *current.result.sources,
            *picture.dangers[:2],
            *picture.symptoms[:3],
            *picture.scope.facts[:1],
            *((picture.earlier.fact,) if picture.earlier is not None else ()),
            *more[:3],
            *picture.parathyroid_state.facts[:2],
            *picture.renal.facts,
            *picture.complications[:2],
            *others,
        )
    )
    return tuple(evidence_of(fact) for fact in facts)[:10]
