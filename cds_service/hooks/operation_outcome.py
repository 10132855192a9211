"""Errors on the wire: a FHIR OperationOutcome, for the integrator who reads it."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["fatal", "error", "warning", "information"]


class _Text(msgspec.Struct):
    text: str


class _Issue(msgspec.Struct, omit_defaults=True):
    severity: Severity
    code: str
    details: _Text
    diagnostics: str = ""
    expression: tuple[str, ...] = ()


class _OperationOutcome(msgspec.Struct, rename="camel"):
    resource_type: Literal["OperationOutcome"]
    issue: tuple[_Issue]


def operation_outcome(
    code: str, text: str, *, diagnostics: str = "", expression: str = "", severity: Severity = "error"
) -> bytes:
    """Write one issue as JSON. ``code`` is a FHIR issue type, ``expression`` the path of the field that is wrong."""
    issue = _Issue(severity, code, _Text(text), diagnostics, (expression,) if expression else ())
    return msgspec.json.encode(_OperationOutcome("OperationOutcome", (issue,)))
