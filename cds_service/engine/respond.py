"""From verdicts to the answer: cards written out, ranked, capped, with what was held back named."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from msgspec import UNSET, Raw, UnsetType, structs

from cds_service.chart.case import Case
from cds_service.engine.evaluate import Verdict, evaluate_remaining
from cds_service.engine.evidence import evidence_json, evidence_key
from cds_service.engine.gap_words import gap_text
from cds_service.engine.housekeeping import as_item, collapsed, is_routine
from cds_service.engine.language import ENGLISH, Language, Untranslated
from cds_service.engine.lines import Lines, not_available, not_understood, reasons
from cds_service.engine.one_voice import offered_once
from cds_service.engine.phrases import Phrases
from cds_service.engine.precautions import Guard, Remark
from cds_service.engine.shown import PAGE_LABEL, Answer, Shown
from cds_service.hooks.extensions import BARE, ExtensionNames
from cds_service.hooks.response import Action, Card, Coding, Link, Response, Source, Suggestion
from cds_service.knowledge.cards import OVERRIDE_REASON_SYSTEM, TOPIC_SYSTEM, CardDefinition, Knowledge
from cds_service.knowledge.templates import Circumstance
from cds_service.outcomes import GRAVITY, Failed, Fired, Offer

_NAMESPACE = uuid.UUID("6f1d3f0e-9a0e-5a53-9c1c-6f0f3c8f9b11")


def _never(_: Shown) -> bool:
    return False


def _by_nobody(_: Shown) -> datetime | None:
    return None


def respond(
    case: Case,
    verdicts: Iterable[Verdict],
    knowledge: Knowledge,
    *,
    hook_instance: str,
    patient_id: str,
    snoozed: Callable[[Shown], bool] = _never,
    put_off: Callable[[Shown], datetime | None] = _by_nobody,
    names: ExtensionNames = BARE,
    pages: str = "",
    language: Language = ENGLISH,
) -> Answer:
    """Write the answer; ``snoozed`` says whether this advice rests for who asks, be it critical, and nothing is new.

    ``put_off`` says when a colleague put off critical advice, which rests for that colleague alone. ``pages`` is the address
    before ``/cards/<topic>``, where what stands behind a card is to be read; no link without it.
    A card that the language does not have whole is written in English.
    """
    author = _Author(case, knowledge, hook_instance, patient_id, names, pages, language)
    verdicts = tuple(verdicts)
    due, failed = author.cards(verdicts)
    if failed:
        due, _ = author.cards(_corrected(case, verdicts, failed))
    written = [shown for verdict, shown in due if verdict.card.status != "silent" and not verdict.withheld]
    silent = tuple(shown for verdict, shown in due if verdict.card.status == "silent" and not verdict.withheld)
    withheld = tuple(shown for verdict, shown in due if verdict.card.status != "silent" and verdict.withheld)
    asleep = {id(shown): shown for shown in written if snoozed(shown) or _rests_as_item(shown, knowledge, snoozed)}
    awake = [author.after_a_colleague(shown, put_off(shown)) for shown in written if id(shown) not in asleep]
    if case.hook == "patient-view":
        awake = author.collapsed(awake)
    kept, capped = _capped(awake, knowledge, case.hook)
    kept = offered_once(kept, {verdict.card.topic: verdict.card.alternatives for verdict, _ in due})
    held_back = [one.topic for shown in (*capped, *asleep.values(), *withheld) for one in (shown, *shown.parts)]
    extension: dict[str, Any] = {names.knowledge_version: knowledge.version} | (
        {names.held_back: held_back} if held_back else {}
    )
    if language is not ENGLISH:
        extension |= {names.language: language.tag}
    response = Response(cards=tuple(shown.card for shown in kept), extension=extension)
    return Answer(response, tuple(kept), tuple(held_back), silent, tuple(capped), tuple(asleep.values()), withheld)


def _rests_as_item(shown: Shown, knowledge: Knowledge, snoozed: Callable[[Shown], bool]) -> bool:
    """Whether it was put off as a part of the housekeeping."""
    return is_routine(shown, knowledge) and snoozed(as_item(shown))


def _corrected(case: Case, verdicts: Iterable[Verdict], failed: Mapping[str, Failed]) -> tuple[Verdict, ...]:
    """The verdicts with the cards that could not be written, by topic, as failures."""
    last = [verdict.card for verdict in verdicts if verdict.card.asks_red_flags]
    others = [verdict for verdict in verdicts if not verdict.card.asks_red_flags]
    return evaluate_remaining(
        case, [structs.replace(one, outcome=failed.get(one.card.topic, one.outcome)) for one in others], last
    )


def _capped(written: list[Shown], knowledge: Knowledge, hook: str) -> tuple[list[Shown], list[Shown]]:
    """Rank the cards, critical ones first; on patient-view keep the gravest, as many as are read."""
    ranked = sorted(written, key=lambda shown: (shown.indicator != "critical", knowledge.rank(shown.topic)))
    if hook != "patient-view":
        return ranked, []  # what an order hook says, it says of the orders at hand
    by_weight = sorted(ranked, key=lambda shown: (GRAVITY.index(shown.indicator), knowledge.rank(shown.topic)))
    most = most_shown([shown.indicator for shown in ranked], knowledge.maximum_cards)
    keep = {id(shown) for shown in by_weight[:most]}
    return [shown for shown in ranked if id(shown) in keep], [shown for shown in ranked if id(shown) not in keep]


def most_shown(due: Collection[str], maximum: int) -> int:
    """How many of the cards due on patient-view go out, gravest first: every critical one, and beside one none that is info."""
    critical = sum(indicator == "critical" for indicator in due)
    grave = sum(indicator != "info" for indicator in due)
    return max(critical, min(maximum, grave if critical else len(due)))


class _Author:
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
        self._case = case
        self._names = names
        self._knowledge = knowledge
        self._hook_instance = hook_instance
        self._subject = f"Patient/{patient_id.rpartition('/')[2]}"
        self._english = Phrases(knowledge.display_units, case.as_of)
        self._spoken = self._english if language is ENGLISH else Phrases(knowledge.display_units, case.as_of, language)
        self._fired: dict[str, tuple[CardDefinition, Fired]] = {}
        """What the cards were written from, by topic."""
        self._guard = Guard(case, knowledge)

    def cards(self, verdicts: Iterable[Verdict]) -> tuple[list[tuple[Verdict, Shown]], dict[str, Failed]]:
        """Write the cards that are due, whoever may see them; a card that cannot be written has failed."""
        written: list[tuple[Verdict, Shown]] = []
        failed: dict[str, Failed] = {}
        for verdict in verdicts:
            if not isinstance(verdict.outcome, Fired):
                continue
            try:
                written.append((verdict, self.card(verdict.card, verdict.outcome)))
            except (KeyError, ValueError, TypeError, ArithmeticError) as error:
                failed[verdict.card.topic] = Failed(type(error).__name__)
        return written, failed

    def card(self, known: CardDefinition, fired: Fired) -> Shown:
        """Write one card. Raises :class:`KeyError` when the rule left a placeholder without a word."""
        self._fired[known.topic] = known, fired
        if self._spoken is not self._english and (told := self._spoken.language.card(known)) is not None:
            with suppress(Untranslated):
                return self._written(told, fired, self._spoken)
        return self._written(known, fired, self._english)

    def _written(self, known: CardDefinition, fired: Fired, phrases: Phrases) -> Shown:
        frame = _frame(known, self._pages, phrases.language)
        message = known.messages[fired.message]
        words = {**known.values, **fired.words}
        indicator = fired.indicator(message.indicator)
        identity = _identity(known.topic, fired)
        card_id = self._card_id(identity)
        offers = [offer for offer in fired.offers if self._can_act(known, offer)]
        of = self._circumstance(fired)
        made = tuple(self._suggestion(known, offer, words, card_id, of, phrases) for offer in offers)
        suggestions, remarks = self._judged(made, offers, words, card_id, of, phrases, known.topic)
        named = {suggestion.uuid: offer.suggestion for suggestion, offer in zip(made, offers, strict=True)}
        one_only = sum(named[suggestion.uuid] in known.alternatives for suggestion in suggestions) > 1
        suggestions = _recommended_once(suggestions, none=one_only)
        lines = self._lines(known, fired, words, remarks, phrases)
        detail, left = lines.written(phrases.language)
        names = self._names
        extension: dict[str, Any] = {
            names.knowledge_version: self._knowledge.version,
            names.identity: identity,
            names.message: message.name,
            names.evidence: tuple(evidence_json(item) for item in fired.evidence),
            names.not_understood: tuple(gap_text(gap, self._knowledge) for gap in fired.gaps),
            names.more: left,
            names.sources: frame.sources,
            names.unconfirmed: frame.unconfirmed,
        }
        card = Card(
            uuid=str(card_id),
            summary=phrases.summary(message.summary, words),
            indicator=indicator,
            detail=detail or UNSET,
            source=frame.source,
            suggestions=suggestions or UNSET,
            selection_behavior=("at-most-one" if one_only else "any") if suggestions else UNSET,
            override_reasons=frame.override_reasons,
            links=frame.links,
            extension={name: said for name, said in extension.items() if said},
        )
        offered = {suggestion.uuid: named[suggestion.uuid] for suggestion in suggestions}
        return Shown(
            known.topic,
            message.name,
            indicator,
            identity,
            card,
            known.written_values,
            offered,
            fired.evidence,
            lines,
            phrases.language,
        )

    def after_a_colleague(self, shown: Shown, put_off: datetime | None) -> Shown:
        """The card with when a colleague put it off, if one did; nothing else of it changes."""
        if put_off is None:
            return shown
        time = f"{put_off.astimezone(self._case.as_of.tzinfo):%H:%M}"
        say = shown.language.at_any_rate.say
        said = say("Put off by a colleague at {time}; nothing is new since.", time=time)
        lines = replace(shown.lines, check=(said, *shown.lines.check))
        detail, left = lines.written(shown.language)
        more = {self._names.more: left} if left else {}
        card = structs.replace(shown.card, detail=detail, extension={**(shown.card.extension or {}), **more})
        return replace(shown, card=card, lines=lines)

    def _judged(
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
            return self._guard.judge(made)
        known, _ = self._fired[topic]
        english = tuple(self._suggestion(known, offer, words, card_id, of, self._english) for offer in offers)
        kept, remarks = self._guard.judge(english)
        same = {suggestion.uuid: suggestion for suggestion in made}
        labels = {one.label: same[one.uuid].label for one in english}
        return (
            tuple(structs.replace(same[one.uuid], is_recommended=one.is_recommended) for one in kept),
            tuple(remark.naming(labels) for remark in remarks),
        )

    def collapsed(self, written: list[Shown]) -> list[Shown]:
        """The cards with what is routine in one, which speaks one language."""
        items = [shown for shown in written if is_routine(shown, self._knowledge)]
        phrases = self._spoken
        if len(items) > 1 and any(shown.language is not phrases.language for shown in items):
            phrases = self._english
            again = {id(shown): self._written(*self._fired[shown.topic], phrases) for shown in items}
            written = [again.get(id(shown), shown) for shown in written]
        return collapsed(written, self._knowledge, self._names, phrases, self._card_id, self._pages)

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
    ) -> Lines:
        """All that the card has to say, by heading, the most urgent first."""
        precautions = phrases.language.precautions(self._knowledge)
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
                *not_understood(fired.gaps, self._knowledge, phrases),
                *not_available(known, self._case, phrases),
            ),
            why=(*reasons(fired.evidence, self._case, phrases), *noted["why"]),
        )

    def _can_act(self, known: CardDefinition, offer: Offer) -> bool:
        """Whether the draft that a delete or update works on can be named: the client gave it an id."""
        acts = any(action.type != "create" for action in known.suggestions[offer.suggestion].actions)
        return not acts or (offer.draft in self._case.drafts and "#" not in offer.draft)

    def _circumstance(self, fired: Fired) -> Circumstance:
        """What the orders of a card share: for whom, asked by whom, in which encounter and setting, and what decided."""
        case = self._case
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
        draft = self._case.drafts.get(offer.draft)
        body, word = draft.body if draft else b"", phrases.language.word
        ordered = words if phrases is self._english else {name: word(one) for name, one in words.items()}
        actions = tuple(
            Action(
                type=action.type,  # type: ignore[arg-type]  # create, update or delete by the card file's check
                description=phrases.plain(action.description, words),
                resource=_raw(
                    action.resource(ordered, self._case.as_of, of, draft=body, write=phrases.language.measured)
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
    """What a card says whoever the patient is."""

    source: Source
    override_reasons: tuple[Coding, ...] | UnsetType
    links: tuple[Link, ...] | UnsetType
    sources: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    """Parameters that wait for clinical review."""


@lru_cache(maxsize=512)
def _frame(known: CardDefinition, pages: str, language: Language) -> _Frame:
    unconfirmed = (name.partition(".")[0] for name, one in known.parameters.items() if not one.confirmed)
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
        sources=tuple(f"{source.label} {source.url}".rstrip() for source in known.sources),
        unconfirmed=tuple(dict.fromkeys(unconfirmed)),  # a table once
    )


def links_of(known: CardDefinition, pages: str, language: Language = ENGLISH) -> tuple[Link, ...]:
    """The one link of a card: its own, else the page that says what stands behind it."""
    links = tuple(Link(label=link.label, url=link.url, type="absolute") for link in known.links[:1])
    page = (Link(label=language.say(PAGE_LABEL), url=f"{pages}/cards/{known.topic}", type="absolute"),) if pages else ()
    return links or page


def _raw(resource: bytes | None) -> Any:
    return UNSET if resource is None else Raw(resource)
