"""A card that goes out, and the answer with all that was behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cds_service.chart.evidence import Evidence
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.lines import NO_LINES, Lines
from cds_service.hooks.response import Card, Link, Response
from cds_service.outcomes import Indicator
from cds_service.terminology.said import said

PAGE_LABEL = said("Why this card").sentence
"""Of the link to a card's page, whose place the patient view takes where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A card that is due: what store and explanation keep of it, whether or not it goes out and is written."""

    topic: str
    message: str
    indicator: Indicator
    identity: str
    """Stable name of this advice on this evidence: equal on a later hook, changed by new evidence."""
    uuid: UUID
    """Of the card, where it goes out."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    """What decided."""
    suggestions: Mapping[str, str] = field(default_factory=dict)
    """Of a card that is written: the name in the card file of each suggestion, by its uuid."""
    parts: tuple[Due, ...] = ()
    """Of the card of housekeeping, the cards that it stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Due):
    """A card that goes out."""

    card: Card
    lines: Lines = NO_LINES
    """The body before it was written."""
    language: Language = ENGLISH
    """In which it is written."""
    parts: tuple[Shown, ...] = ()

    @classmethod
    def of(
        cls,
        due: Due,
        card: Card,
        *,
        suggestions: Mapping[str, str],
        lines: Lines,
        language: Language,
        parts: tuple[Shown, ...] = (),
    ) -> Shown:
        """What is due, now that it is written."""
        return cls(
            topic=due.topic,
            message=due.message,
            indicator=due.indicator,
            identity=due.identity,
            uuid=due.uuid,
            parameters=due.parameters,
            evidence=due.evidence,
            suggestions=suggestions,
            parts=parts,
            card=card,
            lines=lines,
            language=language,
        )


def page_links(topic: str, pages: str, language: Language) -> tuple[Link, ...]:
    """The link to the page that says what stands behind a card; none where ``pages``, the service's own URL, is empty."""
    return (Link(label=language.say(PAGE_LABEL), url=f"{pages}/cards/{topic}", type="absolute"),) if pages else ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The response and what was behind it."""

    response: Response
    shown: tuple[Shown, ...]
    held_back: tuple[str, ...]
    silent: tuple[Due, ...] = ()
    """Cards of silent status that would have been shown."""
    capped: tuple[Due, ...] = ()
    """Held back because enough graver cards go out."""
    snoozed: tuple[Due, ...] = ()
    """Held back because the clinician put this advice off and nothing is new."""
    withheld: tuple[Due, ...] = ()
    """Held back because the card is not for who asks."""
