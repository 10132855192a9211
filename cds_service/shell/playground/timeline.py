"""The patient on a time line: findings, laboratory series with the limits that rules hold against them, orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Medication, Observation
from cds_service.engine.evaluate import Verdict
from cds_service.engine.phrases import Phrases
from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.parameters import Parameter
from cds_service.outcomes import Failed, evidence_of
from cds_service.terminology.dates import Moment
from cds_service.terminology.quantities import Limit, Quantity, UnlikeUnits

Json = dict[str, Any]

LANES = {
    "conditions": "Problems and symptoms",
    "reports": "Reports and imaging",
    "procedures": "Procedures",
    "medications": "Medicines",
    "orders": "Orders",
    "encounters": "Encounters",
}
"""Kinds of facts that are drawn as lanes, in this order; numbers are drawn as series."""


def timeline(case: Case, verdicts: Iterable[Verdict], knowledge: Knowledge) -> Json:
    """Give what the page draws. Moments are ISO texts; values are in the unit of the newest result of their series."""
    verdicts = tuple(verdicts)
    cited = _cited(verdicts)
    phrases = Phrases(knowledge.display_units)
    lanes = [
        {"name": title, "items": [_item(fact, cited, phrases) for fact in getattr(case, kind)]}
        for kind, title in LANES.items()
    ]
    signs = [_item(fact, cited, phrases) for fact in case.observations if fact.value is None]
    lanes.insert(1, {"name": "Signs and answers", "items": signs})
    patient = case.patient
    return {
        "asOf": case.as_of.isoformat(),
        "patient": {
            "reference": patient.reference if patient else "",
            "sex": patient.sex if patient else "",
            "birth": patient.birth.text if patient and patient.birth else "",
            "deceased": bool(patient and patient.deceased),
        },
        "lanes": [lane for lane in lanes if lane["items"]],
        "series": list(_series(case, verdicts, cited)),
    }


def _cited(verdicts: Iterable[Verdict]) -> dict[str, list[str]]:
    """Topics that quote a resource as evidence, by reference; fired ones first."""
    found: dict[str, list[str]] = {}
    for verdict in sorted(verdicts, key=lambda one: not one.fired):
        outcome = verdict.outcome
        for item in () if isinstance(outcome, Failed) else outcome.evidence:
            topics = found.setdefault(item.reference, [])
            if verdict.card.topic not in topics:
                topics.append(verdict.card.topic)
    return found


def _item(fact: Fact, cited: dict[str, list[str]], phrases: Phrases) -> Json:
    quoted = evidence_of(fact)
    item: Json = {
        "reference": fact.reference,
        "label": fact.label,
        "value": phrases.evidence_value(quoted),
        "remark": quoted.remark,
        "status": getattr(fact, "status", getattr(fact, "state", "")),
        "topics": cited.get(fact.reference, []),
        "concepts": sorted(fact.concepts),
        **_span(fact.when),
    }
    ended = getattr(fact, "ended", None) or getattr(fact, "abated", None)
    if ended is not None:
        item["end"] = ended.last.isoformat()
    if isinstance(fact, Medication):
        item["kind"] = fact.kind
    if getattr(fact, "present", None) is False:
        item["remark"] = ", ".join(part for part in (item["remark"], "absent") if part)
    return item


def _span(moment: Moment | None) -> Json:
    if moment is None:
        return {"when": "", "day": ""}
    return {"when": moment.first.isoformat(), "until": moment.last.isoformat(), "day": moment.day}


def _series(case: Case, verdicts: tuple[Verdict, ...], cited: dict[str, list[str]]) -> Iterator[Json]:
    groups: dict[tuple[str, ...], list[Observation]] = {}
    for observation in case.observations:
        if observation.value is not None:
            groups.setdefault(tuple(sorted(observation.concepts)) or (observation.label,), []).append(observation)
    for concepts, group in sorted(groups.items(), key=lambda pair: (not _topics(pair[1], cited), pair[0])):
        unit = _unit(group)
        points = [_point(one, unit, cited) for one in group]
        newest = group[0]
        yield {
            "name": newest.label,
            "concepts": list(concepts),
            "unit": unit,
            "topics": _topics(group, cited),
            "points": [point for point in points if point],
            "reference": _reference_range(newest, unit),
            "limits": list(_limits(newest, unit, _topics(group, cited), verdicts)),
        }


def _topics(group: Iterable[Observation], cited: dict[str, list[str]]) -> list[str]:
    return list(dict.fromkeys(topic for one in group for topic in cited.get(one.reference, ())))


def _unit(group: list[Observation]) -> str:
    value = group[0].value
    return value.unit if value else ""


def _point(one: Observation, unit: str, cited: dict[str, list[str]]) -> Json | None:
    value = _in(one.value, unit)
    if value is None:
        return None
    written = f"{one.comparator}{one.value}"
    topics = cited.get(one.reference, [])
    return {"reference": one.reference, "value": value, "written": written, "topics": topics, **_span(one.when)}


def _in(quantity: Quantity | None, unit: str) -> float | None:
    try:
        return None if quantity is None else float(quantity.to(unit).value)
    except UnlikeUnits:
        return None


def _reference_range(one: Observation, unit: str) -> Json:
    bounds = {"low": _in(one.low, unit), "high": _in(one.high, unit)}
    return {name: value for name, value in bounds.items() if value is not None}


def _limits(one: Observation, unit: str, topics: list[str], verdicts: tuple[Verdict, ...]) -> Iterator[Json]:
    """Limits that belong to a series: of the rules that quote it, or of the same substance in a rule that fired."""
    drawn: dict[tuple[float, str], Json] = {}
    for verdict in verdicts:
        for parameter in verdict.card.parameters.values():
            value = _limit(parameter, one, unit, quoted=verdict.card.topic in topics)
            if value is None or not (verdict.card.topic in topics or verdict.fired):
                continue
            line = drawn.setdefault(
                (value, parameter.name),
                {"value": value, "name": parameter.name, "written": parameter.text, "topics": []},
            )
            line["topics"].append(verdict.card.topic)
    yield from drawn.values()


def _limit(parameter: Parameter, one: Observation, unit: str, *, quoted: bool) -> float | None:
    limit = parameter.value
    if not isinstance(limit, Limit) or one.value is None:
        return None
    substance = limit.stated[0].substance
    if substance != one.value.substance or not (substance or quoted):
        return None
    try:
        return float(limit.for_unit(unit).value)
    except UnlikeUnits:
        return None
