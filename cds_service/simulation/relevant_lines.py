"""Which lines of a bulk export any card can use: one look at each, without decoding what nobody reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Raw, Struct

from cds_service.chart.elements import ABSENT
from cds_service.chart.identity import bare_id
from cds_service.chart.meanings import Meaning, Meanings
from cds_service.chart.needs import NEEDS
from cds_service.chart.wire import Medication, Patient

TYPES = frozenset().union(*NEEDS.values())
"""Resource types that a cohort is read for; ``Medication`` besides, for references to it."""
_REMEMBERED = 100_000


class LineHeader(Struct, gc=False, rename="camel"):
    """As much of a resource as tells whose it is and whether it may matter."""

    resource_type: str = ""
    id: str | None = None
    subject: Raw = ABSENT
    patient: Raw = ABSENT
    code: Raw = ABSENT
    component: Raw = ABSENT
    value_codeable_concept: Raw = ABSENT
    value_string: Raw = ABSENT
    stage: Raw = ABSENT
    medication_codeable_concept: Raw = ABSENT
    medication_reference: Raw = ABSENT
    order_detail: Raw = ABSENT
    conclusion: Raw = ABSENT
    conclusion_code: Raw = ABSENT
    presented_form: Raw = ABSENT
    procedure_code: Raw = ABSENT
    description: Raw = ABSENT
    class_: Raw = msgspec.field(name="class", default=ABSENT)
    type: Raw = ABSENT
    service_type: Raw = ABSENT
    reason_code: Raw = ABSENT
    period: Raw = ABSENT
    status: Raw = ABSENT


class _Part(Struct, gc=False, rename="camel"):
    code: Raw = ABSENT
    value_codeable_concept: Raw = ABSENT
    value_string: Raw = ABSENT


class _Pointer(Struct, gc=False):
    reference: str | None = None
    display: str | None = None


_POINTER = msgspec.json.Decoder(_Pointer)
_COMPONENTS = msgspec.json.Decoder(list[_Part])
_MEDICATION = msgspec.json.Decoder(Medication)
_PATIENT = msgspec.json.Decoder(Patient)

Line = tuple[str, bytes, bool]
"""Patient id, the line, and whether it does not fit the lean shape."""


class LineFilter:
    """Looks through chunks of lines for what any of the codebooks may use.

    ``medicines`` names the Medication resources that mean something, by id.
    """

    def __init__(self, meanings: Sequence[Meanings], medicines: frozenset[str] = frozenset()) -> None:
        self._meanings = meanings
        self._medicines = medicines
        self._decoder = msgspec.json.Decoder(LineHeader)
        self._owners: dict[bytes, str] = {}
        self._worth: dict[str, dict[bytes, bool]] = {}
        self.unreadable = 0
        """Lines that are not JSON, or belong to nobody."""

    def relevant(self, chunk: bytes) -> list[Line]:
        """Give the lines of a chunk (whole lines only) that a card may use, with their patients, in order."""
        lines = chunk.split(b"\n")
        try:
            headers = self._decoder.decode_lines(chunk)
        except (msgspec.DecodeError, RecursionError):
            return self._one_by_one(lines)
        if len(headers) != len(lines):
            lines = [line for line in lines if line.strip()]
        if len(headers) != len(lines):
            return self._one_by_one(lines)
        return self._kept_of(headers, lines)

    def _kept_of(self, headers: Iterable[LineHeader], lines: Iterable[bytes]) -> list[Line]:
        owners, matters, answers = self._owners, self._matters, self._answers
        observations = self._worth.setdefault("Observation", {})
        kept: list[Line] = []
        keep = kept.append
        for header, line in zip(headers, lines, strict=True):
            kind = header.resource_type
            if kind == "Observation":  # nine lines of ten: decided here, without a call
                wanted = observations.get(bytes(header.code))
                if wanted is None:
                    wanted = self._known("Observation", header.code)
                if not wanted and not (header.value_string or answers(header)):
                    continue
            elif kind == "Patient":
                if header.id:
                    keep((header.id, _without_name(line), False))
                continue
            elif kind not in TYPES or not matters(header):
                continue
            subject = header.subject or header.patient
            owner = owners.get(bytes(subject))
            if owner is None:
                owner = self._owner(subject)
            if owner:
                keep((owner, line if kind != "Encounter" else self._visit(header, line), False))
            else:
                self.unreadable += 1
        return kept

    def _visit(self, header: LineHeader, line: bytes) -> bytes:
        """An encounter of a kind that no card knows keeps its day only: cards may be asked at each visit."""
        kinds = (header.class_, header.type, header.service_type, header.reason_code)
        if any(bool(raw) and self.known_list("Encounter", raw) for raw in kinds):
            return line
        parts = [b'"subject":%s' % header.subject] if header.subject else []
        parts += [b'"period":%s' % header.period] if header.period else []
        parts += [b'"status":%s' % header.status] if header.status else []
        return b'{"resourceType":"Encounter",%s}' % b",".join(parts) if parts else line

    def _matters(self, header: LineHeader) -> bool:
        kind = header.resource_type
        if header.medication_reference:
            return self._names_a_medicine(header.medication_reference)
        decide = _DECIDE.get(kind)
        return decide is None or any(bool(raw) and known(self, kind, raw) for raw, known in decide(header))

    def _answers(self, header: LineHeader) -> bool:
        answer = header.value_codeable_concept
        if not answer:
            return bool(header.component) and self._has_known_component(header.component)
        if header.component:
            return True
        return any(_tells(meanings.of_answer(answer)) for meanings in self._meanings)

    def _has_known_component(self, raw: Raw) -> bool:
        try:
            parts = _COMPONENTS.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return True
        return any(
            bool(part.value_codeable_concept or part.value_string) or self.known("Observation", part.code)
            for part in parts
        )

    def known(self, kind: str, raw: Raw) -> bool:
        """Whether a concept means something to a card, or nobody knows what it means; remembered by its bytes."""
        known = self._worth.setdefault(kind, {}).get(bytes(raw))
        return self._known(kind, raw) if known is None else known

    def known_list(self, kind: str, raw: Raw) -> bool:
        """The same for a list of concepts."""
        return any(_tells(meanings.of_all(kind, raw)) for meanings in self._meanings)

    def _known(self, kind: str, raw: Raw) -> bool:
        memory = self._worth.setdefault(kind, {})
        if len(memory) >= _REMEMBERED:
            memory.clear()
        found = [meanings.of(kind, raw) for meanings in self._meanings]
        memory[bytes(raw)] = known = any(_tells(meaning) or not meaning.known for meaning in found)
        return known

    def _names_a_medicine(self, raw: Raw) -> bool:
        try:
            pointer = _POINTER.decode(raw)
        except (msgspec.DecodeError, RecursionError):
            return True
        reference = pointer.reference or ""
        return reference.startswith("#") or bool(pointer.display) or bare_id(reference) in self._medicines

    def _owner(self, subject: Raw) -> str:
        if not subject:
            return ""
        try:
            owner = bare_id(_POINTER.decode(subject).reference or "")
        except (msgspec.DecodeError, RecursionError):
            return ""
        if len(self._owners) >= _REMEMBERED:
            self._owners.clear()
        self._owners[bytes(subject)] = owner
        return owner

    def _one_by_one(self, lines: Iterable[bytes]) -> list[Line]:
        """Read a chunk in which something is odd: it does not affect the others."""
        kept: list[Line] = []
        for line in lines:
            if not line.strip():
                continue
            try:
                header = self._decoder.decode(line)
            except (msgspec.DecodeError, RecursionError):
                kept += self._odd(line)
            else:
                kept += self._kept_of([header], [line])
        return kept

    def _odd(self, line: bytes) -> list[Line]:
        try:
            loose = msgspec.json.decode(line)
            owner = bare_id(str((loose.get("subject") or loose.get("patient") or {}).get("reference") or ""))
        except (msgspec.DecodeError, RecursionError, AttributeError):
            owner = ""
        if owner:
            return [(owner, line, True)]
        self.unreadable += 1
        return []


def _tells(meaning: Meaning) -> bool:
    return bool(meaning.concepts or meaning.denied)


def medicine_nodes(lines: Iterable[bytes], meanings: Sequence[Meanings]) -> Iterator[Medication]:
    """Give the Medication resources whose code means something as any kind of medicine."""
    kinds = sorted(NEEDS["medications"])
    for line in lines:
        try:
            node = _MEDICATION.decode(line)
        except (msgspec.DecodeError, RecursionError):
            continue
        if node.id and node.code and any(one.of(kind, node.code).concepts for kind in kinds for one in meanings):
            yield node


def _without_name(line: bytes) -> bytes:
    """A Patient with what a card may use; name, address and identifiers go no further."""
    try:
        node = _PATIENT.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return line
    kept = {
        "resourceType": "Patient",
        "id": node.id,
        "gender": node.gender,
        "birthDate": node.birth_date,
        "deceasedBoolean": node.deceased_boolean,
        "deceasedDateTime": node.deceased_date_time,
    }
    return msgspec.json.encode({name: value for name, value in kept.items() if value is not None})


_Known = Callable[[LineFilter, str, Raw], bool]


def _always(_: LineFilter, __: str, ___: Raw) -> bool:
    return True


_DECIDE: Mapping[str, Callable[[LineHeader], Iterable[tuple[Raw, _Known]]]] = {
    "Condition": lambda one: ((one.code, LineFilter.known), (one.stage, _always)),
    "Procedure": lambda one: ((one.code, LineFilter.known),),
    "AllergyIntolerance": lambda one: ((one.code, LineFilter.known),),
    "ServiceRequest": lambda one: ((one.code, LineFilter.known), (one.order_detail, LineFilter.known_list)),
    "DiagnosticReport": lambda one: (
        (one.code, LineFilter.known),
        (one.conclusion, _always),
        (one.conclusion_code, LineFilter.known_list),
        (one.presented_form, _always),
    ),
    "ImagingStudy": lambda one: (
        (one.procedure_code, LineFilter.known_list),
        (one.description, _always),
    ),
    **{kind: lambda one: ((one.medication_codeable_concept, LineFilter.known),) for kind in NEEDS["medications"]},
}
"""What of a resource may matter; types that are not named (Encounter, Device) always may."""
