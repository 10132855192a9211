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


def refuse_no_topic(topic: str) -> None:
    """Raise :class:`ValueError` for what is no topic."""
    if not _TOPIC.fullmatch(topic):
        raise ValueError(f"{topic!r} is no topic; a topic is lower-case words joined by '-', such as bone-health")


def new_card(topic: str, hook: str, today: date) -> NewCard:
    """Write the files of a topic. Raises :class:`ValueError` for what is no topic."""
    refuse_no_topic(topic)
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


def same_shape(card: str, topic: str) -> str:
    """The text of a card as that of a draft with another topic and a title to be filled in; its rule and numbers stay.

    Examples name no topic: those of the card are the new one's as well.
    """
    for key, value in (
        ("topic", topic),
        ("title", f'"{UNFILLED}: two to five words that tell it from the card it was copied from"'),
        ("status", "draft"),
    ):
        card = re.sub(rf"^{key}: .*$", f"{key}: {value}", card, count=1, flags=re.MULTILINE)
    return card


def with_topic(services: str, topic: str, after: str = "") -> str:
    """``services.yaml`` with the topic after another one of the order, or last; all else stays byte for byte."""
    document = read_yaml("services.yaml", services)
    order = document.data["order"]
    place = document.place(("order", order.index(after) if after else len(order) - 1)).line
    lines = services.splitlines(keepends=True)
    return "".join([*lines[:place], f"{lines[place - 1].partition('-')[0]}- {topic}\n", *lines[place:]])


def unfilled(files: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Every place that waits to be filled in: ``file:line``, and what stands there."""
    return tuple(
        (f"{name}:{number}", line.strip())
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if UNFILLED in line
    )
