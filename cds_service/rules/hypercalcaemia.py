"""Raised calcium in a patient with cancer: how grave, how sure, and which treatment may be offered."""

from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical import Case, Fact, Limit, Observation, Quantity, Span, Word, at_least
from cds_service.findings.antiresorptive import (
    ANTIRESORPTIVES,
    AgentLimits,
    Choice,
    Renal,
    RenalLimits,
    choose,
    renal_state,
)
from cds_service.findings.calcium import Calcium, CalciumLimits, albumin_beside
from cds_service.findings.cancer import in_scope, primary
from cds_service.findings.finding import Finding
from cds_service.findings.hypercalcaemia import (
    DANGERS,
    Current,
    SymptomLimits,
    Symptoms,
    before_now,
    calcitonin_dose,
    calcium_ordered,
    current_calcium,
    fluids,
    is_falling,
    last_calcium,
    medicine_within,
    names_of,
    recent_signs,
    symptoms,
)
from cds_service.findings.medicines import on_medicine
from cds_service.findings.naming import cancer_name
from cds_service.findings.parathyroid import Parathyroid, PthLimits, parathyroid
from cds_service.findings.patient_state import comfort_care, hospice_or_comfort
from cds_service.findings.studies import done_or_ordered, ordered
from cds_service.ladder import Ladder, absent, cancer_ladder, cards, needed, silent, unknown

_COMPLICATIONS = ("oliguria", "acute-kidney-injury")
_ESCALATION = ("calcitonin", "ecg", "nephrology", "pth")
"""What is not offered with comfort care only; what relieves symptoms stays."""


@cancer_ladder
def hypercalcaemia(
    case: Case,
    *,
    calcium: CalciumLimits,
    signs: SymptomLimits,
    kidneys: RenalLimits,
    agents: AgentLimits,
    pth: PthLimits,
    dialysis_at: Limit,
    danger_window: Span,
    treated_window: Span,
    calcitonin_per_kg: Decimal,
    test_lookback: Span,
) -> Ladder:
    """Fire on a calcium above the upper limit; its level, symptoms and dangers decide how urgently."""
    newest, last = current_calcium(case, calcium.calcium_age, calcium), last_calcium(case)
    missing = "no_calcium" if last is None or last.value is None else "calcium_old"
    current = yield from needed(missing, newest, last, needs=("observations",), within=calcium.calcium_age)
    result = current.result
    yield unknown("calcium value", current.open, result.sources)
    albumin = albumin_beside(case, result.fact, calcium.calcium_age, calcium.reading)
    yield absent("not_corrected", current.high or result.kind != "total" or albumin, result.sources, needs=())
    yield silent("normal", not current.high, result.sources)

    renal = renal_state(case, kidneys)
    picture = _Picture(
        scope=in_scope(case),
        current=current,
        earlier=before_now(case, calcium, current),
        symptoms=symptoms(case, signs),
        dangers=recent_signs(case, danger_window, *DANGERS),
        gland=parathyroid(case, pth),
        renal=renal,
        complications=(*case.active("heart-failure"), *recent_signs(case, danger_window, *_COMPLICATIONS)),
        fluids=fluids(case, treated_window),
        given=medicine_within(case, treated_window, *ANTIRESORPTIVES),
        choice=choose(case, renal, agents),
        given_within=agents.given_within,
        dialysis_level=result.kind != "ionised" and bool(at_least(result, dialysis_at)),
    )
    yield silent("treated_falling", picture.treated and picture.falling and not picture.severe, *_deciding(picture))

    withheld = _withheld(picture)
    drips = fluids(case, test_lookback)
    calcitonin_due = picture.severe and current.grave and not medicine_within(case, treated_window, "calcitonin")
    calcitonin = calcitonin_dose(calcitonin_per_kg, renal.clearance.weight) if calcitonin_due else None
    asked = ordered(case, agents.repeat_interval, "referral-nephrology")
    nephrologist = (*asked, *ordered(case, test_lookback, "dialysis-procedure"))
    comfort = hospice_or_comfort(case)
    offers: dict[str, object] = {
        **({} if withheld or not picture.urgent else _medicines(picture, drips, calcitonin)),
        **_tests(case, picture, test_lookback),
        "nephrology": picture.kidneys_need_help and not nephrologist,
    }
    mild = picture.gland.cause and not picture.urgent
    yield from cards(
        {
            "danger": picture.dangers,
            "severe": picture.severe,
            "hyperparathyroidism": picture.gland.cause,
            "treat": current.grave,
            "symptomatic": picture.symptoms.enough,
            "raised": True,
        },
        *_deciding(picture, *picture.choice.facts),
        words=_words(case, picture),
        notes={
            result.origin: True,
            "preliminary_result": result.preliminary,
            "assumed_unit": result.unit_assumed,
            "falling": picture.falling,
            "comfort_care": comfort_care(case),
            **(_treatment(case, picture, drips, withheld) if picture.urgent else {}),
            "calcitonin_weight": calcitonin_due and not calcitonin and not withheld,
            "dialysis": picture.kidneys_need_help and picture.dialysis_level,
            "nephrology_knows": picture.kidneys_need_help and nephrologist,
            **_causes(case, picture),
        },
        offers={name: holds for name, holds in offers.items() if not (comfort and name in _ESCALATION)},
        at_most="warning" if current.uncertain or picture.scope.suspected or mild or comfort else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """What is known of this patient's calcium."""

    scope: Finding
    current: Current
    earlier: Calcium | None
    symptoms: Symptoms
    dangers: tuple[Fact, ...]
    gland: Parathyroid
    renal: Renal
    complications: tuple[Fact, ...]
    """Fluids are limited, the kidneys may need help."""
    fluids: tuple[Fact, ...]
    given: tuple[Fact, ...]
    """Antiresorptives, as the fluids given or ordered of late."""
    choice: Choice
    given_within: Span
    dialysis_level: bool

    @property
    def severe(self) -> bool:
        """By its value, or by coma, arrhythmia or kidney injury beside a raised one."""
        return self.current.level == "severe" or bool(self.dangers)

    @property
    def urgent(self) -> bool:
        """At the treat level, symptomatic or dangerous."""
        return self.current.grave or self.symptoms.enough or bool(self.dangers)

    @property
    def falling(self) -> bool:
        return is_falling(self.current.result, self.earlier)

    @property
    def treated(self) -> bool:
        """Both fluids and an antiresorptive; drafts of the session are no treatment."""
        return all(any(not getattr(fact, "draft", False) for fact in facts) for facts in (self.fluids, self.given))

    @property
    def kidneys_need_help(self) -> bool:
        failing = self.dialysis_level or self.complications or self.renal.state == "failing"
        return self.severe or (self.urgent and bool(failing))

    @property
    def fluids_limited(self) -> bool:
        return bool(self.renal.dialysis) or _of(self.complications, "heart-failure", "oliguria")

    @property
    def agent(self) -> str:
        """The antiresorptive to offer; endocrinology decides where the glands are the cause."""
        return "" if self.gland.cause else self.choice.agent


def _withheld(picture: _Picture) -> str:
    """The note that says why no medicine is offered; empty when medicines may be."""
    result = picture.current.result
    reasons = {
        "preliminary": result.preliminary,
        "unit_assumed": result.unit_assumed,
        "no_albumin_no_medicine": picture.current.uncertain,
        "words_only": not picture.scope.coded or not result.fact.coded,
    }
    return next((note for note, holds in reasons.items() if holds), "")


def _medicines(picture: _Picture, drips: tuple[Fact, ...], calcitonin: Quantity | None) -> dict[str, object]:
    return {
        "saline": not drips and not picture.fluids_limited,
        "zoledronic_acid": picture.agent == "zoledronic-acid",
        "denosumab": picture.agent == "denosumab",
        "calcitonin": calcitonin and {"dose": calcitonin},
    }


def _tests(case: Case, picture: _Picture, recent: Span) -> dict[str, object]:
    """Tests of this event that nobody has asked for."""
    uncorrected = picture.current.result.kind == "total"
    asked = calcium_ordered(case, recent) and (not uncorrected or ordered(case, recent, "albumin"))
    creatinine_due = picture.urgent and "renal_unknown" in picture.choice.reasons
    watched = picture.severe or on_medicine(case, picture.given_within, "digoxin")
    return {
        "bloods": not asked,
        "creatinine": asked and creatinine_due and not ordered(case, recent, "creatinine"),
        "pth": picture.gland.pth is None and not ordered(case, recent, "pth"),
        "ecg": watched and not done_or_ordered(case, recent, "ecg"),
    }


def _treatment(case: Case, picture: _Picture, drips: tuple[Fact, ...], withheld: str) -> dict[str, object]:
    """Cautions, which also hold for what a clinician orders alone; the last two say something beside an offer only."""
    injured, ordering = _of(picture.complications, "acute-kidney-injury"), picture.agent and not withheld
    return {
        **({withheld: True} if withheld else {}),
        "fluids_with_caution": picture.fluids_limited,
        "fluids_under_way": drips and not picture.fluids_limited,
        "loop_diuretic": on_medicine(case, picture.given_within, "loop-diuretic"),
        "hyperparathyroidism_no_antiresorptive": picture.gland.cause,
        **dict.fromkeys(picture.choice.reasons, not picture.gland.cause),
        "clearance_unsteady": picture.agent and injured,
        "renal_fine": ordering and not injured and picture.renal.state == "fine",
    }


def _causes(case: Case, picture: _Picture) -> dict[str, object]:
    """Other causes than bone, and what else bears on an antiresorptive."""
    gland = picture.gland
    return {
        "hyperparathyroidism_known": gland.primary and (picture.severe or not gland.raised),
        "pth_raised": gland.raised and not gland.primary,
        "calcitriol_mediated": case.active("sarcoidosis"),
        "calcitriol_medicine": on_medicine(case, picture.given_within, "vitamin-d-analogue"),
        "lymphoma": primary(case, "lymphoma"),
        "mronj": case.active("mronj"),
        "suspected_cancer": picture.scope.suspected,
    }


def _words(case: Case, picture: _Picture) -> dict[str, Word]:
    result, earlier, when = picture.current.result, picture.earlier, picture.current.result.fact.when
    before = earlier.fact.when if earlier is not None else None
    words: dict[str, Word | None] = {
        "cancer": cancer_name(case),
        "kind": result.described,
        "comparator": result.comparator,
        "calcium": result.value,
        "when": when or "",
        "unit": result.value.unit,
        "measured": result.fact.value or "",
        "danger": names_of(picture.dangers),
        "signs": names_of(picture.symptoms.facts),
        "albumin": _value(result.albumin),
        "earlier": earlier.value if earlier is not None else None,
        "earlier_when": before,
        "pth": _value(picture.gland.pth),
        "creatinine": _value(picture.renal.creatinine),
        "clearance": picture.renal.clearance.value,
    }
    return {name: word for name, word in words.items() if word is not None}


def _deciding(picture: _Picture, *against: Fact) -> tuple[Fact, ...]:
    """What was measured first, then what makes it grave, then what the treatment rests on."""
    current, earlier = picture.current, picture.earlier
    return (
        *current.result.sources,
        *picture.dangers[:2],
        *picture.symptoms.facts[:3],
        *picture.scope.facts[:1],
        *((earlier.fact,) if earlier is not None else ()),
        *(*against, *picture.given, *picture.fluids)[:3],
        *picture.gland.facts[:2],
        *picture.renal.facts,
        *picture.complications[:2],
        *(fact for result in current.together for fact in result.sources),
    )


def _value(result: Observation | None) -> Quantity | None:
    return result.value if result is not None else None


def _of(facts: tuple[Fact, ...], *concepts: str) -> bool:
    return any(not fact.concepts.isdisjoint(concepts) for fact in facts)
