"""Why each card did or did not speak: every rule, its evidence, its parameters with value and origin, and the data's state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from cds_service.chart.case import Case
from cds_service.engine.evaluate import Verdict
from cds_service.engine.phrases import Phrases
from cds_service.knowledge.cards import Card, Knowledge
from cds_service.outcomes import CannotTell, Evidence, Failed, Fired, NotFired

Result = Literal["fired", "not fired", "could not tell", "failed"]


@dataclass(frozen=True, slots=True)
class QuotedParameter:
    name: str
    value: str
    origin: str
    range: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One card's answer in full."""

    topic: str
    title: str
    status: str
    result: Result
    because: str
    """The message that fired, the reason for silence, what was missing, or the error's type."""
    evidence: tuple[dict[str, Any], ...]
    parameters: tuple[QuotedParameter, ...]


def explain(case: Case, verdicts: Iterable[Verdict], knowledge: Knowledge) -> tuple[Explanation, ...]:
    """Explain every verdict, in the order of topics."""
    phrases = Phrases(knowledge.display_units)
    return tuple(_explained(verdict, phrases) for verdict in verdicts)


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


def _explained(verdict: Verdict, phrases: Phrases) -> Explanation:
    card, outcome = verdict.card, verdict.outcome
    evidence: tuple[Evidence, ...] = () if isinstance(outcome, Failed) else outcome.evidence
    result, because = _result(verdict, phrases)
    return Explanation(
        topic=card.topic,
        title=card.title,
        status=card.status,
        result=result,
        because=because,
        evidence=tuple(_evidence(item, phrases) for item in evidence),
        parameters=_parameters(card),
    )


def _result(verdict: Verdict, phrases: Phrases) -> tuple[Result, str]:
    card, outcome = verdict.card, verdict.outcome
    if isinstance(outcome, Fired):
        message = card.messages.get(outcome.message)
        if message is None:
            return "failed", f"the rule named the message {outcome.message!r}, which the card file does not have"
        return "fired", f"{outcome.message}: {phrases.summary(message.summary, {**_values(card), **outcome.words})}"
    if isinstance(outcome, NotFired):
        wording = card.silent.get(outcome.because)
        return "not fired", phrases.plain(wording, _values(card)) if wording else outcome.because
    if isinstance(outcome, CannotTell):
        return "could not tell", "missing: " + ", ".join(outcome.missing)
    return "failed", outcome.error


def _values(card: Card) -> dict[str, Any]:
    return {name: parameter.value for name, parameter in card.parameters.items()}


def _evidence(evidence: Evidence, phrases: Phrases) -> dict[str, Any]:
    quoted = {
        "reference": evidence.reference,
        "label": evidence.label,
        "value": phrases.evidence_value(evidence),
        "date": evidence.when.day if evidence.when else "",
        "remark": evidence.remark,
    }
    return {key: value for key, value in quoted.items() if value}


def _parameters(card: Card) -> tuple[QuotedParameter, ...]:
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
