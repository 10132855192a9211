"""Why each card did or did not speak: every rule, its evidence, its parameters with value and origin, and the data's state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from cds_service.chart.case import Case
from cds_service.engine.evaluate import Verdict
from cds_service.engine.evidence import evidence_json
from cds_service.engine.gap_words import gap_note
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.phrases import Phrases
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.ladder import DECEASED, quoted
from cds_service.outcomes import CannotTell, Fired, NotFired, Step, spoken

Result = Literal["fired", "withheld", "not fired", "could not tell", "failed"]
"""Withheld: due, and not for who asks."""


@dataclass(frozen=True, slots=True)
class QuotedParameter:
    name: str
    value: str
    origin: str
    range: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """One rung on the way to the answer: what it is called in the card file, what held there, and on which facts."""

    rung: str
    said: str
    evidence: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One card's answer in full."""

    topic: str
    title: str
    status: str
    result: Result
    because: str
    """The message that fired and why it is withheld, the reason for silence, what was missing, or the error's type."""
    evidence: tuple[dict[str, str], ...]
    steps: tuple[ExplainedStep, ...]
    """The rungs that were passed, in order; the next one answered."""
    parameters: tuple[QuotedParameter, ...]


def explain(
    verdicts: Iterable[Verdict],
    knowledge: Knowledge,
    moment: datetime | None = None,
    language: Language = ENGLISH,
) -> tuple[Explanation, ...]:
    """Explain every verdict, in the order of topics; with the moment, limits of time are given as a clock shows them."""
    phrases = Phrases.of(knowledge, moment, language)
    return tuple(_explained(verdict, phrases, knowledge) for verdict in verdicts)


def passing(card: CardDefinition, rung: str, phrases: Phrases) -> str:
    """What held where a rung was passed, in the card's own words, else as the contrary of its silence."""
    if rung in card.passed:
        return phrases.plain(phrases.language.rung(card.passed[rung]), card.values)
    if rung in card.silent:
        return phrases.say("Not so: {what}", what=phrases.plain(phrases.language.rung(card.silent[rung]), card.values))
    what = phrases.word(spoken(rung))
    return (
        phrases.say("{what}: not so", what=what) if rung in card.messages else phrases.say("{what}: known", what=what)
    )


def words_of(verdict: Verdict, phrases: Phrases, knowledge: Knowledge) -> str:
    """The answer in the card's own words: its summary, why it is silent, or what was missing."""
    card, outcome = verdict.card, verdict.outcome
    if isinstance(outcome, Fired):
        message = (phrases.language.card(card) or card).messages.get(outcome.message)
        return phrases.summary(message.summary, {**card.values, **outcome.words}) if message else outcome.message
    if isinstance(outcome, NotFired):
        if outcome.because == DECEASED:
            return phrases.word(knowledge.precautions.deceased)
        wording = card.silent.get(outcome.because)
        return phrases.plain(phrases.language.rung(wording), card.values) if wording else outcome.because
    if isinstance(outcome, CannotTell):
        missing = ", ".join(map(phrases.word, outcome.missing))
        return phrases.say("missing: {what}", what=missing) if missing else ""
    return phrases.say("the check failed: {error}", error=outcome.error)


def explain_data(case: Case) -> dict[str, Any]:
    """How each kind of data came, and what was read and set aside, by reference and reason."""
    supply = {
        need: {"state": given.state}
        | ({"firstPageOnly": True} if given.truncated else {})
        | ({"detail": given.detail} if given.detail else {})
        for need, given in sorted(case.supply.items())
    }
    aside = [
        {"reference": item.reference, "because": item.because} | ({"detail": item.detail} if item.detail else {})
        for item in case.set_aside
    ]
    return {"supply": supply, "setAside": aside}


def _explained(verdict: Verdict, phrases: Phrases, knowledge: Knowledge) -> Explanation:
    card, outcome = verdict.card, verdict.outcome
    result, because = _result(verdict, phrases, knowledge)
    return Explanation(
        topic=card.topic,
        title=(phrases.language.card(card) or card).title,
        status=card.status,
        result=result,
        because=because,
        evidence=tuple(evidence_json(item, phrases) for item in outcome.evidence),
        steps=tuple(_step(card, step, phrases) for step in outcome.passed),
        parameters=_parameters(card),
    )


def _result(verdict: Verdict, phrases: Phrases, knowledge: Knowledge) -> tuple[Result, str]:
    outcome, said = verdict.outcome, words_of(verdict, phrases, knowledge)
    if isinstance(outcome, Fired):
        if outcome.message not in verdict.card.messages:
            return "failed", f"the rule named the message {outcome.message!r}, which the card file does not have"
        if verdict.withheld:
            return "withheld", f"{outcome.message}: {said} ({verdict.withheld})"
        return "fired", f"{outcome.message}: {said}"
    if isinstance(outcome, NotFired):
        return "not fired", said
    if isinstance(outcome, CannotTell):
        return "could not tell", "; ".join(
            filter(None, (said, *(gap_note(gap, knowledge, phrases) for gap in outcome.gaps)))
        )
    return "failed", outcome.error


def _step(card: CardDefinition, step: Step, phrases: Phrases) -> ExplainedStep:
    facts = tuple(evidence_json(item, phrases) for item in quoted(step.stood_on()))
    return ExplainedStep(step.name, passing(card, step.name, phrases), facts)


def _parameters(card: CardDefinition) -> tuple[QuotedParameter, ...]:
    return tuple(
        QuotedParameter(
            name=name,
            value=parameter.text,
            origin=parameter.origin,
            range=parameter.range_text,
            why=parameter.why,
            source=parameter.source.title,
        )
        for name, parameter in card.parameters.items()
    )
