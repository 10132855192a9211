"""A draft of denosumab against calcium, kidneys, vitamin D, the other denosumab product and its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cds_service.clinical import Case, Fact, Indicator, Limit, Medication, Offer, Quantity, Span, Word, below, said
from cds_service.findings.bone_agent_safety import CalciumLevels, calcium_state, jaw_osteonecrosis
from cds_service.findings.bone_agents import (
    AgentReading,
    Course,
    courses,
    days_apart,
    osteoporosis_product,
    other_antiresorptives,
    strength,
)
from cds_service.findings.medicines import on_medicine
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.findings.renal import ClearanceInputs, latest, poor_kidneys
from cds_service.findings.zoledronate import says_hypercalcaemia
from cds_service.ladder import Ladder, cards, draft_needed, gravest_of, ladder, needed, outside_scope, silent, unknown

_DRUG = "denosumab"


@dataclass(frozen=True, slots=True)
class DenosumabLimits:
    """What a draft is held against: results, other products and agents, and the days between doses."""

    levels: CalciumLevels
    minimum_clearance: Quantity
    clearance: ClearanceInputs
    vitamin_d_low: Limit
    vitamin_d_age: Span
    agents: AgentReading
    osteoporosis_lookback: Span
    antiresorptives_apart: Span
    treatment_lookback: Span
    earliest_interval: int
    latest_interval: int


@ladder
def denosumab_safety(case: Case, *, limits: DenosumabLimits) -> Ladder:
    """Fire on a draft of denosumab that is not safe; on opening the chart, on doses that came too early or are late."""
    if case.hook == "patient-view":
        yield from _on_opening(case, limits)
        return
    drafts = yield from draft_needed(case, case.selected_medications(_DRUG))
    yield gravest_of(_of_draft(case, draft, limits) for draft in drafts)


def _of_draft(case: Case, draft: Medication, limits: DenosumabLimits) -> Ladder:
    """The gravest thing about a draft: the other product, an allergy, low calcium, cautions, timing."""
    calcium = calcium_state(case, limits.levels)
    kidneys = poor_kidneys(case, limits.minimum_clearance, limits.clearance)
    vitamin = latest(case, limits.vitamin_d_age, "vitamin-d")
    vitamin_low = below(vitamin, limits.vitamin_d_low)
    course, jaw, used = _course(case, limits.agents), jaw_osteonecrosis(case).facts, strength(draft, limits.agents)
    others = other_antiresorptives(case, _DRUG, limits.antiresorptives_apart)
    cancel, no_vitamin_d = Offer("cancel", draft=draft.reference), [] if vitamin else ["vitamin_d"]

    def speak(
        message: str,
        deciding: tuple[Fact, ...],
        when: object,
        notes: Mapping[str, object] = {},
        offers: Sequence[Offer | str] = (),
        at_most: Indicator | None = None,
    ) -> Ladder:
        return cards(
            {message: when},
            *(deciding[:4], draft, calcium.sources, vitamin),
            words={
                "calcium": calcium.result.value if calcium.result else said("not on record"),
                "vitamin_d": vitamin.value if vitamin else said("not on record"),
                "other": tuple(dict.fromkeys(map(_named, deciding))),
                "drafted": _named(draft),
                "every": Span(days=draft.interval_days or 0),
            },
            notes={
                **notes,
                "also_jaw": jaw and message != "jaw_osteonecrosis",
                "also_other_agent": others and message != "other_agent",
                "dose_not_stated": used == "unknown",
            },
            offers=offers,
            at_most=at_most,
        )

    other = _other_product(case, draft, course, limits)
    yield from speak("duplicate", other, other, offers=[cancel])
    yield silent("osteoporosis_product", used == "osteoporosis" and not (jaw or others), draft)
    allergies = case.allergies.of("denosumab-allergy")
    yield from speak("allergy", allergies, allergies, offers=[cancel])
    yield from speak(
        "low_calcium",
        (*calcium.sources, *kidneys),
        calcium.level == "low",
        {"uncorrected": calcium.uncorrected, "vitamin_d_low": vitamin_low, "kidneys": kidneys},
        [cancel, "calcium", *no_vitamin_d],
        "warning" if calcium.uncorrected or (calcium.result and calcium.result.unit_assumed) else None,
    )
    yield from speak("jaw_osteonecrosis", jaw, jaw, offers=[cancel])
    yield from speak("other_agent", others, others, offers=[cancel])
    yield unknown("observations", calcium.level == "unknown" and case.lacking("observations"))

    open_calcium = not (calcium.firm and calcium.level in {"normal", "high"})
    cautions = {
        "no_calcium": open_calcium,
        "kidneys": kidneys,
        "vitamin_d_low": vitamin_low,
        "hypocalcaemia_on_record": open_calcium and case.active("hypocalcaemia"),
    }
    tests = [*(["calcium"] if open_calcium else []), *no_vitamin_d]
    for caution in ("no_calcium", "kidneys", "vitamin_d_low"):
        beside = {name: holds for name, holds in cautions.items() if name != caution}
        yield from speak(caution, kidneys, cautions[caution], beside, tests)

    yield silent("for_hypercalcaemia", says_hypercalcaemia(draft), draft)  # loading doses follow a plan of their own
    every = draft.interval_days
    too_often = every is not None and every < limits.earliest_interval
    yield from speak("ordered_too_often", (), too_often and not draft.as_needed)
    dosed = yield from needed(
        "safe", course if course and course.days else None, draft, needs=("medications", "allergies")
    )
    since = dosed.days[0].days_before(case.as_of)
    ill_timed = {"early": since < limits.earliest_interval, "late": since > limits.latest_interval}
    yield from _timed(ill_timed, dosed, since, draft)
    yield silent("interval_fits", True, draft, dosed.doses[:1])


def _other_product(case: Case, draft: Medication, course: Course | None, limits: DenosumabLimits) -> tuple[Fact, ...]:
    """The other denosumab product beside this draft: 60 mg beside 120 mg, or the reverse; or a second draft of the same.

    Loading doses for hypercalcaemia may well be drafts of their own.
    """
    products = osteoporosis_product(case, limits.agents, _DRUG, limits.osteoporosis_lookback)
    drafted = [other for other in case.medications.of(_DRUG) if other.draft and other is not draft]
    if strength(draft, limits.agents) != "osteoporosis":
        again = [] if any(map(says_hypercalcaemia, (draft, *drafted))) else drafted
        return (*products, *(other for other in again if strength(other, limits.agents) != "osteoporosis"))
    orders = [order for order in course.orders if strength(order, limits.agents) == "oncology"] if course else []
    doses = course.doses[:1] if course and not orders else ()
    return (*(other for other in drafted if strength(other, limits.agents) == "oncology"), *orders, *doses)


def _on_opening(case: Case, limits: DenosumabLimits) -> Ladder:
    """On patient-view: the newest dose came too early, or the next one is late."""
    newest = next(iter(courses(case, limits.agents)), None)
    yield silent("switched", newest and newest.agent != _DRUG, newest.facts if newest else ())
    known = _course(case, limits.agents)
    running = known if known and known.days and case.within(known.days[0], limits.treatment_lookback) else None
    course = yield from needed("not_on_denosumab", running, needs=("medications",))
    yield outside_scope(case)
    yield silent("comfort_care", hospice_or_comfort(case))
    since = case.days_since(course.days[0]) or 0
    yield from _timed({"late": since > limits.latest_interval}, course, since)
    apart = days_apart(*course.days[:2]) if len(course.days) > 1 else limits.earliest_interval
    yield from _timed({"given_early": apart < limits.earliest_interval}, course, apart)
    yield silent("interval_fits", True, course.doses[:1])


def _course(case: Case, agents: AgentReading) -> Course | None:
    """Denosumab of the cancer strength, or of unknown strength while the osteoporosis product is not in use."""
    course = next((one for one in courses(case, agents) if one.agent == _DRUG), None)
    if course is None or any(strength(fact, agents) == "oncology" for fact in (*course.doses, *course.orders)):
        return course
    on_drug = on_medicine(case, agents.given_within, _DRUG)
    return None if any(strength(fact, agents) == "osteoporosis" for fact in on_drug) else course


def _timed(messages: Mapping[str, bool], course: Course, days: int, draft: Medication | None = None) -> Ladder:
    words: dict[str, Word] = {"days": Span(days=days), "last": course.last or "", "agent": course.label}
    return cards(messages, draft, course.doses[:2], words=words)


def _named(fact: Fact) -> str:
    """A medicine by its label and dose, anything else by its label."""
    dose = fact.dose if isinstance(fact, Medication) else None
    return f"{fact.called} {dose}" if dose is not None and str(dose) not in fact.called else fact.called
