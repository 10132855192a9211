"""Signs of spinal cord or cauda equina compression, and imaging that speaks for or against it."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Condition, Fact, Observation, Report
from cds_service.findings.cancer import Truth, truth
from cds_service.terminology.dates import Moment, Span

CORD_SIGNS = (
    "limb-weakness",
    "gait-disturbance",
    "sensory-disturbance",
    "saddle-anaesthesia",
    "urinary-retention",
    "urinary-incontinence",
    "faecal-incontinence",
    "lhermitte",
)
COMPRESSION = ("cord-compression", "cauda-equina")
WEAK_SIGNS = ("radicular-pain",)


@dataclass(frozen=True, slots=True)
class Neurology:
    """Neurological signs within the window, and those that are too old or have no date."""

    recent: tuple[Fact, ...]
    old: tuple[Fact, ...]
    undated: tuple[Fact, ...]
    coded: bool

    @property
    def onset(self) -> Moment | None:
        """The earliest date of a recent sign."""
        return min((fact.when for fact in self.recent if fact.when), key=lambda moment: moment.last, default=None)


@finding
def neurology(case: Case, window: Span, *concepts: str) -> Neurology:
    """Signs of these value sets (default: the cord signs) by age. The onset decides; without one, the record date.

    A sign recorded as absent, refuted, resolved or denied in words is none. Hemiplegia is no cord sign.
    """
    wanted = concepts or CORD_SIGNS
    recent: list[Fact] = []
    old: list[Fact] = []
    undated: list[Fact] = []
    for sign in signs(case, *wanted):
        when = sign.when
        if when is not None and when.precision == "year" and isinstance(sign, Condition):
            when = sign.recorded or when
        pile = undated if when is None else recent if window.reaches(when, case.as_of) else old
        pile.append(sign)
    return Neurology(
        tuple(recent), tuple(old), tuple(undated), any(not sign.coded.isdisjoint(wanted) for sign in recent)
    )


@finding
def signs(case: Case, *concepts: str) -> tuple[Fact, ...]:
    """Symptoms and signs that are present: active conditions, and observations that do not say "absent"."""
    conditions: list[Fact] = [fact for fact in case.conditions.of(*concepts) if fact.state == "active"]
    observations = [fact for fact in case.observations.of(*concepts) if fact.present is not False]
    return (*conditions, *_latest_of_each(case, observations))


@finding
def compression(case: Case, window: Span) -> Truth:
    """Cord or cauda equina compression: an active condition, or an image within the window that reports it."""
    facts: list[Fact] = [fact for fact in case.conditions.of(*COMPRESSION) if fact.state == "active"]
    facts += [report for report in spine_reports(case, window) if report.affirmed & set(COMPRESSION)]
    return truth(tuple(facts), COMPRESSION)


@finding
def epidural_metastasis(case: Case) -> Truth:
    """An active epidural, meningeal or intraspinal metastasis."""
    return truth(
        tuple(fact for fact in case.conditions.of("epidural-metastasis") if fact.state == "active"),
        ("epidural-metastasis",),
    )


@finding
def spine_reports(case: Case, window: Span) -> tuple[Report, ...]:
    """Reported spinal images within the window, newest first."""
    images = case.reports.of("mri-whole-spine", "mri-spine-region", "mri-spine-unspecified", "ct-myelogram")
    return tuple(report for report in images if report.status != "registered" and case.within(report.when, window))


@finding
def whole_spine_cleared(case: Case, onset: Moment | None, window: Span) -> Report | None:
    """The whole-spine MRI after the onset that reports no compression, if there is one."""
    for report in spine_reports(case, window):
        after = onset is None or (report.when is not None and report.when.last >= onset.first)
        if "mri-whole-spine" in report.concepts and after and report.status == "final":
            stated = report.affirmed | report.doubted
            return report if not stated & set(COMPRESSION) and report.denied & set(COMPRESSION) else None
    return None


def _latest_of_each(case: Case, observations: list[Observation]) -> list[Fact]:
    """The newest observation of each sign: yesterday's weakness does not outlive today's "absent"."""
    kept: list[Fact] = []
    for fact in observations:
        newest = next(
            (other for other in case.observations.of(*fact.concepts) if other.concepts == fact.concepts), fact
        )
        if newest.present is not False and fact not in kept:
            kept.append(fact)
    return kept
