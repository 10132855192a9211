"""Writes cards: summary, lines, evidence, suggestions with their orders, identity."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec import UNSET, Raw, UnsetType, structs

from cds_service.chart.case import Case
from cds_service.engine.evaluate import Verdict
from cds_service.engine.evidence import cited, evidence_key
from cds_service.engine.gap_words import gap_text
from cds_service.engine.housekeeping import collapsed, written_as_one
from cds_service.engine.language import ENGLISH, Language, Untranslated
from cds_service.engine.lines import Lines, not_available, not_understood, reasons
from cds_service.engine.phrases import Phrases
from cds_service.engine.precautions import Guard, Remark
from cds_service.engine.short_names import within_a_sentence
from cds_service.engine.shown import Due, Shown, page_links
from cds_service.hooks.extensions import BARE, ExtensionNames
from cds_service.hooks.response import Action, Card, Coding, Link, Source, Suggestion
from cds_service.knowledge.cards import OVERRIDE_REASON_SYSTEM, TOPIC_SYSTEM, CardDefinition, Knowledge
from cds_service.knowledge.templates import Circumstance
from cds_service.outcomes import Failed, Fired, Offer

_NAMESPACE = uuid.UUID("6f1d3f0e-9a0e-5a53-9c1c-6f0f3c8f9b11")
_UNWRITABLE = (KeyError, ValueError, TypeError, ArithmeticError)
"""What a card raises whose rule left a placeholder without a word, or names what the card file does not hold."""


class Author:
    """Writes the cards of one answer."""

    def __init__(
        self,
        case: Case,
        knowledge: Knowledge,
        hook_instance: str,
        patient_id: str,
        names: ExtensionNames,
        pages: str,
        language: Language,
    ) -> None:
        self._pages = pages
        self.case = case
        self.knowledge = knowledge
        self._names = names
        self._hook_instance = hook_instance
        self._subject = f"Patient/{patient_id.rpartition('/')[2]}"
        self._english = Phrases.of(knowledge, case.as_of)
        self._spoken = self._english if language is ENGLISH else Phrases.of(knowledge, case.as_of, language)
        self._fired: dict[str, tuple[CardDefinition, Fired]] = {}
        """What the cards were written from, by topic."""
        self._guard = Guard(case, knowledge)

    def due(self, verdicts: Iterable[Verdict]) -> tuple[list[tuple[Verdict, Due]], dict[str, Failed]]:
        """The cards that are due, before audience and cap; by topic, those that cannot be written."""
        due: list[tuple[Verdict, Due]] = []
        failed: dict[str, Failed] = {}
        for verdict in verdicts:
            card, fired = verdict.card, verdict.outcome
            if not isinstance(fired, Fired):
                continue
            self._fired[card.topic] = card, fired
            try:
                due.append((verdict, self._due(card, fired)))
            except _UNWRITABLE as error:
                failed[card.topic] = Failed(type(error).__name__)
        return due, failed

    def _due(self, known: CardDefinition, fired: Fired) -> Due:
        message = known.messages[fired.message]
        identity = _identity(known.topic, fired)
        return Due(
            topic=known.topic,
            message=message.name,
            indicator=fired.indicator(message.indicator),
            identity=identity,
            uuid=self._card_id(identity),
            parameters=known.written_values,
            evidence=fired.evidence,
        )

    def collapsed(self, due: list[Due]) -> list[Due]:
        """What is due with what is routine as one."""
        return collapsed(due, self.knowledge, self._card_id)

    def written(self, due: Iterable[Due]) -> tuple[list[Shown], dict[str, Failed]]:
        """Write the cards that go out; by topic those that cannot be written."""
        shown: list[Shown] = []
        failed: dict[str, Failed] = {}
        for one in due:
            items: list[Shown] = []
            for item in one.parts or (one,):
                try:
                    items.append(self.card(item))
                except _UNWRITABLE as error:
                    failed[item.topic] = Failed(type(error).__name__)
            if not failed:
                shown.append(self._as_one(one, items) if one.parts else items[0])
        return shown, failed

    def card(self, due: Due) -> Shown:
        """Write one card. Raises :class:`KeyError` when the rule left a placeholder without a word."""
        known, fired = self._fired[due.topic]
        if self._spoken is not self._english and (translated := self._spoken.language.card(known)) is not None:
            with suppress(Untranslated):
                return self._written(due, translated, fired, self._spoken)
        return self._written(due, known, fired, self._english)

    def _as_one(self, due: Due, items: list[Shown]) -> Shown:
        """The card of housekeeping, which speaks one language."""
        phrases = self._spoken
        if any(item.language is not phrases.language for item in items):
            phrases = self._english
            items = [self._written(item, *self._fired[item.topic], phrases) for item in due.parts]
        return written_as_one(due, items, self.knowledge, self._names, phrases, self._pages)

    def _written(self, due: Due, known: CardDefinition, fired: Fired, phrases: Phrases) -> Shown:
        frame = _frame(known, self._pages, phrases.language)
        message = known.messages[due.message]
        words = {**known.values, **fired.words}
        card_id = due.uuid
        offers = [offer for offer in fired.offers if self._can_act(known, offer)]
        of = self._circumstance(fired)
        made = tuple(self._suggestion(known, offer, words, card_id, of, phrases) for offer in offers)
        suggestions, remarks = self._checked(made, offers, words, card_id, of, phrases, known.topic)
        named = {suggestion.uuid: offer.suggestion for suggestion, offer in zip(made, offers, strict=True)}
        one_only = sum(named[suggestion.uuid] in known.alternatives for suggestion in suggestions) > 1
        suggestions = _recommended_once(suggestions, none=one_only)
        summary = phrases.summary(message.summary, words)
        lines = self._lines(known, fired, words, remarks, phrases, summary)
        detail, left = lines.written(phrases.language)
        names = self._names
        extension: dict[str, Any] = {
            names.knowledge_version: self.knowledge.version,
            names.identity: due.identity,
            names.message: due.message,
            names.evidence: tuple(cited(item) for item in fired.evidence),
            names.not_understood: tuple(gap_text(gap, self.knowledge) for gap in fired.gaps),
            names.more: left,
            names.sources: frame.sources,
            names.unconfirmed: frame.unconfirmed,
        }
        card = Card(
            uuid=str(card_id),
            summary=summary,
            indicator=due.indicator,
            detail=detail or UNSET,
            source=frame.source,
            suggestions=suggestions or UNSET,
            selection_behavior=("at-most-one" if one_only else "any") if suggestions else UNSET,
            override_reasons=frame.override_reasons,
            links=frame.links,
            extension={name: said for name, said in extension.items() if said},
        )
        offered = {suggestion.uuid: named[suggestion.uuid] for suggestion in suggestions}
        return Shown.of(due, card, suggestions=offered, lines=lines, language=phrases.language)

    def after_a_colleague(self, shown: Shown, put_off: datetime | None) -> Shown:
        """The card with when a colleague put it off, if one did; nothing else of it changes."""
        if put_off is None:
            return shown
        time = f"{put_off.astimezone(self.case.as_of.tzinfo):%H:%M}"
        said = shown.language.at_any_rate.say("Put off by a colleague at {time}; nothing is new since.", time=time)
        return self._saying(shown, (said, *shown.lines.check))

    def to_choose_from(self, shown: Shown, alternatives: Collection[str]) -> Shown:
        """The card with its alternatives alone, where at most one suggestion may be taken; what goes with any stands in words.

        The card of the order that is chosen offers it again.
        """
        if shown.card.selection_behavior != "at-most-one" or shown.card.suggestions is UNSET:
            return shown
        chosen = tuple(one for one in shown.card.suggestions if shown.suggestions[one.uuid] in alternatives)
        beside = [one.label for one in shown.card.suggestions if one not in chosen]
        if not beside:
            return shown
        say = shown.language.at_any_rate.say
        labels = "; ".join(within_a_sentence(label) if shown.language is ENGLISH else label for label in beside)
        said = say("With the one chosen: {labels}.", labels=labels)
        named = {one.uuid: shown.suggestions[one.uuid] for one in chosen}
        left = replace(shown, card=structs.replace(shown.card, suggestions=chosen), suggestions=named)
        return self._saying(left, (*shown.lines.check, said))

    def _saying(self, shown: Shown, check: tuple[str, ...]) -> Shown:
        lines = replace(shown.lines, check=check)
        detail, left = lines.written(shown.language)
        more = {self._names.more: left} if left else {}
        card = structs.replace(shown.card, detail=detail, extension={**(shown.card.extension or {}), **more})
        return replace(shown, card=card, lines=lines)

    def _checked(
        self,
        made: tuple[Suggestion, ...],
        offers: list[Offer],
        words: Mapping[str, Any],
        card_id: uuid.UUID,
        of: Circumstance,
        phrases: Phrases,
        topic: str,
    ) -> tuple[tuple[Suggestion, ...], tuple[Remark, ...]]:
        """What may be offered; the orders are judged as they read in English, which the value sets know best."""
        if phrases is self._english:
            return self._guard.check(made)
        known, _ = self._fired[topic]
        english = tuple(self._suggestion(known, offer, words, card_id, of, self._english) for offer in offers)
        kept, remarks = self._guard.check(english)
        same = {suggestion.uuid: suggestion for suggestion in made}
        labels = {one.label: same[one.uuid].label for one in english}
        return (
            tuple(structs.replace(same[one.uuid], is_recommended=one.is_recommended) for one in kept),
            tuple(remark.naming(labels) for remark in remarks),
        )

    def _card_id(self, identity: str) -> uuid.UUID:
        """The same advice in the same hook instance has the same id; another call's has another."""
        return uuid.uuid5(_NAMESPACE, f"{self._hook_instance}|{self._subject}|{identity}")

    def _lines(
        self,
        known: CardDefinition,
        fired: Fired,
        words: Mapping[str, Any],
        remarks: Iterable[Remark],
        phrases: Phrases,
        summary: str,
    ) -> Lines:
        """All that the card has to say, by heading, the most urgent first."""
        precautions = phrases.language.precautions(self.knowledge)
        message = known.messages[fired.message]
        holding = frozenset(fired.notes)
        notes = [
            (note.part, phrases.markdown(note.wording, words)) for name, note in known.notes.items() if name in holding
        ]
        if len(notes) < len(holding):
            raise KeyError(*(holding - known.notes.keys()))
        noted = {part: [text for its, text in notes if its == part] for part in ("do", "check", "why")}
        return Lines(
            do=(*noted["do"], *(phrases.markdown(line, words) for line in message.do)),
            check=(
                *noted["check"],
                *(phrases.markdown(line, words) for line in message.check),
                *(phrases.markdown(remark.wording(precautions), remark.words) for remark in remarks),
                *not_understood(fired.gaps, self.knowledge, phrases),
                *not_available(known, self.case, phrases),
            ),
            why=reasons(fired.evidence, self.case, phrases, self.knowledge.codebook, summary),
            also=tuple(noted["why"]),
        )

    def _can_act(self, known: CardDefinition, offer: Offer) -> bool:
        """Whether the draft that a delete or update works on can be named: the client gave it an id."""
        acts = any(action.type != "create" for action in known.suggestions[offer.suggestion].actions)
        return not acts or (offer.draft in self.case.drafts and "#" not in offer.draft)

    def _circumstance(self, fired: Fired) -> Circumstance:
        """What the orders of a card share: for whom, asked by whom, in which encounter and setting, and what decided."""
        case = self.case
        reasons = tuple(item.reference for item in fired.evidence if item.reference not in case.drafts)
        return Circumstance(self._subject, case.encounter, case.requester, reasons, case.setting)

    def _suggestion(
        self,
        known: CardDefinition,
        offer: Offer,
        words: Mapping[str, Any],
        card_id: uuid.UUID,
        of: Circumstance,
        phrases: Phrases,
    ) -> Suggestion:
        template = known.suggestions[offer.suggestion]
        words = {**words, **offer.words}
        draft = self.case.drafts.get(offer.draft)
        body, word = draft.body if draft else b"", phrases.language.word
        ordered = words if phrases is self._english else {name: word(one) for name, one in words.items()}
        actions = tuple(
            Action(
                type=action.type,  # type: ignore[arg-type]  # create, update or delete by the card file's check
                description=phrases.plain(action.description, words),
                resource=_raw(
                    action.resource(ordered, self.case.as_of, of, draft=body, write=phrases.language.measured)
                ),
                resource_id=offer.draft if action.type == "delete" else UNSET,
            )
            for action in template.actions
        )
        name = f"{offer.suggestion}|{offer.draft}"
        return Suggestion(
            label=phrases.plain(template.label, words),
            uuid=str(uuid.uuid5(card_id, name)),
            is_recommended=True if template.recommended else UNSET,
            actions=actions,
        )


def _recommended_once(suggestions: tuple[Suggestion, ...], *, none: bool) -> tuple[Suggestion, ...]:
    """The first that is recommended stays so: a client may select it before anybody looks. Of alternatives none is."""
    chosen = None if none else next((one for one in suggestions if one.is_recommended is True), None)
    return tuple(
        structs.replace(one, is_recommended=UNSET) if one.is_recommended is True and one is not chosen else one
        for one in suggestions
    )


def _identity(topic: str, fired: Fired) -> str:
    """Name the advice by what decided it: its facts, or its words where it rests on none."""
    facts = sorted(evidence_key(item) for item in fired.evidence)
    words = [] if facts else [f"{name}={word}" for name, word in sorted(fired.words.items())]
    digest = hashlib.sha256("|".join((topic, fired.message, *facts, *words, "")).encode()).hexdigest()
    return f"{topic}:{digest[:16]}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """The parts of a card that are the same for every patient."""

    source: Source
    override_reasons: tuple[Coding, ...] | UnsetType
    links: tuple[Link, ...] | UnsetType
    sources: tuple[str, ...]
    """Ids of those beside the first; titles and addresses stand behind the link."""
    unconfirmed: int
    """How many parameters wait for clinical review; which, stands behind the link."""


@lru_cache(maxsize=512)
def _frame(known: CardDefinition, pages: str, language: Language) -> _Frame:
    unconfirmed = {name.partition(".")[0] for name, one in known.parameters.items() if not one.confirmed}
    reasons = tuple(
        Coding(code=reason.code, system=reason.system or OVERRIDE_REASON_SYSTEM, display=reason.display)
        for reason in known.override_reasons
    )
    return _Frame(
        source=Source(
            label=known.source.label,
            url=known.source.url or UNSET,
            topic=Coding(code=known.topic, system=TOPIC_SYSTEM, display=known.title),
        ),
        override_reasons=reasons or UNSET,
        links=links_of(known, pages, language) or UNSET,
        sources=tuple(source.id for source in known.sources[1:]),
        unconfirmed=len(unconfirmed),  # a table once
    )


def links_of(known: CardDefinition, pages: str, language: Language = ENGLISH) -> tuple[Link, ...]:
    """The one link of a card: its own, else the page that says what stands behind it."""
    links = tuple(Link(label=link.label, url=link.url, type="absolute") for link in known.links[:1])
    return links or page_links(known.topic, pages, language)


def _raw(resource: bytes | None) -> Any:
    return UNSET if resource is None else Raw(resource)


def write(
    held_back: Iterable[Due],
    case: Case,
    verdicts: Iterable[Verdict],
    knowledge: Knowledge,
    *,
    patient_id: str,
    language: Language = ENGLISH,
) -> tuple[Shown, ...]:
    """Write cards of an answer that did not go out, for who has room for them; one that cannot be written is left out."""
    author = Author(case, knowledge, "", patient_id, BARE, "", language)
    author.due(verdicts)
    return tuple(shown for one in held_back for shown in author.written([one])[0])
