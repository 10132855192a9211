"""The shape in which FHIR JSON is decoded: one flat, lean struct for all resource types.

Making Python objects is what costs, so a resource becomes a handful of strings, and whatever may not be needed stays
:class:`msgspec.Raw`. Only fields that a reader uses are named; all else is skipped unread.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec import Raw, Struct


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
    link: Raw | None = None
    contained: Raw | None = None
    subject: Reference | None = None
    patient: Reference | None = None
    code: Raw | None = None
    category: Raw | None = None
    body_site: Raw | None = None
    note: Raw | None = None
    # Condition
    clinical_status: Raw | None = None
    verification_status: Raw | None = None
    onset_date_time: str | None = None
    onset_period: Raw | None = None
    onset_string: str | None = None
    recorded_date: str | None = None
    abatement_date_time: str | None = None
    stage: Raw | None = None
    # Observation, DiagnosticReport
    effective_date_time: str | None = None
    effective_period: Raw | None = None
    effective_instant: str | None = None
    issued: str | None = None
    value_quantity: Raw | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: Raw | None = None
    value_codeable_concept: Raw | None = None
    data_absent_reason: Raw | None = None
    reference_range: Raw | None = None
    component: Raw | None = None
    focus: Raw | None = None
    conclusion: str | None = None
    conclusion_code: Raw | None = None
    presented_form: Raw | None = None
    # Procedure, ImagingStudy
    performed_date_time: str | None = None
    performed_period: Raw | None = None
    started: str | None = None
    procedure_code: Raw | None = None
    description: Raw | None = None
    # orders and medicines
    intent: str | None = None
    priority: str | None = None
    do_not_perform: bool | None = None
    authored_on: str | None = None
    occurrence_date_time: str | None = None
    occurrence_period: Raw | None = None
    order_detail: Raw | None = None
    quantity_quantity: Raw | None = None
    patient_instruction: Raw | None = None
    reason_code: Raw | None = None
    reason_reference: Raw | None = None
    medication_codeable_concept: Raw | None = None
    medication_reference: Reference | None = None
    dosage_instruction: Raw | None = None
    dosage: Raw | None = None
    date_asserted: str | None = None
    when_handed_over: str | None = None
    # Device, Encounter, Patient
    type: Raw | None = None
    class_: Raw | None = msgspec.field(name="class", default=None)
    service_type: Raw | None = None
    period: Raw | None = None
    device_name: Raw | None = None
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
    type: Raw | None = None


class Component(Struct, gc=False, rename="camel"):
    code: Raw | None = None
    value_quantity: Raw | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: Raw | None = None
    value_codeable_concept: Raw | None = None
    data_absent_reason: Raw | None = None
    reference_range: Raw | None = None


class Annotation(Struct, gc=False):
    text: str | None = None


class Attachment(Struct, gc=False, rename="camel"):
    content_type: str | None = None
    data: str | None = None


class Stage(Struct, gc=False):
    summary: Raw | None = None


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
