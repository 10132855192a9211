"""A draft of zoledronic acid that the kidneys do not allow, or not at that dose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cds_service.clinical import Case, Fact, Limit, Medication, Offer, Span, Word, at_least, enumerated, said
from cds_service.findings.bone_agent_safety import (
    CalciumLevels,
    DenosumabChoice,
    calcium_state,
    denosumab_goes_first,
    denosumab_may_replace,
    jaw_osteonecrosis,
)
from cds_service.findings.bone_agents import AgentReading, other_antiresorptives, stated_dose
from cds_service.findings.cancer import in_scope
from cds_service.findings.medicines import given, on_or_drafted
from cds_service.findings.naming import names
from cds_service.findings.renal import BodySize, misleading_build
from cds_service.findings.zoledronate import (
    DoseByKidney,
    LabelDose,
    Rise,
    RiseLimits,
    Verdict,
    dose_for_bone,
    for_hypercalcaemia,
    zoledronate_dose,
    zoledronate_rise,
)
from cds_service.ladder import Ladder, Rung, card, draft_needed, gravest_of, ladder, silent, unknown


@dataclass(frozen=True, slots=True)
class DoseTiming:
    """Days that lie at least between two doses: against bone disease, and before hypercalcaemia is treated again."""

    earliest_interval: int
    retreatment_after: int


@ladder
def zoledronate_renal_dose(
    case: Case,
    *,
    kidney: DoseByKidney,
    rises: RiseLimits,
    hypercalcaemia_creatinine: Limit,
    levels: CalciumLevels,
    choice: DenosumabChoice,
    antiresorptives_apart: Span,
    timing: DoseTiming,
    size: BodySize,
    agents: AgentReading,
) -> Ladder:
    """Fire when a selected draft of zoledronic acid is not safe, or not dosed, for the creatinine clearance."""
    drafts = yield from draft_needed(case, case.selected_medications("zoledronic-acid"))
    label = zoledronate_dose(case, kidney.doses, kidney.clearance)
    known = _Known(
        case,
        label,
        zoledronate_rise(case, kidney, agents, rises),
        jaw_osteonecrosis(case).facts,
        _other_agents(case, antiresorptives_apart),
        _doses(case)[:1],
        misleading_build(case, label.clearance.weight if label.clearance.measured is None else None, size),
        agents,
    )
    yield gravest_of(
        _for_hypercalcaemia(known, draft, hypercalcaemia_creatinine, levels, choice, timing)
        if for_hypercalcaemia(case, draft, levels)
        else _for_bone(known, draft, dose_for_bone(case, draft, kidney, agents, rises), levels, choice, timing)
        for draft in drafts
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the record says beside the draft: kidneys, jaw, other agents, and the build that a clearance misleads in."""

    case: Case
    label: LabelDose
    rise: Rise | None
    jaw: tuple[Fact, ...]
    others: tuple[Fact, ...]
    last: tuple[Fact, ...]
    """The newest dose of zoledronic acid, of whatever strength."""
    build: str
    agents: AgentReading

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What the clearance, and its fall, are made of."""
        return (*self.label.clearance.evidence, *((self.rise.before,) if self.rise else ()))

    def given_within(self, days: int) -> tuple[Fact, ...]:
        """The last dose, when fewer days have passed since."""
        return tuple(fact for fact in self.last if (self.case.days_since(fact.when) or 0) < days)

    def other_dangers(
        self, draft: Medication, soon: tuple[Fact, ...], days: int, notes: Mapping[str, object] | None = None
    ) -> Ladder:
        """Warn of the jaw, of another agent, and of this one twice: given days ago, drafted beside, or repeated too often."""
        cancel, every = [Offer("cancel", draft=draft.reference)], draft.interval_days
        yield self.speak("jaw_osteonecrosis", self.jaw, draft, notes=notes, offers=cancel)
        yield self.speak("other_agent", self.others, draft, notes=notes, offers=cancel)
        ago = self.case.days_since(soon[0].when) if soon else None
        words: dict[str, Word] = {"days": "" if ago is None else ago, "apart": days}
        yield self.speak("too_soon", soon, draft, words, notes, cancel)
        beside = [one for one in self.case.medications.of("zoledronic-acid") if one.draft and one is not draft]
        yield self.speak("drafted_twice", beside, draft, notes=notes, offers=cancel)
        often = every is not None and every < days
        yield self.speak("ordered_too_often", often, draft, {"every": every or "", "apart": days}, notes)

    def clearance_not_known(self, draft: Medication, when: bool) -> Ladder:
        """Warn when creatinine, weight, age or sex is not on record; say so when they did not reach us."""
        clearance = self.label.clearance
        yield unknown("observations", when and self.case.lacking("observations"))
        yield unknown("patient", when and self.case.lacking("patient"))
        words = {"missing": clearance.missing or (said("an exact clearance"),)}
        weight = ["weight"] if "weight" in clearance.missing else []
        no_creatinine = when and clearance.creatinine is None
        yield self.speak("no_creatinine", no_creatinine, draft, words, offers=["creatinine", *weight])
        yield self.speak("not_calculable", when, draft, words, offers=weight)

    def speak(
        self,
        message: str,
        when: object,
        draft: Medication,
        words: Mapping[str, Word] | None = None,
        notes: Mapping[str, object] | None = None,
        offers: Sequence[Offer | str] = (),
    ) -> Rung:
        """The card; older or other measures stand in for a clearance that is not known."""
        case, clearance, known = self.case, self.label.clearance, self.label.clearance.value is not None
        risks = on_or_drafted(case, self.agents.given_within, "nsaid", "aminoglycoside")
        egfr = None if known else next(iter(case.observations.of("egfr")), None)
        old = None if known or clearance.creatinine else next(iter(case.observations.of("creatinine")), None)
        advanced = () if known else case.active("chronic-kidney-disease")
        return card(
            message,
            *(draft, self.jaw[:2], self.others[:2], self.last if message == "too_soon" else None),
            *(self.facts, risks[:2], egfr, old, advanced[:1]),
            when=when,
            words={
                "drafted": stated_dose(draft, self.agents) or said("no stated dose"),
                "unclear": enumerated((one.phrase for one in draft.unclear), "; "),
                "clearance": clearance.value or said("not calculable"),
                "creatinine": (clearance.creatinine and clearance.creatinine.value) or said("unknown"),
                "weight": (clearance.weight and clearance.weight.value) or "",
                "rise": self.rise.by if self.rise else "",
                "jaw": names(self.jaw),
                "other": names(self.others),
                "medicines": names(risks),
                "egfr": (egfr.value or egfr.text or said("without a number")) if egfr else "",
                "old_creatinine": (old.value or old.text or said("without a number")) if old else "",
                **(words or {}),
            },
            notes={
                **(notes or {}),
                "also_jaw": self.jaw and message != "jaw_osteonecrosis",
                "also_other_agent": self.others and message != "other_agent",
                "obese": self.build == "obese",
                "underweight": self.build == "underweight",
                "kidney_risk": risks,
                "egfr": egfr,
                "old_creatinine": old,
                "advanced_kidney_disease": advanced,
            },
            offers=offers,
        )


def _for_bone(
    known: _Known,
    draft: Medication,
    verdict: Verdict,
    levels: CalciumLevels,
    choice: DenosumabChoice,
    timing: DoseTiming,
) -> Ladder:
    """A draft for bone disease: not recommended, another danger, held, at another dose than the table's, or fine."""
    case, label = known.case, known.label
    cancel = Offer("cancel", draft=draft.reference)
    denosumab = Offer("denosumab_for_bone", {"dose": choice.denosumab_dose}, draft.reference)
    instead = [denosumab] if denosumab_may_replace(case, levels, choice, known.agents) else []
    yield known.speak("dialysis", verdict == "dialysis", draft, offers=[cancel])
    yield known.speak("contraindicated", verdict == "contraindicated", draft, offers=[cancel, *instead])
    soon = known.given_within(timing.earliest_interval)
    danger = known.jaw or known.others or soon
    yield silent("osteoporosis_product", verdict == "osteoporosis_product" and not danger, draft)
    misfit = {"dose_misfit": verdict in {"hold", "too_high", "too_low", "dose_not_readable", "dose_not_stated"}}
    yield from known.other_dangers(draft, soon, timing.earliest_interval, misfit)
    yield from known.clearance_not_known(draft, verdict == "clearance_not_known")
    yield known.speak("hold", verdict == "hold", draft, offers=[cancel])

    yield silent("dose_fits", verdict == "dose_fits", draft, known.facts)
    yield silent("full_dose", verdict == "full_dose", draft, known.facts)
    first = denosumab_goes_first(case, levels, choice, known.agents)
    words: dict[str, Word] = {"dose": label.dose or "", "interval": draft.interval_days or ""}
    adjust = Offer("adjust" if draft.interval_days else "adjust_untimed", words, draft.reference)
    notes, offers = {"denosumab_preferred": first}, [adjust, *([denosumab] if first else [])]
    yield known.speak("too_high", verdict == "too_high", draft, words, notes, [*offers, cancel])
    yield known.speak("too_low", verdict == "too_low", draft, words, notes, offers)
    per_weight = {} if draft.unclear else {"unclear": said("{dose} is ordered", dose=stated_dose(draft, known.agents))}
    yield known.speak("dose_not_readable", verdict == "dose_not_readable", draft, words | per_weight, notes, offers)
    yield known.speak("dose_not_stated", True, draft, words, notes, offers)


def _for_hypercalcaemia(
    known: _Known,
    draft: Medication,
    creatinine_limit: Limit,
    levels: CalciumLevels,
    choice: DenosumabChoice,
    timing: DoseTiming,
) -> Ladder:
    """A draft for hypercalcaemia: the table does not hold; a very high creatinine or a very low clearance warns."""
    case, label, clearance = known.case, known.label, known.label.clearance
    words: dict[str, Word] = {"dose": choice.denosumab_dose}
    offered = _may_swap(case, levels) and "#" not in draft.reference
    offers, notes = [Offer("denosumab", words, draft.reference)] if offered else [], {"denosumab_withheld": not offered}
    forbidden = label.kind == "not-recommended"
    yield known.speak("hypercalcaemia_clearance", forbidden, draft, words, notes, offers)
    yield from known.clearance_not_known(draft, clearance.creatinine is None and clearance.value is None)
    high = at_least(clearance.creatinine, creatinine_limit)
    yield known.speak("hypercalcaemia_creatinine", high, draft, words, notes, offers)
    soon = known.given_within(timing.retreatment_after)
    yield from known.other_dangers(draft, soon, timing.retreatment_after)
    yield silent("hypercalcaemia_no_reduction", True, draft, known.facts)


def _other_agents(case: Case, apart: Span) -> tuple[Fact, ...]:
    """Of two agents that are both being ordered, the card of denosumab speaks."""
    selected = {draft.reference for draft in case.selected_medications("denosumab")}
    others = other_antiresorptives(case, "zoledronic-acid", apart)
    return tuple(fact for fact in others if fact.reference not in selected)


def _doses(case: Case) -> tuple[Fact, ...]:
    """What was given of zoledronic acid, newest first."""
    injections = [fact for fact in case.procedures.of("zoledronic-acid") if fact.status == "completed"]
    dated = [fact for fact in (*given(case, "zoledronic-acid"), *injections) if fact.when is not None]
    return tuple(sorted(dated, key=lambda fact: case.days_since(fact.when) or 0))


def _may_swap(case: Case, levels: CalciumLevels) -> bool:
    """High calcium that is firm, a cancer that a code proves, and no hypersensitivity to denosumab."""
    calcium = calcium_state(case, levels)
    high = calcium.level == "high" and calcium.firm
    return high and in_scope(case).coded and not case.allergies.of("denosumab-allergy")
