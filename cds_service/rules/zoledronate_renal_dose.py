"""A draft of zoledronic acid that the kidneys do not allow, or not at that dose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from cds_service.clinical import Case, Fact, Limit, Medication, Offer, Span, Word, at_least, enumerated, said
from cds_service.findings.bone_agent_safety import (
    DenosumabChoice,
    calcium_state,
    denosumab_goes_first,
    denosumab_may_replace,
    jaw_osteonecrosis,
)
from cds_service.findings.bone_agents import AgentReading, other_antiresorptives, stated_dose
from cds_service.findings.cancer import in_scope
from cds_service.findings.medicines import given, on_or_drafted
from cds_service.findings.renal import BodySize, misleading_build
from cds_service.findings.zoledronate import (
    MISFITS,
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

_DRUG = "zoledronic-acid"


@ladder
def zoledronate_renal_dose(
    case: Case,
    *,
    kidney: DoseByKidney,
    rises: RiseLimits,
    hypercalcaemia_creatinine: Limit,
    choice: DenosumabChoice,
    antiresorptives_apart: Span,
    earliest_interval: int,
    retreatment_after: int,
    size: BodySize,
) -> Ladder:
    """Fire when a selected draft of zoledronic acid is not safe, or not dosed, for the creatinine clearance.

    Days lie at least between two doses: ``earliest_interval`` against bone disease, ``retreatment_after`` in hypercalcaemia.
    """
    drafts = yield from draft_needed(case, case.selected_medications(_DRUG))
    label = zoledronate_dose(case, kidney.doses, kidney.clearance)
    rise, jaw = zoledronate_rise(case, kidney, rises), jaw_osteonecrosis(case).facts
    # of two agents that are both being ordered, the card of denosumab speaks
    elsewhere = {draft.reference for draft in case.selected_medications("denosumab")}
    others = other_antiresorptives(case, _DRUG, antiresorptives_apart)
    others = tuple(fact for fact in others if fact.reference not in elsewhere)
    injections = [fact for fact in case.procedures.of(_DRUG) if fact.status == "completed"]
    dosed = [fact for fact in (*given(case, _DRUG), *injections) if fact.when is not None]
    last = min(dosed, key=lambda fact: case.days_since(fact.when) or 0, default=None)
    weight = label.clearance.weight if label.clearance.measured is None else None
    build = misleading_build(case, weight, size)
    each = partial(_Draft, case, kidney.agents, label, rise, jaw, others, last, build)
    yield gravest_of(
        _for_hypercalcaemia(each(draft), hypercalcaemia_creatinine, choice, retreatment_after)
        if for_hypercalcaemia(case, draft, choice.levels)
        else _for_bone(each(draft), dose_for_bone(case, draft, kidney, rises), choice, earliest_interval)
        for draft in drafts
    )


@dataclass(frozen=True, slots=True)
class _Draft:
    """A draft, and what the record says beside it: kidneys, jaw, other agents, and the build that a clearance misleads in."""

    case: Case
    agents: AgentReading
    label: LabelDose
    rise: Rise | None
    jaw: tuple[Fact, ...]
    others: tuple[Fact, ...]
    last: Fact | None
    """The newest dose of zoledronic acid, of whatever strength."""
    build: str
    draft: Medication

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What the clearance, and its fall, are made of."""
        return (*self.label.clearance.evidence, *((self.rise.before,) if self.rise else ()))

    @property
    def allergies(self) -> tuple[Fact, ...]:
        """Hypersensitivity to a bisphosphonate, which forbids the draft whatever it is for."""
        return self.case.allergies.of("bisphosphonate-allergy")

    @property
    def cancel(self) -> Offer:
        return Offer("cancel", draft=self.draft.reference)

    def given_within(self, days: int) -> bool:
        """Whether fewer days have passed since the last dose."""
        return self.last is not None and (self.case.days_since(self.last.when) or 0) < days

    def other_dangers(self, days: int, notes: Mapping[str, object] = {}) -> Ladder:
        """Warn of the jaw, of another agent, and of this one twice: given days ago, drafted beside, or repeated too often."""
        every, last = self.draft.interval_days, self.last.when if self.last else None
        speak = partial(self.speak, notes=notes, offers=[self.cancel])
        yield speak("jaw_osteonecrosis", self.jaw)
        yield speak("other_agent", self.others)
        yield speak("too_soon", self.given_within(days), {"last": last or "", "apart": days})
        beside = [one for one in self.case.medications.of(_DRUG) if one.draft and one is not self.draft]
        yield speak("drafted_twice", beside)
        often = every is not None and every < days
        yield speak("ordered_too_often", often, {"every": Span(days=every or 0), "apart": days}, offers=())

    def clearance_not_known(self, when: bool) -> Ladder:
        """Warn when creatinine, weight, age or sex is not on record; say so when they did not reach us."""
        clearance = self.label.clearance
        yield unknown("observations", when and self.case.lacking("observations"))
        yield unknown("patient", when and self.case.lacking("patient"))
        words = {"missing": clearance.missing or (said("an exact clearance"),)}
        weight = ["weight"] if "weight" in clearance.missing else []
        no_creatinine = when and clearance.creatinine is None
        yield self.speak("no_creatinine", no_creatinine, words, offers=["creatinine", *weight])
        yield self.speak("not_calculable", when, words, offers=weight)

    def speak(
        self,
        message: str,
        when: object,
        words: Mapping[str, Word] = {},
        notes: Mapping[str, object] = {},
        offers: Sequence[Offer | str] = (),
    ) -> Rung:
        """The card; older or other measures stand in for a clearance that is not known."""
        case, draft, clearance = self.case, self.draft, self.label.clearance
        known = clearance.value is not None
        risks = on_or_drafted(case, self.agents.given_within, "nsaid", "aminoglycoside")
        egfr = None if known else next(iter(case.observations.of("egfr")), None)
        old = None if known or clearance.creatinine else next(iter(case.observations.of("creatinine")), None)
        advanced = () if known else case.active("chronic-kidney-disease")
        return card(
            message,
            *(draft, self.allergies[:2], self.jaw[:2], self.others[:2], self.last if message == "too_soon" else None),
            *(self.facts, risks[:2], egfr, old, advanced[:1]),
            when=when,
            words={
                "drafted": stated_dose(draft, self.agents) or said("no stated dose"),
                "unclear": enumerated((one.phrase for one in draft.unclear), "; "),
                "clearance": clearance.value or said("not calculable"),
                "creatinine": (clearance.creatinine and clearance.creatinine.value) or said("unknown"),
                "weight": (clearance.weight and clearance.weight.value) or "",
                "rise": self.rise.by if self.rise else "",
                "jaw": self.jaw,
                "other": self.others,
                "medicines": risks,
                "egfr": (egfr.value or egfr.text or said("without a number")) if egfr else "",
                "old_creatinine": (old.value or old.text or said("without a number")) if old else "",
                **words,
            },
            notes={
                **notes,
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


def _for_bone(of: _Draft, verdict: Verdict, choice: DenosumabChoice, apart: int) -> Ladder:
    """A draft for bone disease: not recommended, another danger, held, at another dose than the table's, or fine."""
    case, draft, cancel = of.case, of.draft, of.cancel
    denosumab = Offer("denosumab_for_bone", {"dose": choice.denosumab_dose}, draft.reference)
    instead = [denosumab] if denosumab_may_replace(case, choice) else []
    yield of.speak("allergy", of.allergies, offers=[cancel])
    yield of.speak("dialysis", verdict == "dialysis", offers=[cancel])
    yield of.speak("contraindicated", verdict == "contraindicated", offers=[cancel, *instead])
    danger = of.jaw or of.others or of.given_within(apart)
    yield silent("osteoporosis_product", verdict == "osteoporosis_product" and not danger, draft)
    yield from of.other_dangers(apart, {"dose_misfit": verdict in MISFITS})
    yield from of.clearance_not_known(verdict == "clearance_not_known")
    yield of.speak("hold", verdict == "hold", offers=[cancel])

    yield silent("dose_fits", verdict == "dose_fits", draft, of.facts)
    yield silent("full_dose", verdict == "full_dose", draft, of.facts)
    first = denosumab_goes_first(case, choice)
    words: dict[str, Word] = {"dose": of.label.dose or "", "interval": draft.interval_days or ""}
    adjust = Offer("adjust" if draft.interval_days else "adjust_untimed", words, draft.reference)
    notes, offers = {"denosumab_preferred": first}, [adjust, *([denosumab] if first else [])]
    yield of.speak("too_high", verdict == "too_high", words, notes, [*offers, cancel])
    yield of.speak("too_low", verdict == "too_low", words, notes, offers)
    per_weight = {} if draft.unclear else {"unclear": said("{dose} is ordered", dose=stated_dose(draft, of.agents))}
    yield of.speak("dose_not_readable", verdict == "dose_not_readable", words | per_weight, notes, offers)
    yield of.speak("dose_not_stated", True, words, notes, offers)


def _for_hypercalcaemia(of: _Draft, creatinine_limit: Limit, choice: DenosumabChoice, apart: int) -> Ladder:
    """A draft for hypercalcaemia: the table does not hold; a very high creatinine or a very low clearance warns.

    Denosumab is offered for high calcium that is firm, in a cancer that a code proves, without hypersensitivity to it.
    """
    case, draft, clearance, calcium = of.case, of.draft, of.label.clearance, calcium_state(of.case, choice.levels)
    high = calcium.level == "high" and calcium.firm
    may_swap = high and in_scope(case).coded and not case.allergies.of("denosumab-allergy")
    offered = may_swap and "#" not in draft.reference
    words: dict[str, Word] = {"dose": choice.denosumab_dose}
    offers, notes = [Offer("denosumab", words, draft.reference)] if offered else [], {"denosumab_withheld": not offered}
    yield of.speak("allergy", of.allergies, offers=[of.cancel])
    yield of.speak("hypercalcaemia_clearance", of.label.kind == "not-recommended", words, notes, offers)
    yield from of.clearance_not_known(clearance.creatinine is None and clearance.value is None)
    failing = at_least(clearance.creatinine, creatinine_limit)
    yield of.speak("hypercalcaemia_creatinine", failing, words, notes, offers)
    yield from of.other_dangers(apart)
    yield silent("hypercalcaemia_no_reduction", True, draft, of.facts)
