"""What goes before radiotherapy or another local treatment: cord, fracture and unstable bone for a surgeon, infection."""

from dataclasses import dataclass

from cds_service.clinical import Case, Condition, Fact, Span, finding
from cds_service.findings.bone_disease import long_bone_metastases
from cds_service.findings.fractures import impending_fractures
from cds_service.findings.stability_scores import Mirels, Sins, mirels, sins


@dataclass(frozen=True, slots=True)
class StabilityLimits:
    """From which scores on bone counts as unstable, from which pain is treated, and how old what is read may be."""

    neurology_window: Span
    stability_score_age: Span
    pain_score_age: Span
    pain_moderate_from: int
    sins: Sins
    sins_unstable_from: int
    mirels: Mirels
    mirels_fix_from: int


@finding
def unstable_bone(case: Case, limits: StabilityLimits) -> tuple[Fact, ...]:
    """An unstable spine, an impending fracture, or scores that reach the limits; after a fixation nothing is unstable."""
    age = limits.stability_score_age
    if named := (*case.active("spinal-instability"), *impending_fractures(case, age).facts):
        return named
    spine = sins(case, limits.sins)
    if spine.points >= limits.sins_unstable_from:
        return spine.facts
    limb = mirels(case, limits.mirels)
    in_limb = limb.reported or long_bone_metastases(case, age)
    return limb.facts if in_limb and limb.points >= limits.mirels_fix_from else ()


@finding
def infections(case: Case, window: Span, concept: str = "infection") -> tuple[Condition, ...]:
    """Active infections within the window; one without a date counts. ``severe-infection`` is a value set of its own."""
    return tuple(fact for fact in case.active(concept) if fact.when is None or case.within(fact.when, window))
