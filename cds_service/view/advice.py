"""What to do now, and why or why not: the cards of a fresh read in order of urgency, and every rule's ladder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec
from markdown_it import MarkdownIt
from markupsafe import Markup
from msgspec import UNSET

from cds_service.engine.evidence import evidence_words
from cds_service.engine.explain import Explanation, explain, explain_data
from cds_service.engine.gap_words import gap_note, gap_text
from cds_service.engine.ledger import Answer, ledger
from cds_service.engine.phrases import Phrases
from cds_service.engine.shown import Shown
from cds_service.hooks.extensions import BARE
from cds_service.hooks.response import Action, Suggestion
from cds_service.knowledge.sources import Source
from cds_service.outcomes import GRAVITY, spoken
from cds_service.service.answer_records import evidence_of_card
from cds_service.service.consultation import Consultation
from cds_service.service.store import Store, StoreUnavailable
from cds_service.service.store.report import Recalled
from cds_service.view.apps import App
from cds_service.view.session import Session

_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False})


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion in words, and its orders as text that can be pasted elsewhere."""

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
    return tuple(_advice(shown, shown.topic == opened, shown.topic not in on_chart) for shown in ranked)


def due(consultation: Consultation) -> tuple[Shown, ...]:
    """Every card that is due, each on its own: those that the chart showed as one, and those that it had no room for."""
    answer = consultation.answer
    return tuple(_each((*answer.shown, *answer.capped)))


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
    lines = _changes(then, now, store)
    if then.knowledge != consultation.knowledge.version:
        lines = (*lines, "The knowledge of this service has changed since.")
    shown_at = then.shown_at.astimezone(consultation.moment.tzinfo)
    return Since(f"{shown_at:%Y-%m-%d %H:%M %Z}", then.topic, lines)


def _changes(then: Recalled, now: Shown | None, store: Store) -> tuple[str, ...]:
    if now is None:
        return ("The card is no longer due: see below why.",)
    changes = [] if now.message == then.message else ["It says something else now."]
    if now.indicator != then.indicator:
        changes.append(f"It was {then.indicator} and is {now.indicator} now.")
    marks = {said: store.evidence_marks(said) for said in evidence_of_card(now)}
    found = [said for said, mark in marks.items() if mark.isdisjoint(then.evidence) and not said.startswith("message=")]
    changes += [f"New on it since: {said}." for said in found if now.evidence]
    newer = [item for item in now.evidence if item.when is not None and item.when.first > then.shown_at]
    changes += [f"A newer result: {item.called or item.label}." for item in newer]
    gone = len(then.evidence.difference(*marks.values())) - (
        now.message != then.message or now.indicator != then.indicator
    )
    if gone > 0:
        changes.append(
            f"{gone} of the findings that it rested on {'stand' if gone > 1 else 'stands'} behind it no more."
        )
    return tuple(changes)


def _advice(shown: Shown, opened: bool, beyond: bool) -> Advice:
    card = shown.card
    detail, mark, reasons = ("" if card.detail is UNSET else card.detail).partition("\n\n**Why**")
    more = "".join(f"\n- {line}" for line in _left(shown))
    return Advice(
        shown.topic,
        shown.indicator,
        card.summary,
        _html(detail),
        _html((mark + reasons).strip() + more),
        tuple(map(_offer, () if card.suggestions is UNSET else card.suggestions)),
        card.selection_behavior == "at-most-one",
        opened,
        beyond,
    )


def _left(shown: Shown) -> tuple[str, ...]:
    """What the card had no room for."""
    extension = {} if shown.card.extension is UNSET else shown.card.extension
    return tuple(extension.get(BARE.more, ()))


def _html(markdown: str) -> Markup:
    """Markdown of a card as HTML; what the record says was made inert when the card was written, and no HTML passes."""
    return Markup(_MARKDOWN.render(markdown))  # noqa: S704  # the renderer escapes HTML


def _offer(suggestion: Suggestion) -> Offer:
    actions = () if suggestion.actions is UNSET else suggestion.actions
    return Offer(suggestion.label, tuple(map(order_text, actions)))


def order_text(action: Action) -> str:
    """An order as somebody would dictate it: what, how urgent, how, why."""
    if action.resource is UNSET:
        return action.description
    resource = msgspec.json.decode(action.resource)
    concept = resource.get("medicationCodeableConcept") or resource.get("code") or {}
    doses = [str(dose.get("text", "")) for dose in resource.get("dosageInstruction", ())]
    reasons = [str(reason.get("text", "")) for reason in resource.get("reasonCode", ())]
    until = str(resource.get("occurrencePeriod", {}).get("end", ""))
    parts = (
        str(concept.get("text") or action.description),
        str(resource.get("priority", "")),
        f"by {datetime.fromisoformat(until):%Y-%m-%d %H:%M %Z}" if until else "",
        *doses,
        f"for: {'; '.join(reasons)}" if any(reasons) else "",
    )
    return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule's answer, in the groups that a reader looks for."""

    fired: tuple[Explanation, ...]
    open: tuple[Explanation, ...]
    """Could not tell, or failed."""
    silent: tuple[Explanation, ...]


def rules(consultation: Consultation) -> Rules:
    """Why each card spoke or did not: the rungs in the reader's words."""
    every = explain(consultation.verdicts, consultation.knowledge, consultation.moment)
    return Rules(
        tuple(one for one in every if one.result in {"fired", "withheld"}),
        tuple(one for one in every if one.result in {"could not tell", "failed"}),
        tuple(one for one in every if one.result == "not fired"),
    )


@dataclass(frozen=True, slots=True)
class Flag:
    """A red flag of the ledger in the reader's words."""

    title: str
    answer: Answer
    says: str
    facts: tuple[str, ...]
    """What decided, or leaves it open."""
    looked: str
    """Where nothing was found."""


def flags(consultation: Consultation) -> tuple[Flag, ...]:
    """What each red flag rests on."""
    knowledge = consultation.knowledge
    phrases = Phrases(knowledge.display_units, consultation.case.as_of)
    return tuple(
        Flag(
            entry.title,
            entry.answer,
            entry.says,
            (
                *(evidence_words(fact.called or fact.label, fact, phrases) for fact in entry.facts),
                *(gap_note(gap, knowledge, phrases) for gap in entry.gaps),
            ),
            "; ".join(source.text for source in entry.sources),
        )
        for entry in ledger(consultation.case, consultation.verdicts, knowledge)
    )


def sources(consultation: Consultation) -> tuple[Source, ...]:
    """The sources of the cards that are due, each once."""
    cards = consultation.knowledge.cards
    return tuple(dict.fromkeys(source for shown in due(consultation) for source in cards[shown.topic].sources))


def not_understood(consultation: Consultation) -> tuple[str, ...]:
    """What the record holds and nobody could use, and what did not come, each in a sentence."""
    case = consultation.case.read_all()
    return tuple(dict.fromkeys((*_missing(consultation), *(_gap(gap, consultation) for gap in case.gaps))))


def _gap(gap: object, consultation: Consultation) -> str:
    from cds_service.chart.facts import Gap

    assert isinstance(gap, Gap)
    return gap_text(gap, consultation.knowledge) + (f" ({gap.reference})" if gap.reference else "")


def _missing(consultation: Consultation) -> Iterator[str]:
    data = explain_data(consultation.case)
    for need, supply in data["supply"].items():
        if need not in {"draft_orders", "red_flags"} and supply["state"] not in {"given", "empty"}:
            yield f"{spoken(need).capitalize()}: {spoken(supply['state'])}{_bracketed(supply.get('detail', ''))}"
    for reason in ("other-patient", "unreadable", "future"):
        found = [item["reference"] for item in data["setAside"] if item["because"] == reason]
        if found:
            yield f"{spoken(reason).capitalize()}, set aside: {_listed(found)}"


def _bracketed(text: str) -> str:
    return f" ({text})" if text else ""


def _listed(names: Iterable[str], most: int = 5) -> str:
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")
