"""Treatment of the cancer itself: drugs that act on the whole body, and local treatment of metastases."""

from cds_service.clinical import Case, Fact, Medication, Span, finding
from cds_service.findings.medicines import on_medicine

_DRUGS = "systemic-anticancer"
_IN_HAND = frozenset({"planned", "in-progress", "on-hold"})
_LOCAL = ("radiotherapy", "sbrt", "ablation", "metastasectomy")


@finding
def systemic_therapy(case: Case, given_within: Span, lookback: Span) -> tuple[Fact, ...]:
    """Anticancer drugs in use, planned, on hold, or given or begun within the look-back; drafts of this session too."""
    drugs = case.medications.of(_DRUGS)
    given = case.recent((drug for drug in drugs if _was_given(drug)), lookback)
    intended = (drug for drug in drugs if _is_intended(drug))
    courses = [one for one in case.procedures.of(_DRUGS) if one.status in _IN_HAND or case.within(one.when, lookback)]
    return tuple(
        {id(fact): fact for fact in (*on_medicine(case, given_within, _DRUGS), *given, *intended, *courses)}.values()
    )


@finding
def cancer_treatment(case: Case) -> tuple[Fact, ...]:
    """Anything on record that treated the cancer at any time: a drug, radiotherapy, ablation, removal of a metastasis."""
    begun = (drug for drug in case.medications.of(_DRUGS) if drug.status in {"active", "completed", "stopped"})
    drugs = [drug for drug in begun if not (drug.draft or drug.planned)]
    done = [fact for fact in case.procedures.of(_DRUGS, *_LOCAL) if fact.status in {"completed", "in-progress"}]
    return (*drugs, *done)


def _is_intended(drug: Medication) -> bool:
    """A draft, a plan, or a drug that pauses: oncology has it in hand."""
    return drug.draft or drug.status == "on-hold" or (drug.intent == "plan" and drug.status in {"active", "draft"})


def _was_given(drug: Medication) -> bool:
    return drug.status in {"completed", "stopped"} and not drug.planned
