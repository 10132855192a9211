"""The verdict on a service: each requirement met, not met or not applicable, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cds_service.conformance.checks import CheckFinding, Standing, examine
from cds_service.conformance.conversation import Conversation
from cds_service.conformance.every_check import CHECKS
from cds_service.conformance.requirements import Requirement, requirements

OUTSIDE = "cannot be seen from outside the service"


@dataclass(frozen=True, slots=True)
class Row:
    """How one requirement stands, with the findings that it rests on."""

    requirement: Requirement
    standing: Standing
    reasons: tuple[str, ...]
    checks: tuple[str, ...]

    @property
    def fails(self) -> bool:
        """Whether a requirement that must be met is not."""
        return self.standing == "not met" and self.requirement.binding


@dataclass(frozen=True, slots=True)
class ConformanceReport:
    """All rows for one service."""

    base: str
    rows: tuple[Row, ...]
    calls: int

    @property
    def counts(self) -> Counter[Standing]:
        return Counter(row.standing for row in self.rows)

    def passes(self, *, strict: bool = False) -> bool:
        """Whether nothing binding is unmet; ``strict`` takes the recommendations for binding too."""
        return not any(row.fails or (strict and row.standing == "not met") for row in self.rows)


def report(conversation: Conversation) -> ConformanceReport:
    """Judge a conversation by every check and put the findings under the requirements they speak for."""
    findings = [examine(check, conversation) for check in CHECKS]
    rows = tuple(_row(requirement, findings) for requirement in requirements())
    return ConformanceReport(conversation.base, rows, len(conversation.calls))


def _row(requirement: Requirement, findings: Sequence[CheckFinding]) -> Row:
    own = [finding for finding in findings if requirement.id in finding.check.requirements]
    names = tuple(finding.check.name for finding in own)
    if not own:
        return Row(requirement, "not applicable", (OUTSIDE,), ())
    for standing in ("not met", "met"):
        decisive = [finding for finding in own if finding.standing == standing]
        if decisive:
            return Row(requirement, decisive[0].standing, _remarks(decisive), names)
    return Row(requirement, "not applicable", _remarks(own), names)


def _remarks(findings: Iterable[CheckFinding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(remark for finding in findings for remark in finding.remarks))


def lines(found: ConformanceReport, *, everything: bool = False) -> Iterator[tuple[Standing | None, str]]:
    """The report for a terminal: each line with the standing that gives it its colour."""
    yield None, f"{found.base}: {found.calls} hook calls, {len(found.rows)} requirements of CDS Hooks 2.0 and 3.0"
    for row in found.rows:
        if row.standing == "not applicable" and not everything:
            continue
        asked = row.requirement
        yield row.standing, f"{row.standing:<14} {asked.id:>4} {asked.strength:<10} {asked.text}"
        if row.standing != "met":
            for reason in row.reasons:
                yield None, f"{'':<31}{reason}"
    counts = found.counts
    yield None, ", ".join(f"{counts[standing]} {standing}" for standing in ("met", "not met", "not applicable"))


def as_json(found: ConformanceReport) -> dict[str, Any]:
    """The report for a program."""
    return {
        "service": found.base,
        "hookCalls": found.calls,
        "passes": found.passes(),
        "counts": dict(found.counts),
        "requirements": [
            {
                "id": row.requirement.id,
                "strength": row.requirement.strength,
                "text": row.requirement.text,
                "standing": row.standing,
                "reasons": list(row.reasons),
                "checks": list(row.checks),
            }
            for row in found.rows
        ],
    }
