"""The disease and its bone treatment: lesions by site, treatments of the cancer, bone-modifying doses and when the next is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from cds_service.chart.facts import Condition, Fact, Report
from cds_service.engine.evidence import evidence_value
from cds_service.engine.phrases import plain_text
from cds_service.findings.bone_agents import AgentReading, Course, courses, dose_days
from cds_service.findings.cancer import metastases
from cds_service.findings.lesions import lesion_count
from cds_service.findings.systemic_therapy import cancer_treatment
from cds_service.outcomes import evidence_of
from cds_service.service.consultation import Consultation
from cds_service.terminology.dates import Span

_MOST_DOSES = 4
_LESIONS_AGE = Span(days=90)


@dataclass(frozen=True, slots=True)
class Line:
    """A fact of the record in words, with its day and the resource."""

    says: str
    day: str
    reference: str


@dataclass(frozen=True, slots=True)
class BoneAgent:
    """What was given of one agent."""

    name: str
    doses: tuple[str, ...]
    """Days, newest first."""
    spacing: str
    due: str
    """When the next dose is due: by the interval of the last doses or of the order, else by the label."""
    overdue: bool


def lesions(consultation: Consultation) -> tuple[Line, ...]:
    """Metastases on record, each with its sites."""
    found = metastases(consultation.case).facts
    return tuple(_line(fact, _sites(consultation, fact)) for fact in found)


def lesion_number(consultation: Consultation) -> str:
    """How many metastases there are, and how that is known."""
    count = lesion_count(consultation.case, _LESIONS_AGE)
    if count.many:
        return "many, by the words of the record"
    if not count.number:
        return "number not on record"
    return f"{count.number}, counted" if count.counted else f"{count.number} or more, by the sites on record"


def treatments(consultation: Consultation) -> tuple[Line, ...]:
    """What treated the cancer at any time, newest first."""
    facts = sorted(cancer_treatment(consultation.case), key=_newest_first)
    return tuple(_line(fact, evidence_value(evidence_of(fact))) for fact in facts)


def imaging(consultation: Consultation, most: int = 6) -> tuple[Line, ...]:
    """The newest reports, with what they conclude."""
    reports = sorted(consultation.case.reports, key=_newest_first)[:most]
    return tuple(_line(report, _short(report.conclusion)) for report in reports)


def bone_agents(consultation: Consultation) -> tuple[BoneAgent, ...]:
    """Bone-modifying agents on record, the one that was given last first."""
    reading = consultation.knowledge.cards["bma-start"].bound["agents"]
    assert isinstance(reading, AgentReading)
    return tuple(_agent(course, reading, consultation) for course in courses(consultation.case, reading))


def _agent(course: Course, reading: AgentReading, consultation: Consultation) -> BoneAgent:
    days, own = dose_days(course.doses), course.spacing
    label = next((one.interval for one in reading.of(course.agent) if one.use == "oncology" and one.interval), None)
    spacing = own or (label.days if label else 0)
    due = days[0].last.date() + timedelta(days=spacing) if days and spacing else None
    return BoneAgent(
        plain_text(course.label) or course.agent,
        tuple(day.day for day in days[:_MOST_DOSES]),
        f"every {own} days" if own else f"label: every {spacing} days" if spacing else "interval not known",
        due.isoformat() if due else "",
        due is not None and due < consultation.moment.date(),
    )


def _sites(consultation: Consultation, fact: Fact) -> str:
    sets = consultation.knowledge.codebook.sets
    names = sorted(name for name in getattr(fact, "sites", ()) if name in sets)
    return ", ".join(sets[name].title for name in names)


def _line(fact: Fact, more: str = "") -> Line:
    doubt = "suspected" if isinstance(fact, Condition) and fact.suspected else ""
    limits = "not a complete study" if isinstance(fact, Report) and not fact.complete else ""
    parts = (plain_text(fact.label), plain_text(more), doubt, limits)
    return Line(", ".join(part for part in parts if part), fact.when.day if fact.when else "", fact.reference)


def _newest_first(fact: Fact) -> float:
    return -fact.when.last.timestamp() if fact.when else float("inf")


def _short(text: str, longest: int = 220) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


def listed(lines: Iterable[Line]) -> list[str]:
    """Lines as plain text."""
    return [f"{line.says} ({line.day or 'no date'})" for line in lines]
