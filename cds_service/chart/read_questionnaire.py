"""A QuestionnaireResponse: its answers are read as those of a panel of observations, by the questions' words or LOINC codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.chart import wire
from cds_service.chart.decode import anything
from cds_service.chart.facts import Observation
from cds_service.chart.read_observation import read_observation
from cds_service.chart.reading import Reading
from cds_service.terminology.cues import Cues
from cds_service.terminology.wording import plain

_DONE = frozenset({"completed", "amended"})
_LOINC = re.compile(r"\d{1,6}-\d")
"""A link id such as ``/44250-9``, which names the question of a published form."""
_AS_IT_IS = ("valueBoolean", "valueInteger", "valueString", "valueQuantity")


def read_questionnaire(node: wire.QuestionnaireResponse, reading: Reading, reference: str) -> Sequence[Observation]:
    """Read every answer of a form that was filled in; what nobody answered says nothing."""
    if node.status == "entered-in-error":
        reading.aside(reference, "entered-in-error", node.status)
        return ()
    panel = wire.Observation(
        status="final" if node.status in _DONE else "preliminary",
        effective_date_time=node.authored,
        component=Raw(msgspec.json.encode([*_answers(anything(node.item), reading.meanings.codebook.phrases.cues)])),
    )
    return read_observation(panel, reading, reference)


def _answers(items: Any, cues: Cues, heading: str = "") -> Iterator[dict[str, Any]]:
    """The answers of items and of those within them, each as a component of an observation.

    ``heading`` is the text of a group about relatives or the past, under which its questions stand.
    """
    for item in filter(_is_object, _listed(items)):
        question = _question(item, heading)
        for answer in filter(_is_object, _listed(item.get("answer"))):
            if question and (value := _value(answer)):
                yield {"code": question, **value}
            yield from _answers(answer.get("item"), cues, heading)
        title = f"{item.get('text') or ''}\n"
        opens = any(kind in {"family", "past"} for _, kind in cues.headings(plain(title).lower()))
        yield from _answers(item.get("item"), cues, title if opens else heading)


def _question(item: dict[str, Any], heading: str) -> dict[str, Any]:
    named, words = str(item.get("linkId", "")).rpartition("/")[2], item.get("text")
    coding = {"coding": [{"system": "http://loinc.org", "code": named}]} if _LOINC.fullmatch(named) else {}
    return coding | ({"text": heading + words} if isinstance(words, str) and words else {})


def _value(answer: dict[str, Any]) -> dict[str, Any]:
    if isinstance(answer.get("valueCoding"), dict):
        return {"valueCodeableConcept": {"coding": [answer["valueCoding"]]}}
    if "valueDecimal" in answer:
        return {"valueQuantity": {"value": answer["valueDecimal"]}}
    return {name: answer[name] for name in _AS_IT_IS if name in answer}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)
