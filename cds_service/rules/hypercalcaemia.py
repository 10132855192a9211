"""Raised calcium in a patient with cancer: how grave, how sure, and which treatment may be offered."""

from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical import Case, Fact, Limit, Quantity, Span, Word, at_least, is_measured
from cds_service.findings.antiresorptive import ANTIRESORPTIVES, AgentLimits, Choice, choose
from cds_service.findings.calcium import KINDS, CalciumLimits, Current, albumin_beside, current_calcium
from cds_service.findings.cancer import cancer_name, in_scope, primary
from cds_service.findings.finding import Finding
from cds_service.findings.hypercalcaemia import (
    DANGERS,
    Parathyroid,
    PthLimits,
    SymptomLimits,
    Symptoms,
    calcium_ordered,
    fluids,
    medicine_within,
    names_of,
    parathyroid,
    recent_signs,
    symptoms,
)
from cds_service.findings.medicines import on_medicine
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
    agents: AgentLimits,
    pth: PthLimits,
    dialysis_at: Limit,
    danger_window: Span,
    treated_window: Span,
    calcitonin_per_kg: Decimal,
    test_lookback: Span,
) -> Ladder:
    """Fire on a calcium above the upper limit; its level, symptoms and dangers decide how urgently."""
    newest, results = current_calcium(case, calcium.calcium_age, calcium), case.observations.of(*KINDS)
    last = next(filter(is_measured, results), None)
    missing, quoted = ("calcium_old", last) if last else ("no_calcium", results[:1])
    current = yield from needed(missing, newest, quoted, needs=("observations",), within=calcium.calcium_age)
    result = current.result
    yield unknown("calcium value", current.open, result.sources)
    albumin = albumin_beside(case, result.when, calcium.calcium_age, calcium.reading)
    yield absent("not_corrected", current.high or result.kind != "total" or albumin, result.sources, needs=())
    yield silent("normal", not current.high, result.sources)

    picture = _Picture(
        case=case,
        scope=in_scope(case),
        current=current,
        symptoms=symptoms(case, signs),
        dangers=recent_signs(case, danger_window, *DANGERS),
        gland=parathyroid(case, pth),
        complications=(*case.active("heart-failure"), *recent_signs(case, danger_window, *_COMPLICATIONS)),
        fluids=fluids(case, treated_window),
        given=medicine_within(case, treated_window, *ANTIRESORPTIVES),
        choice=choose(case, agents),
        given_within=agents.given_within,
    )
    # Both fluids and an antiresorptive; drafts of the session are no treatment.
    treated = all(any(not getattr(fact, "draft", False) for fact in facts) for facts in (picture.fluids, picture.given))
    yield silent("treated_falling", treated and current.falling and not picture.severe, *picture.deciding())

    renal, withheld, comfort = picture.choice.renal, picture.withheld, hospice_or_comfort(case)
    drips = fluids(case, test_lookback)
    calcitonin_due = picture.severe and current.grave and not medicine_within(case, treated_window, "calcitonin")
    weight = renal.clearance.weight.value.to("kg").value if calcitonin_due and renal.clearance.weight else None
    calcitonin = Quantity((calcitonin_per_kg * weight).quantize(Decimal(1)), "[IU]") if weight else None
    dialysis = result.kind != "ionised" and at_least(result, dialysis_at)
    failing = dialysis or picture.complications or renal.state == "failing"
    kidneys_failing = picture.severe or (picture.urgent and failing)
    asked = ordered(case, agents.repeat_interval, "referral-nephrology")
    nephrologist = (*asked, *ordered(case, test_lookback, "dialysis-procedure"))
    treatment: dict[str, object] = {
        "saline": not drips and not picture.fluids_limited,
        "zoledronic_acid": picture.agent == "zoledronic-acid",
        "denosumab": picture.agent == "denosumab",
        "calcitonin": calcitonin and {"dose": calcitonin},
    }
    offers = {
        **(treatment if picture.urgent and not withheld else {}),
        **picture.tests(test_lookback),
        "nephrology": kidneys_failing and not nephrologist,
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
        *picture.deciding(*picture.choice.facts),
        words=picture.words(),
        notes={
            result.origin: True,
            "preliminary_result": result.preliminary,
            "assumed_unit": result.unit_assumed,
            "falling": current.falling,
            "comfort_care": comfort_care(case),
            **(picture.cautions(drips) if picture.urgent else {}),
            "calcitonin_weight": calcitonin_due and not calcitonin and not withheld,
            "dialysis": kidneys_failing and dialysis,
            "nephrology_knows": kidneys_failing and nephrologist,
            **picture.causes(),
        },
        offers={name: holds for name, holds in offers.items() if not (comfort and name in _ESCALATION)},
        at_most="warning" if current.uncertain or picture.scope.suspected or mild or comfort else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """What is known of this patient's calcium."""

    case: Case
    scope: Finding
    current: Current
    symptoms: Symptoms
    dangers: tuple[Fact, ...]
    gland: Parathyroid
    complications: tuple[Fact, ...]
    """Fluids are limited, the kidneys may need help."""
    fluids: tuple[Fact, ...]
    given: tuple[Fact, ...]
    """Antiresorptives, as the fluids given or ordered of late."""
    choice: Choice
    given_within: Span

    @property
    def severe(self) -> bool:
        """By its value, or by coma, arrhythmia or kidney injury beside a raised one."""
        return self.current.level == "severe" or bool(self.dangers)

    @property
    def urgent(self) -> bool:
        """At the treat level, symptomatic or dangerous."""
        return self.current.grave or self.symptoms.enough or bool(self.dangers)

    @property
    def fluids_limited(self) -> bool:
        return bool(self.choice.renal.dialysis) or self._complicated_by("heart-failure", "oliguria")

    @property
    def agent(self) -> str:
        """The antiresorptive to offer; endocrinology decides where the glands are the cause."""
        return "" if self.gland.cause else self.choice.agent

    @property
    def withheld(self) -> str:
        """The note that says why no medicine is offered; empty when medicines may be."""
        result = self.current.result
        reasons = {
            "preliminary": result.preliminary,
            "unit_assumed": result.unit_assumed,
            "no_albumin_no_medicine": self.current.uncertain,
            "words_only": not self.scope.coded or not result.fact.coded,
        }
        return next((note for note, holds in reasons.items() if holds), "")

    def tests(self, recent: Span) -> dict[str, object]:
        """Tests of this event that nobody has asked for."""
        case, uncorrected = self.case, self.current.result.kind == "total"
        asked = calcium_ordered(case, recent) and (not uncorrected or ordered(case, recent, "albumin"))
        creatinine_due = self.urgent and "renal_unknown" in self.choice.reasons
        watched = self.severe or on_medicine(case, self.given_within, "digoxin")
        return {
            "bloods": not asked,
            "creatinine": asked and creatinine_due and not ordered(case, recent, "creatinine"),
            "pth": self.gland.pth is None and not ordered(case, recent, "pth"),
            "ecg": watched and not done_or_ordered(case, recent, "ecg"),
        }

    def cautions(self, drips: tuple[Fact, ...]) -> dict[str, object]:
        """What also holds for what a clinician orders alone; the last two say something beside an offer only."""
        injured, ordering = self._complicated_by("acute-kidney-injury"), self.agent and not self.withheld
        return {
            **({self.withheld: True} if self.withheld else {}),
            "fluids_with_caution": self.fluids_limited,
            "fluids_under_way": drips and not self.fluids_limited,
            "loop_diuretic": on_medicine(self.case, self.given_within, "loop-diuretic"),
            "hyperparathyroidism_no_antiresorptive": self.gland.cause,
            **dict.fromkeys(self.choice.reasons, not self.gland.cause),
            "clearance_unsteady": self.agent and injured,
            "renal_fine": ordering and not injured and self.choice.renal.state == "fine",
        }

    def causes(self) -> dict[str, object]:
        """Other causes than bone, and what else bears on an antiresorptive."""
        case, gland = self.case, self.gland
        return {
            "hyperparathyroidism_known": gland.primary and (self.severe or not gland.raised),
            "pth_raised": gland.raised and not gland.primary,
            "calcitriol_mediated": case.active("sarcoidosis"),
            "calcitriol_medicine": on_medicine(case, self.given_within, "vitamin-d-analogue"),
            "lymphoma": primary(case, "lymphoma"),
            "mronj": case.active("mronj"),
            "suspected_cancer": self.scope.suspected,
        }

    def words(self) -> dict[str, Word]:
        """What fills the card's sentences; a measure that is not on record fills none."""
        result, earlier, renal = self.current.result, self.current.earlier, self.choice.renal
        measures = {
            "albumin": result.albumin,
            "earlier": earlier,
            "pth": self.gland.pth,
            "creatinine": renal.creatinine,
            "clearance": renal.clearance,
        }
        return {
            "cancer": cancer_name(self.case),
            "kind": result.described,
            "comparator": result.comparator,
            "calcium": result.value,
            "when": result.when,
            "unit": result.value.unit,
            "measured": result.fact.value or "",
            "danger": names_of(self.dangers),
            "signs": names_of(self.symptoms.facts),
            **({"earlier_when": earlier.when} if earlier else {}),
            **{name: one.value for name, one in measures.items() if one and one.value},
        }

    def deciding(self, *against: Fact) -> tuple[Fact, ...]:
        """What was measured first, then what makes it grave, then what the treatment rests on."""
        current = self.current
        return (
            *current.result.sources,
            *self.dangers[:2],
            *self.symptoms.facts[:3],
            *self.scope.facts[:1],
            *((current.earlier.fact,) if current.earlier else ()),
            *(*against, *self.given, *self.fluids)[:3],
            *self.gland.facts[:2],
            *self.choice.renal.facts,
            *self.complications[:2],
            *(fact for result in current.together for fact in result.sources),
        )

    def _complicated_by(self, *concepts: str) -> bool:
        return any(not fact.concepts.isdisjoint(concepts) for fact in self.complications)
