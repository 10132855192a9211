"""Cytology of a pleural effusion, or of pleural metastases, in a patient with cancer."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact
from cds_service.findings.cancer import in_scope
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.medicines import on_medicine
from cds_service.findings.naming import called
from cds_service.findings.studies import done_or_ordered
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, evidence_of, not_found
from cds_service.terminology.dates import Span

_PLEURAL = ("pleural-metastasis", "malignant-pleural-effusion", "pleural-effusion")


def pleural_fluid_cytology(case: Case, *, effusion_window: Span, cytology_lookback: Span) -> Outcome:
    """Fire on an effusion or pleural metastases whose fluid nobody has examined."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    pleura = _pleural_disease(case, effusion_window)
    if not pleura:
        return not_found(case, "no_effusion", "conditions", "reports")
    examined = (
        *done_or_ordered(case, cytology_lookback, "cytology"),
        *(fact for fact in case.observations.of("cytology") if case.within(fact.when, cytology_lookback)),
    )
    if examined:
        return NotFired("examined", _quoted(examined))
    thinned = on_medicine(case, "anticoagulant")
    checks = (
        ("anticoagulant", bool(thinned)),
        ("comfort_care", bool(comfort_care(case))),
        ("heart_failure", any(fact.state == "active" for fact in case.conditions.of("heart-failure"))),
        ("not_seen", bool(case.lacking("reports", "procedures", "orders"))),
    )
    notes = tuple(note for note, holds in checks if holds)
    evidence = _quoted((*pleura[:4], *in_scope(case).facts[:2], *thinned[:1]))
    return Fired("no_cytology", evidence, {"finding": called(pleura)}, notes, (Offer("cytology"),))


def _pleural_disease(case: Case, window: Span) -> tuple[Fact, ...]:
    """Active conditions, and images within the window whose newest word on the pleura is that there is fluid or tumour."""
    conditions = tuple(fact for fact in case.conditions.of(*_PLEURAL) if fact.state == "active")
    for report in case.reports:
        if (report.affirmed | report.doubted) & set(_PLEURAL):
            return (*conditions, report) if case.within(report.when, window) else conditions
        if report.denied & set(_PLEURAL):
            break
    return conditions


def _quoted(facts: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in tuple(dict.fromkeys(facts))[:6])
