"""Results and problems that stand within another resource, such as the results of a report: they count like any other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from cds_service.chart.decode import listed
from cds_service.chart.wire import AnyResource, Observation, Report, Resource

R = TypeVar("R", bound=Resource)

_CONTAINED: msgspec.json.Decoder[Resource] = msgspec.json.Decoder(AnyResource)
_CONTAINS = attrgetter("contained")
_VOID = frozenset({"entered-in-error", "cancelled", "not-done", "revoked", "declined"})


def contained(holder: Resource) -> list[Resource]:
    """What a resource contains, as far as it can be read; types that no card reads are left out."""
    found = listed(holder.contained, _CONTAINED) if holder.contained else []
    return [one for one in found if isinstance(one, Resource)]


def contained_named(holder: Resource, reference: str) -> Resource | None:
    """What ``#reference`` means within a resource."""
    name = reference.removeprefix("#")
    return next((one for one in contained(holder) if (one.id or "").removeprefix("#") == name), None)


def holders_of(resources: Iterable[list[Resource]]) -> list[Resource]:
    """Those of the resources that contain others. What stands in something that does not stand is left out."""
    holding = (holder for some in resources for holder in compress(some, map(_CONTAINS, some)))
    return [holder for holder in holding if holder.status not in _VOID]


def contained_in(holders: Iterable[Resource], kind: type[R]) -> list[R]:
    """All resources of a type that stand within others, named ``Report/1#result``, with the subject of what holds them.

    A result without a date of its own has that of its report.
    """
    return [_outside(one, holder) for holder in holders for one in contained(holder) if isinstance(one, kind)]


def _outside(one: Any, holder: Resource) -> Any:
    one.id, one.within = f"{holder.id}#{(one.id or '').removeprefix('#')}", holder.resource_type
    if one.subject is None or not one.subject.reference or one.subject.reference.startswith("#"):
        one.subject, one.patient = holder.subject, holder.patient
    if isinstance(one, Observation) and isinstance(holder, Report):
        if not (one.effective_date_time or one.effective_period or one.effective_instant or one.issued):
            one.effective_date_time, one.effective_period = holder.effective_date_time, holder.effective_period
            one.issued = holder.issued
        if one.status is None:
            one.status = {"partial": "preliminary"}.get(holder.status or "", holder.status)
    return one
