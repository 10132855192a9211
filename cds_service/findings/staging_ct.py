"""CT of thorax, abdomen and pelvis with contrast: one study, or its two halves (such as CPT 71260 and 74177)."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact
from cds_service.findings.studies import done, done_or_ordered
from cds_service.terminology.dates import Span

WHOLE = "ct-chest-abdomen-pelvis-contrast"
_UPPER = ("ct-chest-contrast", "ct-chest-abdomen-contrast")
_LOWER = ("ct-abdomen-pelvis-contrast",)


@finding
def contrast_staging_ct(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """The studies, done or ordered within the look-back, that make up a contrast CT of the whole trunk; else empty."""
    whole = done_or_ordered(case, lookback, WHOLE)
    if whole:
        return whole
    upper = done_or_ordered(case, lookback, *_UPPER)
    lower = done_or_ordered(case, lookback, *_LOWER)
    return (*upper[:1], *lower[:1]) if upper and lower else ()


@finding
def other_trunk_ct(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """CT of thorax, abdomen and pelvis within the look-back without contrast, or that does not say so."""
    return done(case, lookback, "ct-chest-abdomen-pelvis")
