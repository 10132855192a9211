"""Malignant bone disease: bone metastases, among them those of long bones, or active myeloma, and the events that it brings."""

from cds_service.clinical import Case, Fact, Span, finding
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.finding import Finding, active_whenever, summed_up
from cds_service.findings.studies import reported


@finding
def bone_disease(case: Case) -> Finding:
    """Bone metastases, else myeloma that is neither in remission nor history; smouldering myeloma is none by its words."""
    if metastases := bone_metastases(case):
        return metastases
    over = {"cancer-in-remission", "cancer-history"}
    return summed_up([fact for fact in case.active("myeloma") if fact.concepts.isdisjoint(over)], ("myeloma",))


@finding
def skeletal_events(case: Case, window: Span) -> tuple[Fact, ...]:
    """Skeletal-related events within the window: fracture, cord compression, surgery or radiotherapy to bone."""
    events: list[Fact] = list(case.conditions.of(*case.groups["skeletal-event-problems"]))
    treated = case.procedures.of(*case.groups["skeletal-event-procedures"])
    events += [one for one in treated if one.status in {"completed", "in-progress"}]
    events += [one for one in case.procedures.of("radiotherapy") if "site-bone" in one.sites]
    return tuple({id(fact): fact for fact in case.recent(events, window)}.values())


_LONG = "long-bone-metastasis"
_SITES = frozenset({"site-long-bone", "site-femur", "site-humerus", "peritrochanteric-site"})


@finding
def long_bone_metastases(case: Case, image_age: Span) -> Finding:
    """Active bone metastases whose code, words or body site name a long bone, and images within ``image_age`` that show one."""
    sited = [fact for fact in bone_metastases(case).facts if not _SITES.isdisjoint(fact.sites)]
    shown = [one for one in reported(case, image_age) if _LONG in one.affirmed]
    return summed_up(
        (*active_whenever(case, _LONG), *sited, *shown), (_LONG, "bone-metastasis", "metastasis-site-unspecified")
    )
