"""Pathological fractures, there or impending: where, since when, and whether they are already fixed."""

from cds_service.clinical import EVER, Case, Condition, Fact, Report, Span, finding
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.finding import Finding, active_whenever, observed, summed_up
from cds_service.findings.studies import after, done, reported

_FRACTURES = ("pathological-fracture",)
_SPINE = ("vertebral-fracture",)
_IMPENDING = "impending-fracture"
_SPINAL = frozenset({"vertebral-fracture", "impending-vertebral-fracture"})
_HARMLESS = frozenset({"osteoporosis", "atypical-femur-fracture"})
_AFTERCARE = "fracture-aftercare"


@finding
def pathological_fractures(case: Case, image_age: Span) -> Finding:
    """Active pathological fractures, vertebral collapse beside bone metastases, and what was seen or imaged within ``image_age``.

    A vertebral fracture that the record itself calls osteoporotic is none, nor is one that is only about to happen.
    """
    collapsed = bool(bone_metastases(case)) and not case.conditions.of("osteoporosis")
    wanted = (*_FRACTURES, *_SPINE) if collapsed else _FRACTURES
    shown = (report for report in reported(case, image_age) if not report.affirmed.isdisjoint(wanted))
    happened = (fact for fact in case.conditions.of(*wanted) if _stands(case, fact) and not _only_impends(fact))
    seen = case.recent(observed(case, *wanted), image_age)
    return summed_up((*happened, *seen, *shown), (*_FRACTURES, *_SPINE))


@finding
def impending_fractures(case: Case, image_age: Span) -> Finding:
    """Bone that is about to break in the words of a problem or of a report within ``image_age``, unless it was fixed since."""
    named = (fact for fact in active_whenever(case, _IMPENDING) if _stands(case, fact))
    shown = (report for report in reported(case, image_age) if _IMPENDING in report.affirmed)
    return summed_up(_not_fixed(case, (*named, *shown)), (_IMPENDING,))


@finding
def vertebral_fractures(case: Case, image_age: Span) -> tuple[Fact, ...]:
    """Those that lie in the spine, by code, body site or words; a report counts when it names a vertebra."""
    spinal = (fact for fact in pathological_fractures(case, image_age).facts if is_spinal(fact))
    return tuple(dict.fromkeys((*spinal, *case.active(*_SPINE))))


def is_spinal(fact: Fact) -> bool:
    """Whether a fracture, there or impending, is one of a vertebra."""
    if isinstance(fact, Report):
        return not fact.affirmed.isdisjoint(_SPINAL)
    return not fact.concepts.isdisjoint(_SPINAL) or "site-spine" in fact.sites


@finding
def unfixed_fractures(case: Case, image_age: Span) -> tuple[Fact, ...]:
    """Fractures after which no fixation, cement or other surgery of bone is on record."""
    return _not_fixed(case, pathological_fractures(case, image_age).facts)


def _not_fixed(case: Case, broken: tuple[Fact, ...]) -> tuple[Fact, ...]:
    if not broken:
        return ()
    fixed = done(case, EVER, "orthopaedic-fixation", "cementoplasty")
    return tuple(fact for fact in broken if not after(fixed, fact.when))


def _only_impends(fact: Condition) -> bool:
    """Whether a fracture stands in doubt beside the words that it impends."""
    return _IMPENDING in fact.concepts and fact.suspected and fact.coded.isdisjoint((*_FRACTURES, *_SPINE))


def _stands(case: Case, fact: Condition) -> bool:
    """Active, not an old fracture that is followed up, and not one that its own code or words call osteoporotic."""
    harmless = not fact.concepts.isdisjoint(_HARMLESS) and fact.concepts.isdisjoint(case.groups["spread"])
    return fact.active and not harmless and _AFTERCARE not in fact.concepts
