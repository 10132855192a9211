"""What must be known before a bone-modifying agent: calcium, vitamin D, teeth and jaw."""

from dataclasses import dataclass
from typing import Literal

from cds_service.clinical import Case, Fact, Limit, Observation, Offer, Quantity, Span, above, at_least, below, finding
from cds_service.findings.bone_agents import AgentReading, courses, newest_of, osteoporosis_product
from cds_service.findings.calcium import Calcium, CalciumReading, standing_calcium
from cds_service.findings.cancer import bone_metastases, primary
from cds_service.findings.cord import signs
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.limits import own_or_usual
from cds_service.findings.studies import done, under_way

_DENTIST = ("dental-exam", "referral-dental")
_CLOSED = {"finished", "completed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalciumLevels:
    """Which results count, and the limits for total or corrected and for ionised calcium; one left out is not asked."""

    calcium_age: Span
    reading: CalciumReading
    calcium_lower_limit: Limit | None = None
    calcium_upper_limit: Limit | None = None
    calcium_treat_at: Limit | None = None
    ionised_lower_limit: Limit | None = None
    ionised_upper_limit: Limit | None = None
    ionised_treat_at: Limit | None = None

    def is_low(self, result: Calcium) -> bool | None:
        """Below the laboratory's lower limit, else below ours; ``None`` where that is open, or not asked."""
        lower = self.ionised_lower_limit if result.kind == "ionised" else self.calcium_lower_limit
        own = Limit((result.fact.low,)) if lower is not None and result.fact.low is not None else lower
        return below(result, own)

    def is_high(self, result: Calcium) -> bool | None:
        """Above the laboratory's upper limit, else above ours; a side without a limit of ours is not asked."""
        upper = self.ionised_upper_limit if result.kind == "ionised" else self.calcium_upper_limit
        return above(result, own_or_usual(result.fact, upper)) if upper is not None else None

    def is_to_treat(self, result: Calcium) -> bool | None:
        """At or above the level from which hypercalcaemia is treated."""
        return at_least(result, self.ionised_treat_at if result.kind == "ionised" else self.calcium_treat_at)


@dataclass(frozen=True, slots=True)
class CalciumState:
    """The newest calcium, and whether it is low or high."""

    level: Literal["unknown", "low", "normal", "high"]
    result: Calcium | None = None

    @property
    def sources(self) -> tuple[Observation, ...]:
        return self.result.sources if self.result else ()

    @property
    def firm(self) -> bool:
        """Final, with a unit of its own: such a result may gate a medicine."""
        return self.result is not None and not (self.result.preliminary or self.result.unit_assumed)

    @property
    def uncorrected(self) -> bool:
        """A total calcium without albumin: a low one may be no more than a low albumin."""
        return self.result is not None and self.result.kind == "total"


@finding
def calcium_state(case: Case, levels: CalciumLevels) -> CalciumState:
    """Low, normal or high by the newest results of one day; ionised and corrected values go before an uncorrected total."""
    results = standing_calcium(case, levels.calcium_age, levels.reading)
    trusted = tuple(result for result in results if result.kind != "total") or results
    if low := next(filter(levels.is_low, trusted), None):
        return CalciumState("low", low)
    if high := next(filter(levels.is_high, trusted), None):
        return CalciumState("high", high)
    plain = any(levels.is_low(result) is False for result in trusted)
    return CalciumState("normal" if plain else "unknown", next(iter(trusted), None))


@finding
def calcium_to_treat(case: Case, levels: CalciumLevels) -> tuple[Calcium, ...]:
    """Newest calcium results, of one day, at or above the treat level."""
    results = standing_calcium(case, levels.calcium_age, levels.reading)
    return tuple(filter(levels.is_to_treat, results))


@dataclass(frozen=True, slots=True)
class DenosumabChoice:
    """Whether denosumab goes first here, at which dose, and what is asked before it takes another agent's place."""

    preferred_agent: str
    denosumab_in_prostate_cancer: bool
    denosumab_dose: Quantity
    osteoporosis_lookback: Span
    """For how long its osteoporosis product acts."""
    levels: CalciumLevels
    agents: AgentReading


@finding
def against_denosumab(case: Case, choice: DenosumabChoice) -> tuple[Fact, ...]:
    """Low calcium, hypersensitivity, the osteoporosis product, or a jaw that dies."""
    calcium = calcium_state(case, choice.levels)
    return (
        *(calcium.sources if calcium.level == "low" else ()),
        *(case.active("hypocalcaemia") if calcium.level == "unknown" else ()),
        *case.allergies.of("denosumab-allergy"),
        *osteoporosis_product(case, choice.agents, "denosumab", choice.osteoporosis_lookback),
        *jaw_osteonecrosis(case).facts,
    )


@finding
def denosumab_may_replace(case: Case, choice: DenosumabChoice) -> bool:
    """Whether it may take the place of zoledronic acid: coded bone metastases, a firm normal calcium, nothing against it."""
    disease, calcium = bone_metastases(case), calcium_state(case, choice.levels)
    known = calcium.firm and calcium.level == "normal"
    return known and disease.coded and not disease.suspected and not against_denosumab(case, choice)


@finding
def denosumab_goes_first(case: Case, choice: DenosumabChoice) -> bool:
    """Whether it is preferred here as the first agent of this patient, and may be given."""
    here = choice.denosumab_in_prostate_cancer or not primary(case, "prostate-cancer")
    first = not newest_of(courses(case, choice.agents)) and not case.lacking("medications")
    return choice.preferred_agent == "denosumab" and here and first and denosumab_may_replace(case, choice)


@dataclass(frozen=True, slots=True)
class SupplementDoses:
    """Daily doses beside a bone-modifying agent."""

    calcium_dose: Quantity
    vitamin_d_dose: Quantity

    def offers(self, *, calcium: object, vitamin_d: object) -> list[Offer]:
        """Offers of those that are wanted."""
        wanted = {"calcium": (calcium, self.calcium_dose), "vitamin_d": (vitamin_d, self.vitamin_d_dose)}
        return [Offer(name, {"dose": dose}) for name, (holds, dose) in wanted.items() if holds]


@finding
def dental_examination(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """Dental examinations within the look-back: procedures, reports, completed orders, finished visits."""
    closed = [visit for visit in case.encounters.of(*_DENTIST) if visit.status in _CLOSED]
    visits = [visit for visit in closed if case.within(visit.end or visit.start, lookback)]
    return (*done(case, lookback, "dental-exam"), *done(case, lookback, "referral-dental"), *visits)


@finding
def dental_examination_planned(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """Dental examinations or referrals that are ordered, drafted or booked."""
    visits = tuple(visit for visit in case.encounters.of(*_DENTIST) if visit.status not in _CLOSED)
    return (*under_way(case, lookback, *_DENTIST), *visits)


@finding
def jaw_osteonecrosis(case: Case) -> Finding:
    """Osteonecrosis of the jaw, or exposed bone in it, that is present."""
    return summed_up(signs(case, "mronj"), ("mronj",))
