"""The files that a new card begins as: card, ladder, worked examples and a made-up patient, to be filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jinja2 import Environment, PackageLoader, StrictUndefined

from cds_service.knowledge.yaml_source import read_yaml

UNFILLED = "TODO"
"""Stands wherever something is to be filled in; the check names each place."""
_TOPIC = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_TEMPLATES = Environment(
    loader=PackageLoader("cds_service.authoring"),
    autoescape=False,  # noqa: S701 - YAML and Python are written, not HTML
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class NewCard:
    """The texts of a new card, each for its folder."""

    topic: str
    card: str
    examples: str
    rule: str
    scenario: str

    @property
    def rule_name(self) -> str:
        return self.topic.replace("-", "_")


def new_card(topic: str, hook: str, today: date) -> NewCard:
    """Write the files of a topic. Raises :class:`ValueError` for what is no topic."""
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"{topic!r} is no topic; a topic is lower-case words joined by '-', such as bone-health")
    rule = topic.replace("-", "_")
    values = {
        "topic": topic,
        "rule": rule,
        "hook": hook,
        "today": today.isoformat(),
        "name": rule.title().replace("_", ""),
    }
    names = ("card.yaml", "examples.yaml", "rule.py.jinja", "scenario.yaml")
    return NewCard(topic, *(_TEMPLATES.get_template(name).render(values) for name in names))


def with_topic(services: str, topic: str) -> str:
    """``services.yaml`` with the topic as the last of the order; all else stays byte for byte."""
    document = read_yaml("services.yaml", services)
    last = document.place(("order", len(document.data["order"]) - 1))
    lines = services.splitlines(keepends=True)
    return "".join([*lines[: last.line], f"{lines[last.line - 1].partition('-')[0]}- {topic}\n", *lines[last.line :]])


def unfilled(files: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Every place that waits to be filled in: ``file:line``, and what stands there."""
    return tuple(
        (f"{name}:{number}", line.strip())
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if UNFILLED in line
    )
