"""``cds-service coverage``: which outcomes and parameter edges no example and no fixture hits."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict

import click
from rich.table import Table

from cds_service.authoring.coverage import Coverage, coverage, open_in_common
from cds_service.workbench.cli.conventions import FOUND_WRONG, json_option
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, card_of, knowledge_options
from cds_service.workbench.cli.terminal import console, watched
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios


@click.command("coverage")
@knowledge_options
@click.option("--card", "topic", default="", metavar="TOPIC", help="This card only, with all that is hit.")
@json_option
def coverage_command(choice: KnowledgeChoice, topic: str, as_json: bool) -> None:
    """Say which messages, reasons for silence, notes, suggestions and parameter edges no example and no fixture hits.

    An edge is held when some patient would hear otherwise if the number were one step lower, or higher. Exit code 1
    when anything is not hit.
    """
    knowledge = choice.announced()
    chosen = [card_of(knowledge, topic)] if topic else list(knowledge.cards.values())
    found = list(watched("running", coverage(knowledge, chosen, read_scenarios(fixtures_folder())), len(chosen)))
    if as_json:
        click.echo(json.dumps([asdict(one) | {"gaps": one.gaps} for one in found], indent=2, ensure_ascii=False))
    else:
        _show(found, in_full=bool(topic))
    sys.exit(FOUND_WRONG if any(one.gaps for one in found) or (not topic and open_in_common(found)) else 0)


def _show(found: list[Coverage], *, in_full: bool) -> None:
    out = console()
    table = Table(title="Hit by examples and fixtures, of all")
    table.add_column("card", no_wrap=True)
    for name in ("examples", "fixtures", "messages", "silent", "cannot tell", "notes", "suggestions", "edges"):
        table.add_column(name, justify="right")
    for one in found:
        kinds = (one.messages, one.silent, one.notes, one.suggestions)
        messages, silent, notes, suggestions = map(_of, kinds)
        edges = f"{sum(edge.held_by > 0 for edge in one.edges)}/{len(one.edges)}"
        numbers = (str(one.examples), str(one.fixtures), messages, silent, _count(one.cannot_tell), notes, suggestions)
        table.add_row(one.topic, *numbers, edges, style="yellow" if one.gaps else "")
    out.print(table)
    if in_full:
        for one in found:
            _show_all(one)
    for one in found:
        for gap in one.gaps:
            out.print(f"  {one.topic}: {gap}", highlight=False, markup=False)
    shared = () if in_full else open_in_common(found)
    for gap in shared:
        out.print(f"  parameters.yaml: {gap}", highlight=False, markup=False)
    gaps = sum(len(one.gaps) for one in found) + len(shared)
    out.print(f"{gaps} gaps" if gaps else "No gaps.")


def _show_all(one: Coverage) -> None:
    out = console()
    kinds = {"message": one.messages, "silent": one.silent, "note": one.notes, "suggestion": one.suggestions}
    for kind, found in kinds.items():
        for name, count in found.items():
            out.print(f"  {kind} {name}: {count}", highlight=False, markup=False)
    for edge in one.edges:
        held = f"{edge.held_by} tell {edge.other} from {edge.value}"
        out.print(f"  edge {edge.parameter}: {held}", highlight=False, markup=False)


def _of(found: Mapping[str, int]) -> str:
    return f"{sum(count > 0 for count in found.values())}/{len(found)}"


def _count(found: int | None) -> str:
    return "" if found is None else str(found)
