"""Routine work that is due becomes one collapsed card a visit, instead of one card for each reminder."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace as with_fields

from cds_service.engine.evidence import cited
from cds_service.engine.language import Language
from cds_service.engine.lines import Lines
from cds_service.engine.phrases import Phrases, escaped
from cds_service.engine.shown import Due, Shown, page_links
from cds_service.hooks.extensions import ExtensionNames
from cds_service.hooks.response import Card, Coding, Source
from cds_service.knowledge.cards import MOST_OVERRIDE_REASONS, TOPIC_SYSTEM, CardDefinition, Knowledge

TOPIC = "housekeeping"
_MOST_ITEMS = 12
"""Named in the card's body; ``topics`` of the extension names all."""


def collapsed(due: list[Due], knowledge: Knowledge, card_id: Callable[[str], UUID]) -> list[Due]:
    """What is due with two or more routine cards as one; a single one stays as it is."""
    items = sorted((one for one in due if is_routine(one, knowledge)), key=lambda one: knowledge.rank(one.topic))
    if len(items) < 2:
        return due
    joined = "|".join(one.identity for one in items)
    identity = f"{TOPIC}:{hashlib.sha256(joined.encode()).hexdigest()[:16]}"
    as_one = Due(
        topic=TOPIC,
        message="due",
        indicator="info",
        identity=identity,
        uuid=card_id(identity),
        evidence=tuple({fact.reference: fact for one in items for fact in one.evidence}.values()),
        parts=tuple(items),
    )
    return [*(one for one in due if not is_routine(one, knowledge)), as_one]


def written_as_one(
    due: Due, items: list[Shown], knowledge: Knowledge, names: ExtensionNames, phrases: Phrases, pages: str
) -> Shown:
    """The one card for these that are written, whose suggestions are those of all."""
    lines = _lines(items)
    language = phrases.language
    said = language.housekeeping(knowledge)
    detail, left = lines.written(language, most=_MOST_ITEMS, first=said.title)
    extension = {
        names.knowledge_version: knowledge.version,
        names.identity: due.identity,
        names.message: due.message,
        names.topics: tuple(one.topic for one in items),
        names.evidence: tuple(cited(fact) for fact in due.evidence),
        names.more: left,
    }
    words = {"count": str(len(items)), "items": tuple(_called(knowledge.cards[one.topic], language) for one in items)}
    # nothing routine is selected in advance
    offered = [offer for one in items if one.card.suggestions is not UNSET for offer in one.card.suggestions]
    suggestions = [with_fields(offer, is_recommended=UNSET) for offer in offered]
    card = Card(
        uuid=str(due.uuid),
        summary=phrases.summary(said.summary, words),
        indicator=due.indicator,
        source=Source(label=said.title, topic=Coding(code=TOPIC, system=TOPIC_SYSTEM, display=said.title)),
        detail=detail,
        suggestions=tuple(suggestions) or UNSET,
        selection_behavior="any" if suggestions else UNSET,
        override_reasons=_reasons(items) or UNSET,
        links=page_links(TOPIC, pages, language) or UNSET,
        extension={name: said for name, said in extension.items() if said},
    )
    return Shown.of(
        due,
        card,
        suggestions={uuid: f"{one.topic}.{name}" for one in items for uuid, name in one.suggestions.items()},
        lines=lines,
        language=language,
        parts=tuple(items),
    )


def _reasons(items: Iterable[Shown]) -> tuple[Coding, ...]:
    """What fits most of them."""
    every = [reason for one in items for reason in one.card.override_reasons or ()]
    times = Counter(reason.code for reason in every)
    found = {reason.code: reason for reason in every}.values()
    return tuple(sorted(found, key=lambda reason: -times[reason.code])[:MOST_OVERRIDE_REASONS])


def is_routine(due: Due, knowledge: Knowledge) -> bool:
    """Whether it is a reminder, which may wait for the end of a visit."""
    known = knowledge.cards.get(due.topic)
    return due.indicator == "info" and known is not None and bool(known.routine)


def _called(card: CardDefinition, language: Language) -> str:
    return (language.card(card) or card).routine


def as_item(due: Due) -> Due:
    """A routine card as the collapsed one remembers it: what was put off as one of several is snoozed alone too."""
    return replace(due, topic=TOPIC, parts=(due,))


def _lines(items: Iterable[Shown]) -> Lines:
    items = tuple(items)
    return Lines(
        do=tuple(escaped(one.card.summary) for one in items),
        check=tuple(dict.fromkeys(line for one in items for line in one.lines.check)),
    )
