"""A stroke that explains limb weakness."""

from cds_service.chart.case import Case
from cds_service.chart.facts import Condition, Fact
from cds_service.findings.cancer import active_cancer, metastases
from cds_service.findings.cord import Neurology, neurology
from cds_service.terminology.dates import Moment, Span


def explaining_stroke(case: Case, neuro: Neurology, apart: Span) -> tuple[Condition, ...]:
    """Coded strokes of the same days as new limb weakness, in a patient whose cancer is history only."""
    if active_cancer(case) or metastases(case):
        return ()
    weak = [fact for fact in neuro.recent if "limb-weakness" in fact.concepts]
    return tuple(
        stroke
        for stroke in case.conditions.of("stroke")
        if "stroke" in stroke.coded and any(_close(stroke.when, fact.when, apart) for fact in weak)
    )


def more_than_weakness(case: Case, neuro: Neurology, window: Span) -> tuple[Fact, ...]:
    """New signs other than limb weakness, and new spinal or radicular pain: a stroke does not explain them."""
    other = tuple(fact for fact in neuro.recent if "limb-weakness" not in fact.concepts)
    return (*other, *neurology(case, window, "back-pain", "radicular-pain").recent)


def _close(one: Moment | None, other: Moment | None, apart: Span) -> bool:
    return one is not None and other is not None and abs((one.last.date() - other.last.date()).days) <= apart.days
