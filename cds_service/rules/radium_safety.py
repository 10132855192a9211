"""An order for radium-223, or for another cancer medicine beside it, in a patient whom it may harm."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import in_scope, visceral_metastases
from cds_service.findings.medicines import on_medicine, on_or_drafted
from cds_service.findings.radium import (
    GOES_WITH_RADIUM,
    RADIUM,
    abiraterone_in_use,
    abiraterone_stopped,
    abiraterone_stopped_some_day,
    radium_in_use,
)
from cds_service.outcomes import Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_STEROIDS = ("prednisolone", "prednisone")


def radium_safety(
    case: Case, *, abiraterone_washout: Span, abiraterone_record_age: Span, radium_washout: Span, bma_lookback: Span
) -> Outcome:
    """Fire when radium-223 meets abiraterone (critical), visceral metastases, no bone-modifying agent or a washout."""
    radium: tuple[Fact, ...] = (*case.selected_medications(RADIUM), *case.selected_orders(RADIUM))
    others: tuple[Fact, ...] = case.selected_medications("systemic-anticancer")
    if not radium and not others:
        return NotFired("no_such_draft")
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    if radium:
        return _radium_drafted(case, radium, abiraterone_washout, abiraterone_record_age, bma_lookback)
    return _other_drafted(case, others, radium_washout)


def _radium_drafted(case: Case, drafts: tuple[Fact, ...], washout: Span, record_age: Span, lookback: Span) -> Outcome:
    visceral = visceral_metastases(case)
    agents = on_or_drafted(case, "bone-modifying-agent")
    given = tuple(
        dose
        for dose in case.medications.of("bone-modifying-agent")
        if dose.kind in {"administration", "dispense"} and case.within(dose.when, lookback)
    )
    stopped = () if abiraterone_in_use(case) else abiraterone_stopped(case, washout)
    someday = () if abiraterone_in_use(case) or stopped else abiraterone_stopped_some_day(case, record_age)
    no_agent = not agents and not given and not case.lacking("medications")
    found: list[tuple[str, tuple[Fact, ...]]] = [
        ("abiraterone", abiraterone_in_use(case)),
        ("abiraterone_washout", stopped),
        ("visceral", visceral.facts),
        ("abiraterone_stop_undated", someday),
    ]
    found = [(message, facts) for message, facts in found if facts]
    if no_agent:
        found.append(("no_bone_agent", ()))
    if not found:
        return not_found(case, "nothing_against_it", "conditions", "medications")
    message, deciding = found[0]
    steroids = on_medicine(case, *_STEROIDS) if message == "abiraterone" else ()
    facts = dict.fromkeys(
        (*deciding[:3], *steroids[:1], *(fact for _, group in found[1:] for fact in group[:2]), *drafts)
    )
    notes = [f"also_{name}" for name, _ in found[1:]]
    notes += ["steroid"] if steroids else []
    return _fired(message, drafts, tuple(facts), tuple(notes))


def _other_drafted(case: Case, drafts: tuple[Fact, ...], washout: Span) -> Outcome:
    """Abiraterone beside radium is as wrong as radium beside abiraterone; other cancer medicines wait."""
    radium = radium_in_use(case, washout)
    abiraterone = tuple(draft for draft in drafts if "abiraterone" in draft.concepts)
    waiting = tuple(draft for draft in drafts if not _goes_with_radium(draft))
    if not abiraterone and not waiting:
        return NotFired("goes_with_radium")
    if not radium:
        return not_found(case, "no_radium", "medications", "procedures")
    deciding = abiraterone or waiting
    return _fired("abiraterone_on_radium" if abiraterone else "radium_washout", deciding, (*radium, *deciding), ())


def _goes_with_radium(draft: Fact) -> bool:
    return bool(draft.concepts & GOES_WITH_RADIUM) and "abiraterone" not in draft.concepts


def _fired(message: str, drafts: tuple[Fact, ...], facts: tuple[Fact, ...], notes: tuple[str, ...]) -> Fired:
    known = [draft for draft in drafts if "#" not in draft.reference]
    return Fired(
        message,
        tuple(evidence_of(fact) for fact in facts)[:8],
        words={
            "ordered": drafts[0].label,
            "reason": tuple(dict.fromkeys(fact.label for fact in facts if fact not in drafts)) or ("none on record",),
        },
        notes=notes,
        offers=_offers(message, known),
    )


def _offers(message: str, known: list[Fact]) -> tuple[Offer, ...]:
    if message in {"no_bone_agent", "abiraterone_stop_undated"}:
        return (Offer("oncology_review"),)
    return tuple(Offer("cancel", draft=draft.reference) for draft in known) or (Offer("oncology_review"),)
