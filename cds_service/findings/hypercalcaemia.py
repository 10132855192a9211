"""Hypercalcaemia as a clinical picture: its symptoms and dangers, what is given for it, and the parathyroid glands."""

from dataclasses import dataclass

from cds_service.clinical import Case, Fact, Limit, Measured, Medication, Observation, Span, above, finding, said
from cds_service.findings.calcium import KINDS
from cds_service.findings.cord import neurology
from cds_service.findings.finding import Finding
from cds_service.findings.limits import own_or_usual
from cds_service.findings.renal import latest
from cds_service.findings.studies import ordered

DANGERS = ("coma", "arrhythmia", "acute-kidney-injury")
"""With a raised calcium each of them makes hypercalcaemia severe whatever its value."""
_FLUIDS = ("iv-fluid", "iv-fluids", "sodium-chloride-0.9")


@dataclass(frozen=True, slots=True)
class SymptomLimits:
    """How recent a symptom of hypercalcaemia must be, and how many kinds are enough."""

    symptom_window: Span
    symptoms_needed: int
    neuropsychiatric_needed: int | None = None
    """Enough of confusion, drowsiness and coma alone; left out, they count like the others."""


@dataclass(frozen=True, slots=True)
class Symptoms:
    """Recent symptoms, and whether they are enough to speak of symptomatic hypercalcaemia.

    No finding, which would be false when empty: rungs that ask for calcium first must not take it for answered.
    """

    facts: tuple[Fact, ...]
    enough: bool


@finding
def symptoms(case: Case, limits: SymptomLimits) -> Symptoms:
    """Symptoms within the window; one that was recorded twice counts once."""
    wanted = case.groups["hypercalcaemia-symptoms"]
    facts = recent_signs(case, limits.symptom_window, *wanted)
    kinds = {concept for fact in facts for concept in fact.concepts}.intersection(wanted)
    minds = limits.neuropsychiatric_needed
    clouded = minds is not None and len(kinds.intersection(case.groups["hypercalcaemia-of-the-mind"])) >= minds
    return Symptoms(facts, len(kinds) >= limits.symptoms_needed or clouded)


@finding
def recent_signs(case: Case, window: Span, *concepts: str) -> tuple[Fact, ...]:
    """Symptoms and signs of these value sets that began (else were recorded) within the window; doubted ones are none."""
    return tuple(fact for fact in neurology(case, window, *concepts).facts if not fact.suspected)


def names_of(signs: tuple[Fact, ...]) -> tuple[str, ...]:
    """What the record calls these signs, each once: the label, with the answer where the label is only the question."""
    return tuple(dict.fromkeys(_named(sign) for sign in signs))


def _named(sign: Fact) -> str:
    answered = isinstance(sign, Observation) and sign.value is None and sign.text
    return said("{sign}: {answer}", sign=sign.called, answer=answered) if answered and not sign.short else sign.called


@finding
def fluids(case: Case, window: Span) -> tuple[Fact, ...]:
    """Intravenous fluids given, running or ordered within the window."""
    orders = (order for order in case.orders.of(*_FLUIDS) if order.status in {"active", "completed", "draft"})
    return (
        *medicine_within(case, window, *_FLUIDS),
        *case.recent(case.procedures.of(*_FLUIDS), window),
        *(order for order in orders if order.draft or case.within(order.authored, window)),
    )


@finding
def medicine_within(case: Case, window: Span, *concepts: str) -> tuple[Medication, ...]:
    """Doses given, and orders that stand or were carried out, within the window; drafts of the session count."""
    return tuple(
        fact
        for fact in case.medications.of(*concepts)
        if fact.draft
        or (not (fact.planned or fact.status in {"stopped", "on-hold", "draft"}) and case.within(fact.when, window))
    )


def calcium_ordered(case: Case, window: Span) -> tuple[Fact, ...]:
    """Requests for a calcium that stand: ordered within the window, or drafts of this session."""
    return tuple(order for order in ordered(case, window, *KINDS) if order.draft or order.authored)


@dataclass(frozen=True, slots=True)
class PthLimits:
    """Above what PTH is raised, unless the laboratory says so itself, and how old it may be."""

    pth_upper_limit: Limit
    pth_age: Span


class Parathyroid(Finding, frozen=True):
    """What the record says of the glands: primary hyperparathyroidism, neither suspected nor past, and the PTH."""

    primary: tuple[Fact, ...] = ()
    pth: Measured | None = None
    """The newest final one that is recent enough."""
    raised: bool | None = None
    """``None`` without a usable PTH."""

    @property
    def cause(self) -> bool:
        """The glands, not the cancer, may be what raises calcium."""
        return bool(self.primary and self.raised)


@finding
def parathyroid(case: Case, limits: PthLimits) -> Parathyroid:
    """Primary hyperparathyroidism on record and the newest PTH; the laboratory's own upper limit wins over ours."""
    known, pth = case.confirmed("primary-hyperparathyroidism"), latest(case, limits.pth_age, "pth")
    if pth is None:
        return Parathyroid(known, primary=known)
    raised = above(pth, own_or_usual(pth, limits.pth_upper_limit))
    return Parathyroid((*known, pth), primary=known, pth=pth, raised=raised)
