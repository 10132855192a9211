"""What was found: Condition, Observation with its components, DiagnosticReport and ImagingStudy."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple, cast

import msgspec
from msgspec import Raw

from cds_service.chart import wire
from cds_service.chart.facts import Comparator, Condition, Observation, Report
from cds_service.chart.meanings import EMPTY, NOTHING, Meaning, union
from cds_service.chart.reading import Reading, code_of, moment_of, notes_of, period_of
from cds_service.chart.wire import Attachment, Component, ReferenceRange, Stage, WireQuantity
from cds_service.terminology.dates import Moment
from cds_service.terminology.quantities import Quantity, UnlikeUnits, normalise_unit, parse_result
from cds_service.terminology.value_sets import Measure

_DOUBTFUL = frozenset({"provisional", "differential", "unconfirmed"})
_REMISSION = frozenset({"remission"})
_PAST = frozenset({"inactive", "resolved"})
_PAST_CANCER = frozenset({"cancer-history", "solid-cancer-history", "blood-cancer-history"})
_ANY_CANCER = frozenset({"any-malignancy", "malignant-histology"})
_NO_WORDS = frozenset(
    {"no", "none", "absent", "negative", "normal", "denies", "denied", "not present", "nil", "false", "n"}
)
# "None reported", "no weakness"; but not "no change", "no longer able to walk", "no power in the legs".
_NONE_OF_IT = re.compile(
    r"(none|nil|denies|denied|absent|negative|normal"
    r"|no(?! (change|improvement|longer|better|control|sensation|feeling|power|movement|recovery|reflex)))\b"
)
_COMPONENTS = msgspec.json.Decoder(list[Component] | None)
_QUANTITY = msgspec.json.Decoder(WireQuantity | None, strict=False)
_RANGES = msgspec.json.Decoder(list[ReferenceRange], strict=False)
_YES_WORDS = frozenset({"yes", "present", "positive", "true", "y"})


def read_condition(node: wire.Condition, reading: Reading, reference: str) -> Iterable[Condition]:
    """Read a problem, diagnosis or symptom with its certainty, state, dates and body sites."""
    verification = code_of(node.verification_status)
    if verification in {"refuted", "entered-in-error"}:
        reading.aside(reference, cast(Literal["refuted", "entered-in-error"], verification))
        return ()
    own = reading.meanings.of("Condition", node.code)
    meaning = union((own, _stage(node, reading))) if node.stage else own
    if not meaning.concepts:
        if meaning.denied:
            reading.aside(reference, "negated", ", ".join(sorted(meaning.denied)))
        return ()
    onset_period = period_of(node.onset_period)
    clinical = code_of(node.clinical_status)
    state: Literal["active", "remission", "past"] = "active"
    if clinical in _REMISSION:
        state = "remission"
    elif clinical in _PAST or (not clinical and node.abatement_date_time) or _tells_of_the_past(meaning):
        state = "past"
    return (
        Condition(
            reference=reference,
            label=meaning.label,
            concepts=meaning.concepts,
            coded=meaning.coded,
            state=state,
            suspected=verification in _DOUBTFUL or bool(meaning.doubted),
            onset=moment_of(reading, node.onset_date_time, onset_period.start, node.onset_string),
            recorded=moment_of(reading, node.recorded_date),
            abated=moment_of(reading, node.abatement_date_time),
            sites=reading.meanings.of_all("bodySite", node.body_site).concepts,
            text=". ".join(part for part in (meaning.text, notes_of(node.note)) if part),
        ),
    )


def _tells_of_the_past(meaning: Meaning) -> bool:
    """Whether codes and words speak of history only; the concept of a past cancer says so by itself.

    A code of a past cancer (Z85.3) beside the words "breast cancer" stays history. The words "history of breast cancer"
    beside a code of the cancer itself (C50) leave it active.
    """
    if not _PAST_CANCER.isdisjoint(meaning.coded):
        return meaning.coded <= _PAST_CANCER
    present = meaning.concepts - meaning.history
    if not _PAST_CANCER.isdisjoint(present):
        present -= _PAST_CANCER | (_ANY_CANCER - meaning.coded)
    return not present


def _stage(node: wire.Condition, reading: Reading) -> Meaning:
    try:
        stages = msgspec.json.decode(node.stage, type=list[Stage])
    except (msgspec.DecodeError, RecursionError):
        return EMPTY
    return union(reading.meanings.of("answer", stage.summary) for stage in stages)


def read_observation(node: wire.Observation, reading: Reading, reference: str) -> Sequence[Observation]:
    """Read a result, score, sign or answer, and each component of a panel beside it."""
    if node.status in {"entered-in-error", "cancelled", "unknown"}:
        reading.aside(reference, "entered-in-error", node.status)
        return ()
    if node.status == "registered":
        return ()
    period = period_of(node.effective_period)
    effective = moment_of(reading, node.effective_date_time, node.effective_instant, period.end, period.start)
    if effective is None and _is_dated(node, period.end or period.start):
        reading.aside(reference, "future")
        return ()
    frame = _Frame(
        reference,
        node.status if node.status in _UNSETTLED else "final",
        effective,
        moment_of(reading, node.issued),
        reading.meanings.of_all("bodySite", node.body_site).concepts if node.body_site else NOTHING,
        _references(node.focus) if node.focus else (),
    )
    parts = [node, *(_COMPONENTS.decode(node.component) or ())] if node.component else [node]
    return [found for part in parts if (found := _read_value(part, frame, reading)) is not None]


_UNSETTLED = frozenset({"preliminary", "amended", "corrected"})


def _is_dated(node: wire.Observation, period: str | None) -> bool:
    return bool(node.effective_date_time or node.effective_instant or period)


class _Frame(NamedTuple):
    """What an observation and its components have in common."""

    reference: str
    status: Any
    effective: Moment | None
    issued: Moment | None
    sites: frozenset[str]
    focus: tuple[str, ...]


_Part = wire.Observation | Component


def _read_value(part: _Part, frame: _Frame, reading: Reading) -> Observation | None:
    """Read code and value of an observation or component; ``None`` when no value set knows either."""
    asked = reading.meanings.of("Observation", part.code)
    answer = _answer(part, reading)
    concepts, coded = asked.concepts, asked.coded
    if not concepts:
        concepts, coded = answer.concepts, answer.coded
    if not concepts:
        if answer.denied or asked.denied:
            reading.aside(frame.reference, "negated", ", ".join(sorted(answer.denied | asked.denied)))
        return None
    measured = _measured(part, answer, reading.meanings.codebook.measure(concepts))
    low, high = _range(part.reference_range, measured.value) if part.reference_range else (None, None)
    return Observation(
        reference=frame.reference,
        label=asked.label or answer.label,
        concepts=concepts,
        coded=coded,
        status=frame.status,
        effective=frame.effective,
        issued=frame.issued,
        value=measured.value,
        comparator=measured.comparator,
        unit_assumed=measured.assumed,
        answers=answer.concepts,
        present=_present(part, answer, concepts),
        text=part.value_string or answer.text or measured.text,
        low=low,
        high=high,
        sites=frame.sites,
        focus=frame.focus,
    )


def _answer(part: _Part, reading: Reading) -> Meaning:
    """What a coded or worded value says: as an answer (``present``, ``M1``), and as a finding in its own right."""
    given = part.value_codeable_concept
    if given:
        return reading.meanings.of_answer(given)
    text = part.value_string
    if not text:
        return EMPTY
    return union((reading.meanings.of_text("answer", text), reading.meanings.of_text("Observation", text)))


class _Measured(NamedTuple):
    """A number as far as it can be trusted."""

    value: Quantity | None = None
    comparator: Comparator = ""
    assumed: bool = False
    text: str = ""


def _measured(part: _Part, answer: Meaning, measure: Measure | None) -> _Measured:
    """Find the number in whichever ``value[x]`` holds it: quantity, integer, or words such as ``GT 45``."""
    if part.value_quantity:
        wire = _QUANTITY.decode(part.value_quantity)
        if wire is None or wire.value is None:
            return _Measured()
        unit = normalise_unit(wire.code or "") or normalise_unit(wire.unit or "")
        named = bool((wire.code or "").strip() or (wire.unit or "").strip())
        return _with_unit(wire.value, _comparator(wire.comparator), unit, named, measure)
    if part.value_integer:
        try:
            return _with_unit(Decimal(bytes(part.value_integer).decode().strip('"')), "", None, False, measure)
        except InvalidOperation:
            return _Measured()
    text = part.value_string or answer.text
    result = parse_result(text) if text and measure is not None else None
    if result is None:
        return _Measured()
    unit = normalise_unit(result.unit) if result.unit else None
    return _with_unit(result.value, result.comparator, unit, bool(result.unit), measure)


def _with_unit(
    number: Decimal, comparator: Comparator, unit: str | None, named: bool, measure: Measure | None
) -> _Measured:
    """Give a number its unit: as stated; where none is stated, as the value set's plausible ranges allow; else refuse."""
    text = f"{comparator}{number}"
    if measure is None:
        return _Measured(Quantity(number, unit) if unit else None, comparator, text=text)
    if unit is not None and unit != "1":
        quantity = Quantity(number, unit, measure.substance)
        return _Measured(quantity, comparator, text=text) if _admissible(quantity, measure) else _Measured(text=text)
    if unit == "1" and "1" in measure.units:
        return _Measured(Quantity(number, "1", measure.substance), comparator, text=text)
    if named and unit is None:
        return _Measured(text=text)
    for assumption in measure.assume:
        if assumption.low <= number <= assumption.high:
            natural = "1" in measure.units or assumption.unit == "1"
            quantity = Quantity(number, assumption.unit, measure.substance)
            return _Measured(quantity, comparator, not natural, text)
    return _Measured(text=text)


def _admissible(quantity: Quantity, measure: Measure) -> bool:
    if not measure.units or quantity.unit in measure.units:
        return True
    for unit in measure.units:
        try:
            quantity.to(unit)
        except UnlikeUnits:
            continue
        return True
    return False


def _comparator(text: str | None) -> Comparator:
    """A comparator of FHIR; what HL7 v2 leaks instead (``=``) says nothing."""
    return cast(Comparator, text) if text in {"<", "<=", ">", ">="} else ""


def _present(part: _Part, answer: Meaning, asked: frozenset[str]) -> bool | None:
    """Whether a sign is there: ``False``, coded or worded absence and a data-absent reason all mean that it is not."""
    if part.value_boolean is not None:
        return part.value_boolean
    if "absent" in answer.concepts:
        return False
    if "present" in answer.concepts:
        return True
    word = (part.value_string or answer.text).strip().strip(".").lower()
    if word in _NO_WORDS or _NONE_OF_IT.match(word):
        return False
    if answer.denied & asked and not answer.concepts & asked:
        return False  # "Leg weakness: no leg weakness"
    if word in _YES_WORDS:
        return True
    return False if part.data_absent_reason else None


def _range(raw: Raw, value: Quantity | None) -> tuple[Quantity | None, Quantity | None]:
    """The normal range in the value's own unit, where the record gives one in that unit (or without a unit)."""
    if not raw or value is None:
        return None, None
    try:
        ranges = _RANGES.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None, None
    for given in ranges:
        if not given.type or code_of(given.type) in {"normal", ""}:
            return _limit(given.low, value), _limit(given.high, value)
    return None, None


def _limit(wire: WireQuantity | None, value: Quantity) -> Quantity | None:
    if wire is None or wire.value is None:
        return None
    unit = normalise_unit(wire.code or "") or normalise_unit(wire.unit or "")
    if unit is None and (wire.code or wire.unit):
        return None
    return Quantity(wire.value, unit or value.unit, value.substance) if unit in {None, value.unit} else None


def _references(raw: Raw) -> tuple[str, ...]:
    if not raw:
        return ()
    try:
        items = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return ()
    found = items if isinstance(items, list) else [items]
    return tuple(
        item["reference"] for item in found if isinstance(item, dict) and isinstance(item.get("reference"), str)
    )


_REPORT_STATUS: dict[str, Literal["registered", "preliminary", "final"]] = {
    "registered": "registered",
    "partial": "preliminary",
    "preliminary": "preliminary",
}


def read_report(node: wire.Report, reading: Reading, reference: str) -> Iterable[Report]:
    """Read a diagnostic report or imaging study: what was examined, and what its conclusion states, doubts and denies."""
    if node.status in {"entered-in-error", "cancelled", "unknown"}:
        reading.aside(reference, "entered-in-error", node.status)
        return ()
    kind = node.resource_type
    examined = union(
        (
            reading.meanings.of(kind, node.code),
            reading.meanings.of_all(kind, node.procedure_code),
            reading.meanings.of_text(kind, notes_of(node.description)),
        )
    )
    conclusion = ". ".join(part for part in (node.conclusion, _plain_text(node.presented_form)) if part)
    said = union(
        (
            reading.meanings.of_all("Condition", node.conclusion_code),
            reading.meanings.of_prose("Condition", conclusion),
        )
    )
    if not (examined.concepts or said.concepts or said.denied):
        return ()
    period = period_of(node.effective_period)
    return (
        Report(
            reference=reference,
            label=examined.label or said.label,
            concepts=examined.concepts,
            coded=examined.coded,
            status=_REPORT_STATUS.get(node.status or "", "final"),
            effective=moment_of(reading, node.effective_date_time, period.end, period.start, node.started),
            issued=moment_of(reading, node.issued),
            affirmed=said.concepts - said.doubted - said.history,
            proven=said.coded - said.doubted,
            denied=said.denied,
            doubted=said.doubted,
            conclusion=conclusion,
            sites=reading.meanings.of_all("bodySite", node.body_site).concepts or NOTHING,
        ),
    )


def _plain_text(raw: Raw) -> str:
    """The text of a report that is attached as plain text."""
    if not raw:
        return ""
    try:
        forms = msgspec.json.decode(raw, type=list[Attachment])
        return ". ".join(
            base64.b64decode(form.data, validate=False).decode("utf-8", "replace")
            for form in forms
            if form.data and (form.content_type or "").startswith("text/plain")
        )
    except (msgspec.DecodeError, RecursionError, binascii.Error, ValueError):
        return ""
