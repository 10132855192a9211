"""Errors on the wire: a FHIR OperationOutcome, for the integrator who reads it."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["fatal", "error", "warning", "information"]


class IssueText(msgspec.Struct):
    """What is wrong, in words for the integrator."""

    text: str


class Issue(msgspec.Struct, omit_defaults=True):
    """One thing that is wrong; ``expression`` names the field."""

    severity: Severity
    code: str
    details: IssueText
    diagnostics: str = ""
    expression: tuple[str, ...] = ()


class OperationOutcome(msgspec.Struct, rename="camel"):
    """The body of every answer that is not 2xx."""

    resource_type: Literal["OperationOutcome"]
    issue: tuple[Issue]


def operation_outcome(
    code: str, text: str, *, diagnostics: str = "", expression: str = "", severity: Severity = "error"
) -> bytes:
    """Write one issue as JSON. ``code`` is a FHIR issue type, ``expression`` the path of the field that is wrong."""
    issue = Issue(severity, code, IssueText(text), diagnostics, (expression,) if expression else ())
    return msgspec.json.encode(OperationOutcome("OperationOutcome", (issue,)))
