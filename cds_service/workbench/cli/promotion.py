"""``cds-service promote`` and ``cds-service retire``: a status change, written into the file with its reason."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from cds_service.knowledge.yaml_source import read_yaml
from cds_service.service.clock import this_minute
from cds_service.service.knowledge_files import cards_folder, load_knowledge
from cds_service.workbench.cli.knowledge_options import announced, card_of, cards_option, site_option

_LATER = {"draft": "silent", "silent": "active", "retired": "silent"}
"""What promotion makes of a status: nothing speaks before it has run silent."""


def _options(command: Any) -> Any:
    for option in (
        cards_option,
        partial(site_option, meaning="Write it into this site's overlay, not the card's file"),
        click.option("--reason", required=True, help="Why; it stands in the file with the date."),
        click.argument("topic"),
    ):
        command = option(command)
    return command


@click.command("promote")
@click.option(
    "--to", type=click.Choice(["silent", "active"]), help="Status [default: one step on, draft to silent to active]."
)
@_options
def promote(topic: str, reason: str, site: str, cards: Path | None, to: str | None) -> None:
    """Let TOPIC run silent, or speak when it ran silent already."""
    _change(topic, reason, site, cards, to)


@click.command("retire")
@_options
def retire(topic: str, reason: str, site: str, cards: Path | None) -> None:
    """Let TOPIC speak no more."""
    _change(topic, reason, site, cards, "retired")


def _change(topic: str, reason: str, site: str, cards: Path | None, to: str | None) -> None:
    knowledge = announced(load_knowledge(cards, site=site or None))
    card = card_of(knowledge, topic, "TOPIC")
    status = to or _LATER.get(card.status)
    if status is None or status == card.status:
        raise click.ClickException(f"{topic} is {card.status} already")
    file = _file(topic, site, cards_folder(cards))
    before = file.read_text(encoding="utf-8")
    entry = f"{this_minute():%Y-%m-%d} {status}, was {card.status}: {reason}"
    file.write_text(_written(before, topic, status, site, entry), encoding="utf-8")
    try:
        load_knowledge(cards, site=site or None)
    except Exception:
        file.write_text(before, encoding="utf-8")  # never leave a file behind that does not load
        raise
    click.echo(f"{file}: {topic} is {status} instead of {card.status}")


def _file(topic: str, site: str, folder: Path) -> Path:
    if not site:
        return folder / f"{topic}.yaml"
    given = Path(site)
    return given if given.suffix in {".yaml", ".yml"} and given.is_file() else folder / "sites" / f"{given.stem}.yaml"


def _written(text: str, topic: str, status: str, site: str, entry: str) -> str:
    """Change one value and put the reason before it; all else stays byte for byte."""
    lines = text.splitlines(keepends=True)
    reason = f"# {_one_line(entry)}\n"
    if site:
        return "".join(_in_overlay(lines, topic, status, reason))
    place = next((number for number, line in enumerate(lines) if line.startswith("status:")), None)
    if place is None:
        raise click.ClickException(f"{topic}.yaml has no line that begins with 'status:'")
    lines[place : place + 1] = [reason, f"status: {status}\n"]
    return "".join(lines)


def _in_overlay(lines: list[str], topic: str, status: str, reason: str) -> list[str]:
    """An overlay's ``status`` holds one line for each topic; written between braces, it is spread over lines first."""
    document = read_yaml("overlay", "".join(lines))
    written = dict(document.data.get("status") or {})
    if ("status",) not in document.keys:
        return [
            *lines,
            "" if lines[-1].endswith("\n") else "\n",
            "\nstatus:\n",
            f"  {reason}",
            f"  {topic}: {status}\n",
        ]
    first = document.keys["status",].line
    if not written or document.place(("status",)).line == first:
        last = first
        while "{" in lines[first - 1] and "}" not in lines[last - 1]:
            last += 1
        others = [f"  {name}: {one}\n" for name, one in written.items() if name != topic]
        return [*lines[: first - 1], "status:\n", *others, f"  {reason}", f"  {topic}: {status}\n", *lines[last:]]
    indent = " " * (document.place(("status",)).column - 1)
    place = document.keys["status", topic].line if topic in written else document.place(("status",)).line
    rest = lines[place:] if topic in written else lines[place - 1 :]
    return [*lines[: place - 1], f"{indent}{reason}", f"{indent}{topic}: {status}\n", *rest]


def _one_line(text: str) -> str:
    return " ".join(text.split())
