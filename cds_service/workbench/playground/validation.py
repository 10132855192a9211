"""Validate: anyone's discovery answer, request or response against the specification, row by row.

Answers are judged by the checks of :mod:`cds_service.conformance`, requests by :mod:`request_rows`.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from cds_service.conformance import on_answers, on_cards, on_discovery
from cds_service.conformance.checks import CHECKS, CheckFinding, examine
from cds_service.conformance.conversation import Call, Conversation
from cds_service.conformance.exchange import Exchange
from cds_service.conformance.requirements import requirements
from cds_service.workbench.playground.request_rows import ROWS, NothingToJudge

Json = dict[str, Any]
Kind = Literal["discovery", "request", "response"]

_PLACE = "pasted"


def validate(text: str) -> dict[str, Any]:
    """Say what the text is, by its members, and judge it."""
    try:
        document = json.loads(text)
    except RecursionError:
        return _unreadable("The JSON is nested too deeply")
    except json.JSONDecodeError as error:
        return _unreadable(f"Line {error.lineno}, column {error.colno}: {error.msg}", error.lineno, error.colno)
    kind = _kind(document)
    if kind is None:
        return _unreadable("This is none of the three: an object with services, with hook and context, or with cards")
    rows = _request_rows(document) if kind == "request" else _answer_rows(kind, document)
    wrong = sum(row["standing"] == "not met" for row in rows)
    advised = sum(row["standing"] == "not advised" for row in rows)
    return {"kind": kind, "rows": rows, "wrong": wrong, "advised": advised, "problem": ""}


def _unreadable(problem: str, line: int = 0, column: int = 0) -> dict[str, Any]:
    return {"kind": "", "rows": [], "wrong": 1, "advised": 0, "problem": problem, "line": line, "column": column}


def _kind(document: object) -> Kind | None:
    if not isinstance(document, dict):
        return None
    if "services" in document:
        return "discovery"
    if "cards" in document or "systemActions" in document:
        return "response"
    return "request" if {"hook", "hookInstance", "context"} & document.keys() else None


def _request_rows(request: Json) -> list[dict[str, Any]]:
    rows = []
    for row in ROWS:
        try:
            remarks = list(dict.fromkeys(row.examine(request)))
        except NothingToJudge:
            continue
        except (AttributeError, TypeError, KeyError) as error:
            remarks = [f"a part has a shape that cannot be read ({type(error).__name__})"]
        rows.append(_row(row.text, "not met" if remarks else "met", remarks))
    return rows


def _answer_rows(kind: Kind, document: Json) -> list[dict[str, Any]]:
    body = json.dumps(document).encode()
    exchange = Exchange(
        "GET" if kind == "discovery" else "POST", _PLACE, 200, {"content-type": "application/json"}, body, 0.0
    )
    silent = Exchange("GET", _PLACE, 0, {}, b'{"services":[]}', 0.0)
    services = document.get("services")
    talk = Conversation(
        base="https://pasted.example.org",
        signed=False,
        discovery=exchange if kind == "discovery" else silent,
        entries=tuple(one for one in services if _usable(one)) if isinstance(services, list) else (),
        calls=(Call(_PLACE, "any hook", "with findings", exchange),) if kind == "response" else (),
        unknown_hooks=(),
        refusals={},
        browser={},
        feedback={},
        tokens={},
    )
    modules = {on_discovery.__name__} if kind == "discovery" else {on_cards.__name__, on_answers.__name__}
    findings = [examine(one, talk) for one in CHECKS if one.examine.__module__ in modules]
    return [_judged(found) for found in findings if found.standing != "not applicable"]


def _judged(found: CheckFinding) -> dict[str, Any]:
    asked = found.check.requirements
    binding = any(one.binding for one in requirements() if one.id in asked)
    standing = "not advised" if found.standing == "not met" and not binding else found.standing
    return _row(found.check.name, standing, [_without_place(remark) for remark in found.remarks], asked)


def _usable(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str) and isinstance(entry.get("hook"), str)


def _without_place(remark: str) -> str:
    for place in (f"{_PLACE} on any hook, with findings: ", f"{_PLACE} on any hook, with findings"):
        remark = remark.replace(place, "")
    return remark


def _row(text: str, standing: str, remarks: list[str], requirements: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"text": text, "standing": standing, "remarks": remarks, "requirements": list(requirements)}
