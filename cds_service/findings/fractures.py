"""Pathological fractures: where, since when, and whether they are already fixed."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Condition, Fact, Report
from cds_service.findings.cancer import SPREAD, bone_metastases
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.studies import after, done
from cds_service.terminology.dates import Span

_FRACTURES = ("pathological-fracture",)
_SPINE = ("vertebral-fracture",)
_HARMLESS = frozenset({"osteoporosis", "atypical-femur-fracture"})
_AFTERCARE = "fracture-aftercare"


@finding
def pathological_fractures(case: Case, image_age: Span) -> Finding:
    """Active pathological fractures, vertebral collapse beside bone metastases, and images within ``image_age`` that report one.

    A vertebral fracture that the record itself calls osteoporotic is none.
    """
    found: list[Fact] = [fact for fact in case.conditions.of(*_FRACTURES) if _stands(fact)]
    collapsed = bool(bone_metastases(case)) and not case.conditions.of("osteoporosis")
    if collapsed:
        found += [fact for fact in case.conditions.of(*_SPINE) if _stands(fact) and fact not in found]
    wanted = {*_FRACTURES, *_SPINE} if collapsed else {*_FRACTURES}
    for report in case.reports:
        if report.status == "registered" or not case.within(report.when, image_age):
            continue
        if report.affirmed & wanted:
            found.append(report)
    return summed_up(tuple(found), (*_FRACTURES, *_SPINE))


@finding
def vertebral_fractures(case: Case, image_age: Span) -> tuple[Fact, ...]:
    """Those that lie in the spine, by code, body site or words; a report counts when it names a vertebra."""
    spinal = (fact for fact in pathological_fractures(case, image_age).facts if is_spinal(fact))
    osteoporotic = (fact for fact in case.conditions.of(*_SPINE) if fact.state == "active")
    return tuple(dict.fromkeys((*spinal, *osteoporotic)))


def is_spinal(fact: Fact) -> bool:
    """Whether a fracture is one of a vertebra."""
    if isinstance(fact, Report):
        return not fact.affirmed.isdisjoint(_SPINE)
    return "vertebral-fracture" in fact.concepts or "site-spine" in getattr(fact, "sites", frozenset())


@finding
def unfixed_fractures(case: Case, image_age: Span) -> tuple[Fact, ...]:
    """Fractures after which no fixation, cement or other surgery of bone is on record."""
    return tuple(
        fact
        for fact in pathological_fractures(case, image_age).facts
        if not after(done(case, _EVER, "orthopaedic-fixation", "cementoplasty"), fact.when)
    )


_EVER = Span(months=1200)


def _stands(fact: Condition) -> bool:
    """Active, not an old fracture that is followed up, and not one that its own code or words call osteoporotic."""
    if fact.state != "active" or _AFTERCARE in fact.concepts:
        return False
    named_harmless = not fact.concepts.isdisjoint(_HARMLESS)
    return not named_harmless or not fact.concepts.isdisjoint(SPREAD)
