"""Options that every command shares which loads the knowledge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import load_knowledge


def knowledge_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--cards``, ``--site`` and ``--set`` to a command."""
    options = (
        click.option("--cards", type=click.Path(path_type=Path, exists=True), help="Folder of card files."),
        click.option("--site", default="", help="Site overlay: a name under cards/sites/ or a file."),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar='TOPIC.PARAMETER="VALUE"',
            help='Change one parameter, such as hypercalcaemia.treat_at="3.1 mmol/L". May be given again.',
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def loaded(cards: Path | None, site: str, settings: tuple[str, ...]) -> Knowledge:
    """Load the knowledge that the options name; mistakes raise :class:`KnowledgeError` with file, line and column."""
    return load_knowledge(cards, site=site or None, settings=settings)
