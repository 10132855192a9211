"""Facts as they are quoted, and questions that stay open."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from cds_service.chart.gaps import Gap
from cds_service.terminology.dates import Moment, Since
from cds_service.terminology.quantities import Quantity


class Evidence(Struct, frozen=True):
    """A fact that decided: the same object serves card, explanation, audit and page."""

    reference: str
    label: str
    value: Quantity | str = ""
    """Quantity with unit, or the recorded words; empty for a plain condition."""
    comparator: str = ""
    when: Moment | None = None
    remark: str = ""
    """Such as ``preliminary``, ``unit assumed``, ``suspected``, ``words only``."""
    called: str = ""
    """What a card calls it."""
    concepts: frozenset[str] = frozenset()
    since: Since | None = None
    """Of what lasts, such as a disease."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A red flag whose rule could not tell, or failed: then it lacked nothing."""

    title: str
    missing: tuple[str, ...]
    """The needs or facts that it lacked."""
    gaps: tuple[Gap, ...] = ()
    """What concerned it and cannot be used."""
    evidence: tuple[Evidence, ...] = ()
    """The facts that leave it open."""
