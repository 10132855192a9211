"""What says not even in words what it is, a Condition or Observation without any code, may be anything of its kind.

One that holds neither a status nor a date is the shell of a resource that a converter left, and about nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Raw

from cds_service.chart.dating import moment_of
from cds_service.chart.meanings import codeable_concept
from cds_service.chart.needs import NEED_OF_TYPE
from cds_service.chart.reading import Reading, code_of, reference_of
from cds_service.chart.wire import Resource

_VOID = frozenset({"entered-in-error", "cancelled", "not-done", "revoked", "refuted"})
_STATES = ("clinical_status", "verification_status")
_NAMED_ELSEWHERE = ("component", "medication_reference", "medication", "service_requested", "order_detail")
"""Elements that say what it is where there is no code; their own readers say so when they do not."""
_DATES = (
    *("effective_date_time", "effective_instant", "issued", "onset_date_time", "recorded_date"),
    *("performed_date_time", "authored_on"),
)


def note_unnamed(resources: Iterable[Resource], code: Raw, reading: Reading) -> None:
    """Note each of these resources of one code as a gap of its kind, if the code has neither code nor words."""
    concept = codeable_concept(code)
    if concept.text or any(coding.code or coding.display for coding in concept.coding or ()):
        return
    for one in resources:
        states = {getattr(one, "status", None) or "", *(code_of(getattr(one, name, Raw())) for name in _STATES)} - {""}
        when = moment_of(reading, *(getattr(one, name, None) for name in _DATES))
        if (
            (states or when)
            and _VOID.isdisjoint(states)
            and not any(getattr(one, name, None) for name in _NAMED_ELSEWHERE)
        ):
            reading.gap(NEED_OF_TYPE[one.resource_type], "unnamed", reference_of(one), when=when)
