"""The ledger: for each red flag yes, no or not known, the rung that decided, and what makes a *no* a no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from cds_service.chart.case import ABSENT, Case
from cds_service.chart.evidence import Evidence
from cds_service.chart.facts import Gap
from cds_service.engine.evaluate import Verdict, evaluate_card, is_flag
from cds_service.engine.evidence import evidence_json, evidence_text
from cds_service.engine.explain import words_of
from cds_service.engine.gap_words import gap_json, gap_note
from cds_service.engine.phrases import Phrases
from cds_service.knowledge.cards import Knowledge
from cds_service.outcomes import CannotTell, Fired, NotFired, spoken

Answer = Literal["yes", "no", "not known"]


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A kind of data in which something was looked for in vain."""

    need: str
    read: int
    """Resources of the patient's that came."""
    complete: bool
    """All that the source holds came."""

    @property
    def text(self) -> str:
        """In plain text: ``conditions complete, 14 read``."""
        how = "complete" if self.complete else "complete as far back as it matters"
        return f"{spoken(self.need)} {how}, {f'{self.read} read' if self.read else 'none on record'}"


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


def ledger(case: Case, verdicts: Iterable[Verdict], knowledge: Knowledge) -> tuple[Entry, ...]:
    """What each red flag of the case's hook rests on; one that stayed silent is asked again, to see where it looked."""
    observed, phrases = case.observed(), Phrases(knowledge.display_units, case.as_of)
    flags = (_looking(observed, verdict) for verdict in verdicts if is_flag(verdict.card, case.hook))
    return tuple(_entry(case, flag, words_of(flag, phrases, knowledge)) for flag in flags)


def ledger_json(entries: Iterable[Entry], knowledge: Knowledge) -> list[dict[str, Any]]:
    """The ledger for a client or the page; empty members are left out."""
    return [_members(entry, knowledge) for entry in entries]


def ledger_text(entry: Entry, knowledge: Knowledge) -> str:
    """One red flag as a colleague would note it: ``Hypercalcaemia: no. ... Calcium 2.31 mmol/L, 2026-03-01 (...).``"""
    phrases, unusable = Phrases(knowledge.display_units), {gap.reference for gap in entry.gaps}
    parts = (
        f"{entry.title}: {entry.answer}",
        entry.says,
        *(evidence_text(fact, phrases) for fact in entry.facts if fact.reference not in unusable),
        *(gap_note(gap, knowledge) for gap in entry.gaps),
        "; ".join(source.text for source in entry.sources),
    )
    return " ".join(f"{part[:1].upper()}{part[1:].rstrip('.')}." for part in parts if part)


def _looking(observed: Case, verdict: Verdict) -> Verdict:
    if not isinstance(verdict.outcome, NotFired):
        return verdict
    return Verdict(verdict.card, evaluate_card(observed, verdict.card))


def _entry(case: Case, flag: Verdict, says: str) -> Entry:
    outcome = flag.outcome
    answer: Answer = "yes" if flag.fired else "no" if isinstance(outcome, NotFired) else "not known"
    sources = tuple(_sources(case, outcome.looked_in)) if isinstance(outcome, NotFired) else ()
    gaps = outcome.gaps if isinstance(outcome, Fired | CannotTell) else ()
    return Entry(flag.card.topic, flag.card.title, answer, outcome.rung, says, outcome.evidence, sources, gaps)


def _sources(case: Case, looked_in: Iterable[str]) -> Iterator[SourceRead]:
    for need in looked_in:
        supply = case.supply.get(need, ABSENT)
        if supply.usable:
            yield SourceRead(need, supply.read, not supply.truncated)


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
