"""The disease and its bone treatment: lesions by site, treatments of the cancer, bone-modifying doses and when the next is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cds_service.chart.facts import Condition, Fact, Report
from cds_service.engine.evidence import evidence_value
from cds_service.engine.phrases import plain_text
from cds_service.findings.bone_agents import AgentReading, Course, courses, dose_days
from cds_service.findings.cancer import SPREAD, metastases
from cds_service.findings.lesions import lesion_count
from cds_service.findings.medicines import in_force
from cds_service.findings.systemic_therapy import cancer_treatment
from cds_service.findings.tissue import malignant_histology
from cds_service.outcomes import evidence_of
from cds_service.service.consultation import Consultation
from cds_service.terminology.dates import Span

_SITED = tuple(name for name in SPREAD if name not in {"other-metastasis", "metastasis-site-unspecified"})
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
    """When the next dose is due: by the interval of the last doses or of the order, else by the usual window."""
    overdue: bool


def lesions(consultation: Consultation) -> tuple[Line, ...]:
    """Metastases on record, each with its sites."""
    found = metastases(consultation.case).facts
    named = [fact for fact in found if not isinstance(fact, Report)] or found
    return tuple(line(fact, _sites(consultation, fact)) for fact in named)


def spread(consultation: Consultation) -> str:
    """Where the cancer has spread to, as ``bone and lung``; empty when no site is named."""
    facts = metastases(consultation.case).facts
    known = frozenset[str]().union(*(fact.concepts for fact in facts if not isinstance(fact, Report)))
    return " and ".join(name.removesuffix("-metastasis").replace("-", " ") for name in _SITED if name in known)


def lesion_number(consultation: Consultation) -> str:
    """How many metastases there are, and how that is known."""
    count = lesion_count(consultation.case, _LESIONS_AGE)
    if count.many:
        return "many, by the words of the record"
    if not count.number:
        return "number not on record"
    if count.counted:
        return f"{count.number}, counted"
    return f"{count.number} or more, by the sites on record" if count.number > 1 else "number not on record"


def treatments(consultation: Consultation) -> tuple[Line, ...]:
    """What treated the cancer at any time, newest first."""
    facts = sorted(cancer_treatment(consultation.case), key=_newest_first)
    return tuple(line(fact, evidence_value(evidence_of(fact))) for fact in facts)


def imaging(consultation: Consultation, most: int = 6) -> tuple[Line, ...]:
    """The newest reports with what they conclude, those of pathology apart."""
    tissue = {fact.reference for fact in malignant_histology(consultation.case).facts}
    reports = [report for report in consultation.case.reports if report.reference not in tissue]
    return tuple(line(report, _short(report.conclusion)) for report in sorted(reports, key=_newest_first)[:most])


def histology(consultation: Consultation) -> tuple[Line, ...]:
    """Pathology that states a malignancy, in its own words; without any by its name."""
    facts = malignant_histology(consultation.case).facts[:2]
    return tuple(_pathology(fact) for fact in facts)


def medicines(consultation: Consultation) -> tuple[Line, ...]:
    """Medicines in force, each once, newest first."""
    lines = [line(fact) for fact in consultation.case.medications if in_force(consultation.case, fact)]
    return tuple({one.says: one for one in reversed(lines)}.values())[::-1]


def bone_agents(consultation: Consultation) -> tuple[BoneAgent, ...]:
    """Bone-modifying agents on record, the one that was given last first."""
    reading = consultation.knowledge.cards["bma-start"].bound["agents"]
    assert isinstance(reading, AgentReading)
    return tuple(_agent(course, consultation) for course in courses(consultation.case, reading))


def _agent(course: Course, consultation: Consultation) -> BoneAgent:
    days, own = dose_days(course.doses), course.spacing
    window = (own, own) if own else _usual_window(course.agent, consultation)
    due = [days[0].last.date() + timedelta(days=after) for after in window] if days and window else []
    spacing = f"every {own} days" if own else f"usually after {window[0]} to {window[1]} days" if window else ""
    return BoneAgent(
        plain_text(course.label) or course.agent,
        tuple(day.day for day in days[:_MOST_DOSES]),
        spacing or "interval not known",
        " to ".join(dict.fromkeys(day.isoformat() for day in due)),
        bool(due) and due[-1] < consultation.moment.date(),
    )


def _usual_window(agent: str, consultation: Consultation) -> tuple[int, int] | None:
    """From how many days after a dose to how many the next is due where nobody wrote an interval: known of denosumab."""
    limits = consultation.knowledge.cards["denosumab-safety"].values
    earliest, latest = limits["earliest_interval"], limits["latest_interval"]
    if agent != "denosumab" or not isinstance(earliest, Span) or not isinstance(latest, Span):
        return None
    return earliest.days, latest.days


def _sites(consultation: Consultation, fact: Fact) -> str:
    sets = consultation.knowledge.codebook.sets
    names = sorted(name for name in getattr(fact, "sites", ()) if name in sets)
    return ", ".join(sets[name].title for name in names)


def line(fact: Fact, more: str = "") -> Line:
    """A fact in words, with what its reader must know of its standing."""
    doubt = "suspected" if isinstance(fact, Condition) and fact.suspected else ""
    limits = "not a complete study" if isinstance(fact, Report) and not fact.complete else ""
    name = plain_text(fact.label)
    parts = (name[:1].upper() + name[1:], plain_text(more), doubt, limits)
    return Line(", ".join(part for part in parts if part), fact.when.day if fact.when else "", fact.reference)


def _pathology(fact: Fact) -> Line:
    words = _short(plain_text(getattr(fact, "conclusion", "") or getattr(fact, "text", "")))
    return Line(words, fact.when.day if fact.when else "", fact.reference) if words else line(fact)


def _newest_first(fact: Fact) -> float:
    return -fact.when.last.timestamp() if fact.when else float("inf")


def _short(text: str, longest: int = 220) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
