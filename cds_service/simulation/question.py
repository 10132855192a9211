"""A what-if question put to one record: which cards are due under the current knowledge and under a candidate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from cds_service.chart.case import Case
from cds_service.engine.evaluate import Verdict, case_for, evaluate, evaluate_card, evaluate_remaining, verdict_of
from cds_service.engine.evidence import evidence_text
from cds_service.engine.respond import most_shown
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.outcomes import CannotTell, Fired, NotFired, Outcome, parting
from cds_service.simulation.changes import changed_parameters, parameter_sentence
from cds_service.simulation.records import Record
from cds_service.simulation.tally import Flip, Kind, Side, Tally
from cds_service.simulation.time_travel import Chart
from cds_service.terminology.value_sets import Codebook

LISTED = 200
"""Flips of one topic that are listed one by one; all are counted."""
_QUOTED = 4


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Two knowledge versions and the moments to ask about. Without a candidate only the current one is counted."""

    current: Knowledge
    candidate: Knowledge | None
    as_of: datetime
    """The moment; with ``at_encounters`` the last day on which an encounter counts."""
    at_encounters: bool = False
    since: datetime | None = None
    """With ``at_encounters``: earlier encounters are left out."""

    @property
    def codebooks(self) -> tuple[Codebook, ...]:
        """The current one, and the candidate's where that reads records otherwise."""
        current = self.current.codebook
        other = self.candidate.codebook if self.candidate is not None else current
        return (current,) if other.fingerprint == current.fingerprint else (current, other)

    def moments(self, chart: Chart) -> Iterable[datetime]:
        """When to ask about a record: a recorded request once, at its own moment when it carries one."""
        if chart.record.asked_at is not None:
            return (chart.record.asked_at,)
        if not self.at_encounters or chart.record.hook_instance:
            return (self.as_of,)
        return (visit for visit in chart.visits if visit <= self.as_of and (self.since is None or visit >= self.since))

    def cases(self, record: Record) -> list[Case]:
        """The patient as the current knowledge reads the record, at each moment."""
        chart = Chart(record, self.current.codebook)
        return [chart.at(moment) for moment in self.moments(chart)]


@dataclass(frozen=True, slots=True)
class CardOutcome:
    """What a card says: comparable, and a reader's words when written out."""

    kind: Kind
    name: str
    indicator: str = ""

    def __str__(self) -> str:
        return f"{self.indicator} {self.name}" if self.kind == "fired" else f"{self.kind} {self.name}".strip()


def count(record: Record, question: Question, tally: Tally) -> None:
    """Ask about one record at each of its moments and add what was said."""
    tally.patients += 1
    seen: set[tuple[str, str, str]] = set()
    chart, *otherwise = (Chart(record, codebook) for codebook in question.codebooks)
    for moment in question.moments(chart):
        case = chart.at(moment)
        tally.evaluations += 1
        before = _outcomes(case, question.current)
        _add(tally.current, before, case.hook, question.current)
        _note_patient("current", before, seen)
        if question.candidate is not None:
            then = otherwise[0].at(moment) if otherwise else case
            known = {} if otherwise else before
            after = _candidate_outcomes(then, known, question.candidate)
            _add(tally.candidate, after, case.hook, question.candidate)
            _note_patient("candidate", after, seen)
            _note_flips(record, then, question, before, after, tally, seen)
    for side, topic, detail in seen:
        if side == "flip":
            tally.flipped_patients[topic, detail] += 1
        else:
            counted = tally.current if side == "current" else tally.candidate
            if detail:
                counted.indicators[topic, detail] += 1
            else:
                counted.patients[topic] += 1


def said(card: CardDefinition, outcome: Outcome) -> CardOutcome:
    """Put an outcome into what can be compared."""
    if isinstance(outcome, Fired):
        message = card.messages.get(outcome.message)
        if message is None:
            return CardOutcome("failed", f"no message {outcome.message}")
        return CardOutcome("fired", outcome.message, outcome.indicator(message.indicator))
    if isinstance(outcome, NotFired):
        return CardOutcome("silent", outcome.because)
    if isinstance(outcome, CannotTell):
        return CardOutcome("cannot tell", ", ".join(outcome.missing))
    return CardOutcome("failed", outcome.error)


class CardAnswer(NamedTuple):
    """What a card's rule found, and what of it can be compared."""

    card: CardDefinition
    outcome: Outcome
    said: CardOutcome


Answers = dict[str, CardAnswer]


def _outcomes(case: Case, knowledge: Knowledge) -> Answers:
    return _answers(evaluate(case, cards_of(knowledge, case.hook)))


def _answers(verdicts: Iterable[Verdict]) -> Answers:
    return {one.card.topic: CardAnswer(one.card, one.outcome, _said(one)) for one in verdicts}


def _said(verdict: Verdict) -> CardOutcome:
    """A card's outcome for the clinician who asks; a card that is not for them is silent."""
    return CardOutcome("silent", verdict.withheld) if verdict.withheld else said(verdict.card, verdict.outcome)


def _candidate_outcomes(case: Case, before: Answers, candidate: Knowledge) -> Answers:
    """Ask only the cards that differ; the others say what they said."""
    cards = cards_of(candidate, case.hook)
    verdicts = [verdict_of(case, card, _unless_known(case, card, before)) for card in cards if not card.asks_red_flags]
    return _answers(evaluate_remaining(case, verdicts, [card for card in cards if card.asks_red_flags]))


def _unless_known(case: Case, card: CardDefinition, before: Answers) -> Outcome:
    known = before.get(card.topic)
    if known is not None and known.card.rule is card.rule and known.card.arguments == card.arguments:
        return known.outcome
    return evaluate_card(case, card)


@lru_cache(maxsize=32)
def _cards_of(knowledge: _ById, hook: str) -> tuple[CardDefinition, ...]:
    return tuple(card for card in knowledge.knowledge.cards.values() if card.evaluated and hook in card.hooks)


def cards_of(knowledge: Knowledge, hook: str) -> tuple[CardDefinition, ...]:
    """The cards that a hook asks, active and silent, in the order of topics."""
    return _cards_of(_ById(knowledge), hook)


class _ById:
    """A knowledge as a key: the same object is the same key."""

    __slots__ = ("knowledge",)

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    def __hash__(self) -> int:
        return id(self.knowledge)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and other.knowledge is self.knowledge


def _add(side: Side, answers: Answers, hook: str, knowledge: Knowledge) -> None:
    due: list[tuple[str, str]] = []
    for topic, (card, outcome, spoken) in answers.items():
        if card.status == "silent":
            if spoken.kind == "fired":
                side.silent[topic, spoken.name, spoken.indicator] += 1
            continue
        side.outcomes[topic, spoken.kind, spoken.name, spoken.indicator] += 1
        if spoken.kind == "fired":
            due.append((topic, spoken.indicator))
        elif isinstance(outcome, CannotTell):
            side.missing.update((topic, name) for name in outcome.missing)
    side.cards[len(due)] += 1
    if hook == "patient-view":
        side.held_back += len(due) - most_shown([indicator for _, indicator in due], knowledge.maximum_cards)
    side.overlap.update(combinations(sorted(topic for topic, _ in due), 2))


def _note_patient(side: str, answers: Answers, seen: set[tuple[str, str, str]]) -> None:
    for topic, (card, _, spoken) in answers.items():
        if spoken.kind == "fired" and card.status == "active":
            seen.update(
                ((side, topic, ""), (side, topic, spoken.indicator), (side, "", ""), (side, "", spoken.indicator))
            )


def _note_flips(
    record: Record,
    case: Case,
    question: Question,
    before: Answers,
    after: Answers,
    tally: Tally,
    seen: set[tuple[str, str, str]],
) -> None:
    nothing = CardOutcome("silent", "not asked")
    for topic in dict.fromkeys((*before, *after)):
        old, new = before.get(topic), after.get(topic)
        was, now = _heard(old) or nothing, _heard(new) or nothing
        if was == now or (was.kind == now.kind and was.kind != "fired"):
            continue
        tally.flips[topic, str(was), str(now)] += 1
        how = "changes" if was.kind == now.kind else "gains" if now.kind == "fired" else "loses"
        if "fired" not in {was.kind, now.kind}:
            how = "changes"
        seen.add(("flip", topic, how))
        if sum(flip.topic == topic for flip in tally.listed) < LISTED:
            tally.listed.append(
                Flip(
                    topic=topic,
                    patient=record.patient_id,
                    moment=case.as_of.isoformat(timespec="minutes"),
                    before=str(was),
                    after=str(now),
                    because=_because(case, question.candidate or question.current, old, new),
                    evidence=_quoted(old, new),
                    rung=parting(old.outcome, new.outcome) if old and new else "",
                )
            )


def _heard(answer: CardAnswer | None) -> CardOutcome | None:
    """A card's outcome as a clinician sees it: a card of silent status shows nothing."""
    if answer is None or answer.card.status == "active":
        return answer.said if answer else None
    return CardOutcome("silent", "recorded only") if answer.said.kind == "fired" else answer.said


def _because(
    case: Case,
    candidate: Knowledge,
    old: CardAnswer | None,
    new: CardAnswer | None,
) -> tuple[str, ...]:
    """The changed parameters that decide: each alone that suffices, else all of them together."""
    if old is None or new is None:
        return (f"the card is {new.card.status} now",) if new else ("the card is not asked any more",)
    if old.card.status != new.card.status and old.said == new.said:
        return (f"the card is {new.card.status} instead of {old.card.status}",)
    if old.card.for_whom != new.card.for_whom and old.outcome == new.outcome:
        return (f"the card is {new.card.for_whom} instead of {old.card.for_whom}",)
    names = changed_parameters(old.card, new.card)
    if not names and new.card.asks_red_flags:
        return ("a red flag can be judged on one side only",)
    case = case_for(new.card, case, cards_of(candidate, case.hook))
    sentences = {name: parameter_sentence(old.card.parameters[name], new.card.parameters[name]) for name in names}
    alone = [
        name
        for name in names
        if said(new.card, evaluate_card(case, new.card, {**old.card.arguments, name: new.card.arguments[name]}))
        == new.said
    ]
    return tuple(sentences[name] for name in (alone or names)) or (
        "the card's rule, or what codes and words mean, differs",
    )


def _quoted(*answers: CardAnswer | None) -> tuple[str, ...]:
    """The facts that decided, from whichever side spoke."""
    spoken = sorted(
        (answer for answer in answers if answer is not None), key=lambda answer: answer.said.kind != "fired"
    )
    for answer in spoken:
        if answer.outcome.evidence:
            return tuple(evidence_text(item) for item in answer.outcome.evidence[:_QUOTED])
    return ()
