"""Why: every rule's answer to a call with its evidence and parameters, what was lacking, and what was held back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cds_service.engine.explain import Explanation, explain, explain_data
from cds_service.engine.ledger import ledger, ledger_json
from cds_service.knowledge.cards import CardDefinition
from cds_service.service.consultation import Consultation


def why(consultation: Consultation) -> dict[str, Any]:
    """Explain a call for the page."""
    knowledge, answer = consultation.knowledge, consultation.answer
    explained = explain(consultation.verdicts, knowledge, consultation.moment)
    return {
        "service": consultation.service.id,
        "asOf": consultation.case.as_of.isoformat(),
        "knowledge": knowledge.version,
        "site": knowledge.site,
        "rules": [_rule(one, knowledge.cards[one.topic], consultation.case.hook) for one in explained],
        "ledger": ledger_json(ledger(consultation.case, consultation.verdicts, knowledge), knowledge),
        "shown": [shown.topic for shown in answer.shown],
        "silent": [shown.topic for shown in answer.silent],
        "heldBack": _held_back(consultation),
        "data": explain_data(consultation.case),
    }


def _held_back(consultation: Consultation) -> dict[str, str]:
    """By topic, why a card that was due did not go out."""
    answer = consultation.answer
    withheld = {verdict.card.topic: verdict.withheld for verdict in consultation.verdicts}
    why = {one.topic: withheld[one.topic] for one in answer.withheld}
    why |= {one.topic: "it was put off, and nothing is new" for one in answer.snoozed}
    return {topic: why.get(topic, "there were graver cards") for topic in answer.held_back}


def _rule(one: Explanation, card: CardDefinition, hook: str) -> dict[str, Any]:
    parameters = [
        {**asdict(quoted), "sourceUrl": card.parameters[quoted.name].source.url, **_standing(card, quoted.name)}
        for quoted in one.parameters
    ]
    return {
        **asdict(one),
        "parameters": parameters,
        "purpose": card.purpose,
        "needs": list(card.needs),
        "redFlag": hook in card.red_flag,
        "limits": list(card.known_limits),
        "falsePositives": list(card.known_false_positives),
        "sources": [{"label": source.label, "url": source.url} for source in card.sources],
    }


def _standing(card: CardDefinition, name: str) -> dict[str, Any]:
    parameter = card.parameters[name]
    return {
        "confirmed": parameter.confirmed,
        "reviewed": parameter.reviewed.isoformat(),
        "originWhy": parameter.origin_why,
        "alternatives": [
            {"value": other.value, "why": other.why, "source": other.source.title if other.source else ""}
            for other in parameter.alternatives
        ],
    }
