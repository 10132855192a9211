"""A draft of zoledronic acid that the kidneys do not allow, or not at that dose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Medication
from cds_service.findings.bone_agent_safety import CalciumLevels, calcium_state
from cds_service.findings.bone_agents import AgentReading, course_of, stated_dose, strength
from cds_service.findings.bone_disease import bone_disease
from cds_service.findings.cancer import in_scope
from cds_service.findings.medicines import on_or_drafted
from cds_service.findings.renal import ClearanceInputs
from cds_service.findings.upper_limits import surely
from cds_service.findings.zoledronate import (
    ClearanceDose,
    LabelDose,
    Rise,
    RiseLimits,
    creatinine_rise,
    for_hypercalcaemia,
    zoledronate_dose,
)
from cds_service.ladder import Ladder, Quotable, Rung, absent, card, gravest_of, ladder, outside_scope, silent, unknown
from cds_service.outcomes import Offer, Word
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits, at_least
from cds_service.terminology.tables import Table


@ladder
def zoledronate_renal_dose(
    case: Case,
    *,
    agents: AgentReading,
    doses: Table[ClearanceDose],
    clearance: ClearanceInputs,
    rises: RiseLimits,
    hypercalcaemia_creatinine: Limit,
    levels: CalciumLevels,
    denosumab_dose: Quantity,
) -> Ladder:
    """Fire when a selected draft of zoledronic acid is not safe, or not dosed, for the creatinine clearance."""
    drafts = case.selected_medications("zoledronic-acid")
    yield absent("no_such_draft", drafts, needs=())
    yield outside_scope(case)
    label, course = zoledronate_dose(case, doses, clearance), course_of(case, agents, "zoledronic-acid")
    rise = creatinine_rise(case, label.clearance.creatinine, course.first if course else None, rises)
    kidneys = _Kidneys(label, rise, doses.rows[0].dose, agents)
    other = _Denosumab(denosumab_dose, _may_swap(case, levels))
    yield gravest_of(
        _for_hypercalcaemia(case, draft, kidneys, hypercalcaemia_creatinine, other)
        if for_hypercalcaemia(case, draft, levels)
        else _for_bone(case, draft, kidneys)
        for draft in drafts
    )


@dataclass(frozen=True, slots=True)
class _Kidneys:
    """What the table makes of this patient's kidneys."""

    label: LabelDose
    rise: Rise | None
    full: Quantity
    """The dose that healthy kidneys get."""
    agents: AgentReading

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (*self.label.clearance.evidence, *((self.rise.before,) if self.rise else ()))


@dataclass(frozen=True, slots=True)
class _Denosumab:
    """What may take the place of a draft for hypercalcaemia."""

    dose: Quantity
    suitable: bool


def _for_bone(case: Case, draft: Medication, kidneys: _Kidneys) -> Ladder:
    """A draft for bone disease: not recommended, held, at another dose than the table's, or fine."""
    label, stated, cancel = kidneys.label, stated_dose(draft, kidneys.agents), Offer("cancel", draft=draft.reference)
    yield _speak(case, "dialysis", label.dialysis, draft, kidneys, offers=[cancel])
    yield _speak(case, "contraindicated", label.kind == "not-recommended", draft, kidneys, offers=[cancel])
    yield silent(
        "osteoporosis_product", strength(draft, kidneys.agents) == "osteoporosis" and not _mistaken(case, draft), draft
    )
    yield from _clearance_not_known(case, draft, kidneys, label.dose is None)
    yield _speak(case, "hold", kidneys.rise, draft, kidneys, offers=[cancel])

    assert label.dose is not None
    side = _compare(stated, label.dose)
    yield silent("dose_fits", side == 0, draft, kidneys.facts)
    reduced = label.dose.value < kidneys.full.value
    yield unknown("zoledronic acid dose", draft.unclear and side is None and not reduced, draft)
    yield silent("full_dose", side is None and not reduced, draft, kidneys.facts)
    words: dict[str, Word] = {"dose": label.dose, "interval": draft.interval_days or ""}
    adjust = Offer("adjust" if draft.interval_days else "adjust_untimed", words, draft.reference)
    yield _speak(case, "too_high", side == 1, draft, kidneys, words, offers=[adjust, cancel])
    yield _speak(case, "too_low", side == -1, draft, kidneys, words, offers=[adjust])
    yield _speak(case, "dose_not_stated", True, draft, kidneys, words, offers=[adjust])


def _for_hypercalcaemia(
    case: Case, draft: Medication, kidneys: _Kidneys, creatinine_limit: Limit, denosumab: _Denosumab
) -> Ladder:
    """A draft for hypercalcaemia: the table does not hold; a very high creatinine or a very low clearance warns."""
    clearance, creatinine = kidneys.label.clearance, kidneys.label.clearance.creatinine
    words: dict[str, Word] = {"dose": denosumab.dose}
    offered = denosumab.suitable and "#" not in draft.reference
    offers, notes = [Offer("denosumab", words, draft.reference)] if offered else [], {"denosumab_withheld": not offered}
    forbidden = kidneys.label.kind == "not-recommended"
    yield _speak(case, "hypercalcaemia_clearance", forbidden, draft, kidneys, words, notes, offers)
    yield from _clearance_not_known(case, draft, kidneys, creatinine is None and clearance.value is None)
    high = creatinine and creatinine.value and surely(at_least, creatinine.value, "", creatinine_limit)
    yield _speak(case, "hypercalcaemia_creatinine", high, draft, kidneys, words, notes, offers)
    yield silent("hypercalcaemia_no_reduction", True, draft, kidneys.facts)


def _clearance_not_known(case: Case, draft: Medication, kidneys: _Kidneys, when: bool) -> Ladder:
    """Warn when creatinine, weight, age or sex is not on record; say so when they did not reach us."""
    clearance = kidneys.label.clearance
    yield unknown("observations", when and case.lacking("observations"))
    yield unknown("patient", when and case.lacking("patient"))
    words = {"missing": clearance.missing or ("an exact clearance",)}
    weight = ["weight"] if "weight" in clearance.missing else []
    no_creatinine = when and clearance.creatinine is None
    yield _speak(case, "no_creatinine", no_creatinine, draft, kidneys, words, offers=["creatinine", *weight])
    yield _speak(case, "not_calculable", when, draft, kidneys, words, offers=weight)


def _speak(
    case: Case,
    message: str,
    when: object,
    draft: Medication,
    kidneys: _Kidneys,
    words: Mapping[str, Word] | None = None,
    notes: Mapping[str, object] | None = None,
    offers: Sequence[Offer | str] = (),
) -> Rung:
    """The card with what is known of the kidneys; older or other measures stand in for a clearance that is not known."""
    clearance, known = kidneys.label.clearance, kidneys.label.clearance.value is not None
    risks = on_or_drafted(case, kidneys.agents.given_within, "nsaid", "aminoglycoside")
    egfr = None if known else next(iter(case.observations.of("egfr")), None)
    old = None if known or clearance.creatinine else next(iter(case.observations.of("creatinine")), None)
    advanced = () if known else case.active("chronic-kidney-disease")
    quotes: tuple[Quotable, ...] = (draft, kidneys.facts, risks[:2], egfr, old, advanced[:1])
    return card(
        message,
        when,
        *quotes,
        words={
            "drafted": stated_dose(draft, kidneys.agents) or next(map(str, draft.unclear), "no stated dose"),
            "clearance": clearance.value or "not calculable",
            "creatinine": (clearance.creatinine and clearance.creatinine.value) or "unknown",
            "rise": kidneys.rise.by if kidneys.rise else "",
            "medicines": tuple(dict.fromkeys(fact.label for fact in risks)),
            "egfr": (egfr.value or egfr.text or "without a number") if egfr else "",
            "old_creatinine": (old.value or old.text or "without a number") if old else "",
            **(words or {}),
        },
        notes={
            **(notes or {}),
            "kidney_risk": risks,
            "egfr": egfr,
            "old_creatinine": old,
            "advanced_kidney_disease": advanced,
        },
        offers=offers,
    )


def _mistaken(case: Case, draft: Medication) -> bool:
    """5 mg without the osteoporosis brand or reason, in malignant bone disease: the cancer product at a wrong dose."""
    named = "zoledronic-5" in draft.concepts or "osteoporosis" in draft.reasons
    return not named and bool(bone_disease(case))


def _compare(drafted: Quantity | None, dose: Quantity) -> int | None:
    """-1, 0 or 1 as the draft lies below, at or above the dose; ``None`` without a dose that can be compared."""
    try:
        return Limit((dose,)).compare(drafted) if drafted is not None else None
    except UnlikeUnits:
        return None


def _may_swap(case: Case, levels: CalciumLevels) -> bool:
    """High calcium that is firm, a cancer that a code proves, and no hypersensitivity to denosumab."""
    calcium = calcium_state(case, levels)
    high = calcium.level == "high" and calcium.firm
    return high and in_scope(case).coded and not case.allergies.of("denosumab-allergy")
