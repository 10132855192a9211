"""Cytology of a pleural effusion, or of pleural metastases, in a patient with cancer."""

from cds_service.clinical import Case, Span
from cds_service.findings.cancer import in_scope
from cds_service.findings.finding import Finding, newest_word
from cds_service.findings.medicines import on_medicine
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent

_PLEURAL = ("pleural-metastasis", "malignant-pleural-effusion", "pleural-effusion")


@cancer_ladder
def pleural_fluid_cytology(case: Case, *, given_within: Span, effusion_window: Span, cytology_lookback: Span) -> Ladder:
    """Fire on an effusion or pleural metastases whose fluid nobody has examined."""
    images = case.recent(newest_word(case.reports, _PLEURAL), effusion_window)
    pleura = Finding((*case.active(*_PLEURAL), *images))
    yield absent("no_effusion", pleura, needs=("conditions", "reports"))
    results = case.recent(case.observations.of("cytology"), cytology_lookback)
    yield silent("examined", (*done_or_ordered(case, cytology_lookback, "cytology"), *results))

    thinned = on_medicine(case, given_within, "anticoagulant")
    yield card(
        "no_cytology",
        *(pleura.facts[:4], in_scope(case).facts[:2], thinned[:1]),
        words={"finding": pleura},
        notes={
            "anticoagulant": thinned,
            "comfort_care": comfort_care(case),
            "heart_failure": case.active("heart-failure"),
        },
        offers=["cytology"],
    )
