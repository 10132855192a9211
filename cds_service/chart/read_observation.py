"""An Observation: its value, its answer, and what about it cannot be used. Components are observations of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Raw

from cds_service.chart import wire
from cds_service.chart.answers import answered
from cds_service.chart.dating import future_of, moment_of, note_doubtful_date, period_of
from cds_service.chart.decode import UNREADABLE, listed
from cds_service.chart.elements import Component, Reference
from cds_service.chart.facts import Observation
from cds_service.chart.gaps import Problem
from cds_service.chart.meanings import EMPTY, NOTHING, Meaning, Meanings, codeable_concept, union
from cds_service.chart.measured import Measured, Part, measured, normal_range, number_of
from cds_service.chart.reading import Reading, code_of
from cds_service.terminology.dates import Moment
from cds_service.terminology.quantities import Quantity, UnlikeUnits
from cds_service.terminology.value_sets import Codebook, ValueSet

_COMPONENT = msgspec.json.Decoder(Component)
_COMPONENTS = msgspec.json.Decoder(list[Component] | None)
_ANY = msgspec.json.Decoder(Raw)
_REFERENCE = msgspec.json.Decoder(Reference)
_SETTLED = frozenset({"final", "amended", "corrected", "appended"})
_STATED = _SETTLED | {"preliminary", "partial"}
_ANSWERED = frozenset(
    {
        "t-category",
        "n-category",
        "m-category",
        "disease-status",
        "metastasis-location",
        "metastasis-course",
        "bilsky-grade",
    }
)
"""Questions whose answer is one of a few, and means nothing when it is none of them."""
_NOTHING_THERE = frozenset({"absent"})
"""The one mere answer that says how much was measured: "severely raised" and "on room air" do not."""


def read_observation(node: wire.Observation, reading: Reading, reference: str) -> Sequence[Observation]:
    """Read a result, score, sign or answer, and each component of a panel beside it."""
    status = (node.status or "final").lower()
    if status in {"entered-in-error", "cancelled"}:
        reading.aside(reference, "entered-in-error", status)
        return ()
    if status == "registered":  # no result yet, by definition; a value that stands there all the same is not trusted
        if _has_value(node) and (asked := reading.meanings.of("Observation", node.code)).concepts:
            reading.gap("observations", "conflict", reference, asked.concepts, "registered, yet with a value")
        return ()
    frame = _frame(node, reading, reference, status)
    parts: list[Part] = [node, *_components(node.component)] if node.component else [node]
    return [found for part in parts if (found := _read(part, frame, reading)) is not None]


def _components(raw: Raw) -> list[Component]:
    """The parts of a panel; what is no object at all is none. Raises :class:`msgspec.DecodeError` for one that is unreadable."""
    try:
        return _COMPONENTS.decode(raw) or []
    except msgspec.ValidationError:
        return [_COMPONENT.decode(part) for part in listed(raw, _ANY) if bytes(part)[:1] == b"{"]


class _Frame(NamedTuple):
    """What an observation and its components have in common."""

    reference: str
    status: Any
    doubt: str
    """The status as written when it says nothing: then nobody knows what the value is worth."""
    effective: Moment | None
    issued: Moment | None
    ahead: Moment | None
    """The date when it lies in the future: then there is no fact."""
    sites: frozenset[str]
    focus: tuple[str, ...]
    members: bool

    @property
    def when(self) -> Moment | None:
        return self.effective or self.issued


def _frame(node: wire.Observation, reading: Reading, reference: str, status: str) -> _Frame:
    period = period_of(node.effective_period)
    dates = (node.effective_date_time, node.effective_instant, period.end, period.start)
    effective, issued = moment_of(reading, *dates), moment_of(reading, node.issued)
    ahead = future_of(reading, *dates) if effective is None else None
    if ahead is not None:
        reading.aside(reference, "future")
    settled: Literal["final", "preliminary", "amended", "corrected"] = "preliminary"
    if status in _SETTLED:
        settled = status if status in {"amended", "corrected"} else "final"  # type: ignore[assignment]
    return _Frame(
        reference,
        settled,
        "" if status in _STATED else f"status {status}",
        effective,
        issued,
        ahead or (future_of(reading, node.issued) if effective is None and issued is None else None),
        reading.meanings.of_all("bodySite", node.body_site).concepts if node.body_site else NOTHING,
        _references(node.focus) if node.focus else (),
        bool(node.component),
    )


class _Found(NamedTuple):
    """What a part says, and what about it cannot be used."""

    concepts: frozenset[str]
    number: Measured = Measured()
    present: bool | None = None
    problem: Problem | None = None
    usable: bool = True
    stated: frozenset[str] = NOTHING
    """The disease that the answer to a closed question, or the code itself, states."""


def _read(part: Part, frame: _Frame, reading: Reading) -> Observation | None:
    """Read code and value of an observation or component; ``None`` when no value set knows either, or it is no fact."""
    meanings = reading.meanings
    asked = _of_now(meanings.of("Observation", part.code), meanings)
    question = meanings.codebook.closed_question(asked.concepts)
    given, words = _given(part, meanings, question)
    if not asked.concepts and words and asked.label:
        given = _with_its_question(asked, given, words, meanings)
    telling = asked if asked.concepts else given
    if telling.concepts <= meanings.codebook.answers_alone:  # "yes" to a question that nobody knows
        if given.denied or asked.denied:
            reading.aside(frame.reference, "negated", ", ".join(sorted(given.denied | asked.denied)))
        return None
    header = frame.members and isinstance(part, wire.Observation) and not _has_value(part)
    found = _found(part, asked, given, words, meanings)
    if found.problem and not header:
        reading.gap(
            "observations", found.problem, frame.reference, found.concepts, _written(part, words, found), frame.when
        )
    elif frame.doubt and not header:
        reading.gap("observations", "not-understood", frame.reference, found.concepts, frame.doubt, frame.when)
    if not _dated(frame, reading, found.concepts) or not found.usable:
        return None
    number = found.number
    measure = meanings.codebook.measure(found.concepts) if part.reference_range else None
    low, high = normal_range(part.reference_range, number, measure, meanings.codebook)
    if number.value is not None and (flag := _contradicted(part, number.value, low, high)):
        reading.gap(
            "observations", "conflict", frame.reference, found.concepts, f"{number.value}, flagged {flag}", frame.when
        )
    return Observation(
        reference=frame.reference,
        label=asked.label or given.label,
        short=_short(found, asked, given, meanings.codebook),
        concepts=found.concepts,
        coded=(telling.coded & found.concepts) | (found.stated if _is_coded(part.value_codeable_concept) else NOTHING),
        status=frame.status,
        effective=frame.effective,
        issued=frame.issued,
        value=number.value,
        comparator=number.comparator,
        unit_assumed=number.assumed,
        answers=given.concepts,
        present=found.present,
        text=words or number.text,
        low=low,
        high=high,
        sites=frame.sites,
        focus=frame.focus,
    )


def _short(found: _Found, asked: Meaning, given: Meaning, codebook: Codebook) -> str:
    """What it is called on cards; nothing is called by the question that found it."""
    short = codebook.called(found.stated or _sign(found, asked, codebook)) or asked.called or given.called
    return short or (codebook.narrowest(found.concepts).title if asked.label.endswith("?") else "")


def _of_now(asked: Meaning, meanings: Meanings) -> Meaning:
    """A question without the signs that it asks about as things of the past: "Have you ever had leg weakness?"."""
    stated = meanings.of_text("Observation", asked.text.strip("¿? ")) if asked.doubted else asked
    past = stated.history & meanings.codebook.signs
    return replace(asked, concepts=asked.concepts - past) if past else asked


def _sign(found: _Found, asked: Meaning, codebook: Codebook) -> frozenset[str]:
    """The sign that an answer says is there, where the question is that of an instrument: weakness, not muscle power."""
    if not found.present or codebook.instrument(asked.concepts) is None:
        return NOTHING
    return found.concepts & codebook.signs


_LONGEST_EXAMINATION = 60
"""Characters of what is examined, and of what was found."""


def _found(part: Part, asked: Meaning, given: Meaning, words: str, meanings: Meanings) -> _Found:
    codebook = meanings.codebook
    concepts = asked.concepts or given.concepts
    measure = codebook.measure(concepts)
    try:
        number = measured(part, words, measure, codebook)
    except UNREADABLE:
        return _Found(concepts, problem="unreadable", usable=False)
    if measure is not None:
        number = _graded(part, concepts, meanings) or number
        answers = given.concepts - given.denied - concepts
        has_answer = part.value_boolean is not None or bool(answers - (codebook.answers_alone - _NOTHING_THERE))
        numbered = number.value is not None and number.problem is None
        understood = numbered or (has_answer and codebook.closed_question(concepts) is None)
        return _Found(concepts, number, _said(part, given), None if understood else number.problem)
    signs = concepts & codebook.signs
    if not asked.concepts or not (signs or codebook.instrument(concepts)):
        closed = not concepts.isdisjoint(_ANSWERED) and not given.concepts
        unclear = codebook.answers_to(concepts) & codebook.signs if closed else NOTHING
        stated = _stated(part, asked, given, codebook)
        present = _said(part, given) if stated is None else True
        stated = stated or NOTHING
        problem: Problem | None = "not-understood" if closed else None
        return _Found(concepts | stated | unclear, number, present, problem, usable=not unclear, stated=stated)
    if not _has_value(part):
        if asked.question or part.data_absent_reason:
            return _Found(concepts, problem="no-value", usable=False)
        return _Found(concepts, present=True)
    answer = answered(part, asked, given, words, codebook)
    present = _flagged(part) if answer.present is None else answer.present
    if present is None:
        return _Found(concepts, number, problem="not-understood", usable=False)
    return _Found((concepts - signs) | answer.signs, number, present)


def _given(part: Part, meanings: Meanings, question: ValueSet | None) -> tuple[Meaning, str]:
    """What a coded or worded value says, as an answer (``present``, ``M1``) and as a finding in its own right; its words."""
    if part.value_codeable_concept:
        raw = part.value_codeable_concept
        given = meanings.of_closed(question, raw) if question is not None else meanings.of_answer(raw)
        return given, given.text or given.label
    text = part.value_string
    if not text and question is not None and (number := number_of(part, meanings.codebook.units)) is not None:
        text = str(number)
    if not text:
        return EMPTY, ""
    chosen = meanings.of_closed_words(question, text) if question is not None else EMPTY
    return union((meanings.of_text("answer", text), meanings.of_text("Observation", text), chosen)), text


def _with_its_question(asked: Meaning, given: Meaning, words: str, meanings: Meanings) -> Meaning:
    """A sign that what was examined and what was found name together: ``Gait: unsteady``, ``Perianal sensation: absent``.

    What the question makes of an answer counts: a weakness under ``Family history`` or ``Red flags explained`` is none.
    """
    if len(asked.label) > _LONGEST_EXAMINATION or len(words) > _LONGEST_EXAMINATION:
        return given
    both = meanings.of_text("Observation", f"{asked.label} {words}. {words} {asked.label}")
    signs = (both.concepts - both.doubted - both.history) & meanings.codebook.signs
    if not signs and meanings.codebook.signs.isdisjoint(given.concepts):
        return given
    whole = meanings.of_text("Observation", f"{asked.label}: {words}")
    if not whole.denied.isdisjoint(signs | given.concepts):
        return whole
    return both if signs else given


def _graded(part: Part, concepts: frozenset[str], meanings: Meanings) -> Measured | None:
    """The number that an answer in codes or words stands for; without a value, the interpretation may hold the grade."""
    question = meanings.codebook.closed_question(concepts)
    if question is None:
        return None
    answers = [part.value_codeable_concept] if part.value_codeable_concept else []
    if not _has_value(part) and part.interpretation:
        answers = listed(part.interpretation, _ANY)
    written = [text for raw in answers for text in meanings.written_in(raw)] or [part.value_string or ""]
    grade = meanings.number_of(question, written)
    return None if grade is None else Measured(Quantity(grade, "1"), text=str(grade))


def _stated(part: Part, asked: Meaning, given: Meaning, codebook: Codebook) -> frozenset[str] | None:
    """The disease that an observation states: as the answer to a closed question, or by its own code without a value."""
    if codebook.closed_question(asked.concepts) is not None:
        return (given.concepts - given.denied - given.doubted) & (codebook.diseases | codebook.signs) or None
    if _has_value(part) or part.data_absent_reason or asked.question:
        return None
    return (asked.coded - asked.doubted) & codebook.diseases or None


def _is_coded(answer: Raw) -> bool:
    """Whether an answer has a code, not words alone."""
    return bool(answer) and any(coding.code for coding in codeable_concept(answer).coding or ())


def _said(part: Part, given: Meaning) -> bool | None:
    """Whether a value says of itself that something is there or is not."""
    if part.value_boolean is not None:
        return part.value_boolean
    absent, present = "absent" in given.concepts, "present" in given.concepts
    return present if absent != present else None


_FLAGS: dict[str, bool] = {"pos": True, "a": True, "aa": True, "neg": False, "nd": False, "n": False}
"""What the interpretation says of a value that nobody understands; the codes are those of HL7 v3."""


def _flagged(part: Part) -> bool | None:
    flags = (code_of(one) for one in listed(part.interpretation, _ANY)) if part.interpretation else ()
    return next((_FLAGS[flag] for flag in flags if flag in _FLAGS), None)


def _contradicted(part: Part, value: Quantity, low: Quantity | None, high: Quantity | None) -> str:
    """The laboratory's flag of a critical result (HH, LL) on a number within its own range; empty where both agree."""
    if not part.interpretation or (low is None and high is None):
        return ""
    flags = {code_of(one) for one in listed(part.interpretation, _ANY)}
    try:
        if "hh" in flags and high is not None and value.value <= high.to(value.unit).value:
            return "HH"
        return "LL" if "ll" in flags and low is not None and value.value >= low.to(value.unit).value else ""
    except UnlikeUnits:
        return ""


def _has_value(part: Part) -> bool:
    return (
        part.value_boolean is not None
        or bool(part.value_string)
        or any(
            (part.value_quantity, part.value_codeable_concept, part.value_integer, part.value_range, part.value_ratio)
        )
    )


def _written(part: Part, words: str, found: _Found) -> str:
    """The value as the record writes it; without one, the flag or the reason that stands in its place."""
    if text := words or found.number.text:
        return text
    if found.problem == "unreadable":
        return bytes(part.value_quantity).decode("utf-8", "replace")
    for raw in (part.interpretation, part.data_absent_reason):
        for one in listed(raw, _ANY) if raw else ():
            concept = codeable_concept(one)
            names = (coding.display or coding.code for coding in concept.coding or ())
            if named := concept.text or next((name for name in names if name), None):
                return named
    return "an answer that is not understood" if _has_value(part) else ""


def _dated(frame: _Frame, reading: Reading, concepts: frozenset[str]) -> bool:
    """Note a doubtful date; ``False`` for what lies in the future."""
    if frame.ahead is not None:
        reading.gap("observations", "future", frame.reference, concepts, frame.ahead.text, frame.ahead)
        return False
    note_doubtful_date(reading, "observations", frame.reference, concepts, frame.when)
    return True


def _references(raw: Raw) -> tuple[str, ...]:
    return tuple(item.reference for item in listed(raw, _REFERENCE) if item.reference)
