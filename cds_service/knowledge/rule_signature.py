"""What a rule takes beside the case: its keyword-only arguments are the parameters that its card must give."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity

Value = Limit | Span | Quantity | int | Decimal | str | bool | tuple[str, ...]

KINDS: Mapping[Any, str] = {
    Limit: "Limit",
    Span: "Span",
    Quantity: "Quantity",
    int: "int",
    Decimal: "Decimal",
    str: "str",
    bool: "bool",
    tuple[str, ...]: "tuple[str, ...]",
}
"""Annotations that a rule's keyword-only arguments may have."""


@dataclass(frozen=True, slots=True)
class RuleSignature:
    """What a rule takes beside the case: flat parameters, some of them bound together as one value."""

    parameters: Mapping[str, Any]
    """Annotation of each parameter by its name in the card file."""
    groups: Mapping[str, Any]
    """Keyword to the frozen dataclass whose fields are parameters, such as ``calcium: CalciumLimits``."""

    def bound(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Put flat arguments together as the rule takes them; a field that the card leaves out keeps its default."""
        if not self.groups:
            return dict(arguments)
        inside = {field.name: keyword for keyword, group in self.groups.items() for field in fields(group)}
        flat = {name: value for name, value in arguments.items() if name not in inside}
        parts: dict[str, dict[str, Any]] = {keyword: {} for keyword in self.groups}
        for name, value in arguments.items():
            if name in inside:
                parts[inside[name]][name] = value
        return flat | {keyword: group(**parts[keyword]) for keyword, group in self.groups.items()}

    def optional(self, name: str) -> bool:
        """Whether a card may leave this parameter out."""
        known = (field for group in self.groups.values() for field in fields(group) if field.name == name)
        return any(field.default is not MISSING for field in known)


@cache
def signature_of(rule: Callable[..., Any]) -> RuleSignature:
    """Read a rule's keyword-only arguments, with the fields of those that are groups.

    Raises :class:`TypeError` when the rule does not have the shape of one: ``rule(case, *, name: Kind, ...)``.
    """
    hints = _hints(rule)
    signature = inspect.signature(rule).parameters.values()
    positional = [p.name for p in signature if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(positional) != 1:
        raise TypeError(f"it takes {positional} by position; a rule takes the case only, all else by keyword")
    parameters: dict[str, Any] = {}
    groups: dict[str, Any] = {}
    for keyword in (p.name for p in signature if p.kind is p.KEYWORD_ONLY):
        annotation = hints.get(keyword)
        if is_dataclass(annotation) and annotation not in KINDS:
            groups[keyword] = annotation
            found = {field.name: _hints(annotation)[field.name] for field in fields(annotation)}
        else:
            found = {keyword: annotation}
        for name, kind in found.items():
            if name in parameters:
                raise TypeError(f"it takes {name!r} twice")
            parameters[name] = _kind(name, kind)
    return RuleSignature(parameters, groups)


def _hints(of: Any) -> dict[str, Any]:
    try:
        return get_type_hints(of)
    except NameError as error:
        raise TypeError(f"an annotation cannot be resolved at run time: {error}") from error


def _kind(name: str, annotation: Any) -> Any:
    """The kind of an argument; that of an optional field is the kind it has when it is there."""
    inner = [each for each in get_args(annotation) if each is not NoneType]
    if get_origin(annotation) in {Union, UnionType} and len(inner) == 1:
        annotation = inner[0]
    if annotation not in KINDS and get_origin(annotation) is not Literal:
        raise TypeError(f"its argument {name!r} has no usable annotation; usable are {', '.join(KINDS.values())}")
    return annotation
