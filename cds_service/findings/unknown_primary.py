"""Cancer of unknown primary: recorded as such, with no primary known by its name."""

from cds_service.chart.case import Case, finding
from cds_service.findings.cancer import BLOOD_CANCERS, SOLID_PRIMARIES, SPREAD, primary
from cds_service.findings.finding import Finding, summed_up

_BY_ORGAN = frozenset({*SOLID_PRIMARIES, *BLOOD_CANCERS})
NAMED_PRIMARIES = (*SOLID_PRIMARIES, "solid-cancer", *BLOOD_CANCERS)


@finding
def named_primary(case: Case) -> Finding:
    """A primary of a stated organ or lineage, of any state; a metastasis of an organ does not make it the primary (seed 003)."""
    facts = tuple(
        fact
        for fact in primary(case, *NAMED_PRIMARIES).facts
        if "unknown-primary" not in fact.concepts and (fact.concepts & _BY_ORGAN or fact.concepts.isdisjoint(SPREAD))
    )
    return summed_up(facts, NAMED_PRIMARIES)


@finding
def unknown_primary(case: Case) -> Finding:
    """An active malignancy of unknown primary, when no primary is on record by its name."""
    return summed_up(() if named_primary(case) else case.active("unknown-primary"), ("unknown-primary",))
