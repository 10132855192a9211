"""Cytology of a pleural effusion, or of pleural metastases, in a patient with cancer."""

from cds_service.clinical import Case, Fact, Span
from cds_service.findings.cancer import in_scope
from cds_service.findings.medicines import on_medicine
from cds_service.findings.naming import called
from cds_service.findings.patient_state import comfort_care
from cds_service.findings.studies import done_or_ordered
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent

_PLEURAL = ("pleural-metastasis", "malignant-pleural-effusion", "pleural-effusion")


@cancer_ladder
def pleural_fluid_cytology(case: Case, *, given_within: Span, effusion_window: Span, cytology_lookback: Span) -> Ladder:
    """Fire on an effusion or pleural metastases whose fluid nobody has examined."""
    pleura = _pleural_disease(case, effusion_window)
    yield absent("no_effusion", pleura, needs=("conditions", "reports"))
    results = case.recent(case.observations.of("cytology"), cytology_lookback)
    yield silent("examined", (*done_or_ordered(case, cytology_lookback, "cytology"), *results))

    thinned = on_medicine(case, given_within, "anticoagulant")
    yield card(
        "no_cytology",
        *(pleura[:4], in_scope(case).facts[:2], thinned[:1]),
        words={"finding": called(pleura)},
        notes={
            "anticoagulant": thinned,
            "comfort_care": comfort_care(case),
            "heart_failure": case.active("heart-failure"),
        },
        offers=["cytology"],
    )


def _pleural_disease(case: Case, window: Span) -> tuple[Fact, ...]:
    """Active conditions, and images within the window whose newest word on the pleura is that there is fluid or tumour."""
    conditions = case.active(*_PLEURAL)
    for report in case.reports:
        if not (report.affirmed | report.doubted).isdisjoint(_PLEURAL):
            return (*conditions, *case.recent((report,), window))
        if not report.denied.isdisjoint(_PLEURAL):
            break
    return conditions
