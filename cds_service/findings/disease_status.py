"""What the course of the cancer is said to be: improved, stable or worsened (mCODE Cancer Disease Status, LOINC 97509-4)."""

from cds_service.clinical import Case, Observation, Span, finding

_PROGRESSING = frozenset({"status-worsened"})
_CONTROLLED = frozenset({"status-stable", "status-improved", "remission-full", "remission-partial"})


@finding
def disease_status(case: Case, window: Span) -> Observation | None:
    """The newest status within the window that says something; "undetermined" says nothing."""
    recent = case.recent(case.observations.of("disease-status"), window)
    return next((fact for fact in recent if not fact.answers.isdisjoint(_PROGRESSING | _CONTROLLED)), None)


def is_controlled(status: Observation | None) -> bool:
    """Stable, improved or in remission, and not worsened at the same time."""
    return status is not None and bool(status.answers & _CONTROLLED) and not is_progressing(status)


def is_progressing(status: Observation | None) -> bool:
    """Worsened."""
    return status is not None and bool(status.answers & _PROGRESSING)
