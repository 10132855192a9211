"""The shape in which FHIR JSON is decoded: one flat, lean struct for all resource types.

Making Python objects is what costs, so a resource becomes a handful of strings, and whatever may not be needed stays
:class:`msgspec.Raw`. Only fields that a reader uses are named; all else is skipped unread.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

ABSENT = Raw(b"")
"""A field that the resource does not have; it is false."""


class Reference(Struct, gc=False):
    reference: str | None = None
    display: str | None = None


class Entry(Struct, gc=False):
    resource: Node | None = None


class Link(Struct, gc=False):
    relation: str | None = None


class Node(Struct, gc=False, rename="camel"):
    """A resource of any type, or a Bundle of them."""

    resource_type: str = ""
    id: str | None = None
    status: str | None = None
    entry: list[Entry] | None = None
    link: Raw = ABSENT
    contained: Raw = ABSENT
    subject: Reference | None = None
    patient: Reference | None = None
    code: Raw = ABSENT
    category: Raw = ABSENT
    body_site: Raw = ABSENT
    note: Raw = ABSENT
    # Condition
    clinical_status: Raw = ABSENT
    verification_status: Raw = ABSENT
    onset_date_time: str | None = None
    onset_period: Raw = ABSENT
    onset_string: str | None = None
    recorded_date: str | None = None
    abatement_date_time: str | None = None
    stage: Raw = ABSENT
    # Observation, DiagnosticReport
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    effective_instant: str | None = None
    issued: str | None = None
    value_quantity: Raw = ABSENT
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: Raw = ABSENT
    value_codeable_concept: Raw = ABSENT
    data_absent_reason: Raw = ABSENT
    reference_range: Raw = ABSENT
    component: Raw = ABSENT
    focus: Raw = ABSENT
    conclusion: str | None = None
    conclusion_code: Raw = ABSENT
    presented_form: Raw = ABSENT
    # Procedure, ImagingStudy
    performed_date_time: str | None = None
    performed_period: Raw = ABSENT
    started: str | None = None
    procedure_code: Raw = ABSENT
    description: Raw = ABSENT
    # orders and medicines
    intent: str | None = None
    priority: str | None = None
    do_not_perform: bool | None = None
    authored_on: str | None = None
    occurrence_date_time: str | None = None
    occurrence_period: Raw = ABSENT
    order_detail: Raw = ABSENT
    quantity_quantity: Raw = ABSENT
    patient_instruction: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT
    medication_codeable_concept: Raw = ABSENT
    medication_reference: Reference | None = None
    dosage_instruction: Raw = ABSENT
    dosage: Raw = ABSENT
    date_asserted: str | None = None
    when_handed_over: str | None = None
    # Device, Encounter, Patient
    type: Raw = ABSENT
    class_: Raw = msgspec.field(name="class", default=ABSENT)
    service_type: Raw = ABSENT
    period: Raw = ABSENT
    device_name: Raw = ABSENT
    birth_date: str | None = None
    gender: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None


Prefetch = dict[str, Node | None]
"""The ``prefetch`` object of a hook request, decoded in the one pass that reads the body."""


class Coding(Struct, gc=False):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(Struct, gc=False):
    coding: list[Coding] | None = None
    text: str | None = None


class Period(Struct, gc=False):
    start: str | None = None
    end: str | None = None


class WireQuantity(Struct, gc=False):
    value: Decimal | None = None
    comparator: str | None = None
    unit: str | None = None
    code: str | None = None


class ReferenceRange(Struct, gc=False):
    low: WireQuantity | None = None
    high: WireQuantity | None = None
    type: Raw = ABSENT


class Component(Struct, gc=False, rename="camel"):
    code: Raw = ABSENT
    value_quantity: Raw = ABSENT
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: Raw = ABSENT
    value_codeable_concept: Raw = ABSENT
    data_absent_reason: Raw = ABSENT
    reference_range: Raw = ABSENT


class Annotation(Struct, gc=False):
    text: str | None = None


class Attachment(Struct, gc=False, rename="camel"):
    content_type: str | None = None
    data: str | None = None


class Stage(Struct, gc=False):
    summary: Raw = ABSENT


class Repeat(Struct, gc=False, rename="camel"):
    frequency: Decimal | None = None
    period: Decimal | None = None
    period_unit: str | None = None


class Timing(Struct, gc=False):
    repeat: Repeat | None = None
    code: CodeableConcept | None = None


class DoseAndRate(Struct, gc=False, rename="camel"):
    dose_quantity: WireQuantity | None = None


class Dosage(Struct, gc=False, rename="camel"):
    text: str | None = None
    timing: Timing | None = None
    route: CodeableConcept | None = None
    dose_and_rate: list[DoseAndRate] | None = None
    dose: WireQuantity | None = None


class DeviceName(Struct, gc=False):
    name: str | None = None
