"""Every worked example that fires, written out as a clinician reads it, and ``docs/cards.md`` with one card of each message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cds_service.authoring.examples import ExampleRunner
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.outcomes import GRAVITY, Indicator

_HEAD = """# The cards as clinicians read them

One example of every message of every active card, in order of urgency, written out by the service from the worked example named
beside it. Made by `cds-service content --write`; do not edit.

**How to read this page.** A card has a summary of at most 110 characters (what is found, how old, in whom: what to do), at most
four lines to do, what is to be checked first in this patient, and the facts that decided, with value, age and trend. Sources,
criteria, numbers that wait for clinical review and ids of resources stand in the card's `extension` and behind its link.
"""


@dataclass(frozen=True, slots=True)
class WrittenCard:
    """One card of one example."""

    topic: str
    example: str
    message: str
    indicator: Indicator
    summary: str
    detail: str
    more: tuple[str, ...]
    """What had no room."""
    offers: tuple[str, ...]
    """Labels of its suggestions."""


def written_cards(card: CardDefinition, runner: ExampleRunner) -> Iterator[WrittenCard]:
    """Each example of the card that fires, alone."""
    for example in card.examples:
        for shown in runner.answer(card, example).shown:
            sent = shown.card
            if shown.topic == card.topic:
                yield WrittenCard(
                    topic=shown.topic,
                    example=example.name,
                    message=shown.message,
                    indicator=shown.indicator,
                    summary=sent.summary,
                    detail=sent.detail or "",
                    more=tuple((sent.extension or {}).get("more", ())),
                    offers=tuple(offer.label for offer in sent.suggestions or ()),
                )


def cards_page(knowledge: Knowledge, runner: ExampleRunner) -> str:
    """Write the page: active cards, the most urgent message first, each by its gravest first example."""
    found: dict[tuple[str, str], WrittenCard] = {}
    for card in knowledge.cards.values():
        for written in written_cards(card, runner) if card.status == "active" else ():
            before = found.setdefault((card.topic, written.message), written)
            if GRAVITY.index(written.indicator) < GRAVITY.index(before.indicator):
                found[card.topic, written.message] = written
    parts = [_HEAD, *_contents(knowledge, found.values())]
    for indicator in GRAVITY:
        parts.append(f"## {indicator.capitalize()}\n")
        ranked = sorted(found.values(), key=lambda written: knowledge.rank(written.topic))
        parts += [_card(written) for written in ranked if written.indicator == indicator]
    return "\n".join(parts).rstrip() + "\n"


def _contents(knowledge: Knowledge, found: Iterable[WrittenCard]) -> Iterator[str]:
    """Where each card's first message stands."""
    first: dict[str, WrittenCard] = {}
    for indicator in GRAVITY:
        for written in found:
            if written.indicator == indicator:
                first.setdefault(written.topic, written)
    links = (f"[{topic}](#{_anchor(first[topic])})" for topic in knowledge.order if topic in first)
    yield "By urgency: [critical](#critical), [warning](#warning), [info](#info).\n"
    yield f"By card: {', '.join(links)}.\n"


def _anchor(written: WrittenCard) -> str:
    return f"{written.topic}-{written.message}".replace("_", "-")


def _card(written: WrittenCard) -> str:
    offers = f"\n\nOffers: {'; '.join(written.offers)}." if written.offers else ""
    title = f'<a id="{_anchor(written)}"></a>\n\n### {written.summary}\n\n`{written.topic}` `{written.message}`'
    return f"{title}, example: {written.example}\n\n{written.detail}{offers}\n"
