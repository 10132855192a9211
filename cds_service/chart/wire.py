"""The shape in which FHIR JSON is decoded: for each resource type one flat, lean struct.

Making Python objects is what costs, so a resource becomes a handful of strings, and whatever may not be needed stays
:class:`msgspec.Raw`. Only fields that a reader uses are named; all else is skipped unread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

import msgspec
from msgspec import Raw, Struct

from cds_service.chart.elements import ABSENT, Adherence, Reference, Subject
from cds_service.chart.other_types import OTHER_TYPES


class Resource(Struct, gc=False, omit_defaults=True, rename="camel", tag_field="resourceType"):
    """What we read of any resource; each type below adds its own. The class is named as the type.

    Written again it is as much of the resource as is read, without the names of people.
    """

    id: str | None = None
    status: str | None = None
    subject: Subject | None = None
    patient: Subject | None = None
    """Whose it is, where the type or an older version of FHIR says ``patient``."""
    contained: Raw = ABSENT
    within: str = msgspec.field(default="", name="(within)")
    """Of a contained resource: the type of the one around it. No JSON has such a name."""

    @property
    def resource_type(self) -> str:
        """The FHIR resource type."""
        return type(self).__name__


class Patient(Resource, gc=False, tag=True):
    birth_date: str | None = None
    gender: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None
    identifier: Raw = ABSENT
    link: Raw = ABSENT


class Condition(Resource, gc=False, tag=True):
    code: Raw = ABSENT
    clinical_status: Raw = ABSENT
    verification_status: Raw = ABSENT
    body_site: Raw = ABSENT
    onset_date_time: str | None = None
    onset_period: Raw = ABSENT
    onset_age: Raw = ABSENT
    onset_range: Raw = ABSENT
    onset_string: str | None = None
    recorded_date: str | None = None
    asserted_date: str | None = None
    """The record date of STU3."""
    date_recorded: str | None = None
    """And before."""
    abatement_date_time: str | None = None
    abatement_period: Raw = ABSENT
    abatement_age: Raw = ABSENT
    abatement_range: Raw = ABSENT
    abatement_string: Raw = ABSENT
    abatement_boolean: bool | None = None
    stage: Raw = ABSENT
    evidence: Raw = ABSENT
    note: Raw = ABSENT
    extension: Raw = ABSENT


class Observation(Resource, gc=False, tag=True):
    code: Raw = ABSENT
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    effective_instant: str | None = None
    issued: str | None = None
    value_quantity: Raw = ABSENT
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: Raw = ABSENT
    value_codeable_concept: Raw = ABSENT
    value_range: Raw = ABSENT
    value_ratio: Raw = ABSENT
    data_absent_reason: Raw = ABSENT
    interpretation: Raw = ABSENT
    reference_range: Raw = ABSENT
    component: Raw = ABSENT
    body_site: Raw = ABSENT
    focus: Raw = ABSENT


class Report(Resource, gc=False):
    """What was examined and what was concluded."""

    code: Raw = ABSENT
    procedure_code: Raw = ABSENT
    procedure: Raw = ABSENT
    """What was done, in R5."""
    description: Raw = ABSENT
    body_site: Raw = ABSENT
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    started: str | None = None
    issued: str | None = None
    conclusion: str | None = None
    conclusion_code: Raw = ABSENT
    coded_diagnosis: Raw = ABSENT
    """The coded conclusion of STU3 and before."""
    presented_form: Raw = ABSENT
    text: Raw = ABSENT
    """The narrative, which some servers alone give."""


class DiagnosticReport(Report, gc=False, tag=True):
    pass


class ImagingStudy(Report, gc=False, tag=True):
    pass


class Procedure(Resource, gc=False, tag=True):
    code: Raw = ABSENT
    extension: Raw = ABSENT
    performed_date_time: str | None = None
    performed_period: Raw = ABSENT
    performed_string: str | None = None
    occurrence_date_time: str | None = None
    occurrence_period: Raw = ABSENT
    """When it was done, in R5."""
    not_done: bool | None = None
    not_performed: bool | None = None
    """It was not, in STU3 and before."""
    body_site: Raw = ABSENT
    note: Raw = ABSENT
    reason: Raw = ABSENT
    """Reasons as concept or reference, in R5; so in the other resources."""
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT


class Medicine(Resource, gc=False):
    """A medicine requested, given, stated or dispensed."""

    intent: str | None = None
    do_not_perform: bool | None = None
    not_given: bool | None = None
    taken: str | None = None
    was_not_given: bool | None = None
    was_not_taken: bool | None = None
    """Whether it was given or taken at all, in STU3 and before."""
    adherence: Adherence | None = None
    """Whether and how it is taken, in R5."""
    medication_codeable_concept: Raw = ABSENT
    medication_reference: Reference | None = None
    medication: Raw = ABSENT
    """The medicine as concept or reference, in R5."""
    authored_on: str | None = None
    date_written: str | None = None
    """When it was ordered, before STU3."""
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    effective_time_date_time: str | None = None
    effective_time_period: Raw = ABSENT
    """When it was given, before STU3."""
    occurence_date_time: str | None = None
    occurence_period: Raw = ABSENT
    """When it was given, in R5, spelled as R5 spells it."""
    when_handed_over: str | None = None
    prior_prescription: Reference | None = None
    date_asserted: str | None = None
    dosage_instruction: Raw = ABSENT
    dosage: Raw = ABSENT
    note: Raw = ABSENT
    reason: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason_codeable_concept: Raw = ABSENT
    """The reason, before STU3."""
    reason_reference: Raw = ABSENT

    @property
    def kind(self) -> str:
        """The type of R4 that it is."""
        return self.resource_type


class MedicationRequest(Medicine, gc=False, tag=True):
    pass


class MedicationOrder(Medicine, gc=False, tag=True):
    """What a MedicationRequest was called before STU3."""

    @property
    def kind(self) -> str:
        return "MedicationRequest"


class MedicationAdministration(Medicine, gc=False, tag=True):
    pass


class MedicationStatement(Medicine, gc=False, tag=True):
    pass


class MedicationDispense(Medicine, gc=False, tag=True):
    pass


class Medication(Resource, gc=False, tag=True):
    code: Raw = ABSENT
    ingredient: Raw = ABSENT


class Substance(Medication, gc=False, tag=True):
    """What an ingredient of a Medication may refer to."""


class Request(Resource, gc=False):
    """Something asked for: an order, a referral."""

    code: Raw = ABSENT
    service_requested: Raw = ABSENT
    """What a referral of STU3 and before asks for."""
    item: Raw = ABSENT
    """What a diagnostic order of DSTU2 asks for, one by one."""
    extension: Raw = ABSENT
    intent: str | None = None
    priority: str | None = None
    do_not_perform: bool | None = None
    authored_on: str | None = None
    ordered_on: str | None = None
    date: str | None = None
    event: Raw = ABSENT
    """When it was ordered, in DSTU2: of a procedure, of a referral, of a diagnostic order."""
    occurrence_date_time: str | None = None
    scheduled_date_time: str | None = None
    occurrence_period: Raw = ABSENT
    order_detail: Raw = ABSENT
    quantity_quantity: Raw = ABSENT
    body_site: Raw = ABSENT
    note: Raw = ABSENT
    patient_instruction: Raw = ABSENT
    reason: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason_codeable_concept: Raw = ABSENT
    reason_reference: Raw = ABSENT


class ServiceRequest(Request, gc=False, tag=True):
    pass


class ProcedureRequest(Request, gc=False, tag=True):
    """What a ServiceRequest was called in STU3."""


class DiagnosticOrder(Request, gc=False, tag=True):
    """An order for tests or images in DSTU2."""


class ReferralRequest(Request, gc=False, tag=True):
    """A referral in STU3."""


class AllergyIntolerance(Resource, gc=False, tag=True):
    code: Raw = ABSENT
    substance: Raw = ABSENT
    """What it is to, before STU3, whose state stands in ``status``."""
    reaction: Raw = ABSENT
    clinical_status: Raw = ABSENT
    verification_status: Raw = ABSENT
    onset_date_time: str | None = None
    recorded_date: str | None = None
    asserted_date: str | None = None

    @property
    def culprits(self) -> Raw:
        """The reactions on record, where one of them names its substance."""
        return self.reaction if b'"substance"' in bytes(self.reaction) else ABSENT


class Device(Resource, gc=False, tag=True):
    type: Raw = ABSENT
    device_name: Raw = ABSENT
    name: Raw = ABSENT
    """The names of R5."""
    safety: Raw = ABSENT
    note: Raw = ABSENT


class Encounter(Resource, gc=False, tag=True):
    type: Raw = ABSENT
    class_: Raw = msgspec.field(name="class", default=ABSENT)
    service_type: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason: Raw = ABSENT
    """The reason of STU3 and before."""
    period: Raw = ABSENT
    actual_period: Raw = ABSENT
    """The period of R5."""
    location: Raw = ABSENT


class PractitionerRole(Resource, gc=False, tag=True):
    """What the user is: a prefetch of ``{{context.userId}}`` brings it."""

    active: Raw = ABSENT
    code: Raw = ABSENT
    specialty: Raw = ABSENT
    practitioner: Reference | None = None


class CarePlan(Resource, gc=False, tag=True):
    category: Raw = ABSENT
    title: str | None = None
    description: str | None = None
    created: str | None = None
    period: Raw = ABSENT


class QuestionnaireResponse(Resource, gc=False, tag=True):
    authored: str | None = None
    item: Raw = ABSENT


class OperationOutcome(Resource, gc=False, tag=True):
    issue: Raw = ABSENT


class Entry(Struct, gc=False, omit_defaults=True, rename="camel"):
    full_url: str | None = None
    resource: AnyResource | None = None
    response: Raw = ABSENT


class Bundle(Resource, gc=False, tag=True):
    total: Raw = ABSENT
    entry: list[Entry] | None = None
    link: Raw = ABSENT


class Unread(Struct, gc=False, tag_field="resourceType"):
    """A resource of a type that no card reads: none of its elements is decoded, and it does not affect the others."""


READ = (
    Patient,
    Condition,
    Observation,
    DiagnosticReport,
    ImagingStudy,
    Procedure,
    MedicationRequest,
    MedicationOrder,
    MedicationAdministration,
    MedicationStatement,
    MedicationDispense,
    Medication,
    Substance,
    ServiceRequest,
    ProcedureRequest,
    DiagnosticOrder,
    ReferralRequest,
    AllergyIntolerance,
    Device,
    Encounter,
    PractitionerRole,
    CarePlan,
    QuestionnaireResponse,
    OperationOutcome,
    Bundle,
)
if TYPE_CHECKING:
    AnyResource = Resource
else:
    AnyResource = Union[
        (*READ, *(msgspec.defstruct(name, (), bases=(Unread,), tag=name, gc=False) for name in OTHER_TYPES))
    ]

Prefetch = dict[str, AnyResource | None]
"""The ``prefetch`` object of a hook request, decoded in the one pass that reads the body."""
