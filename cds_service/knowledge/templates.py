"""Suggestion templates: FHIR resources with holes, validated at load, filled on a request by joining bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from cds_service.knowledge.wording import Placeholder, Wording, parse_wording
from cds_service.outcomes import Word
from cds_service.terminology.dates import Moment, Span
from cds_service.terminology.quantities import Limit, Quantity
from cds_service.terminology.said import plain

HoleValue = Word | Limit | Span | bool
"""What may fill a hole: a word of the outcome, or a parameter of the card."""

_encode = msgspec.json.Encoder(enc_hook=plain, decimal_format="number").encode
_decode = msgspec.json.Decoder(float_hook=Decimal).decode  # a client's numbers keep every digit

SHARED = Placeholder("shared", "\0shared")
"""Stands for what the orders of one card share."""
_REASONS: Mapping[str, frozenset[str]] = {
    "ServiceRequest": frozenset({"Condition", "Observation", "DiagnosticReport"}),
    "MedicationRequest": frozenset({"Condition", "Observation"}),
}
"""What ``reasonReference`` may refer to."""
_MOST_REASONS = 2
_MEASURED = (Quantity, Decimal, Span)
"""What readers of different languages write differently."""
_CATEGORY = "http://terminology.hl7.org/CodeSystem/medicationrequest-category"


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What every order of one answer shares; all are relative references, and what is empty is left out."""

    subject: str = ""
    encounter: str = ""
    requester: str = ""
    reasons: tuple[str, ...] = ()
    """What decided, the weightiest first."""
    setting: str = ""
    """Where care happens, which makes the category of a medicine: ``inpatient``, ``emergency``, ``outpatient``, ``community``."""
    _written: dict[tuple[str, datetime], bytes] = field(default_factory=dict, repr=False, compare=False)

    def written(self, resource_type: str, now: datetime) -> bytes:
        """The last elements of an order of this type, each after a comma; worked out once for the orders of a card."""
        found = self._written.get((resource_type, now))
        if found is None:
            found = b"," + _encode(dict(self._of(resource_type, now)))[1:-1]
            self._written[resource_type, now] = found
        return found

    def _of(self, resource_type: str, now: datetime) -> Iterator[tuple[str, Any]]:
        yield "for" if resource_type == "Task" else "subject", {"reference": self.subject}
        if self.encounter:
            yield "encounter", {"reference": self.encounter}
        if self.requester:
            yield "requester", {"reference": self.requester}
        if reasons := _indications(self.reasons, _REASONS.get(resource_type, frozenset())):
            yield "reasonReference", [{"reference": one} for one in reasons]
        if self.setting and resource_type == "MedicationRequest":
            # emergency care gives as a ward does
            setting = "inpatient" if self.setting == "emergency" else self.setting
            yield "category", [{"coding": [{"system": _CATEGORY, "code": setting}]}]
        yield "authoredOn", write_moment(now)


@dataclass(frozen=True, slots=True)
class Hole:
    """A gap between two byte segments; ``alone`` when it is the whole JSON value and not part of a string."""

    placeholder: Placeholder
    alone: bool


Segment = bytes | Hole


@dataclass(frozen=True, slots=True)
class Template:
    """A FHIR resource, or a part of one, as JSON bytes and holes in turn."""

    resource_type: str
    """Empty for the ``set`` of an update."""
    segments: tuple[Segment, ...]
    parameters: Mapping[str, HoleValue]
    """The card's parameters, which fill holes that no word of the outcome fills."""
    written: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What it was compiled from."""

    @property
    def words(self) -> frozenset[str]:
        """Names that the outcome must bring, parameters aside."""
        named = {segment.placeholder.word for segment in self.segments if isinstance(segment, Hole)}
        return frozenset(named - {"now", SHARED.word} - set(self.parameters))

    def render(
        self,
        words: Mapping[str, HoleValue],
        now: datetime,
        of: Circumstance | None = None,
        write: Callable[[Any], str] = str,
    ) -> bytes:
        """Fill the holes; ``now`` is aware, and ``write`` has quantities, numbers and spans of a sentence as its reader does.

        Raises :class:`KeyError` that names the hole for which there is no value.
        """
        out: list[bytes] = []
        for segment in self.segments:
            if isinstance(segment, bytes):
                out.append(segment)
            elif segment.placeholder.word == SHARED.word:
                out.append((of or Circumstance()).written(self.resource_type, now))
            else:
                out.append(self._fill(segment, words, now, write))
        return b"".join(out)

    def _fill(self, hole: Hole, words: Mapping[str, HoleValue], now: datetime, write: Callable[[Any], str]) -> bytes:
        place = hole.placeholder
        value = write_moment(self._later(place, now)) if place.word == "now" else words.get(place.word)
        if value is None:
            value = self.parameters.get(place.word)
        scalar = _scalar(value, place.part)
        if scalar is None or scalar == "":
            raise KeyError(place.text)
        if hole.alone:
            return _encode(scalar)
        return _encode(write(value) if isinstance(value, _MEASURED) and not place.part else _written(scalar))[1:-1]

    def _later(self, placeholder: Placeholder, now: datetime) -> datetime:
        if not placeholder.plus:
            return now
        span = self.parameters.get(placeholder.plus)
        if not isinstance(span, Span):
            raise KeyError(placeholder.text)
        return span.after(now)


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a suggestion."""

    type: str
    """``create``, ``update`` or ``delete``."""
    description: Wording
    template: Template | None = None
    """What is created, or what an update sets; ``None`` for a delete."""
    order: str = ""
    """The name in the catalogue of orders of what is created, or of what a draft becomes."""

    def resource(
        self,
        words: Mapping[str, HoleValue],
        now: datetime,
        of: Circumstance | None = None,
        *,
        draft: bytes = b"",
        write: Callable[[Any], str] = str,
    ) -> bytes | None:
        """The action's resource as JSON: what is created, or the draft with the update in it; ``None`` for a delete.

        Raises :class:`KeyError` for a hole without a value, :class:`ValueError` for an unreadable draft.
        """
        if self.template is None:
            return None
        filled = self.template.render(words, now, of, write)
        if self.type == "create":
            return filled
        return merge(draft, filled)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A choice that the card offers."""

    name: str
    label: Wording
    recommended: bool
    actions: tuple[Action, ...]


def merge(draft: bytes, changes: bytes) -> bytes:
    """Put each top-level element of ``changes`` into a draft resource; all else stays as the client sent it."""
    try:
        resource = _decode(draft)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError("the draft order is not readable") from error
    if isinstance(resource, dict):
        return _encode({**resource, **_decode(changes)})
    raise ValueError("the draft order is not a JSON object")


def _indications(decided: Iterable[str], allowed: frozenset[str]) -> list[str]:
    """Why it is ordered: what leads, and diseases and reports; a result that stands further back bears on the dose alone."""
    found = [one for one in dict.fromkeys(decided) if one.partition("/")[0] in allowed and "#" not in one]
    return [one for one in found if one is found[0] or not one.startswith("Observation/")][:_MOST_REASONS]


def write_moment(moment: datetime) -> str:
    """Write a moment as FHIR wants it, to the minute: ``2026-03-02T21:00:00Z``."""
    text = moment.replace(second=0, microsecond=0).isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def compile_created(resource: Mapping[str, Any], parameters: Mapping[str, HoleValue]) -> Template:
    """Compile the resource of a create action; what every draft has is put in: status, intent, subject, authoredOn."""
    kind = str(resource["resourceType"])
    body = {"resourceType": kind, "status": "draft", "intent": "order", **resource}
    segments: list[Segment] = [_encode(body["resourceType"]).join((b'{"resourceType":', b""))]
    for key, value in body.items():
        if key != "resourceType":
            segments.append(b"," + _encode(key) + b":")
            _compile(_said_once(value), segments)
    segments += [Hole(SHARED, True), b"}"]
    return Template(kind, _joined(segments), parameters, resource)


def compile_changes(changes: Mapping[str, Any], parameters: Mapping[str, HoleValue]) -> Template:
    """Compile the ``set`` of an update action."""
    segments: list[Segment] = []
    _compile(_said_once(changes), segments)
    return Template("", _joined(segments), parameters, changes)


def _said_once(value: Any) -> Any:
    """An element in which a concept with a text goes without displays: people read the one, systems the codes."""
    if isinstance(value, Mapping):
        worded = "coding" in value and "text" in value
        return {
            name: _said_once(_undisplayed(one) if worded and name == "coding" else one) for name, one in value.items()
        }
    return [_said_once(one) for one in value] if isinstance(value, (list, tuple)) else value


def _undisplayed(codings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: said for name, said in coding.items() if name != "display"} for coding in codings]


def _compile(value: Any, out: list[Segment]) -> None:
    if isinstance(value, Mapping):
        for index, (key, inner) in enumerate(value.items()):
            out.append((b"," if index else b"{") + _encode(key) + b":")
            _compile(inner, out)
        out.append(b"}" if value else b"{}")
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            out.append(b"," if index else b"[")
            _compile(inner, out)
        out.append(b"]" if value else b"[]")
    elif isinstance(value, str) and "{" in value:
        _compile_text(parse_wording(value), out)
    else:
        out.append(_encode(value))


def _compile_text(wording: Wording, out: list[Segment]) -> None:
    if len(wording.pieces) == 1 and isinstance(wording.pieces[0], Placeholder):
        out.append(Hole(wording.pieces[0], alone=True))
        return
    out.append(b'"')
    for piece in wording.pieces:
        out.append(_encode(piece)[1:-1] if isinstance(piece, str) else Hole(piece, alone=False))
    out.append(b'"')


def _joined(segments: list[Segment]) -> tuple[Segment, ...]:
    joined: list[Segment] = []
    for segment in segments:
        if isinstance(segment, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += segment
        else:
            joined.append(segment)
    return tuple(joined)


def _scalar(value: HoleValue | None, part: str) -> str | int | Decimal | bool | None:
    """What a word or parameter is in JSON; ``None`` when it has no such part."""
    if part:
        quantity = value.stated[0] if isinstance(value, Limit) else value
        if not isinstance(quantity, Quantity):
            return None
        return quantity.value if part == "value" else quantity.unit
    if isinstance(value, str):
        return str(value)  # words that remember how they were made are not JSON
    if value is None or isinstance(value, (int, Decimal)):
        return value
    return _written(value)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Moment):
        return value.day
    if isinstance(value, tuple):
        return ", ".join(str(each) for each in value)
    return str(value)
