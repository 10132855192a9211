"""Options that every command shares which loads the knowledge; without them it is the knowledge that the settings name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.knowledge.errors import nearest_name
from cds_service.service.knowledge_files import load_knowledge
from cds_service.service.settings import read_settings
from cds_service.workbench.cli.conventions import aside

NO_SITE = "none"
"""What ``--site`` takes for the card files as they are, whatever the settings say."""


def cards_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--cards``."""
    return click.option(
        "--cards",
        type=click.Path(path_type=Path, exists=True),
        default=lambda: read_settings().cards,
        help="Folder of card files [or CDS_CARDS].",
    )(command)


def site_option(command: Callable[..., Any], meaning: str = "Site overlay: a name under cards/sites/ or a file") -> Any:
    """Add ``--site``."""
    return click.option(
        "--site",
        default=lambda: read_settings().site,
        callback=lambda _, __, site: "" if site == NO_SITE else site,
        help=f"{meaning} [or CDS_SITE; {NO_SITE!r}: none].",
    )(command)


@dataclass(frozen=True, slots=True)
class KnowledgeChoice:
    """Which knowledge a command is to work with."""

    cards: Path | None
    """Folder of card files."""
    site: str
    settings: tuple[str, ...]
    """Changes of single parameters, as ``--set`` takes them."""

    def load(self) -> Knowledge:
        """Load it; mistakes raise :class:`KnowledgeError` with file, line and column."""
        return load_knowledge(self.cards, site=self.site or None, settings=self.settings)

    def announced(self) -> Knowledge:
        """Load it, and say beside the answer which it is."""
        return announced(self.load())

    @property
    def as_filed(self) -> KnowledgeChoice:
        """The same without the changes of ``--set``."""
        return replace(self, settings=())


def knowledge_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--cards``, ``--site`` and ``--set`` to a command, which gets them as one ``choice``."""

    @wraps(command)
    def chosen(*, cards: Path | None, site: str, settings: tuple[str, ...], **others: Any) -> Any:
        return command(choice=KnowledgeChoice(cards, site, settings), **others)

    changed = click.option(
        "--set",
        "settings",
        multiple=True,
        metavar='TOPIC.PARAMETER="VALUE"',
        help='Change one parameter, such as hypercalcaemia.treat_at="3.1 mmol/L". May be given again.',
    )(chosen)
    return cards_option(site_option(changed))


def announced(knowledge: Knowledge) -> Knowledge:
    """Say beside the answer which knowledge gives it."""
    aside(header(knowledge))
    return knowledge


def card_of(knowledge: Knowledge, topic: str, hint: str = "--card") -> CardDefinition:
    """The card of a topic that somebody typed; raises :class:`click.BadParameter` with the nearest name, or all names."""
    if topic in knowledge.cards:
        return knowledge.cards[topic]
    near = nearest_name(topic, tuple(knowledge.cards))
    hinted = f"the nearest is {near}" if near else f"there are {', '.join(knowledge.cards)}"
    raise click.BadParameter(f"{topic!r} is not a card; {hinted}", param_hint=hint)


def header(knowledge: Knowledge) -> str:
    """``knowledge 4b0b25c1002d, site uk-nice``."""
    return f"knowledge {knowledge.version}, {f'site {knowledge.site}' if knowledge.site else 'no site overlay'}"
