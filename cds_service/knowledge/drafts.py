"""The FHIR resources of suggestions, checked at load: code systems spelt out, codes proved, shape validated once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from typing import Any

import msgspec
from pydantic import ValidationError

from cds_service.knowledge.errors import nearest_name
from cds_service.knowledge.templates import HoleValue, Template
from cds_service.knowledge.wording import Placeholder, Wording, parse_wording
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.check_digits import loinc_ok, verhoeff_ok
from cds_service.terminology.codings import SYSTEMS
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity

RESOURCES = ("ServiceRequest", "MedicationRequest", "Task")
"""What a suggestion may create: drafts that a clinician signs."""

_SYSTEMS = {
    **SYSTEMS,
    "ucum": "http://unitsofmeasure.org",
    "nucc": "http://nucc.org/provider-taxonomy",
    "timing-abbreviation": "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
}
_CHECKED: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    SYSTEMS["snomed"]: ("SNOMED CT", verhoeff_ok),
    SYSTEMS["loinc"]: ("LOINC", loinc_ok),
}
_MINIMUM: Mapping[str, dict[str, Any]] = {
    "ServiceRequest": {"status": "draft", "intent": "order", "subject": {"reference": "Patient/p"}},
    "MedicationRequest": {
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "a medicine"},
    },
    "Task": {"status": "draft", "intent": "order", "for": {"reference": "Patient/p"}},
}
_DUMMY_MOMENT = "2026-03-02T09:00:00Z"


def spelt_out(document: Document, path: Path, value: Any) -> Any:
    """Give a resource with the short names of code systems replaced by URIs; unknown names and false codes are noted."""
    if isinstance(value, list):
        return [spelt_out(document, (*path, index), inner) for index, inner in enumerate(value)]
    if not isinstance(value, dict):
        if isinstance(value, str):
            try:
                parse_wording(value)
            except ValueError as error:
                document.refuse(path, str(error))
        elif value is None:
            document.refuse(path, "an element without a value is left out in FHIR")
        return value
    spelt = {key: spelt_out(document, (*path, key), inner) for key, inner in value.items()}
    if isinstance(spelt.get("system"), str):
        spelt["system"] = _system(document, (*path, "system"), spelt["system"])
        _check_code(document, (*path, "code"), spelt)
    return spelt


def validate_created(
    document: Document, path: Path, resource: dict[str, Any], parameters: Mapping[str, HoleValue]
) -> None:
    """Validate the resource of a create action as FHIR R4B with values in its holes; mistakes are noted."""
    kind = resource["resourceType"]
    for problem in _problems(kind, {**_required_of(kind), **resource}, parameters):
        _refuse(document, path, problem, f"not a valid {kind}")


def validate_changes(
    document: Document, path: Path, changes: dict[str, Any], parameters: Mapping[str, HoleValue]
) -> None:
    """Validate the ``set`` of an update: it must fit a medication or a service request; mistakes are noted."""
    fewest: list[_Problem] | None = None
    for kind in ("MedicationRequest", "ServiceRequest"):
        base = {
            key: value
            for key, value in _MINIMUM[kind].items()
            if not (key.startswith("medication") and "medicationReference" in changes)
        }
        problems = _problems(kind, {**base, "resourceType": kind, **changes}, parameters)
        if not problems:
            return
        if fewest is None or len(problems) < len(fewest):
            fewest = problems
    for problem in fewest or []:
        _refuse(document, path, problem, "fits neither a MedicationRequest nor a ServiceRequest")


@dataclass(frozen=True, slots=True)
class _Problem:
    path: Path
    message: str
    extra: bool = False
    """An element that FHIR does not have there."""


def _refuse(document: Document, path: Path, problem: _Problem, prefix: str) -> None:
    where = (*path, *problem.path)
    document.refuse(where, f"{prefix}: {problem.message}", of_key=problem.extra)


def _required_of(kind: str) -> dict[str, Any]:
    return {key: value for key, value in _MINIMUM[kind].items() if not key.startswith("medication")}


def _problems(kind: str, resource: dict[str, Any], parameters: Mapping[str, HoleValue]) -> list[_Problem]:
    """What FHIR has against the resource. A word may be text or a number: the second try gives numbers where text failed."""
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    numbers: set[Path] = set()
    problems: list[_Problem] = []
    for _ in range(2):
        filled = _filled(resource, (), parameters, numbers)
        try:
            model.model_validate_json(msgspec.json.encode(filled))
        except ValidationError as error:
            problems = [_problem(model, problem) for problem in error.errors(include_url=False)]
            numbers = {problem.path for problem in problems}
        else:
            return []
    return problems


def _problem(model: Any, found: Any) -> _Problem:
    path: Path = tuple(found["loc"])
    if found["type"] != "extra_forbidden":
        return _Problem(path, f"{found['msg'][:1].lower()}{found['msg'][1:]}")
    near = nearest_name(str(path[-1]), model.model_fields) if len(path) == 1 else ""
    hint = f" (nearest: {near})" if near else ""
    return _Problem(path, f"{path[-1]!r} is not an element of it{hint}", extra=True)


def _filled(value: Any, path: Path, parameters: Mapping[str, HoleValue], numbers: set[Path]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, (*path, key), parameters, numbers) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, (*path, index), parameters, numbers) for index, inner in enumerate(value)]
    if isinstance(value, Decimal):
        return float(value)
    if not isinstance(value, str) or "{" not in value:
        return value
    wording = parse_wording(value)
    if len(wording.pieces) == 1 and isinstance(wording.pieces[0], Placeholder):
        return 1 if path in numbers else _dummy(wording.pieces[0], parameters)
    return wording.fill(lambda placeholder: str(_dummy(placeholder, parameters)))


def _dummy(placeholder: Placeholder, parameters: Mapping[str, HoleValue]) -> Any:
    if placeholder.word == "now":
        return _DUMMY_MOMENT
    if placeholder.part:
        return 1.5 if placeholder.part == "value" else "mg"
    value = parameters.get(placeholder.word, "words")
    return value if isinstance(value, (int, str)) else float(value) if isinstance(value, Decimal) else str(value)


def _system(document: Document, path: Path, system: str) -> str:
    if "{" in system or ":" in system:
        return system
    if system in _SYSTEMS:
        return _SYSTEMS[system]
    document.refuse(path, f"{system!r} is not a code system that we know", tuple(_SYSTEMS), found=system)
    return system


def _check_code(document: Document, path: Path, coding: dict[str, Any]) -> None:
    code = coding.get("code")
    if code is not None and not isinstance(code, str):
        document.refuse(path, f"a code is text, found the number {code}: write it in quotes")
        return
    name, is_good = _CHECKED.get(coding["system"], ("", None))
    if is_good is not None and code is not None and "{" not in code and not is_good(code):
        document.refuse(path, f"{code!r} is not a {name} code: its check digit is wrong")


def check_placeholders(
    document: Document, path: Path, wording: Wording | Template, parameters: Mapping[str, HoleValue]
) -> None:
    """Note placeholders that can never be filled: ``now + x`` where x is no span, parts of what is no quantity."""
    pieces = (
        wording.pieces
        if isinstance(wording, Wording)
        else tuple(segment.placeholder for segment in wording.segments if not isinstance(segment, bytes))
    )
    for piece in pieces:
        if isinstance(piece, str):
            continue
        if piece.plus and not isinstance(parameters.get(piece.plus), Span):
            spans = tuple(name for name, value in parameters.items() if isinstance(value, Span))
            document.refuse(
                path,
                f"{{{piece.text}}} adds {piece.plus!r}, which is not a span among the parameters",
                spans,
                found=piece.plus,
            )
        if piece.part and piece.word in parameters and not isinstance(parameters[piece.word], (Quantity, Limit)):
            document.refuse(path, f"{{{piece.text}}} asks for the {piece.part} of {piece.word!r}, which is no quantity")
