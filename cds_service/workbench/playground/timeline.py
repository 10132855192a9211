"""The patient on a time line: findings, laboratory series with the limits that rules hold against them, orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Medication, Observation
from cds_service.engine.evaluate import Verdict
from cds_service.engine.evidence import evidence_value
from cds_service.engine.phrases import Phrases
from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.parameters import Parameter
from cds_service.outcomes import evidence_of
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
_MOST_LIMITS = 3
_PLAUSIBLE = "plausible_results."
"""What a result must lie within to be one at all is no limit to draw."""


def timeline(case: Case, verdicts: Iterable[Verdict], knowledge: Knowledge) -> Json:
    """Give what the page draws. Moments are ISO texts; values are in the unit of the newest result of their series."""
    verdicts = tuple(verdicts)
    cited = _Cited(verdicts)
    phrases = Phrases.of(knowledge)
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


class _Cited:
    """Which topics quote a resource as evidence, fired ones first."""

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self._topics: dict[str, list[str]] = {}
        self._fired: set[str] = set()
        for verdict in sorted(verdicts, key=lambda one: not one.fired):
            outcome = verdict.outcome
            for item in outcome.evidence:
                topics = self._topics.setdefault(item.reference, [])
                if verdict.card.topic not in topics:
                    topics.append(verdict.card.topic)
                if verdict.fired:
                    self._fired.add(item.reference)

    def of(self, *references: str) -> Json:
        """Topics that quote any of these, and whether one of those fired on it."""
        topics = dict.fromkeys(topic for reference in references for topic in self._topics.get(reference, ()))
        return {"topics": list(topics), "fired": not self._fired.isdisjoint(references)}


def _item(fact: Fact, cited: _Cited, phrases: Phrases) -> Json:
    quoted = evidence_of(fact)
    item: Json = {
        "reference": fact.reference,
        "label": fact.label,
        "value": evidence_value(quoted, phrases),
        "remark": quoted.remark,
        "status": getattr(fact, "status", getattr(fact, "state", "")),
        **cited.of(fact.reference),
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


def _series(case: Case, verdicts: tuple[Verdict, ...], cited: _Cited) -> Iterator[Json]:
    groups: dict[tuple[str, ...], list[Observation]] = {}
    for observation in case.observations:
        if observation.value is not None:
            groups.setdefault(tuple(sorted(observation.concepts)) or (observation.label,), []).append(observation)
    for concepts, group in groups.items():
        unit = _unit(group)
        quoted = cited.of(*(one.reference for one in group))
        points = [_point(one, unit, cited) for one in group]
        newest = group[0]
        yield {
            "name": _named(newest),
            "concepts": list(concepts),
            "unit": unit,
            **quoted,
            "points": [point for point in points if point],
            "reference": _reference_range(newest, unit),
            "limits": _limits(newest, unit, quoted["topics"], verdicts),
        }


def _named(one: Observation) -> str:
    """What a card calls it, else as the record does."""
    name = evidence_of(one).called or one.label
    return name[:1].upper() + name[1:]


def _unit(group: list[Observation]) -> str:
    value = group[0].value
    return value.unit if value else ""


def _point(one: Observation, unit: str, cited: _Cited) -> Json | None:
    value = _in(one.value, unit)
    if value is None:
        return None
    written = f"{one.comparator}{one.value}"
    quoted = cited.of(one.reference)
    return {"reference": one.reference, "value": value, "written": written, **quoted, **_span(one.when)}


def _in(quantity: Quantity | None, unit: str) -> float | None:
    try:
        return None if quantity is None else float(quantity.to(unit).value)
    except UnlikeUnits:
        return None


def _reference_range(one: Observation, unit: str) -> Json:
    bounds = {"low": _in(one.low, unit), "high": _in(one.high, unit)}
    return {name: value for name, value in bounds.items() if value is not None}


def _limits(one: Observation, unit: str, topics: list[str], verdicts: tuple[Verdict, ...]) -> list[Json]:
    """Limits of the rules that quote a series, those nearest to its newest value; equal ones once."""
    drawn: dict[float, Json] = {}
    for verdict in verdicts:
        if verdict.card.topic not in topics:
            continue
        for parameter in verdict.card.parameters.values():
            if parameter.name.startswith(_PLAUSIBLE):
                continue
            value = _limit(parameter, one, unit)
            if value is not None:
                line = {"value": value, "name": parameter.name, "written": parameter.text, "topics": []}
                drawn.setdefault(value, line)["topics"].append(verdict.card.topic)
    newest = _in(one.value, unit) or 0.0
    return sorted(drawn.values(), key=lambda line: float(abs(line["value"] - newest)))[:_MOST_LIMITS]


def _limit(parameter: Parameter, one: Observation, unit: str) -> float | None:
    limit = parameter.value
    if not isinstance(limit, Limit) or one.value is None or limit.stated[0].substance != one.value.substance:
        return None
    if ("ionised" in parameter.name) != any("ionised" in concept for concept in one.concepts):
        return None  # both are calcium
    try:
        return float(limit.for_unit(unit).value)
    except UnlikeUnits:
        return None
