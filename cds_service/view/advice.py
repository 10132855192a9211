"""What to do now, and why or why not: the cards of a fresh read in order of urgency, and every rule's ladder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from markdown_it import MarkdownIt
from markupsafe import Markup
from msgspec import UNSET

from cds_service.chart.case import Case
from cds_service.chart.evidence import Evidence
from cds_service.engine.author import write
from cds_service.engine.evidence import evidence_words
from cds_service.engine.explain import Explanation, explain
from cds_service.engine.gap_words import gap_note
from cds_service.engine.language import Language
from cds_service.engine.ledger import Answer, ledger
from cds_service.engine.phrases import Phrases
from cds_service.engine.short_names import capitalised, within_a_sentence
from cds_service.engine.shown import Due, Shown
from cds_service.hooks.extensions import BARE
from cds_service.hooks.response import Action, Suggestion
from cds_service.knowledge.sources import Source
from cds_service.outcomes import GRAVITY, HOW, spoken
from cds_service.service.answer_records import evidence_of_card, finding_of
from cds_service.service.consultation import Consultation
from cds_service.service.store import Store, StoreUnavailable
from cds_service.service.store.report import Recalled
from cds_service.terminology.dates import parse_moment
from cds_service.terminology.said import said
from cds_service.view.apps import App
from cds_service.view.session import Session

_WEIGHTS = {"critical": said("critical"), "warning": said("warning"), "info": said("info")}
_URGENCY = {
    "stat": said("at once"),
    "asap": said("as soon as possible"),
    "urgent": said("urgent"),
    "routine": said("routine"),
}
"""Priorities of FHIR."""
_ANSWERS = {"yes": said("yes"), "no": said("no"), "not known": said("not known")}
_ASIDE = {
    "other-patient": said("Of another patient, set aside: {which}"),
    "unreadable": said("Unreadable, set aside: {which}"),
    "future": said("Dated in the future, set aside: {which}"),
}
_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False})


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion in words, and its orders, with their reason, as text that can be pasted elsewhere."""

    label: str
    orders: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join((self.label, *self.orders))


@dataclass(frozen=True, slots=True)
class Advice:
    """One card on the page."""

    topic: str
    indicator: str
    weight: str
    """The indicator in a word."""
    language: Language
    """Of all that is said of it: where the reader's language lacks the card, it is English."""
    summary: str
    detail: Markup
    reasons: Markup
    """Why, and from which sources."""
    offers: tuple[Offer, ...]
    one_only: bool
    opened: bool
    """The launch came from this card."""
    beyond: bool
    """It was held back on the chart, where enough graver cards stood."""


@dataclass(frozen=True, slots=True)
class Since:
    """What is different from the card that the launch came from; no ``lines``: nothing."""

    shown: str
    """When that card was shown."""
    topic: str
    lines: tuple[str, ...]


def advice(consultation: Consultation, since: Since | None) -> tuple[Advice, ...]:
    """The cards, gravest first; those that the chart had no room for come too."""
    rank = consultation.knowledge.rank
    ranked = sorted(due(consultation), key=lambda shown: (GRAVITY.index(shown.indicator), rank(shown.topic)))
    on_chart = {shown.topic for shown in _each(consultation.answer.shown)}
    opened = since.topic if since is not None else ""
    knowledge, now = consultation.knowledge, consultation.moment
    return tuple(
        _advice(
            shown,
            Phrases.of(knowledge, now, shown.language.at_any_rate),
            shown.topic == opened,
            shown.topic not in on_chart,
        )
        for shown in ranked
    )


def due(consultation: Consultation) -> tuple[Shown, ...]:
    """Every card that is due, each on its own: those that the chart showed as one, and those that it had no room for."""
    answer = consultation.answer
    beyond = write(
        answer.capped,
        consultation.case,
        consultation.verdicts,
        consultation.knowledge,
        patient_id=consultation.request.context.patient,
        language=consultation.language,
    )
    return tuple(_each((*answer.shown, *beyond)))


def _each(cards: Iterable[Shown]) -> Iterator[Shown]:
    for shown in cards:
        yield from shown.parts or (shown,)


def since_shown(consultation: Consultation, store: Store, app: App, session: Session) -> Since | None:
    """Compare with the card that the launch names, when this client was shown it about this very patient."""
    from cds_service.service.store import Caller

    caller = Caller(app.issuer, app.tenant)
    try:
        then = store.recall(caller, session.card) if session.card else None
    except StoreUnavailable:
        return None
    if then is None or then.patient_key not in store.patient_key(caller, session.patient):
        return None
    answer = consultation.answer
    every = (*answer.shown, *answer.capped, *due(consultation))
    now = next((shown for shown in every if shown.topic == then.topic), None)
    phrases = consultation.phrases
    lines = tuple(_changes(then, now, store, phrases))
    if then.knowledge != consultation.knowledge.version:
        lines = (*lines, phrases.say("The knowledge of this service has changed since."))
    return Since(phrases.at(then.shown_at.astimezone(consultation.moment.tzinfo)), then.topic, lines)


def _changes(then: Recalled, now: Due | None, store: Store, phrases: Phrases) -> Iterator[str]:
    if now is None:
        yield phrases.say("The card is no longer due: see below why.")
        return
    if now.message != then.message:
        yield phrases.say("It says something else now.")
    if now.indicator != then.indicator:
        before, after = phrases.word(_WEIGHTS[then.indicator]), phrases.word(_WEIGHTS[now.indicator])
        yield phrases.say("It was “{before}” and is “{after}” now.", before=before, after=after)
    marks = {finding: store.evidence_marks(finding) for finding in evidence_of_card(now)}
    for item in now.evidence:
        if marks.get(finding_of(item), frozenset()).isdisjoint(then.evidence):
            yield phrases.say("New on it since: {finding}.", finding=_named(item, phrases))
        if item.when is not None and item.when.first > then.shown_at:
            yield phrases.say("A newer result: {finding}.", finding=phrases.word(item.called or item.label))
    gone = len(then.evidence.difference(*marks.values())) - (
        now.message != then.message or now.indicator != then.indicator
    )
    if gone > 0:
        yield phrases.language.count(
            "{count} of the findings that it rested on stands behind it no more.",
            "{count} of the findings that it rested on stand behind it no more.",
            gone,
        )


def _named(item: Evidence, phrases: Phrases) -> str:
    name = phrases.word(item.called or item.label)
    return f"{name} ({phrases.word(item.remark)})" if item.remark else name


def _advice(shown: Shown, phrases: Phrases, opened: bool, beyond: bool) -> Advice:
    card = shown.card
    heading = f"\n\n**{phrases.say('Why')}**"
    detail, mark, reasons = (card.detail or "").partition(heading)
    more = "".join(f"\n- {line}" for line in _left(shown))
    return Advice(
        topic=shown.topic,
        indicator=shown.indicator,
        weight=phrases.word(_WEIGHTS[shown.indicator]),
        language=phrases.language,
        summary=card.summary,
        detail=_html(detail),
        reasons=_html((mark + reasons).strip() + more),
        offers=tuple(_offer(one, phrases) for one in card.suggestions or ()),
        one_only=card.selection_behavior == "at-most-one",
        opened=opened,
        beyond=beyond,
    )


def _left(shown: Shown) -> tuple[str, ...]:
    """What the card had no room for."""
    extension = shown.card.extension or {}
    return tuple(extension.get(BARE.more, ()))


def _html(markdown: str) -> Markup:
    """Markdown of a card as HTML; what the record says was made inert when the card was written, and no HTML passes."""
    return Markup(_MARKDOWN.render(markdown))  # noqa: S704  # the renderer escapes HTML


def _offer(suggestion: Suggestion, phrases: Phrases) -> Offer:
    actions = suggestion.actions or ()
    orders = [(action, {} if action.resource is UNSET else msgspec.json.decode(action.resource)) for action in actions]
    asked = [str(reason.get("text", "")) for _, order in orders for reason in order.get("reasonCode", ())]
    reasons = "; ".join(dict.fromkeys(filter(None, asked)))
    why = [phrases.say("Reason: {reasons}", reasons=reasons)] if reasons else []
    return Offer(suggestion.label, (*(order_text(action, order, phrases) for action, order in orders), *why))


def order_text(action: Action, resource: Mapping[str, Any], phrases: Phrases) -> str:
    """An order as somebody would dictate it: what, how urgent, how."""
    concept = resource.get("medicationCodeableConcept") or resource.get("code") or {}
    doses = [str(dose.get("text", "")) for dose in resource.get("dosageInstruction", ())]
    until, urgency = str(resource.get("occurrencePeriod", {}).get("end", "")), str(resource.get("priority", ""))
    parts = (
        phrases.word(str(concept.get("text") or action.description)),
        phrases.word(_URGENCY.get(urgency, urgency)),
        phrases.say("by {time}", time=phrases.at(datetime.fromisoformat(until))) if until else "",
        *doses,
    )
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule's answer, in the groups that a reader looks for."""

    fired: tuple[Explanation, ...]
    open: tuple[Explanation, ...]
    """Could not tell, or failed."""
    silent: tuple[Explanation, ...]


def fact_text(fact: Mapping[str, str], phrases: Phrases) -> str:
    """A fact of an explanation: ``Calcium: 3.36 mmol/L (2026-03-02)``."""
    value, day = fact.get("value", ""), phrases.day(parse_moment(fact.get("date", "")))
    return fact.get("label", "") + (f": {value}" if value else "") + (f" ({day})" if day else "")


def rules(consultation: Consultation) -> Rules:
    """Why each card spoke or did not: the rungs in the reader's words."""
    language = consultation.language.at_any_rate
    every = explain(consultation.verdicts, consultation.knowledge, consultation.moment, language)
    return Rules(
        tuple(one for one in every if one.result in {"fired", "withheld"}),
        tuple(one for one in every if one.result in {"could not tell", "failed"}),
        tuple(one for one in every if one.result == "not fired"),
    )


@dataclass(frozen=True, slots=True)
class Flag:
    """A red flag of the ledger in the reader's words."""

    title: str
    called: str
    """The title within a sentence."""
    answer: Answer
    answered: str
    """The answer in the reader's words."""
    says: str
    facts: tuple[str, ...]
    """What decided, or leaves it open."""
    looked: str
    """Where nothing was found."""


def flags(consultation: Consultation) -> tuple[Flag, ...]:
    """What each red flag rests on."""
    knowledge, phrases = consultation.knowledge, consultation.phrases
    return tuple(
        Flag(
            entry.title,
            phrases.word(within_a_sentence(knowledge.cards[entry.topic].title)),
            entry.answer,
            phrases.word(_ANSWERS[entry.answer]),
            entry.says,
            (
                *(evidence_words(phrases.word(fact.called or fact.label), fact, phrases) for fact in entry.facts),
                *(gap_note(gap, knowledge, phrases) for gap in entry.gaps),
            ),
            "; ".join(source.text(phrases) for source in entry.sources),
        )
        for entry in ledger(consultation.case, consultation.verdicts, knowledge, phrases.language)
    )


def sources(consultation: Consultation) -> tuple[Source, ...]:
    """The publications behind the cards that are due, each once, whatever a card takes from it."""
    cards = consultation.knowledge.cards
    every = (source for shown in due(consultation) for source in cards[shown.topic].sources)
    return tuple({(source.label, source.url): source for source in every}.values())


def not_understood(consultation: Consultation) -> tuple[str, ...]:
    """What the record holds and nobody could use, and what did not come, each in a sentence."""
    case, knowledge, phrases = consultation.case.read_all(), consultation.knowledge, consultation.phrases
    notes = (gap_note(gap, knowledge, phrases) for gap in case.gaps)
    return tuple(dict.fromkeys((*_missing(case, phrases), *notes)))


def _missing(case: Case, phrases: Phrases) -> Iterator[str]:
    for need, supply in sorted(case.supply.items()):
        if need not in {"draft_orders", "red_flags"} and not supply.usable:
            detail = f" ({supply.detail})" if supply.detail else ""
            yield f"{capitalised(phrases.word(spoken(need)))}: {phrases.word(HOW[supply.state])}{detail}"
    for because, sentence in _ASIDE.items():
        found = [item.reference for item in case.set_aside if item.because == because]
        if found:
            yield phrases.say(sentence.sentence, which=_listed(found, phrases))


def _listed(names: list[str], phrases: Phrases, most: int = 5) -> str:
    some, more = ", ".join(names[:most]), len(names) - most
    return phrases.say("{some}, {count} more", some=some, count=more) if more > 0 else some
