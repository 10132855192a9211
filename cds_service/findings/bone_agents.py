"""Bone-modifying agents: which strength an entry means, what was given when, and what is ordered or planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Medication
from cds_service.findings.medicines import on_medicine
from cds_service.findings.studies import ordered
from cds_service.terminology.dates import Moment, Span
from cds_service.terminology.quantities import Quantity, UnlikeUnits

Strength = Literal["oncology", "osteoporosis", "unknown"]

_REFERRALS = ("referral-oncology", "referral-endocrinology", "referral-bone-health")
AGENTS = ("denosumab", "zoledronic-acid", "pamidronic-acid", "ibandronic-acid", "clodronic-acid")

_BRANDS: dict[str, tuple[str, str]] = {
    "denosumab": ("denosumab-120", "denosumab-60"),
    "zoledronic-acid": ("zoledronic-4", "zoledronic-5"),
}
"""Value sets of the cancer and of the osteoporosis product, by brand or written strength."""

# Single doses in mg that the labels name. Osteoporosis: Prolia 60; Reclast and Aclasta 5; Boniva 2.5, 3 (intravenous), 150.
_OSTEOPOROSIS_DOSES = {
    "denosumab": (Decimal(60),),
    "zoledronic-acid": (Decimal(5),),
    "ibandronic-acid": (Decimal("2.5"), Decimal(3), Decimal(150)),
}
# Cancer: Xgeva 120; Zometa 3 to 4 by kidney function; Bondronat 6 (intravenous), 50. A billing code's "1 mg" is neither.
_ONCOLOGY_FROM = {"denosumab": Decimal(120), "zoledronic-acid": Decimal(3), "ibandronic-acid": Decimal(6)}
# Prolia is given every 6 months and Reclast yearly or rarer, Xgeva and Zometa every 3 to 12 weeks (labels; ASCO/CCO 2017).
_OSTEOPOROSIS_INTERVAL = {"denosumab": 150, "zoledronic-acid": 330}
_ONCOLOGY_INTERVAL = {"denosumab": 100, "zoledronic-acid": 100}
_CANCER_REASONS = frozenset(
    {"bone-metastasis", "vertebral-metastasis", "metastasis-site-unspecified", "myeloma", "hypercalcaemia"}
)


def strength(medicine: Fact) -> Strength:
    """Whether an entry means the cancer or the osteoporosis product: its dose decides, then brand, interval and reason.

    ``unknown`` is decided by the caller on purpose: it counts as treatment, so that nothing is started twice, and a draft
    of it is checked like the cancer product.
    """
    agent = agent_of(medicine)
    if agent not in _OSTEOPOROSIS_DOSES:
        return "oncology" if agent else "unknown"
    if not isinstance(medicine, Medication):
        return "unknown"
    for reading in (_by_dose(medicine, agent), _by_brand(medicine, agent), _by_interval(medicine, agent)):
        if reading != "unknown":
            return reading
    if "osteoporosis" in medicine.reasons:
        return "osteoporosis"
    return "oncology" if medicine.reasons & _CANCER_REASONS else "unknown"


def stated_dose(medicine: Medication) -> Quantity | None:
    """The dose, when it is one that the agent's products have; the "1 mg" of a billing code's name is none."""
    agent = agent_of(medicine)
    known = agent not in _OSTEOPOROSIS_DOSES or _by_dose(medicine, agent) != "unknown"
    return (medicine.dose or medicine.content) if known else None


def agent_of(fact: Fact) -> str:
    """The agent's value set name; empty when the entry says only "bone-modifying agent"."""
    return next((agent for agent in AGENTS if agent in fact.concepts), "")


@dataclass(frozen=True, slots=True)
class Course:
    """All that is on record of one agent in its cancer strength (or of unknown strength), drafts aside."""

    agent: str
    doses: tuple[Fact, ...]
    """Given: administrations, dispenses, procedures; failing them, orders and statements that are completed. Newest first."""
    orders: tuple[Medication, ...]
    """Orders and statements in force, newest first."""
    ended: tuple[Medication, ...]
    """Orders and statements that are over."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The newest dose and the newest order: what a reader wants to see."""
        return (*self.doses[:1], *self.orders[:1])

    @property
    def label(self) -> str:
        return next((fact.label for fact in (*self.doses, *self.orders, *self.ended)), "")

    @property
    def coded(self) -> bool:
        return any(self.agent in fact.coded for fact in (*self.doses, *self.orders))

    @property
    def last(self) -> Moment | None:
        """The newest dose; without any dose on record, the newest order's date."""
        return next((fact.when for fact in (*self.doses, *self.orders, *self.ended) if fact.when), None)

    @property
    def first(self) -> Moment | None:
        """The earliest date on record, of a dose or of an order."""
        dates = [fact.when for fact in (*self.doses, *self.orders, *self.ended) if fact.when is not None]
        return min(dates, key=lambda moment: moment.last, default=None)

    @property
    def spacing(self) -> int | None:
        """Days between the two newest doses; else the interval that the newest order states."""
        days = dose_days(self.doses)
        if len(days) > 1:
            return days_apart(days[0], days[1])
        return next((order.interval_days for order in self.orders if order.interval_days), None)

    def current(self, case: Case, lookback: Span) -> bool:
        """Given or ordered within the look-back. Without any dose on record a statement in force, or an undated order, counts.

        An old order that is still active proves no dose.
        """
        if any(case.within(fact.when, lookback) for fact in (*self.doses[:1], *self.orders)):
            return True
        return not self.doses and any(order.kind == "statement" or order.when is None for order in self.orders)


@finding
def courses(case: Case) -> tuple[Course, ...]:
    """What is on record of each agent, osteoporosis strengths left out; the one that was given last comes first."""
    found = [_course(case, agent) for agent in AGENTS]
    return tuple(sorted((each for each in found if each.doses or each.orders or each.ended), key=_newest_last_dose))


@finding
def on_bone_agent(case: Case, lookback: Span) -> tuple[Course, ...]:
    """Courses that are running: given or ordered within the look-back."""
    return tuple(course for course in courses(case) if course.current(case, lookback))


@finding
def in_use(case: Case, lookback: Span) -> tuple[Course, ...]:
    """Courses that are running, and those of which no dose at all is on record while an order is in force.

    Many records never show a dose: what accompanies treatment (teeth, supplements, reviews) may trust the order.
    """
    return tuple(
        course for course in courses(case) if course.current(case, lookback) or (course.orders and not course.doses)
    )


@finding
def planned_agents(case: Case) -> tuple[Medication, ...]:
    """Plans and proposals to give an agent, and orders on hold."""
    return tuple(
        medicine
        for medicine in case.medications.of("bone-modifying-agent", *AGENTS)
        if not medicine.draft
        and medicine.kind == "request"
        and strength(medicine) != "osteoporosis"
        and (medicine.status == "on-hold" or _is_plan(medicine))
        and medicine.status in {"active", "draft", "on-hold", "unknown"}
    )


def drafted(case: Case, *agents: str) -> tuple[Medication, ...]:
    """Selected drafts of these agents (default: all), osteoporosis strengths left out."""
    wanted = case.selected_medications(*(agents or ("bone-modifying-agent", *AGENTS)))
    return tuple(draft for draft in wanted if strength(draft) != "osteoporosis")


@finding
def osteoporosis_product(case: Case, agent: str, lookback: Span) -> tuple[Medication, ...]:
    """The agent in its osteoporosis strength: ordered in force, given or dispensed within the look-back, or drafted."""
    products = [medicine for medicine in case.medications.of(agent) if strength(medicine) == "osteoporosis"]
    in_force = set(map(id, on_medicine(case, agent)))
    return tuple(
        medicine
        for medicine in products
        if medicine.draft
        or id(medicine) in in_force
        or (
            medicine.status in {"completed", "active"}
            and not _is_plan(medicine)
            and case.within(medicine.when, lookback)
        )
    )


@finding
def bone_agent_review(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """Referrals and visits within the look-back, or ahead, whose reason names the agent or bone health."""
    named = {"bone-agent-review", "referral-bone-health"}
    referrals = [order for order in ordered(case, lookback, *_REFERRALS) if named & (order.concepts | order.reasons)]
    visits = case.encounters.of("bone-agent-review")
    visits = tuple(visit for visit in visits if visit.start is None or case.within(visit.start, lookback))
    return (*referrals, *visits)


def newest_of(courses: Iterable[Course]) -> tuple[Fact, ...]:
    """The newest dose and the newest order of each course."""
    return tuple(fact for course in courses for fact in course.facts)


def course_of(case: Case, agent: str) -> Course | None:
    """What is on record of one agent."""
    return next((course for course in courses(case) if course.agent == agent), None)


def days_apart(later: Moment, earlier: Moment) -> int:
    """Calendar days between two doses."""
    return (later.last.date() - earlier.last.date()).days


def dose_days(doses: Iterable[Fact]) -> tuple[Moment, ...]:
    """Days of doses, newest first; a dose that is on record twice, on one day or the next, counts once.

    A dispense may lie days before the dose: with administrations on record only these count.
    """
    facts = tuple(doses)
    given = tuple(fact for fact in facts if isinstance(fact, Medication) and fact.kind == "administration") or facts
    days: list[Moment] = []
    for fact in given:
        moment = fact.when
        if moment is not None and (not days or days_apart(days[-1], moment) > 1):
            days.append(moment)
    return tuple(days)


def _course(case: Case, agent: str) -> Course:
    facts = [fact for fact in case.medications.of(agent) if not fact.draft and strength(fact) != "osteoporosis"]
    written = [fact for fact in facts if fact.kind in {"request", "statement"}]
    in_force = set(map(id, on_medicine(case, agent)))
    orders = tuple(fact for fact in written if id(fact) in in_force)
    ended = tuple(fact for fact in written if fact.status in {"completed", "stopped"} and not _is_plan(fact))
    given: list[Fact] = [
        fact for fact in facts if fact.kind in {"administration", "dispense"} and fact.status in {"completed", "active"}
    ]
    # injections on record as procedures carry HCPCS J codes, which do not tell the strength
    given += [fact for fact in case.procedures.of(agent) if fact.status == "completed"]
    if given:
        return Course(agent, tuple(sorted(given, key=_newest)), orders, ended)
    doses = tuple(fact for fact in ended if fact.status == "completed")
    return Course(agent, doses, orders, tuple(fact for fact in ended if fact.status != "completed"))


def _is_plan(medicine: Medication) -> bool:
    return medicine.intent in {"proposal", "plan", "option"}


def _by_dose(medicine: Medication, agent: str) -> Strength:
    stated = medicine.dose or medicine.content
    if stated is None:
        return "unknown"
    try:
        dose = stated.to("mg").value
    except UnlikeUnits:
        return "unknown"
    if dose in _OSTEOPOROSIS_DOSES[agent]:
        return "osteoporosis"
    return "oncology" if dose >= _ONCOLOGY_FROM[agent] else "unknown"


def _by_brand(medicine: Medication, agent: str) -> Strength:
    cancer, osteoporosis = _BRANDS.get(agent, ("", ""))
    named = medicine.concepts & {cancer, osteoporosis}
    if len(named) != 1:
        return "unknown"
    return "oncology" if cancer in named else "osteoporosis"


def _by_interval(medicine: Medication, agent: str) -> Strength:
    days = medicine.interval_days
    if days is None or agent not in _ONCOLOGY_INTERVAL:
        return "unknown"
    if days <= _ONCOLOGY_INTERVAL[agent]:
        return "oncology"
    return "osteoporosis" if days >= _OSTEOPOROSIS_INTERVAL[agent] else "unknown"


def _newest(fact: Fact) -> float:
    return -fact.when.last.timestamp() if fact.when else float("inf")


def _newest_last_dose(course: Course) -> float:
    return -course.last.last.timestamp() if course.last else float("inf")
