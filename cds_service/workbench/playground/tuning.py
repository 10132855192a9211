"""Tune: parameters moved within their ranges, and what that changes for this patient and for the demonstration patients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from cds_service.authoring.variants import with_changes
from cds_service.chart.case import Case
from cds_service.engine.evaluate import Verdict, case_for, evaluate, evaluate_card
from cds_service.engine.respond import respond
from cds_service.engine.shown import Answer
from cds_service.hooks.request import RequestError
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.knowledge.parameters import Parameter
from cds_service.knowledge.ranges import Scale, number_of, scale_of, written_unit
from cds_service.outcomes import Failed, parting
from cds_service.service.consultation import Consultation
from cds_service.simulation.question import CardOutcome, said

Changes = Mapping[str, str]
"""``topic.parameter``, or ``shared.parameter``, to the value as a site would write it."""

SHARED = "shared"
_ORIGIN = "playground"


@dataclass(frozen=True, slots=True)
class CohortPatient:
    """A patient of the cohort, read for the hook that he or she was made for."""

    name: str
    case: Case


def parameters_of(knowledge: Knowledge) -> list[dict[str, Any]]:
    """List what can be tuned, card by card in the order of topics; a shared parameter stands on each card that has it."""
    return [
        {
            "topic": card.topic,
            "title": card.title,
            "hooks": list(card.hooks),
            "parameters": [_listed(card, parameter) for parameter in card.parameters.values()],
        }
        for card in knowledge.cards.values()
        if card.evaluated and card.parameters
    ]


def on_patient(consultation: Consultation, changes: Changes) -> dict[str, Any]:
    """Say what the changes do to this call: the cards before and after, and the rules that answer otherwise."""
    cards = changed_cards(consultation.service.cards, changes)
    verdicts = evaluate(replace(consultation.case, memo={}), cards)
    turned = [
        {
            "topic": before.card.topic,
            "title": before.card.title,
            "before": _result(before),
            "after": _result(after),
            "rung": parting(before.outcome, after.outcome),
        }
        for before, after in zip(consultation.verdicts, verdicts, strict=True)
        if _result(before) != _result(after)
    ]
    before, after = (_answer(consultation, said) for said in (consultation.verdicts, verdicts))
    return {"before": _cards(before), "after": _cards(after), "rules": turned}


def _answer(consultation: Consultation, verdicts: tuple[Verdict, ...]) -> Answer:
    """What these verdicts show, before and after on the same terms: the cap holds, and nothing is snoozed."""
    return respond(
        consultation.case,
        verdicts,
        consultation.knowledge,
        hook_instance=consultation.request.hook_instance,
        patient_id=consultation.request.context.patient,
    )


def on_cohort(cohort: Iterable[CohortPatient], knowledge: Knowledge, changes: Changes) -> dict[str, Any]:
    """Count whom the cards of the changed parameters speak for, before and after, by topic and by name."""
    cards = [card for card in knowledge.cards.values() if card.evaluated]
    changed = {card.topic: card for card in changed_cards(cards, changes)}
    patients = list(cohort)
    topics = []
    for card in cards:
        if changed[card.topic] is card:
            continue
        asked = [patient for patient in patients if patient.case.hook in card.hooks]
        before = _spoken_to(card, asked, cards)
        after = _spoken_to(changed[card.topic], asked, changed.values())
        topics.append(
            {
                "topic": card.topic,
                "title": card.title,
                "patients": len(asked),
                "before": len(before),
                "after": len(after),
                "gained": [name for name in after if name not in before],
                "lost": [name for name in before if name not in after],
                "altered": [name for name in after if name in before and before[name] != after[name]],
            }
        )
    return {"patients": len(patients), "topics": topics}


def curve(cohort: Iterable[CohortPatient], knowledge: Knowledge, key: str, changes: Changes) -> dict[str, Any]:
    """Give alerts per 100 patients of the cohort along a parameter's range, a line for each card that has it."""
    patients = list(cohort)
    everyone = changed_cards(knowledge.cards.values(), changes)
    cards = [card for card in everyone if card.evaluated and _names(card, key)]
    if not cards:
        raise RequestError(f"There is no parameter {key!r}", "parameter", code="not-found", status=404)
    parameter = cards[0].parameters[_names(cards[0], key)[0]]
    scale = scale_of(parameter)
    if scale is None:
        raise RequestError(f"{key} has no range of numbers", "parameter")
    return {
        "key": key,
        "unit": _unit(parameter),
        "value": float(scale.value),
        "default": float(number_of(parameter, parameter.default)),
        "lines": [_line(card, key, scale, written_unit(parameter), patients, everyone) for card in cards],
    }


def overlay(knowledge: Knowledge, changes: Changes, site: str) -> str:
    """Write the changes as a site's file; every value is checked against its range first."""
    changed_cards(knowledge.cards.values(), changes)
    written: dict[str, dict[str, Any]] = {}
    for key, value in sorted(changes.items()):
        topic, _, name = key.partition(".")
        written.setdefault(topic, {})[name] = {"value": value, "why": "Tried in the playground; to be reviewed."}
    content = {"site": site, "title": f"Parameters tried for {site}", "parameters": _plain(knowledge, written)}
    head = "# Written by the playground. Put it into cards/sites/ and start the service with --site.\n"
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def changed_cards(cards: Iterable[CardDefinition], changes: Changes) -> tuple[CardDefinition, ...]:
    """Give the cards with these changes; untouched ones are the same objects. Raises :class:`RequestError`."""
    found = []
    for card in cards:
        mine = {}
        for key, written in changes.items():
            for name in _names(card, key):
                mine[name] = written
        try:
            found.append(with_changes(card, mine, _ORIGIN))
        except ValueError as error:
            raise RequestError(f"{card.topic}: {error}", "changes", code="value") from None
    return tuple(found)


def _names(card: CardDefinition, key: str) -> list[str]:
    """Names under which a card holds the parameter of a key."""
    topic, _, name = key.partition(".")
    if topic == SHARED:
        return [own for own, parameter in card.parameters.items() if parameter.shared == name]
    return [name] if topic == card.topic and name in card.parameters else []


def _listed(card: CardDefinition, parameter: Parameter) -> dict[str, Any]:
    scale = scale_of(parameter)
    return {
        "key": f"{SHARED}.{parameter.shared}" if parameter.shared else f"{card.topic}.{parameter.name}",
        "name": parameter.name,
        "kind": parameter.kind,
        "text": parameter.text,
        "unit": _unit(parameter),
        "writtenUnit": written_unit(parameter),
        "range": parameter.range_text,
        "options": list(parameter.one_of) or (["true", "false"] if parameter.kind == "bool" else []),
        "several": isinstance(parameter.value, tuple),
        "scale": None if scale is None else {name: float(value) for name, value in scale.as_dict().items()},
        "why": parameter.why,
        "source": {"title": parameter.source.title, "url": parameter.source.url},
        "origin": parameter.origin,
        "confirmed": parameter.confirmed,
        "alternatives": [{"value": other.value, "why": other.why} for other in parameter.alternatives],
    }


def _unit(parameter: Parameter) -> str:
    return "" if parameter.unit == "1" else parameter.unit


def _line(
    card: CardDefinition,
    key: str,
    scale: Scale,
    unit: str,
    patients: list[CohortPatient],
    cards: Sequence[CardDefinition],
) -> dict[str, Any]:
    asked = [patient for patient in patients if patient.case.hook in card.hooks]
    points: list[dict[str, float]] = []
    for value in scale.along() if asked else ():
        variant = changed_cards((card,), {key: f"{value} {unit}".strip()})[0]
        answers = _spoken_to(variant, asked, cards).values()
        critical = sum(answer.indicator == "critical" for answer in answers)
        points.append(
            {
                "value": float(value),
                "fired": len(answers),
                "per100": _per100(len(answers), asked),
                "critical": critical,
                "criticalPer100": _per100(critical, asked),
            }
        )
    return {"topic": card.topic, "title": card.title, "patients": len(asked), "points": points}


def _per100(count: int, patients: Sequence[CohortPatient]) -> float:
    return round(100 * count / len(patients), 2)


def _spoken_to(
    card: CardDefinition, patients: Iterable[CohortPatient], cards: Iterable[CardDefinition]
) -> dict[str, CardOutcome]:
    """Whom a card speaks for, and what it says; ``cards`` are all that are asked."""
    known = tuple(cards)
    answers = {}
    for patient in patients:
        case = case_for(card, replace(patient.case, memo={}), known)
        answers[patient.name] = said(card, evaluate_card(case, card))
    return {name: answer for name, answer in answers.items() if answer.kind == "fired"}


def _result(verdict: Verdict) -> str:
    outcome = verdict.outcome
    kinds = {"Fired": "fired", "NotFired": "not fired", "CannotTell": "could not tell", "Failed": "failed"}
    because = outcome.error if isinstance(outcome, Failed) else outcome.rung or ", ".join(verdict.missing)
    return f"{kinds[type(outcome).__name__]}: {because}".rstrip(": ")


def _cards(answer: Answer) -> list[dict[str, str]]:
    return [
        {"topic": shown.topic, "indicator": shown.indicator, "summary": shown.card.summary} for shown in answer.shown
    ]


def _plain(knowledge: Knowledge, written: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Write numbers without unit as numbers and switches as switches, as a person would."""
    for topic, parameters in written.items():
        for name, entry in parameters.items():
            parameter = _find(knowledge, f"{topic}.{name}")
            if parameter.kind in {"int", "Decimal"}:
                number = str(entry["value"]).partition(" ")[0]
                entry["value"] = int(number) if parameter.kind == "int" else float(number)
            elif parameter.kind == "bool":
                entry["value"] = str(entry["value"]) == "true"
    return written


def _find(knowledge: Knowledge, key: str) -> Parameter:
    for card in knowledge.cards.values():
        for name in _names(card, key):
            return card.parameters[name]
    raise RequestError(f"There is no parameter {key!r}", "changes", code="not-found", status=404)
