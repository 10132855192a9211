"""What did not come or cannot be used: how each kind of data reached us, gaps, and resources that were set aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from msgspec import Struct

from cds_service.terminology.dates import Moment, Span

Supplied = Literal["given", "empty", "null", "absent", "error", "other-patient", "unreadable"]


@dataclass(frozen=True, slots=True)
class Supply:
    """How one kind of data reached us: these are different things and stay different."""

    state: Supplied
    cut_short: tuple[str, ...] = ()
    """How the source says that it holds more than came: ``0 of 12 sent``, ``more pages were not read``."""
    detail: str = ""
    read: int = 0
    """Resources that came and are the patient's."""

    @property
    def usable(self) -> bool:
        return self.state in {"given", "empty"}

    @property
    def truncated(self) -> bool:
        """The source holds more than came."""
        return bool(self.cut_short)


Problem = Literal[
    "no-value",
    "no-conclusion",
    "not-understood",
    "no-unit",
    "unnamed",
    "implausible",
    "undated",
    "vague-date",
    "future",
    "unreadable",
    "conflict",
    "unresolved-reference",
    "cut-short",
    "not-read",
    "missing",
    "failed",
    "other-patient",
]
"""Why something that concerns a concept, or a whole kind of data, cannot be used."""


class Gap(Struct, frozen=True, kw_only=True):
    """What was sent or should have been and cannot be used: not understood is never absent, and never present."""

    need: str
    """The kind of data that it belongs to, such as ``observations``; ``draft_orders`` for a draft of the session."""
    concepts: frozenset[str] = frozenset()
    """Names of the value sets that it concerns; none: all of the need."""
    reference: str = ""
    """The resource, such as ``Observation/ca-1``; empty when a whole source is meant."""
    problem: Problem
    written: str = ""
    """The value as the record writes it, trimmed; for clinicians, never for logs."""
    when: Moment | None = None
    """Its date; of a source that was cut short, the date of the oldest result that came when it is sorted newest first."""

    @property
    def of_date(self) -> bool:
        """Only when it was is in doubt."""
        return self.problem in {"undated", "vague-date"}

    @property
    def of_one_study(self) -> bool:
        """It matters only to somebody who asks for that kind of study, not to whoever searches the words of all."""
        return self.problem == "no-conclusion"

    def bears_on(self, span: Span | None, as_of: datetime) -> bool:
        """Whether it may matter to somebody who looks back this far; ``None``: whenever it was.

        A doubtful date is no matter where none is asked for, or where all that it may mean lies on the same side.
        """
        if span is None:
            return not self.of_date
        if self.when is None:
            return True
        if self.problem == "vague-date":
            return span.may_reach(self.when, as_of) and not span.reaches(self.when, as_of)
        return span.may_reach(self.when, as_of)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A resource that was read and not used, and why; no content of it."""

    reference: str
    because: Literal[
        "unreadable",
        "other-patient",
        "entered-in-error",
        "refuted",
        "not-done",
        "negated",
        "future",
        "proposal",
    ]
    detail: str = ""
