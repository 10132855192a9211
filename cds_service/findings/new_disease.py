"""What was found of late: metastases, organ by organ (one in bone does not make one in the lungs old), and advanced cancers."""

from cds_service.clinical import Case, Span, finding
from cds_service.findings.cancer import (
    NAMED_PRIMARIES,
    SPREAD,
    bone_metastases,
    cannonball,
    is_new,
    lung_metastases,
    metastases,
    primary,
)
from cds_service.findings.finding import Finding, summed_up

_NAMED = ("pleural-metastasis", "liver-metastasis", "brain-metastasis", "epidural-metastasis", "bone-marrow-metastasis")
_NODULES = ("cannonball", "pulmonary-nodules")
_ADVANCED = frozenset({"stage-iii", "stage-iv"})
_PRIMARIES = (*NAMED_PRIMARIES, "any-malignancy")


@finding
def new_disease(case: Case, window: Span) -> Finding:
    """Metastases or cannonball lesions whose organ is first mentioned within the window; empty when there are none.

    Cannonball lesions without any date count as new: nobody can tell that they are old, and they need attention.
    """
    organs = (lung_metastases(case), bone_metastases(case), *(summed_up(case.active(name), (name,)) for name in _NAMED))
    found = [organ for organ in organs if is_new(case, organ, window)]
    found = found or [anywhere for anywhere in (metastases(case),) if is_new(case, anywhere, window)]
    if not found:
        lesions = cannonball(case)
        dated = any(fact.when for fact in lesions.facts)
        found = [] if dated and not is_new(case, lesions, window) else [lesions]
    return summed_up([fact for part in found for fact in part.facts], (*SPREAD, *_NODULES, "m-category"))


@finding
def advanced_primary(case: Case, window: Span) -> Finding:
    """An active primary first recorded within the window whose stage, on the problem or as a stage group, is III or IV."""
    active = [fact for fact in primary(case, *_PRIMARIES).facts if fact.active]
    if not is_new(case, summed_up(active, _PRIMARIES), window):
        return summed_up((), _PRIMARIES)
    staged = [fact for fact in active if not fact.concepts.isdisjoint(_ADVANCED)]
    newest = case.recent(case.observations.of("stage-group"), window)[:1]
    graded = [fact for fact in newest if not fact.answers.isdisjoint(_ADVANCED)]
    return summed_up((*(staged or active[: len(graded)]), *graded), _PRIMARIES)
