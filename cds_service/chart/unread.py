"""What was not read to its end: a text beyond the length that is read, or beyond what one request may have read."""

from __future__ import annotations

from cds_service.chart.dating import date_of
from cds_service.chart.needs import NEED_OF_TYPE
from cds_service.chart.reading import Reading, reference_of
from cds_service.chart.wire import Resource

MOST_NAMED = 20
"""Resources of a kind that are named one by one; when there are more, the kind as a whole is not known."""


def note_unread(resource: Resource, reading: Reading, *, alone: bool = True) -> None:
    """Note that words of this resource, or of all that have its code (not ``alone``), were not read: they may say anything."""
    need, reference = NEED_OF_TYPE[resource.resource_type], reference_of(resource)
    named = reading.unread.setdefault(need, set())
    if reference in named or len(named) > MOST_NAMED:
        return
    named.add(reference)
    if len(named) <= MOST_NAMED:
        reading.gap(need, "not-read", reference, when=date_of(resource, reading) if alone else None)
    else:
        reading.gap(need, "not-read", "")
