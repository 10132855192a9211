"""The shape in which FHIR JSON is decoded: for each resource type one flat, lean struct.

Making Python objects is what costs, so a resource becomes a handful of strings, and whatever may not be needed stays
:class:`msgspec.Raw`. Only fields that a reader uses are named; all else is skipped unread.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Union

import msgspec
from msgspec import Raw, Struct

ABSENT = Raw(b"")
"""A field that the resource does not have; it is false."""


class Reference(Struct, gc=False):
    reference: str | None = None
    display: str | None = None


class Subject(Struct, gc=False):
    reference: str | None = None


class Resource(Struct, gc=False, rename="camel", tag_field="resourceType"):
    """What we read of any resource; each type below adds its own. The class is named as the type."""

    id: str | None = None
    status: str | None = None
    subject: Subject | None = None

    @property
    def resource_type(self) -> str:
        """The FHIR resource type."""
        return type(self).__name__


class Patient(Resource, gc=False, tag=True):
    birth_date: str | None = None
    gender: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None


class Condition(Resource, gc=False, tag=True):
    code: Raw = ABSENT
    clinical_status: Raw = ABSENT
    verification_status: Raw = ABSENT
    body_site: Raw = ABSENT
    onset_date_time: str | None = None
    onset_period: Raw = ABSENT
    onset_string: str | None = None
    recorded_date: str | None = None
    abatement_date_time: str | None = None
    stage: Raw = ABSENT
    note: Raw = ABSENT


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
    data_absent_reason: Raw = ABSENT
    reference_range: Raw = ABSENT
    component: Raw = ABSENT
    body_site: Raw = ABSENT
    focus: Raw = ABSENT


class Report(Resource, gc=False):
    """What was examined and what was concluded."""

    code: Raw = ABSENT
    procedure_code: Raw = ABSENT
    description: Raw = ABSENT
    body_site: Raw = ABSENT
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    started: str | None = None
    issued: str | None = None
    conclusion: str | None = None
    conclusion_code: Raw = ABSENT
    presented_form: Raw = ABSENT


class DiagnosticReport(Report, gc=False, tag=True):
    pass


class ImagingStudy(Report, gc=False, tag=True):
    pass


class Procedure(Resource, gc=False, tag=True):
    code: Raw = ABSENT
    performed_date_time: str | None = None
    performed_period: Raw = ABSENT
    body_site: Raw = ABSENT
    note: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT


class Medicine(Resource, gc=False):
    """A medicine requested, given, stated or dispensed."""

    intent: str | None = None
    do_not_perform: bool | None = None
    medication_codeable_concept: Raw = ABSENT
    medication_reference: Reference | None = None
    contained: Raw = ABSENT
    authored_on: str | None = None
    effective_date_time: str | None = None
    effective_period: Raw = ABSENT
    when_handed_over: str | None = None
    date_asserted: str | None = None
    dosage_instruction: Raw = ABSENT
    dosage: Raw = ABSENT
    note: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT


class MedicationRequest(Medicine, gc=False, tag=True):
    pass


class MedicationAdministration(Medicine, gc=False, tag=True):
    pass


class MedicationStatement(Medicine, gc=False, tag=True):
    pass


class MedicationDispense(Medicine, gc=False, tag=True):
    pass


class Medication(Resource, gc=False, tag=True):
    code: Raw = ABSENT
    ingredient: Raw = ABSENT


class ServiceRequest(Resource, gc=False, tag=True):
    code: Raw = ABSENT
    intent: str | None = None
    priority: str | None = None
    do_not_perform: bool | None = None
    authored_on: str | None = None
    occurrence_date_time: str | None = None
    occurrence_period: Raw = ABSENT
    order_detail: Raw = ABSENT
    quantity_quantity: Raw = ABSENT
    body_site: Raw = ABSENT
    note: Raw = ABSENT
    patient_instruction: Raw = ABSENT
    reason_code: Raw = ABSENT
    reason_reference: Raw = ABSENT


class AllergyIntolerance(Resource, gc=False, tag=True):
    patient: Subject | None = None
    code: Raw = ABSENT
    clinical_status: Raw = ABSENT
    verification_status: Raw = ABSENT
    onset_date_time: str | None = None
    recorded_date: str | None = None


class Device(Resource, gc=False, tag=True):
    patient: Subject | None = None
    type: Raw = ABSENT
    device_name: Raw = ABSENT
    safety: Raw = ABSENT
    note: Raw = ABSENT


class Encounter(Resource, gc=False, tag=True):
    type: Raw = ABSENT
    class_: Raw = msgspec.field(name="class", default=ABSENT)
    service_type: Raw = ABSENT
    reason_code: Raw = ABSENT
    period: Raw = ABSENT


class OperationOutcome(Resource, gc=False, tag=True):
    pass


class Entry(Struct, gc=False):
    resource: AnyResource | None = None


class Bundle(Resource, gc=False, tag=True):
    entry: list[Entry] | None = None
    link: Raw = ABSENT


class Unread(Resource, gc=False):
    """A resource of a type that no card reads: it costs no other resource, and next to nothing."""


READ = (
    Patient,
    Condition,
    Observation,
    DiagnosticReport,
    ImagingStudy,
    Procedure,
    MedicationRequest,
    MedicationAdministration,
    MedicationStatement,
    MedicationDispense,
    Medication,
    ServiceRequest,
    AllergyIntolerance,
    Device,
    Encounter,
    OperationOutcome,
    Bundle,
)
_OTHER_TYPES = """
Account ActivityDefinition AdverseEvent Appointment AppointmentResponse AuditEvent Basic Binary
BiologicallyDerivedProduct BodyStructure CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem
ChargeItemDefinition Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest
CompartmentDefinition Composition ConceptMap Consent Contract Coverage CoverageEligibilityRequest
CoverageEligibilityResponse DetectedIssue DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement
DocumentManifest DocumentReference EffectEvidenceSynthesis Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare
EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal
GraphDefinition Group GuidanceResponse HealthcareService Immunization ImmunizationEvaluation
ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location Measure
MeasureReport Media MedicationKnowledge MedicinalProduct MedicinalProductAuthorization
MedicinalProductContraindication MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction
MedicinalProductManufactured MedicinalProductPackaged MedicinalProductPharmaceutical
MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder
ObservationDefinition OperationDefinition Organization OrganizationAffiliation Parameters PaymentNotice
PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Provenance Questionnaire
QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy
ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter Slot Specimen SpecimenDefinition
StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein
SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task
TerminologyCapabilities TestReport TestScript ValueSet VerificationResult VisionPrescription
"""
"""The other resource types of FHIR R4: an include or a page of everything may bring them."""

if TYPE_CHECKING:
    AnyResource = Resource
else:
    AnyResource = Union[
        (*READ, *(msgspec.defstruct(name, (), bases=(Unread,), tag=name, gc=False) for name in _OTHER_TYPES.split()))
    ]

Prefetch = dict[str, AnyResource | None]
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


class DeviceName(Struct, gc=False):
    name: str | None = None
