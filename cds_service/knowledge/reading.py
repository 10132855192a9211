"""Outside text becomes a value here: a part of a document is validated by a pydantic model, mistakes get their place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from cds_service.knowledge.errors import nearest_name
from cds_service.knowledge.yaml_source import Document, Path

Number = int | Decimal


class Written(BaseModel):
    """A mapping of a card file: unknown keys are refused, and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    called: ClassVar[str] = "a mapping"
    """What messages call it, such as ``a message``."""


M = TypeVar("M", bound=Written)

_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s]+", text):
        raise ValueError(f"{text!r} is not a web address; it begins with https://")
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a name; names are lower-case letters, digits, '_' and '-'")
    return text


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is empty; say something or leave the key out")
    return text.strip()


WebAddress = Annotated[str, AfterValidator(_web_address)]
Name = Annotated[str, AfterValidator(_name)]
NonEmptyText = Annotated[str, AfterValidator(_said)]
"""Text that may not be empty."""


def read_part(model: type[M], document: Document, path: Path = (), only: Any = None) -> M | None:
    """Validate the part of a document at a path; mistakes are noted in the document, and the answer is ``None`` then.

    ``only`` stands in the place of that part when not all of it is meant.
    """
    data = document.data if only is None else only
    for step in path if only is None else ():
        data = data[step]
    if not isinstance(data, dict):
        document.refuse(path, f"{model.called} is a mapping of keys, found {_shown(data)}", _names(model))
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for problem in _distinct(document, path, error.errors(include_url=False)):
            _note(document, model, path, problem)
        return None


def _distinct(document: Document, base: Path, problems: Iterable[Any]) -> list[Any]:
    """Leave out what another problem already says: other members of a union, and keys that are missing for being misspelt."""
    once: dict[tuple[Path, bool], Any] = {}
    for problem in problems:
        location = _real(document, base, tuple(problem["loc"]))
        once.setdefault((location, problem["type"] == "extra_forbidden"), {**problem, "loc": location})
    missing = {location for (location, _), problem in once.items() if problem["type"] == "missing"}
    for (location, extra), _ in tuple(once.items()):
        if extra:
            meant = nearest_name(str(location[-1]), [str(path[-1]) for path in missing if path[:-1] == location[:-1]])
            once.pop(((*location[:-1], meant), False), None)
    return list(once.values())


def _note(document: Document, model: type[Written], base: Path, problem: Any) -> None:
    location: Path = problem["loc"]
    path = (*base, *location)
    kind, found = problem["type"], problem.get("input")
    inner = _model_at(model, location[:-1]) or model
    last = str(location[-1]) if location else ""
    if kind == "extra_forbidden":
        document.refuse(path, f"{last!r} is not a key of {inner.called}", _names(inner), found=last, of_key=True)
    elif kind == "missing":
        document.refuse(path[:-1], f"{inner.called} needs {last!r}")
    elif kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", problem["ctx"]["expected"])
        document.refuse(path, f"{last!r} cannot be {_shown(found)}", allowed, found=str(found))
    elif kind == "string_type" and isinstance(found, (int, Decimal)) and not isinstance(found, bool):
        document.refuse(path, f"{last!r} is text, found the number {found}: write it in quotes")
    elif kind == "value_error":
        document.refuse(path, str(problem["ctx"]["error"]))
    elif kind.startswith(("date", "time")):
        document.refuse(path, f"{last!r} is {_shown(found)}; write a date such as 2026-11-21")
    elif kind in _SHAPES:
        document.refuse(path, f"{last!r} cannot be {_shown(found)}: it is {_SHAPES[kind]}")
    else:
        document.refuse(path, f"{last!r} cannot be {_shown(found)}: {problem['msg'].lower()}")


_SHAPES = {
    "dict_type": "a mapping of keys",
    "list_type": "a list",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "string_type": "text",
}
"""What a key holds, for its author, by what pydantic finds wrong with it."""


def _real(document: Document, base: Path, location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Drop the steps that pydantic puts in for the members of a union; a key that is missing may stand last."""
    kept: list[str | int] = []
    for position, step in enumerate(location):
        here = (*base, *kept, step)
        if here in document.values or (position == len(location) - 1 and not _is_union_step(step)):
            kept.append(step)
    return tuple(kept)


def _is_union_step(step: str | int) -> bool:
    return step in {"int", "decimal", "str", "bool", "list[str]", "dict[str,any]", "function-after[_said(), str]"}


def _model_at(model: type[Written], location: Path) -> type[Written] | None:
    """Which model describes the mapping at this place."""
    current: Any = model
    for step in location:
        written = _written_in(current)
        if written is not None and isinstance(step, str) and step in _fields(written):
            current = _fields(written)[step]
        else:
            current = _members(current)
    return _written_in(current) or _written_in(_members(current))  # one that stands alone for a list of one


def _fields(model: type[Written]) -> dict[str, Any]:
    return {(field.alias or name): field.annotation for name, field in model.model_fields.items()}


def _names(model: type[Written]) -> tuple[str, ...]:
    return tuple(_fields(model))


def _written_in(annotation: Any) -> type[Written] | None:
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, Written) else None
    if get_origin(annotation) in {list, dict}:
        return None
    for argument in get_args(annotation):
        found = _written_in(argument)
        if found is not None:
            return found
    return None


def _members(annotation: Any) -> Any:
    """The annotation of what a list or mapping holds, looking through optional and annotated ones."""
    if get_origin(annotation) in {list, dict}:
        return get_args(annotation)[-1]
    for argument in get_args(annotation):
        found = _members(argument)
        if found is not None:
            return found
    return None


def _shown(found: Any) -> str:
    if found is None:
        return "nothing"
    if isinstance(found, dict):
        return "a mapping"
    if isinstance(found, list):
        return "a list"
    if isinstance(found, bool):
        return "true" if found else "false"
    text = repr(found) if isinstance(found, str) else str(found)
    return text if len(text) <= 60 else text[:57] + "..."
