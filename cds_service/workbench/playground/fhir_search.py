"""FHIR search over resources in memory: the parameters that prefetch templates and the public sandbox use.

As FHIR R4, 3.1.1: values joined by commas are alternatives, parameters are joined by "and". A parameter that is not
known is left out, and out of the ``self`` link too, so that a client can tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from cds_service.hooks.search_parameters import parameter_kind
from cds_service.simulation.recognition import elements_at
from cds_service.terminology.dates import parse_moment
from cds_service.workbench.playground.date_shift import Json

RESULT_PARAMETERS = frozenset({"_count", "_sort", "_offset", "_summary", "_format", "_total", "_pretty", "_elements"})
LARGEST_PAGE = 500

_PATHS: dict[str, tuple[str, ...]] = {
    "_id": ("id",),
    "_lastUpdated": ("meta.lastUpdated",),
    "patient": ("subject", "patient"),
    "subject": ("subject", "patient"),
    "encounter": ("encounter", "context"),
    "context": ("context",),
    "code": ("code", "medicationCodeableConcept"),
    "medication": ("medicationReference",),
    "clinical-status": ("clinicalStatus",),
    "verification-status": ("verificationStatus",),
    "body-site": ("bodySite",),
    "bodysite": ("series.bodySite",),
    "modality": ("modality", "series.modality"),
    "conclusion": ("conclusionCode",),
    "value-concept": ("valueCodeableConcept",),
    "component-code": ("component.code",),
    "combo-code": ("code", "component.code"),
    "reason-code": ("reasonCode",),
    "recorded-date": ("recordedDate",),
    "onset-date": ("onsetDateTime", "onsetPeriod"),
    "abatement-date": ("abatementDateTime", "abatementPeriod"),
    "authoredon": ("authoredOn",),
    "authored": ("authoredOn",),
    "occurrence": ("occurrenceDateTime", "occurrencePeriod"),
    "effective": ("effectiveDateTime", "effectivePeriod"),
    "effective-time": ("effectiveDateTime", "effectivePeriod"),
    "whenhandedover": ("whenHandedOver",),
    "birthdate": ("birthDate",),
    "family": ("name.family",),
    "given": ("name.given",),
    "name": ("name.family", "name.given", "name.text", "name.prefix"),
    "based-on": ("basedOn",),
    "requester": ("requester",),
    "performer": ("performer",),
}
"""Where a parameter looks, when not in the member of its own name; the paths that a type lacks find nothing."""
_OWN = frozenset(
    [
        "active",
        "category",
        "class",
        "criticality",
        "gender",
        "identifier",
        "intent",
        "issued",
        "method",
        "priority",
        "severity",
        "started",
        "status",
        "type",
    ]
)
"""Parameters that look in the member of their own name."""
_DATES: dict[str, tuple[str, ...]] = {
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod"),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "Encounter": ("period",),
    "AllergyIntolerance": ("recordedDate",),
    "MedicationRequest": ("dosageInstruction.timing.event",),
}
"""Where ``date`` looks."""
_PREFIXED = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(\d.*)")
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_ESCAPED_COMMA = re.compile(r"(?<!\\),")


def search(resources: Iterable[Json], kind: str, criteria: Sequence[tuple[str, str]]) -> list[Json]:
    """Give the resources of a type that meet every criterion, sorted as asked. Raises :class:`ValueError`."""
    tests = [_test(kind, name, value) for name, value in criteria if applies(kind, name)]
    found = [one for one in resources if one["resourceType"] == kind and all(test(one) for test in tests)]
    for name in reversed([part for key, value in criteria if key == "_sort" for part in value.split(",")]):
        paths = _paths(kind, name.lstrip("-"))
        found = sorted(found, key=partial(_sort_key, paths), reverse=name.startswith("-"))
    return found


def applies(kind: str, parameter: str) -> bool:
    """Whether a criterion is one that this search follows."""
    name, _, modifier = parameter.partition(":")
    placed = name in _PATHS or name in _OWN or (name == "date" and kind in _DATES)
    return (
        placed
        and parameter_kind(kind, name) is not None
        and modifier in {"", "not", "exact", "contains", "text", kind, "Patient"}
    )


def _test(kind: str, parameter: str, value: str) -> Callable[[Json], bool]:
    name, _, modifier = parameter.partition(":")
    meets = _MEETS.get(parameter_kind(kind, name) or "token", _string)
    paths = _paths(kind, name)
    wanted = [part.replace("\\,", ",") for part in _ESCAPED_COMMA.split(value)]
    if modifier == "not":
        return lambda one: not any(meets(found, part, "") for found in _values(one, paths) for part in wanted)
    if meets is _date:
        for part in wanted:
            if (match := _PREFIXED.fullmatch(part)) is None or parse_moment(match[2]) is None:
                raise ValueError(f"{name} takes a date, such as ge2026-03-02")
    return lambda one: any(meets(found, part, modifier) for found in _values(one, paths) for part in wanted)


def _paths(kind: str, name: str) -> tuple[str, ...]:
    if name == "date":
        return _DATES.get(kind, ("date",))
    return _PATHS.get(name, (name,))


def _values(value: Any, paths: Iterable[str]) -> Iterator[Any]:
    for path in paths:
        yield from elements_at(value, path.split("."))


def _token(found: Any, wanted: str, modifier: str) -> bool:
    if modifier == "text":
        return any(text.lower().startswith(wanted.lower()) for text in _texts(found))
    system, bar, code = wanted.rpartition("|")
    for has_system, has_code in _codings(found):
        if bar and has_system != system:
            continue
        if not code or has_code == code:
            return True
    return False


def _codings(found: Any) -> Iterator[tuple[str, str]]:
    """System and code of whatever a token may stand in: a code, Coding, CodeableConcept, Identifier."""
    if isinstance(found, bool):
        yield "", "true" if found else "false"
    elif isinstance(found, str):
        yield "", found
    elif isinstance(found, dict):
        if isinstance(found.get("coding"), list):
            for coding in found["coding"]:
                yield from _codings(coding)
        else:
            yield str(found.get("system", "")), str(found.get("code", found.get("value", "")))


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        yield from (found[name] for name in ("text", "display") if isinstance(found.get(name), str))
        for coding in found.get("coding") or ():
            yield from _texts(coding)


def _reference(found: Any, wanted: str, modifier: str) -> bool:
    target = found.get("reference") if isinstance(found, dict) else None
    if not isinstance(target, str):
        return False
    typed = f"{modifier}/{wanted}" if modifier and "/" not in wanted else wanted
    return target == typed or target.endswith("/" + typed) or typed.endswith("/" + target)


def _date(found: Any, wanted: str, modifier: str) -> bool:
    match = _PREFIXED.fullmatch(wanted)
    moment = parse_moment(match[2]) if match else None
    held = _held(found)
    if match is None or moment is None or held is None:
        return False
    first, last = held
    return {
        "eq": moment.first <= first and last <= moment.last,
        "ne": not (moment.first <= first and last <= moment.last),
        "gt": last > moment.last,
        "sa": first > moment.last,
        "lt": first < moment.first,
        "eb": last < moment.first,
        "ge": last >= moment.first,
        "le": first <= moment.last,
        "ap": first <= moment.last and last >= moment.first,
    }[match[1] or "eq"]


def _held(found: Any) -> tuple[datetime, datetime] | None:
    """The first and last instant of a date or period."""
    if isinstance(found, dict):
        start, end = (parse_moment(str(found.get(name, ""))) for name in ("start", "end"))
        if start is None and end is None:
            return None
        later = parse_moment("9999")
        earlier = parse_moment("0001")
        assert later is not None and earlier is not None
        return (start or earlier).first, (end or later).last
    moment = parse_moment(found) if isinstance(found, str) else None
    return None if moment is None else (moment.first, moment.last)


def _string(found: Any, wanted: str, modifier: str) -> bool:
    text, part = str(found), wanted
    if modifier == "exact":
        return text == part
    text, part = text.casefold(), part.casefold()
    return part in text if modifier == "contains" else text.startswith(part)


def _sort_key(paths: Iterable[str], one: Json) -> str:
    for found in _values(one, paths):
        if isinstance(found, dict):
            return str(found.get("start") or found.get("end") or "")
        return str(found)
    return ""


_MEETS: dict[str, Callable[[Any, str, str], bool]] = {
    "token": _token,
    "reference": _reference,
    "date": _date,
    "string": _string,
}
