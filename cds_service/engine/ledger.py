"""The ledger: for each red flag yes, no or not known, the rung that decided, and what makes a *no* a no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal

from cds_service.chart.case import ABSENT, Case
from cds_service.chart.decode import anything
from cds_service.chart.evidence import Evidence
from cds_service.chart.facts import DraftOrder
from cds_service.chart.gaps import Gap
from cds_service.engine.evaluate import Verdict, evaluate_card, is_flag
from cds_service.engine.evidence import evidence_json, evidence_text
from cds_service.engine.explain import words_of
from cds_service.engine.gap_words import gap_json, gap_note
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.phrases import Phrases, plain_text
from cds_service.knowledge.cards import Knowledge
from cds_service.outcomes import CannotTell, Fired, NotFired, spoken

_NAMED_BY = ("medicationCodeableConcept", "medicationReference", "code")
_MOST_NAMED = 5
_LONGEST_NAME = 80
Answer = Literal["yes", "no", "not known"]


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A kind of data in which something was looked for in vain."""

    need: str
    read: int
    """Resources of the patient's that came."""
    complete: bool
    """All that the source holds came."""
    named: tuple[str, ...] = ()
    """Of draft orders, what they are called: read, and none of those that are looked for."""

    def text(self, phrases: Phrases) -> str:
        """In plain text: ``conditions complete, 14 read``."""
        kind, count = phrases.word(spoken(self.need)), self.read
        if not self.complete:
            said = phrases.say("{kind} complete as far back as it matters, {count} read", kind=kind, count=count)
        elif count:
            said = phrases.say("{kind} complete, {count} read", kind=kind, count=count)
        else:
            said = phrases.say("{kind} complete, none on record", kind=kind)
        return f"{said} ({', '.join(self.named)})" if self.named else said


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says of one red flag."""

    topic: str
    title: str
    answer: Answer
    rung: str
    """Name under the card file's ``silent`` or ``messages``; where nobody could tell, the rung that stayed open."""
    says: str
    """The card's own words of that rung."""
    facts: tuple[Evidence, ...]
    """What decided, or leaves it open."""
    sources: tuple[SourceRead, ...]
    """Where nothing was found."""
    gaps: tuple[Gap, ...]
    """What concerns it and cannot be used."""
    as_of: datetime


def ledger(
    case: Case, verdicts: Iterable[Verdict], knowledge: Knowledge, language: Language = ENGLISH
) -> tuple[Entry, ...]:
    """What each red flag of the case's hook rests on; one that stayed silent is asked again, to see where it looked."""
    observed, phrases = case.observed(), Phrases.of(knowledge, case.as_of, language)
    flags = (_looking(observed, verdict) for verdict in verdicts if is_flag(verdict.card, case.hook))
    return tuple(_entry(case, flag, phrases, knowledge) for flag in flags)


def ledger_json(entries: Iterable[Entry], knowledge: Knowledge) -> list[dict[str, Any]]:
    """The ledger for a client or the page; empty members are left out."""
    return [_members(entry, knowledge) for entry in entries]


def ledger_text(entry: Entry, knowledge: Knowledge) -> str:
    """One red flag as a colleague would note it: ``Hypercalcaemia: no. ... Calcium 2.31 mmol/L, 1 March (...).``"""
    phrases, unusable = Phrases.of(knowledge, entry.as_of), {gap.reference for gap in entry.gaps}
    parts = (
        f"{entry.title}: {entry.answer}",
        entry.says,
        *(evidence_text(fact, phrases) for fact in entry.facts if fact.reference not in unusable),
        *(gap_note(gap, knowledge, phrases) for gap in entry.gaps),
        "; ".join(source.text(phrases) for source in entry.sources),
    )
    return " ".join(f"{part[:1].upper()}{part[1:].rstrip('.')}." for part in parts if part)


def _looking(observed: Case, verdict: Verdict) -> Verdict:
    if not isinstance(verdict.outcome, NotFired):
        return verdict
    return Verdict(verdict.card, evaluate_card(observed, verdict.card))


def _entry(case: Case, flag: Verdict, phrases: Phrases, knowledge: Knowledge) -> Entry:
    card, outcome = flag.card, flag.outcome
    answer: Answer = "yes" if flag.fired else "no" if isinstance(outcome, NotFired) else "not known"
    sources = tuple(_sources(case, outcome.looked_in)) if isinstance(outcome, NotFired) else ()
    gaps = outcome.gaps if isinstance(outcome, Fired | CannotTell) else ()
    return Entry(
        topic=card.topic,
        title=(phrases.language.card(card) or card).title,
        answer=answer,
        rung=outcome.rung,
        says=words_of(flag, phrases, knowledge),
        facts=outcome.evidence,
        sources=sources,
        gaps=gaps,
        as_of=case.as_of,
    )


def _sources(case: Case, looked_in: Iterable[str]) -> Iterator[SourceRead]:
    for need in looked_in:
        supply = case.supply.get(need, ABSENT)
        if supply.usable:
            named = tuple(map(_called, islice(case.drafts.values(), _MOST_NAMED))) if need == "draft_orders" else ()
            yield SourceRead(need, supply.read, not supply.truncated, named)


def _called(draft: DraftOrder) -> str:
    """What a draft calls what it orders, trimmed; the reference of one that has no words for it."""
    order = anything(draft.body)
    named = [order.get(name) for name in _NAMED_BY] if isinstance(order, dict) else []
    said = [one for each in named if isinstance(each, dict) for one in _words(each)]
    return plain_text(next(iter(said), draft.reference))[:_LONGEST_NAME]


def _words(concept: dict[str, Any]) -> Iterator[str]:
    """The text, display or code of a CodeableConcept, or the display of a Reference."""
    codings = concept.get("coding")
    parts = [concept, *(one for one in codings if isinstance(one, dict))] if isinstance(codings, list) else [concept]
    yield from (one for name in ("text", "display", "code") for part in parts if isinstance(one := part.get(name), str))


def _members(entry: Entry, knowledge: Knowledge) -> dict[str, Any]:
    members = {
        "topic": entry.topic,
        "title": entry.title,
        "answer": entry.answer,
        "rung": entry.rung,
        "says": entry.says,
        "facts": [evidence_json(fact) for fact in entry.facts],
        "sources": [
            {"need": source.need, "read": source.read, "complete": source.complete} for source in entry.sources
        ],
        "unusable": [gap_json(gap, knowledge) for gap in entry.gaps],
        "text": ledger_text(entry, knowledge),
    }
    return {name: member for name, member in members.items() if member}
