"""Routine work that is due becomes one collapsed card a visit, instead of one card for each reminder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from uuid import UUID

from msgspec import UNSET
from msgspec.structs import replace as with_fields

from cds_service.engine.evidence import evidence_json
from cds_service.engine.language import Language
from cds_service.engine.lines import Lines
from cds_service.engine.phrases import Phrases, escaped
from cds_service.engine.shown import PAGE_LABEL, Shown
from cds_service.hooks.extensions import ExtensionNames
from cds_service.hooks.response import Card, Coding, Link, Source
from cds_service.knowledge.cards import TOPIC_SYSTEM, CardDefinition, Knowledge

TOPIC = "housekeeping"
_MOST_ITEMS = 12
"""Named in the card's body; ``topics`` of the extension names all."""


def collapsed(
    written: Iterable[Shown],
    knowledge: Knowledge,
    names: ExtensionNames,
    phrases: Phrases,
    card_id: Callable[[str], UUID],
    pages: str,
) -> list[Shown]:
    """The cards with two or more routine ones as one, whose suggestions are those of all; a single one stays as it is."""
    written = list(written)
    items = sorted((one for one in written if is_routine(one, knowledge)), key=lambda one: knowledge.rank(one.topic))
    if len(items) < 2:
        return written
    joined = "|".join(one.identity for one in items)
    identity = f"{TOPIC}:{hashlib.sha256(joined.encode()).hexdigest()[:16]}"
    lines = _lines(items)
    evidence = tuple({fact.reference: fact for one in items for fact in one.evidence}.values())
    language = phrases.language
    said = language.housekeeping(knowledge)
    detail, left = lines.written(language, most=_MOST_ITEMS, first=said.title)
    extension = {
        names.knowledge_version: knowledge.version,
        names.identity: identity,
        names.message: "due",
        names.topics: tuple(one.topic for one in items),
        names.evidence: tuple(evidence_json(fact) for fact in evidence),
        names.more: left,
    }
    words = {"count": str(len(items)), "items": tuple(_called(knowledge.cards[one.topic], language) for one in items)}
    # nothing routine is selected in advance
    offered = [offer for one in items if one.card.suggestions is not UNSET for offer in one.card.suggestions]
    suggestions = [with_fields(offer, is_recommended=UNSET) for offer in offered]
    reasons = [code for one in items if one.card.override_reasons is not UNSET for code in one.card.override_reasons]
    card = Card(
        uuid=str(card_id(identity)),
        summary=phrases.summary(said.summary, words),
        indicator="info",
        source=Source(label=said.title, topic=Coding(code=TOPIC, system=TOPIC_SYSTEM, display=said.title)),
        detail=detail,
        suggestions=tuple(suggestions) or UNSET,
        selection_behavior="any" if suggestions else UNSET,
        override_reasons=tuple({reason.code: reason for reason in reasons}.values()) or UNSET,
        links=(Link(label=language.say(PAGE_LABEL), url=f"{pages}/cards/{TOPIC}", type="absolute"),)
        if pages
        else UNSET,
        extension={name: said for name, said in extension.items() if said},
    )
    named = {uuid: f"{one.topic}.{name}" for one in items for uuid, name in one.suggestions.items()}
    one_card = Shown(TOPIC, "due", "info", identity, card, {}, named, evidence, lines, language, tuple(items))
    return [*(one for one in written if not is_routine(one, knowledge)), one_card]


def is_routine(shown: Shown, knowledge: Knowledge) -> bool:
    """Whether it is a reminder, which may wait for the end of a visit."""
    known = knowledge.cards.get(shown.topic)
    return shown.indicator == "info" and known is not None and bool(known.routine)


def _called(card: CardDefinition, language: Language) -> str:
    return (language.card(card) or card).routine


def as_item(shown: Shown) -> Shown:
    """A routine card as the collapsed one remembers it: what was put off as one of several rests alone too."""
    return replace(shown, topic=TOPIC, parts=(shown,))


def _lines(items: Iterable[Shown]) -> Lines:
    items = tuple(items)
    return Lines(
        do=tuple(escaped(one.card.summary) for one in items),
        check=tuple(dict.fromkeys(line for one in items for line in one.lines.check)),
    )
