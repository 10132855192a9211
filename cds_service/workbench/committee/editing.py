"""A number, a sentence or a code put into an overlay's text; its comments and layout stay."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from cds_service.knowledge.cards import Knowledge

_HOW = "write topic.parameter, words.topic.messages.name.summary, value_sets.name or status.topic"


def with_value(text: str, place: str, value: str, why: str = "") -> str:
    """Put a value into the overlay; raises :class:`ValueError` for a place or text that is none.

    ``place`` is ``topic.parameter`` (table cells too), ``status.topic``, ``words.topic....``, or ``value_sets.name``, whose
    value is a code as ``system|code|name`` and is added.
    """
    yaml, data = _read(text)
    steps = place.strip().split(".")
    if len(steps) < 2 or not all(steps):
        raise ValueError(f"{place!r} is no place: {_HOW}")
    if steps[0] == "value_sets":
        _add_code(data, steps[1:], value, why)
    elif steps[0] in {"words", "status"}:
        _put(data, steps, value)
    else:
        topic, _, name = place.strip().partition(".")
        _put(data, ["parameters", topic, name], {"value": _scalar(value), "why": why} if why else _scalar(value))
    return _written(yaml, data)


def places(knowledge: Knowledge) -> Iterator[tuple[str, str]]:
    """Give the places that a page offers, each with what stands there now: numbers, summaries, statuses; not cells of tables."""
    for topic, card in knowledge.cards.items():
        yield f"status.{topic}", card.status
        for name, one in card.parameters.items():
            if "." not in name:
                yield f"{topic}.{name}", one.text
        for name, message in card.messages.items():
            yield f"words.{topic}.messages.{name}.summary", message.summary.text


def with_code_system(text: str, name: str, uri: str) -> str:
    """Name a code system in the overlay, unless it is named there already."""
    yaml, data = _read(text)
    data.setdefault("code_systems", {}).setdefault(name, {"title": uri or "Codes without a system", "uri": uri})
    return _written(yaml, data)


def _read(text: str) -> tuple[YAML, Any]:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        data = yaml.load(text)
    except YAMLError as error:
        raise ValueError(f"the overlay is not readable as YAML: {error}") from None
    if not isinstance(data, dict):
        raise ValueError("the overlay is a mapping that begins with its site")
    return yaml, data


def _written(yaml: YAML, data: Any) -> str:
    written = io.StringIO()
    yaml.dump(data, written)
    return written.getvalue()


def _put(data: Any, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        if not isinstance(data.setdefault(step, {}), dict):
            raise ValueError(f"{step!r} holds a value already, and no parts")
        data = data[step]
    data[steps[-1]] = value


def _add_code(data: Any, steps: list[str], value: str, why: str) -> None:
    system, _, rest = value.partition("|")
    code, _, name = rest.partition("|")
    if not (system and code and name and len(steps) == 1):
        raise ValueError("a code is written system|code|name, such as local-lab|CA-ION|Ionised calcium")
    codes = data.setdefault("value_sets", {}).setdefault(steps[0], {}).setdefault("codes", [])
    codes.append({"system": system, "code": code, "display": name} | {"source": why or "the site"})


def _scalar(value: str) -> Any:
    """Switches and bare numbers as YAML writes them; all else is text."""
    stripped = value.strip()
    if stripped in {"true", "false"}:
        return stripped == "true"
    try:
        return int(stripped) if stripped.lstrip("-").isdigit() else float(stripped)
    except ValueError:
        return stripped
