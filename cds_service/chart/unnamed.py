"""What says not even in words what it is, a Condition or Observation without any code, may be anything of its kind.

So may a problem or an allergy that stands there as the bare code of a system that nobody here knows. Bare results of such
systems are too many to ask about each: only one that its laboratory calls critical is. One that holds neither a status nor a
date is the shell of a resource that a converter left, and about nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Raw

from cds_service.chart.dating import date_of
from cds_service.chart.gaps import Problem
from cds_service.chart.meanings import codeable_concept
from cds_service.chart.needs import NEED_OF_TYPE
from cds_service.chart.reading import Reading, code_of, reference_of
from cds_service.chart.wire import Resource

_ASKED_ABOUT = frozenset({"Condition", "AllergyIntolerance"})
_CRITICAL = re.compile(rb'"code"\s*:\s*"(?:HH|LL|AA)"')
_VOID = frozenset({"entered-in-error", "cancelled", "not-done", "revoked", "refuted"})
_STATES = ("clinical_status", "verification_status")
_NAMED_ELSEWHERE = (
    "component",
    "medication_reference",
    "medication",
    "service_requested",
    "order_detail",
    "item",
    "substance",
    "culprits",
)
"""Elements that say what it is where there is no code; their own readers say so when they do not."""


def note_unnamed(resources: Iterable[Resource], code: Raw, reading: Reading) -> None:
    """Note each of these resources of one code, of no system that is known, as a gap of its kind, if it has no words either."""
    concept = codeable_concept(code)
    if concept.tells():
        return
    bare = next((coding.code for coding in concept.coding or () if coding.code), "")
    for one in resources:
        if bare and one.resource_type not in _ASKED_ABOUT and not _CRITICAL.search(getattr(one, "interpretation", b"")):
            continue
        states = {getattr(one, "status", None) or "", *(code_of(getattr(one, name, Raw())) for name in _STATES)} - {""}
        when = date_of(one, reading)
        if (
            (states or when)
            and _VOID.isdisjoint(states)
            and not any(getattr(one, name, None) for name in _NAMED_ELSEWHERE)
        ):
            problem: Problem = "not-understood" if bare else "unnamed"
            reading.gap(NEED_OF_TYPE[one.resource_type], problem, reference_of(one), written=bare, when=when)
