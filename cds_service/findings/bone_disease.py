"""Malignant bone disease: bone metastases or active myeloma, and what its course has been."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.cancer import Truth, bone_metastases, truth
from cds_service.terminology.dates import Span

_PROGRESSING = ("status-worsened",)
_CONTROLLED = ("status-stable", "status-improved", "remission-full", "remission-partial")
_EVENT_CONDITIONS = (
    "pathological-fracture",
    "skeletal-event",
    "impending-fracture",
    "cord-compression",
    "cauda-equina",
)
_EVENT_PROCEDURES = ("skeletal-event", "orthopaedic-fixation", "radiotherapy-palliative-bone", "cementoplasty")


@finding
def active_myeloma(case: Case) -> Truth:
    """Myeloma that is neither in remission nor history; smouldering myeloma is none by its words."""
    facts = tuple(
        fact
        for fact in case.conditions.of("myeloma")
        if fact.state == "active" and fact.concepts.isdisjoint({"cancer-in-remission", "cancer-history"})
    )
    return truth(facts, ("myeloma",))


@finding
def bone_disease(case: Case) -> Truth:
    """Bone metastases, else active myeloma (decisions.md, Bone-modifying agents)."""
    return bone_metastases(case) or active_myeloma(case)


@finding
def skeletal_events(case: Case, window: Span) -> tuple[Fact, ...]:
    """Skeletal-related events within the window: fracture, cord compression, surgery or radiotherapy to bone."""
    conditions: list[Fact] = [
        fact for fact in case.conditions.of(*_EVENT_CONDITIONS) if case.within(fact.onset or fact.recorded, window)
    ]
    conditions += [
        fact
        for fact in case.procedures.of(*_EVENT_PROCEDURES)
        if fact.status in {"completed", "in-progress"} and case.within(fact.when, window)
    ]
    conditions += [
        fact
        for fact in case.procedures.of("radiotherapy")
        if "site-bone" in fact.sites and fact not in conditions and case.within(fact.when, window)
    ]
    return tuple(conditions)


@finding
def disease_status(case: Case, window: Span) -> Observation | None:
    """The newest documented response within the window that says something."""
    return next(
        (
            fact
            for fact in case.observations.of("disease-status")
            if fact.answers & {*_PROGRESSING, *_CONTROLLED} and case.within(fact.when, window)
        ),
        None,
    )


def is_controlled(status: Observation | None) -> bool:
    """Stable, improved or in remission."""
    return status is not None and bool(status.answers & set(_CONTROLLED)) and not is_progressing(status)


def is_progressing(status: Observation | None) -> bool:
    """Worsened."""
    return status is not None and bool(status.answers & set(_PROGRESSING))
