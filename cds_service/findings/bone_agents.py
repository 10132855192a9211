"""Bone-modifying agents: which strength an entry means, what was given when, and what is ordered or planned."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from cds_service.clinical import Case, Fact, Limit, Medication, Moment, Quantity, Span, Table, finding
from cds_service.findings.finding import earliest
from cds_service.findings.medicines import in_force, is_over, on_medicine
from cds_service.findings.studies import ordered

Strength = Literal["oncology", "osteoporosis", "unknown"]

_REFERRALS = ("referral-oncology", "referral-endocrinology", "referral-bone-health")
AGENTS = ("denosumab", "zoledronic-acid", "pamidronic-acid", "ibandronic-acid", "clodronic-acid")

_BRANDS: dict[str, dict[str, Strength]] = {
    "denosumab": {"denosumab-120": "oncology", "denosumab-60": "osteoporosis"},
    "zoledronic-acid": {"zoledronic-4": "oncology", "zoledronic-5": "osteoporosis"},
}
"""Value sets of an agent's products, by brand or written strength."""

_CANCER_REASONS = frozenset(
    {"bone-metastasis", "vertebral-metastasis", "metastasis-site-unspecified", "myeloma", "hypercalcaemia"}
)


@dataclass(frozen=True, slots=True)
class Product:
    """A row of the labels: a single dose of an agent for cancer or for osteoporosis, and how often it is given.

    For cancer it is the least dose and the longest interval; for osteoporosis the dose itself and the shortest interval.
    """

    agent: Literal["denosumab", "zoledronic-acid", "ibandronic-acid"]
    use: Literal["oncology", "osteoporosis"]
    dose: Quantity
    interval: Span | None = None

    def has_dose(self, dose: Quantity) -> bool:
        """Whether a dose can be of this product."""
        side = Limit((self.dose,)).side(dose)
        return side == 0 or (side == 1 and self.use == "oncology")

    def has_interval(self, days: int) -> bool:
        """Whether doses so many days apart can be of this product."""
        if self.interval is None:
            return False
        return days <= self.interval.days if self.use == "oncology" else days >= self.interval.days


@dataclass(frozen=True, slots=True)
class AgentReading:
    """Which products there are, the osteoporosis ones first, and how recent a dose stands for an order."""

    bone_agent_products: Table[Product]
    given_within: Span

    def of(self, agent: str) -> tuple[Product, ...]:
        """The products of an agent that is used in osteoporosis too; none for the others."""
        return tuple(product for product in self.bone_agent_products if product.agent == agent)


def strength(medicine: Fact, agents: AgentReading) -> Strength:
    """Whether an entry means the cancer or the osteoporosis product: its dose decides, then brand, interval and reason.

    ``unknown`` is decided by the caller on purpose: it counts as treatment, so that nothing is started twice, and a draft
    of it is checked like the cancer product.
    """
    agent = agent_of(medicine)
    products = agents.of(agent)
    if not products:
        return "oncology" if agent else "unknown"
    return next(_uses(medicine, agent, products), "unknown") if isinstance(medicine, Medication) else "unknown"


def stated_dose(medicine: Medication, agents: AgentReading) -> Quantity | None:
    """The dose, failing it what the product holds; an order that was not understood states none.

    Nor is a dose what the name of a code tells that counts milligrams, "Injection, zoledronic acid, 1 mg".
    """
    stated, products = medicine.dose or medicine.content, agents.of(agent_of(medicine))
    counted = stated is not None and stated.value == 1 and not any(product.has_dose(stated) for product in products)
    return None if medicine.unclear or counted else stated


def agent_of(fact: Fact) -> str:
    """The agent's value set name; empty when the entry says only "bone-modifying agent"."""
    return next((agent for agent in AGENTS if agent in fact.concepts), "")


@dataclass(frozen=True, slots=True)
class Course:
    """All that is on record of one agent in its cancer strength (or of unknown strength), drafts aside."""

    agent: str
    doses: tuple[Fact, ...]
    """Given: administrations, dispenses, procedures; failing them, orders and statements that ran to their end. Newest first."""
    orders: tuple[Medication, ...]
    """Orders and statements in force, newest first."""
    ended: tuple[Medication, ...]
    """Orders and statements that are over."""

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The newest dose and the newest order: what a reader wants to see."""
        return (*self.doses[:1], *self.orders[:1])

    @property
    def _all(self) -> tuple[Fact, ...]:
        return (*self.doses, *self.orders, *self.ended)

    @property
    def label(self) -> str:
        return next((fact.called for fact in self._all), "")

    @property
    def last(self) -> Moment | None:
        """The newest dose; without any dose on record, the newest order's date."""
        return next((fact.when for fact in self._all if fact.when), None)

    @property
    def first(self) -> Moment | None:
        """The earliest date on record, of a dose or of an order."""
        return earliest(self._all)

    @property
    def days(self) -> tuple[Moment, ...]:
        """Days of doses, newest first; a dose that is on record twice, on one day or the next, counts once.

        A dispense may lie days before the dose: with administrations on record only these count.
        """
        facts = self.doses
        given = [fact for fact in facts if isinstance(fact, Medication) and fact.kind == "administration"] or facts
        days: list[Moment] = []
        for fact in given:
            if fact.when is not None and (not days or days_apart(days[-1], fact.when) > 1):
                days.append(fact.when)
        return tuple(days)

    @property
    def spacing(self) -> int | None:
        """What an order newer than the doses states; else days between the two newest doses, else what an order states."""
        days, newest = self.days, next(iter(self.orders), None)
        if newest and newest.interval_days and days and newest.when and newest.when.first > days[0].last:
            return newest.interval_days
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
def courses(case: Case, agents: AgentReading) -> tuple[Course, ...]:
    """What is on record of each agent, osteoporosis strengths left out; the one that was given last comes first."""
    found = [_course(case, agent, agents) for agent in AGENTS]
    return tuple(sorted((each for each in found if each.facts or each.ended), key=lambda one: _newest_first(one.last)))


@finding
def in_use(case: Case, agents: AgentReading, lookback: Span) -> tuple[Course, ...]:
    """Courses that are running, and those of which no dose at all is on record while an order is in force.

    Many records never show a dose: what accompanies treatment (teeth, supplements, reviews) may trust the order.
    """
    known = courses(case, agents)
    return tuple(one for one in known if one.current(case, lookback) or (one.orders and not one.doses))


@finding
def planned_agents(case: Case, agents: AgentReading) -> tuple[Medication, ...]:
    """Plans and proposals to give an agent, and orders on hold."""
    return tuple(
        medicine
        for medicine in case.medications.of("bone-modifying-agent", *AGENTS)
        if not medicine.draft
        and medicine.kind == "request"
        and strength(medicine, agents) != "osteoporosis"
        and (medicine.status == "on-hold" or medicine.planned)
        and medicine.status in {"active", "draft", "on-hold", "unknown"}
    )


def drafted(case: Case, agents: AgentReading, *names: str) -> tuple[Medication, ...]:
    """Selected drafts of these agents (default: all), osteoporosis strengths left out."""
    wanted = case.selected_medications(*(names or ("bone-modifying-agent", *AGENTS)))
    return tuple(draft for draft in wanted if strength(draft, agents) != "osteoporosis")


@finding
def osteoporosis_product(case: Case, agents: AgentReading, agent: str, lookback: Span) -> tuple[Medication, ...]:
    """The agent in its osteoporosis strength: ordered in force, given or dispensed within the look-back, or drafted."""
    products = [one for one in case.medications.of(agent) if strength(one, agents) == "osteoporosis"]
    standing = set(map(id, on_medicine(case, agents.given_within, agent)))
    return tuple(one for one in products if one.draft or id(one) in standing or _meant(case, one, lookback))


@finding
def other_antiresorptives(case: Case, agent: str, apart: Span) -> tuple[Fact, ...]:
    """Another bone-modifying agent given, ordered or due within so many days, in any strength, or drafted in this session."""
    others = tuple(name for name in AGENTS if name != agent)
    found = case.medications.of(*others)
    medicines = [fact for fact in found if fact.draft or _meant(case, fact, apart) or _is_due(case, fact, apart)]
    injections = [fact for fact in case.procedures.of(*others) if fact.status == "completed"]
    return (*medicines, *case.recent(injections, apart))


@finding
def bone_agent_review(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """Referrals and visits within the look-back, or ahead, whose reason names the agent or bone health."""
    named = {"bone-agent-review", "referral-bone-health"}
    referrals = [order for order in ordered(case, lookback, *_REFERRALS) if named & (order.concepts | order.reasons)]
    visits = case.encounters.of("bone-agent-review")
    return (*referrals, *(visit for visit in visits if visit.start is None or case.within(visit.start, lookback)))


def newest_of(courses: Iterable[Course]) -> tuple[Fact, ...]:
    """The newest dose and the newest order of each course."""
    return tuple(fact for course in courses for fact in course.facts)


def days_apart(later: Moment, earlier: Moment) -> int:
    """Calendar days between two doses."""
    return (later.last.date() - earlier.last.date()).days


def _course(case: Case, agent: str, agents: AgentReading) -> Course:
    facts = [fact for fact in case.medications.of(agent) if not fact.draft and strength(fact, agents) != "osteoporosis"]
    written = [fact for fact in facts if fact.listed]
    orders = tuple(fact for fact in written if in_force(case, fact))
    stated = {"completed", "stopped"}  # or left active beyond its end
    over = [fact for fact in written if fact.status in stated or (fact.status == "active" and is_over(case, fact))]
    ended = tuple(fact for fact in over if not fact.planned)
    given: list[Fact] = [fact for fact in facts if fact.was_given]
    # injections on record as procedures carry HCPCS J codes, which do not tell the strength
    given += [fact for fact in case.procedures.of(agent) if fact.status == "completed"]
    if given:
        return Course(agent, tuple(sorted(given, key=lambda dose: _newest_first(dose.when))), orders, ended)
    doses = tuple(fact for fact in ended if fact.status != "stopped")
    return Course(agent, doses, orders, tuple(fact for fact in ended if fact.status == "stopped"))


def _meant(case: Case, medicine: Medication, lookback: Span) -> bool:
    """Given, or ordered and not only planned, within the look-back."""
    meant = medicine.status in {"completed", "active"} and not medicine.planned
    return meant and case.within(medicine.when, lookback)


def _is_due(case: Case, medicine: Medication, span: Span) -> bool:
    """Whether an order in force, of whatever age, brings a dose within the span, such as a daily tablet."""
    several_a_day = medicine.interval_days is None and medicine.daily is not None
    days = 1 if several_a_day else medicine.interval_days
    return days is not None and days <= span.days and in_force(case, medicine)


def _uses(medicine: Medication, agent: str, products: Iterable[Product]) -> Iterator[Strength]:
    """What dose, brand, interval and reason say of its use, the surest first."""
    stated, days = medicine.dose or medicine.content, medicine.interval_days
    if stated is not None:
        yield from (product.use for product in products if product.has_dose(stated))
    branded = [use for brand, use in _BRANDS.get(agent, {}).items() if brand in medicine.concepts]
    if len(branded) == 1:
        yield from branded
    if days is not None:
        yield from (product.use for product in products if product.has_interval(days))
    if "osteoporosis" in medicine.reasons:
        yield "osteoporosis"
    if medicine.reasons & _CANCER_REASONS:
        yield "oncology"


def _newest_first(moment: Moment | None) -> float:
    return -moment.last.timestamp() if moment else float("inf")
