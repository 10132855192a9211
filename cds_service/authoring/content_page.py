"""The clinical content page: from the owner's statements to cards, parameters and examples; for a hospital's governance."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import groupby
from typing import Any

from cds_service.authoring.ladders import CardLadder
from cds_service.engine.explain import passing
from cds_service.engine.phrases import Phrases
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.knowledge.parameters import Parameter
from cds_service.knowledge.yaml_source import read_yaml
from cds_service.outcomes import spoken

_HEAD = """# Clinical content

What this service says, from which statement it comes, and what a hospital may change. Made by `cds-service content
--write` from the card files; do not edit.
"""


@cache
def card_costs() -> Mapping[str, Mapping[str, int]]:
    """Instructions by topic and chart, as the benchmarks last wrote them down."""
    text = resources.files("cds_service.authoring").joinpath("card_costs.json").read_text(encoding="utf-8")
    costs: Mapping[str, Mapping[str, int]] = json.loads(text)["cards"]
    return costs


def homeless(seeds: str, knowledge: Knowledge) -> list[int]:
    """Rows of the seed table that neither a card names nor a reason explains."""
    cards = _cards_by_row(knowledge)
    return [row["row"] for row in _rows(seeds) if row["row"] not in cards and not row.get("home")]


def content_page(seeds: str, knowledge: Knowledge, ladders: Mapping[str, CardLadder]) -> str:
    """Write the page in Markdown. ``seeds`` is the text of ``cards/seeds.yaml``; ``ladders`` are those of all cards."""
    parts = [_HEAD, *_contents(knowledge), *_seed_table(seeds, knowledge), *_card_table(knowledge)]
    phrases = Phrases.of(knowledge)
    for card in knowledge.cards.values():
        parts += _card(card, ladders[card.topic], phrases)
    parts += _groups(knowledge)
    return "\n".join(parts).rstrip() + "\n"


def _contents(knowledge: Knowledge) -> Iterable[str]:
    yield "- [Statements of the owner's sources](#statements-of-the-owners-sources)\n- [Cards](#cards), one by one:"
    yield from (f"  - [{card.topic}](#{card.topic}): {card.title}" for card in knowledge.cards.values())
    yield "- [Groups of value sets](#groups-of-value-sets): what counts as what"
    yield ""


def _rows(seeds: str) -> Sequence[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = read_yaml("cards/seeds.yaml", seeds).data["rows"]
    return rows


def _cards_by_row(knowledge: Knowledge) -> dict[int, list[CardDefinition]]:
    found: dict[int, list[CardDefinition]] = {}
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


def _card(card: CardDefinition, ladder: CardLadder, phrases: Phrases) -> Iterable[str]:
    yield f"\n## {card.topic}\n\n**{card.title}.** {card.purpose}\n"
    yield f"- Intended user: {card.intended_user}"
    flag = "" if not card.red_flag else ", red flag"
    if card.red_flag and card.red_flag != card.hooks:
        flag = f", red flag on {' and '.join(card.red_flag)}"
    yield f"- Status: {card.status}{flag}; hooks: {', '.join(card.hooks)}; data: {', '.join(card.needs)}"
    sources = (f"[{one.label}]({one.url})" if one.url else one.label for one in card.sources)
    yield f"- Evidence: {'; '.join(sources)}"
    if card.for_whom:
        yield f"- For whom: {card.for_whom}"
    if card.known_limits:
        yield f"- Known limits: {' '.join(card.known_limits)}"
    if card.known_false_positives:
        yield f"- Known false positives: {' '.join(card.known_false_positives)}"
    counts = Counter(f"{one.expect} {one.expect_name}".strip() for one in card.examples)
    yield f"- Examples: {len(card.examples)} ({', '.join(f'{name} {count}' for name, count in sorted(counts.items()))})"
    if cost := card_costs().get(card.topic):
        standard, others = (f"{cost[chart] / 1e6:.1f} million" for chart in ("standard", "no cancer"))
        yield f"- Cost when asked alone: {standard} instructions on the standard chart, {others} on one without cancer"
    for hooks, rungs in ladder.rungs.items():
        yield f"\nOn {' and '.join(hooks)} it asks in this order, and the first that answers ends it:\n"
        steps = groupby(rungs, key=lambda rung: passing(card, rung, phrases) if rung in card.silent else rung)
        for place, (passed, alike) in enumerate(steps, start=1):
            yield f"{place}. {_step(card, tuple(alike), passed, phrases)}"
    if card.red_flag:
        yield f"\n{_SILENT}\n"
        yield from (_silence(name, looked_in) for name, looked_in in ladder.silences.items())
    if card.parameters:
        yield "\n| parameter | value | allowed | why | source | alternatives |\n|---|---|---|---|---|---|"
        yield from (_parameter(one) for one in card.parameters.values() if "." not in one.name)
        for table in dict.fromkeys(name.partition(".")[0] for name in card.parameters if "." in name):
            yield _table(table, [one for name, one in card.parameters.items() if name.startswith(f"{table}.")])


def _step(card: CardDefinition, rungs: Sequence[str], passed: str, phrases: Phrases) -> str:
    """What must hold to go on, and what is answered if not; rungs that the same facts pass are one step."""
    rung = rungs[0]
    if rung in card.messages:
        message = card.messages[rung]
        summary = phrases.plain(message.summary, _Open(card.values))
        summary += "" if summary.endswith(("?", ".")) else "."
        otherwise = f" *Unless:* {passing(card, rung, phrases)}" if rung in card.passed else ""
        return f"**{message.indicator.capitalize()}** `{rung}`: {_cell(summary)}{otherwise}"
    if rung not in card.silent:
        return f"Known: {rung}. *If not, it cannot tell.*"
    silences = " ".join(f"`{name}`: {phrases.plain(card.silent[name], card.values)}" for name in rungs)
    return f"{passed} *If not, silent* {silences}" if rung in card.passed else f"*Silent* {silences}"


_SILENT = (
    "What makes it silent; what concerns it there and cannot be used, or did not come whole, makes it *not known* "
    "(for `no_cancer` among the conditions only):"
)


def _silence(name: str, looked_in: Sequence[str]) -> str:
    if looked_in:
        return f"- `{name}`: nothing found, all of it read: {', '.join(map(spoken, looked_in))}."
    return f"- `{name}`: a fact of the record, quoted with its date."


def _groups(knowledge: Knowledge) -> Iterable[str]:
    yield "\n## Groups of value sets\n"
    yield "| group | what it is | value sets |\n|---|---|---|"
    for group in knowledge.codebook.described_groups:
        yield f"| {group.name} | {_cell(group.title)} | {', '.join(group.of)} |"


class _Open(dict[str, Any]):
    """Words of a card in which those of the patient stay open."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


_WAITS = " (to be confirmed by clinical review)"


def _parameter(one: Parameter) -> str:
    name = f"{one.name}{' = shared.' + one.shared if one.shared else ''}"
    why = one.why + ("" if one.confirmed else _WAITS)
    return _line(name, one.text, one.range_text, why, one.source.title, _alternatives(one))


def _alternatives(one: Parameter) -> str:
    return "; ".join(
        f"{other.value}{' (' + other.source.title + ')' if other.source else ''}" for other in one.alternatives
    )


def _line(*cells: str) -> str:
    return f"| {' | '.join(_cell(each) for each in cells)} |"


def _table(name: str, cells: Sequence[Parameter]) -> str:
    """A table in one row of the page: what its rows say, what may be chosen, and each reason and source once."""
    rows: dict[str, list[str]] = {}
    columns = {one.name.rpartition(".")[2] for one in cells}
    for one in cells:
        row, _, column = one.name.removeprefix(f"{name}.").rpartition(".")
        rows.setdefault(row, []).append(one.text if len(columns) == 1 else f"{column.replace('_', ' ')} {one.text}")
    ranges = dict.fromkeys(f"{one.name.rpartition('.')[2]} {one.range_text}" for one in cells if one.range_text)
    first = cells[0]
    shared = first.shared.removesuffix(first.name.removeprefix(name)) if first.shared else ""
    return _line(
        f"{name}{f' = shared.{shared}' if shared else ''}",
        "; ".join(f"**{row}** {', '.join(texts)}" for row, texts in rows.items()),
        "; ".join(ranges),
        " ".join(dict.fromkeys(one.why for one in cells)) + ("" if all(one.confirmed for one in cells) else _WAITS),
        "; ".join(dict.fromkeys(one.source.title for one in cells)),
        "; ".join(dict.fromkeys(_alternatives(one) for one in cells if one.alternatives)),
    )


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
