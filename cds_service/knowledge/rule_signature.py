"""What a rule takes beside the case: its keyword-only arguments are the parameters that its card must give."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity
from cds_service.terminology.tables import Table

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
_ROW_NAME = "name"


@dataclass(frozen=True, slots=True)
class RuleSignature:
    """What a rule takes beside the case: flat parameters, some of them bound together as one value."""

    parameters: Mapping[str, Any]
    """Annotation of each parameter by its name in the card file; that of a table is ``Table[Row]``."""
    groups: Mapping[str, Any]
    """Keyword to the frozen dataclass whose fields are parameters, such as ``calcium: CalciumLimits``, or groups again.

    Two groups may have a parameter in common.
    """

    def annotation(self, name: str) -> Any:
        """The kind of a parameter or of a table's cell; ``None`` for one that the rule does not take."""
        table, is_cell, cell = name.partition(".")
        kind = self.parameters.get(table)
        if is_cell:
            return columns_of(kind).get(cell.rpartition(".")[2]) if get_origin(kind) is Table else None
        return None if get_origin(kind) is Table else kind

    def bound(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Put flat arguments together as the rule takes them; a field that the card leaves out keeps its default."""
        flat = _with_tables(arguments, self.parameters)
        inside = {name for group in self.groups.values() for name in _fields_of(group)}
        alone = {name: value for name, value in flat.items() if name not in inside}
        return alone | {keyword: _together(group, flat) for keyword, group in self.groups.items()}

    def missing_cells(self, name: str, cells: Iterable[str]) -> Iterator[str]:
        """What a table lacks for the rule: ``the row 'full' needs the column 'dose' (Quantity)``."""
        kind = self.parameters.get(name)
        if get_origin(kind) is not Table:
            return
        columns, optional = columns_of(kind), optional_columns(kind)
        found = [cell.removeprefix(f"{name}.") for cell in cells]
        for row in dict.fromkeys(cell.rpartition(".")[0] for cell in found):
            for column, wanted in columns.items():
                if f"{row}.{column}" not in found and column not in optional:
                    yield f"the row {row!r} needs the column {column!r} ({KINDS.get(wanted, 'one of its words')})"

    def optional(self, name: str) -> bool:
        """Whether a card may leave this parameter out."""
        return any(_fields_of(group)[name][1] for group in self.groups.values() if name in _fields_of(group))


@cache
def _fields_of(group: Any) -> dict[str, tuple[Any, bool]]:
    """The parameters of a group with their kinds, and whether each may be left out; those of groups inside it too."""
    found: dict[str, tuple[Any, bool]] = {}
    for field in fields(group):
        annotation = _hints(group)[field.name]
        if _is_group(annotation):
            found |= _fields_of(annotation)
        else:
            found[field.name] = (_kind(field.name, annotation), field.default is not MISSING)
    return found


def _is_group(annotation: Any) -> bool:
    return is_dataclass(annotation) and annotation not in KINDS


def _together(group: Any, flat: Mapping[str, Any]) -> Any:
    """The group with its fields filled; equal groups are one object, so that findings are remembered for several cards."""
    hints = _hints(group)
    parts = {
        field.name: _together(hints[field.name], flat) if _is_group(hints[field.name]) else flat[field.name]
        for field in fields(group)
        if field.name in flat or _is_group(hints[field.name])
    }
    return _made(group, tuple(parts), _Identical(parts.values()))


class _Identical(tuple[Any, ...]):
    """Values that count as the same when they are the same objects: comparing them would use a watched one."""

    __slots__ = ()

    def __hash__(self) -> int:
        return hash(tuple(map(id, self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identical) and tuple(map(id, self)) == tuple(map(id, other))


@lru_cache(maxsize=4096)
def _made(kind: Any, names: tuple[str, ...], values: _Identical) -> Any:
    return kind(**dict(zip(names, values, strict=True)))


@cache
def columns_of(table: Any) -> dict[str, Any]:
    """Columns of ``Table[Row]`` with their kinds: the fields of the row's dataclass, the name of the row left out."""
    (row,) = get_args(table)
    return {name: _kind(name, kind) for name, kind in _hints(row).items() if name != _ROW_NAME}


def optional_columns(table: Any) -> frozenset[str]:
    """Columns that a row may leave out."""
    return frozenset(field.name for field in fields(get_args(table)[0]) if field.default is not MISSING)


def _with_tables(arguments: Mapping[str, Any], kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Put the cells of each table together; equal tables are one object."""
    flat: dict[str, Any] = {}
    tables: dict[str, dict[str, Any]] = {}
    for name, value in arguments.items():
        table, is_cell, cell = name.partition(".")
        if is_cell:
            tables.setdefault(table, {})[cell] = value
        else:
            flat[name] = value
    return flat | {
        name: _table(get_args(kinds[name])[0], tuple(cells), _Identical(cells.values()))
        for name, cells in tables.items()
    }


@lru_cache(maxsize=4096)
def _table(kind: Any, cells: tuple[str, ...], values: _Identical) -> Table[Any]:
    named = any(field.name == _ROW_NAME for field in fields(kind))
    rows: dict[str, dict[str, Any]] = {}
    for cell, value in zip(cells, values, strict=True):
        row, _, column = cell.rpartition(".")
        rows.setdefault(row, {_ROW_NAME: row} if named else {})[column] = value
    return Table(tuple(rows), tuple(kind(**row) for row in rows.values()))


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
    inside: set[str] = set()
    for keyword in (p.name for p in signature if p.kind is p.KEYWORD_ONLY):
        annotation = hints.get(keyword)
        if _is_group(annotation):
            groups[keyword] = annotation
            found = {name: kind for name, (kind, _) in _fields_of(annotation).items()}
        else:
            found = {keyword: _kind(keyword, annotation)}
        for name, kind in found.items():
            if name in parameters and not (keyword in groups and name in inside and parameters[name] == kind):
                raise TypeError(f"it takes {name!r} twice")
        parameters |= found
        inside |= found.keys() if keyword in groups else set()
    return RuleSignature(parameters, groups)


@cache
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
    if get_origin(annotation) is Table and is_dataclass(get_args(annotation)[0]):
        columns_of(annotation)
    elif annotation not in KINDS and get_origin(annotation) is not Literal:
        raise TypeError(f"its argument {name!r} has no usable annotation; usable are {', '.join(KINDS.values())}")
    return annotation
