"""Questions that several ladders ask in the same words."""

from __future__ import annotations

from collections.abc import Generator

from cds_service.clinical import Case, Measured, Span
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.cord import cord_at_risk
from cds_service.findings.finding import Finding
from cds_service.findings.fractures import unfixed_fractures
from cds_service.findings.pain import newest_pain, points
from cds_service.findings.surgery_first import StabilityLimits, unstable_bone
from cds_service.ladder import Ladder, Rung, needed, silent


def bone_metastases_needed(case: Case) -> Generator[Rung, None, Finding]:
    """Ask for active bone metastases; returns them."""
    return (yield from needed("no_bone_metastases", bone_metastases(case), needs=("conditions",)))


def pain_to_treat(case: Case, age: Span, moderate_from: int) -> Generator[Rung, None, Measured]:
    """Ask for pain that is at least moderate; returns its newest score."""
    pain = yield from needed("no_pain_score", newest_pain(case, age), needs=("observations",))
    yield silent("pain_mild", points(pain) < moderate_from, pain)
    return pain


def surgeon_first(case: Case, limits: StabilityLimits) -> Ladder:
    """Silent because cord, fracture or unstable bone come before any other local treatment."""
    yield silent("cord_first", cord_at_risk(case, limits.neurology_window))
    yield silent("fracture_first", unfixed_fractures(case, limits.stability_score_age))
    yield silent("unstable_first", unstable_bone(case, limits))


def pain_to_treat_locally(case: Case, limits: StabilityLimits) -> Generator[Rung, None, Measured]:
    """Ask for pain that is at least moderate, of bone that no surgeon must see first; returns its newest score."""
    pain = yield from pain_to_treat(case, limits.pain_score_age, limits.pain_moderate_from)
    yield from surgeon_first(case, limits)
    return pain
