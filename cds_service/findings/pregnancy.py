"""Pregnancy, as far as the record makes it possible."""

from cds_service.clinical import Case, Fact, Span, finding

_TEST = "pregnancy-test"


@finding
def possible_pregnancy(case: Case, test_age: Span) -> tuple[Fact, ...]:
    """A pregnancy on record, or the newest pregnancy test within ``test_age`` when it is positive."""
    tests = case.recent(case.observations.of(_TEST), test_age)[:1]
    positive = (test for test in tests if test.present or "pregnancy" in test.answers)
    return (*case.active("pregnancy"), *positive)
