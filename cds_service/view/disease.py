"""The disease and its bone treatment: lesions by site, treatments of the cancer, bone-modifying doses and when the next is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cds_service.chart.facts import Condition, Fact, Observation, Report
from cds_service.engine.evidence import evidence_value
from cds_service.engine.phrases import Phrases, plain_text
from cds_service.engine.short_names import capitalised
from cds_service.findings.bone_agents import AgentReading, Course, courses
from cds_service.findings.cancer import metastases
from cds_service.findings.lesions import lesion_count
from cds_service.findings.medicines import in_force
from cds_service.findings.tissue import malignant_histology
from cds_service.findings.treatment import cancer_treatment
from cds_service.outcomes import evidence_of
from cds_service.service.consultation import Consultation
from cds_service.terminology.dates import Span
from cds_service.terminology.said import said

_SITES = {
    "bone-metastasis": said("bone"),
    "vertebral-metastasis": said("spine"),
    "epidural-metastasis": said("epidural space"),
    "lung-metastasis": said("lung"),
    "pleural-metastasis": said("pleura"),
    "liver-metastasis": said("liver"),
    "brain-metastasis": said("brain"),
    "bone-marrow-metastasis": said("bone marrow"),
}
"""Where a cancer has spread to, by the value set that says so."""
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
    return tuple(line(consultation, fact, _sites(consultation, fact)) for fact in named)


def spread(consultation: Consultation) -> str:
    """Where the cancer has spread to, as ``bone, liver and lung``; empty when no site is named."""
    facts = metastases(consultation.case).facts
    known = frozenset[str]().union(*(fact.concepts for fact in facts if not isinstance(fact, Report)))
    phrases = consultation.phrases
    *others, last = [phrases.word(site) for name, site in _SITES.items() if name in known] or [""]
    return phrases.say("{some} and {last}", some=", ".join(others), last=last) if others else last


def lesion_number(consultation: Consultation) -> str:
    """How many metastases there are, and how that is known."""
    count, say = lesion_count(consultation.case, _LESIONS_AGE), consultation.phrases.say
    if count.many:
        return say("many, by the words of the record")
    if count.counted and count.number:
        return say("{number}, counted", number=count.number)
    if count.number > 1:
        return say("{number} or more, by the sites on record", number=count.number)
    return say("number not on record")


def treatments(consultation: Consultation) -> tuple[Line, ...]:
    """What treated the cancer at any time, newest first."""
    facts = sorted(cancer_treatment(consultation.case), key=_newest_first)
    phrases = consultation.phrases
    return tuple(line(consultation, fact, evidence_value(evidence_of(fact), phrases)) for fact in facts)


def imaging(consultation: Consultation, most: int = 6) -> tuple[Line, ...]:
    """The newest reports with what they conclude, those of pathology apart."""
    tissue = {fact.reference for fact in malignant_histology(consultation.case).facts}
    reports = [report for report in consultation.case.reports if report.reference not in tissue]
    return tuple(
        line(consultation, report, _short(report.conclusion)) for report in sorted(reports, key=_newest_first)[:most]
    )


def histology(consultation: Consultation) -> tuple[Line, ...]:
    """Pathology that states a malignancy, in its own words; without any by its name."""
    facts = malignant_histology(consultation.case).facts[:2]
    return tuple(_pathology(consultation, fact) for fact in facts)


def medicines(consultation: Consultation) -> tuple[Line, ...]:
    """Medicines in force, each once, newest first."""
    lines = [line(consultation, fact) for fact in consultation.case.medications if in_force(consultation.case, fact)]
    return tuple({one.says: one for one in reversed(lines)}.values())[::-1]


def bone_agents(consultation: Consultation) -> tuple[BoneAgent, ...]:
    """Bone-modifying agents on record, the one that was given last first."""
    reading = consultation.knowledge.cards["bma-two-year-review"].bound["agents"]
    assert isinstance(reading, AgentReading)
    return tuple(_agent(course, consultation) for course in courses(consultation.case, reading))


def _agent(course: Course, consultation: Consultation) -> BoneAgent:
    days, own, phrases = course.days, course.spacing, consultation.phrases
    window = (own, own) if own else _usual_window(course.agent, consultation)
    due = [days[0].last + timedelta(days=after) for after in window] if days and window else []
    first, last = (phrases.language.date(day, "figures") for day in due) if due else ("", "")
    return BoneAgent(
        capitalised(plain_text(course.label) or phrases.word(course.agent)),
        tuple(phrases.day(day) for day in days[:_MOST_DOSES]),
        _spacing(own, window, phrases),
        first if first == last else phrases.say("{start} to {end}", start=first, end=last),
        bool(due) and due[-1].date() < consultation.moment.date(),
    )


def _spacing(own: int | None, window: tuple[int, int] | None, phrases: Phrases) -> str:
    if own:
        return phrases.say("every {days} days", days=own)
    if window:
        return phrases.say("usually after {low} to {high} days", low=window[0], high=window[1])
    return phrases.say("interval not known")


def _usual_window(agent: str, consultation: Consultation) -> tuple[int, int] | None:
    """From how many days after a dose to how many the next is due where nobody wrote an interval: known of denosumab."""
    limits = consultation.knowledge.cards["denosumab-safety"].values
    earliest, latest = limits["earliest_interval"], limits["latest_interval"]
    if agent != "denosumab" or not isinstance(earliest, Span) or not isinstance(latest, Span):
        return None
    return earliest.days, latest.days


def _sites(consultation: Consultation, fact: Fact) -> str:
    sets = consultation.knowledge.codebook.sets
    titles = [sets[name].title for name in sorted(fact.sites) if name in sets and "bodySite" in sets[name].kinds]
    return ", ".join(map(consultation.phrases.word, titles))


def line(consultation: Consultation, fact: Fact, more: str = "") -> Line:
    """A fact in words, with what its reader must know of its standing."""
    phrases = consultation.phrases
    doubt = phrases.say("suspected") if isinstance(fact, Condition) and fact.suspected else ""
    limits = phrases.say("not a complete study") if isinstance(fact, Report) and not fact.complete else ""
    parts = (capitalised(name_of(fact, phrases)), plain_text(more), doubt, limits)
    return Line(", ".join(part for part in parts if part), phrases.day(fact.when), fact.reference)


def name_of(fact: Fact, phrases: Phrases) -> str:
    """As the record calls it; a result by our name, since laboratories name theirs for machines."""
    known = isinstance(fact, Observation) and fact.called
    return plain_text(phrases.word(fact.called) if known else fact.label)


def _pathology(consultation: Consultation, fact: Fact) -> Line:
    words = _short(plain_text(getattr(fact, "conclusion", "") or getattr(fact, "text", "")))
    return Line(words, consultation.phrases.day(fact.when), fact.reference) if words else line(consultation, fact)


def _newest_first(fact: Fact) -> float:
    return -fact.when.last.timestamp() if fact.when else float("inf")


def _short(text: str, longest: int = 220) -> str:
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"
