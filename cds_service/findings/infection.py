"""Infection that is active now."""

from cds_service.clinical import Case, Condition, Span, finding


@finding
def infections(case: Case, window: Span, concept: str = "infection") -> tuple[Condition, ...]:
    """Active infections within the window; one without a date counts. ``severe-infection`` is a value set of its own."""
    return tuple(fact for fact in case.active(concept) if fact.when is None or case.within(fact.when, window))
