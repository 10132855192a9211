"""The clinical content page: from the owner's statements to cards, parameters and examples; for a hospital's governance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cds_service.knowledge.cards import Card, Knowledge
from cds_service.knowledge.parameters import Parameter
from cds_service.knowledge.yaml_source import read_yaml

_HEAD = """# Clinical content

What this service says, from which statement it comes, and what a hospital may change. Made by `cds-service content
--write` from the card files; do not edit.
"""


def homeless(seeds: str, knowledge: Knowledge) -> list[int]:
    """Rows of the seed table that neither a card names nor a reason explains."""
    cards = _cards_by_row(knowledge)
    return [row["row"] for row in _rows(seeds) if row["row"] not in cards and not row.get("home")]


def content_page(seeds: str, knowledge: Knowledge) -> str:
    """Write the page in Markdown. ``seeds`` is the text of ``cards/seeds.yaml``."""
    parts = [_HEAD, *_seed_table(seeds, knowledge), *_card_table(knowledge)]
    for card in knowledge.cards.values():
        parts += _card(card)
    return "\n".join(parts).rstrip() + "\n"


def _rows(seeds: str) -> Sequence[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = read_yaml("cards/seeds.yaml", seeds).data["rows"]
    return rows


def _cards_by_row(knowledge: Knowledge) -> dict[int, list[Card]]:
    found: dict[int, list[Card]] = {}
    for card in knowledge.cards.values():
        for row in card.seeds:
            found.setdefault(row, []).append(card)
    return found


def _seed_table(seeds: str, knowledge: Knowledge) -> Iterable[str]:
    titles = read_yaml("cards/seeds.yaml", seeds).data["documents"]
    cards = _cards_by_row(knowledge)
    yield "## Statements of the owner's sources\n"
    yield from (f"- {name}: {title}" for name, title in titles.items())
    yield "\n| row | source | statement | where it lives |\n|---|---|---|---|"
    for row in _rows(seeds):
        homes = [f"[{card.topic}](#{card.topic})" for card in cards.get(row["row"], [])]
        home = ", ".join([*homes, *([str(row["home"])] if row.get("home") else [])])
        yield f"| {row['row']} | {row['document']} | {_cell(str(row['says']))} | {_cell(home) or '**nowhere**'} |"


def _card_table(knowledge: Knowledge) -> Iterable[str]:
    yield "\n## Cards\n"
    yield "| topic | hooks | status | owner | version | reviewed | examples | rules |\n|---|---|---|---|---|---|---|---|"
    for card in knowledge.cards.values():
        yield (
            f"| [{card.topic}](#{card.topic}) | {', '.join(card.hooks)} | {card.status} | {card.owner} | {card.version} "
            f"| {card.reviewed} | {len(card.examples)} | {', '.join(card.rules)} |"
        )


def _card(card: Card) -> Iterable[str]:
    yield f"\n## {card.topic}\n\n**{card.title}.** {card.purpose}\n"
    yield f"- Intended user: {card.intended_user}"
    flag = "" if not card.red_flag else ", red flag"
    if card.red_flag and card.red_flag != card.hooks:
        flag = f", red flag on {' and '.join(card.red_flag)}"
    yield f"- Status: {card.status}{flag}; hooks: {', '.join(card.hooks)}; data: {', '.join(card.needs)}"
    sources = (f"[{one.label}]({one.url})" if one.url else one.label for one in card.sources)
    yield f"- Evidence: {'; '.join(sources)}"
    if card.known_limits:
        yield f"- Known limits: {' '.join(card.known_limits)}"
    if card.known_false_positives:
        yield f"- Known false positives: {' '.join(card.known_false_positives)}"
    counts = Counter(f"{one.expect} {one.expect_name}".strip() for one in card.examples)
    yield f"- Examples: {len(card.examples)} ({', '.join(f'{name} {count}' for name, count in sorted(counts.items()))})"
    yield "\n| says | indicator | summary |\n|---|---|---|"
    for message in card.messages.values():
        yield f"| {message.name} | {message.indicator} | {_cell(message.summary.text)} |"
    if card.silent:
        yield "\n| silent when | |\n|---|---|"
        yield from (f"| {name} | {_cell(text.text)} |" for name, text in card.silent.items())
    if card.parameters:
        yield "\n| parameter | value | allowed | why | source | alternatives |\n|---|---|---|---|---|---|"
        yield from (_parameter(one) for one in card.parameters.values())


def _parameter(one: Parameter) -> str:
    others = "; ".join(
        f"{other.value}{' (' + other.source.title + ')' if other.source else ''}" for other in one.alternatives
    )
    mark = "" if one.confirmed else " (to be confirmed by clinical review)"
    name = f"{one.name}{' = shared.' + one.shared if one.shared else ''}"
    return f"| {name} | {one.text} | {one.range_text} | {_cell(one.why)}{mark} | {_cell(one.source.title)} | {_cell(others)} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
