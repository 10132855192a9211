"""Short facts as FHIR R4 resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from cds_service.authoring.scenarios import measures
from cds_service.authoring.scenarios.codings import GENERIC_METASTASIS, METASTASIS_SITES, CodingStyle, Json
from cds_service.authoring.scenarios.concepts import ConceptCodes
from cds_service.authoring.scenarios.facts import (
    AdministrationFact,
    AllergyFact,
    ConditionFact,
    DeviceFact,
    DraftFact,
    EncounterFact,
    FactModel,
    Flavour,
    ImagingFact,
    MedicationFact,
    ObservationFact,
    OrderFact,
    PatientFacts,
    ProcedureFact,
    ReportFact,
    ResourceFact,
    StatementFact,
    SupplyFact,
)
from cds_service.authoring.scenarios.orders import medication, order
from cds_service.authoring.scenarios.scenario import Scenario
from cds_service.authoring.scenarios.writing import Writing, pruned

_HL7 = "http://terminology.hl7.org/CodeSystem"
_CLASSES = {"ambulatory": "AMB", "emergency": "EMER", "inpatient": "IMP", "home": "HH", "virtual": "VR"}
_SURVEYS = {"pain-score", "ecog", "karnofsky", "sins-score", "mirels-score"}
_VITAL_SIGNS = {"spo2", "inhaled-oxygen", "body-weight", "body-height"}


def resources(scenario: Scenario, codes: ConceptCodes, flavour: Flavour | None = None) -> list[Json]:
    """Give the patient and all facts as resources, without the drafts of the session.

    Ids are stable: ``condition-1`` is the first condition fact. ``ValueError`` says which fact is wrong and why.
    """
    return record_and_drafts(scenario, codes, flavour)[0]


def record_and_drafts(
    scenario: Scenario, codes: ConceptCodes, flavour: Flavour | None = None
) -> tuple[list[Json], list[Json]]:
    """Give the patient and all facts as resources, and apart from them the orders of the session as draft resources."""
    written = list(_written(scenario, codes, flavour))
    return [one for one, is_draft in written if not is_draft], [one for one, is_draft in written if is_draft]


def selections(scenario: Scenario, drafts: Iterable[Json]) -> list[str]:
    """Give the references of those drafts that the clinician is picking."""
    facts = [fact for fact in scenario.facts if isinstance(fact, DraftFact)]
    return [
        f"{resource['resourceType']}/{resource['id']}"
        for fact, resource in zip(facts, drafts, strict=True)
        if fact.selected
    ]


def bundle(scenario: Scenario, codes: ConceptCodes, flavour: Flavour | None = None) -> Json:
    """Give the patient and all facts as one Bundle of type collection: the record, to which a draft does not belong."""
    entries = [{"resource": resource} for resource in resources(scenario, codes, flavour)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _written(scenario: Scenario, codes: ConceptCodes, flavour: Flavour | None) -> Iterable[tuple[Json, bool]]:
    writing = Writing(CodingStyle(codes, flavour or scenario.flavour), scenario.as_of, scenario.patient.id)
    yield _patient(scenario.patient, scenario.as_of), False
    counted: Counter[str] = Counter()
    for position, fact in enumerate(scenario.facts):
        if isinstance(fact, SupplyFact):
            continue
        counted[fact.kind] += 1
        try:
            resource = _resource(fact, writing, f"{fact.kind}-{counted[fact.kind]}")
        except ValueError as error:
            raise ValueError(f"facts[{position}] ({fact.kind}): {error}") from error
        yield pruned(resource), isinstance(fact, DraftFact)
    if writing.style.flavour == "mcode" and _is_metastatic(scenario):
        yield _m_category(writing), False


def _patient(patient: PatientFacts, as_of: datetime) -> Json:
    given, _, family = patient.name.rpartition(" ")
    return pruned(
        {
            "resourceType": "Patient",
            "id": patient.id,
            "identifier": [{"system": "urn:oid:2.999.1", "value": patient.id}],  # 2.999 is the example arc
            "active": True,
            "name": [{"use": "official", "family": family, "given": given.split()}],
            "gender": patient.sex,
            "birthDate": patient.birth or measures.birth_date(patient.age, as_of),
            "deceasedBoolean": patient.deceased or None,
        }
    )


def _resource(fact: FactModel | ResourceFact, writing: Writing, name: str) -> Json:
    if isinstance(fact, ResourceFact):
        return _verbatim(fact, writing, name)
    written = _WRITERS[type(fact)](fact, writing)
    kind = written.pop("resourceType")
    note: str = getattr(fact, "note", "")  # reports and encounters have none
    notes = [{"text": note}] if note else None
    return {"resourceType": kind, "id": fact.id or name, **written, "note": notes}


def _verbatim(fact: ResourceFact, writing: Writing, name: str) -> Json:
    resource = dict(fact.resource)
    resource.setdefault("id", name)
    owner = {"AllergyIntolerance": "patient", "Device": "patient", "Patient": ""}.get(
        resource["resourceType"], "subject"
    )
    if owner:
        resource.setdefault(owner, writing.subject)
    return resource


def _condition(fact: ConditionFact, writing: Writing) -> Json:
    style = writing.style
    code = style.fact(fact.condition, "condition", code=fact.code, text=fact.text)
    sites = [style.named(site) for site in fact.site]
    if style.flavour == "mcode" and fact.condition in METASTASIS_SITES and not (fact.code or fact.text):
        code = style.generic(GENERIC_METASTASIS)
        sites = sites or [style.named(METASTASIS_SITES[fact.condition])]
    in_error = fact.verification == "entered-in-error"  # FHIR forbids a clinical status beside it
    return {
        "resourceType": "Condition",
        "clinicalStatus": None if in_error else _status("condition-clinical", fact.clinical),
        "verificationStatus": _status("condition-ver-status", fact.verification),
        "category": [_status("condition-category", fact.category)],
        "code": code,
        "bodySite": sites,
        "subject": writing.subject,
        "onsetDateTime": writing.day(fact.onset),
        "abatementDateTime": writing.day(fact.abated),
        "recordedDate": writing.day(fact.recorded),
    }


def _observation(fact: ObservationFact, writing: Writing) -> Json:
    style = writing.style
    unit = measures.unit_of(fact.value)
    family = "" if fact.observation == "other" else style.codes.concept(fact.observation).family
    limits = {"low": writing.quantity(fact.low), "high": writing.quantity(fact.high)}
    return {
        "resourceType": "Observation",
        "status": fact.status,
        "category": [_status("observation-category", fact.category or _observation_category(fact.observation, family))],
        "code": style.fact(fact.observation, "observation", code=fact.code, text=fact.text, unit=unit),
        "subject": writing.subject,
        "focus": [{"reference": f"Condition/{target}" if "/" not in target else target} for target in fact.focus],
        "effectiveDateTime": writing.instant(fact.when),
        "issued": writing.whole_instant(fact.issued),
        **_value(fact, writing),
        "bodySite": style.named(fact.site[0]) if fact.site else None,
        "referenceRange": [limits] if fact.low or fact.high else None,
    }


def _observation_category(name: str, family: str) -> str:
    if name in _VITAL_SIGNS:
        return "vital-signs"
    if name in _SURVEYS:
        return "survey"
    return "laboratory" if family in {"laboratory", ""} else "exam"


def _value(fact: ObservationFact, writing: Writing) -> Json:
    if fact.absent:
        return {"dataAbsentReason": _status("data-absent-reason", "unknown")}
    if fact.value:
        measured = writing.quantity(fact.value)
        return {"valueQuantity": {**measured, "comparator": fact.comparator} if fact.comparator else measured}
    if fact.unitless:
        return {"valueQuantity": {"value": measures.number(fact.unitless), "comparator": fact.comparator}}
    if fact.string:
        return {"valueString": fact.string}
    if fact.answer:
        return {"valueCodeableConcept": writing.style.words_or_concept(fact.answer, "observation")}
    return {"valueInteger": fact.integer, "valueBoolean": fact.present}


def _report(fact: ReportFact, writing: Writing) -> Json:
    concept = None if fact.report == "other" else writing.style.codes.concept(fact.report)
    section = ("RAD", "Radiology") if concept is None or concept.family == "imaging" else ("PAT", "Pathology")
    return {
        "resourceType": "DiagnosticReport",
        "status": fact.status,
        "category": [{"coding": [{"system": f"{_HL7}/v2-0074", "code": section[0], "display": section[1]}]}],
        "code": writing.style.fact(fact.report, "act", code=fact.code, text=fact.text),
        "subject": writing.subject,
        "effectiveDateTime": writing.instant(fact.when),
        "issued": writing.whole_instant(fact.issued),
        "conclusion": fact.conclusion,
        "conclusionCode": [writing.style.named(name, "condition") for name in fact.conclusion_code],
    }


def _imaging(fact: ImagingFact, writing: Writing) -> Json:
    code = writing.style.fact(fact.imaging, "act", code=fact.code, text=fact.text)
    return {
        "resourceType": "ImagingStudy",
        "status": fact.status,
        "subject": writing.subject,
        "started": writing.instant(fact.when),
        "procedureCode": [code],
        "description": code.get("text"),
    }


def _procedure(fact: ProcedureFact, writing: Writing) -> Json:
    return {
        "resourceType": "Procedure",
        "status": fact.status,
        "code": writing.style.fact(fact.procedure, "act", code=fact.code, text=fact.text),
        "subject": writing.subject,
        **writing.period("performed", writing.day(fact.when), writing.day(fact.until)),
        "reasonCode": writing.reasons(fact.reason),
        "bodySite": [writing.style.named(site) for site in fact.site],
    }


def _allergy(fact: AllergyFact, writing: Writing) -> Json:
    in_error = fact.verification == "entered-in-error"  # FHIR forbids a clinical status beside it
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": None if in_error else _status("allergyintolerance-clinical", fact.clinical),
        "verificationStatus": _status("allergyintolerance-verification", fact.verification),
        "code": writing.style.fact(fact.allergy, "other", code=fact.code, text=fact.text),
        "patient": writing.subject,
        "recordedDate": writing.day(fact.recorded),
    }


def _device(fact: DeviceFact, writing: Writing) -> Json:
    kind = writing.style.fact(fact.device, "other", code=fact.code, text=fact.text)
    safety = [writing.style.words_or_concept(fact.safety, "other")] if fact.safety else None
    return {"resourceType": "Device", "status": fact.status, "type": kind, "safety": safety, "patient": writing.subject}


def _encounter(fact: EncounterFact, writing: Writing) -> Json:
    kind = None
    setting = _CLASSES.get(fact.encounter, "AMB")
    if fact.encounter not in _CLASSES or fact.code or fact.text:
        name = "other" if fact.encounter in _CLASSES else fact.encounter
        kind = writing.style.fact(name, "other", code=fact.code, text=fact.text)
    return {
        "resourceType": "Encounter",
        "status": fact.status,
        "class": {"system": f"{_HL7}/v3-ActCode", "code": setting},
        "type": [kind] if kind else None,
        "subject": writing.subject,
        "period": {"start": writing.instant(fact.when), "end": writing.instant(fact.until)},
    }


def _is_metastatic(scenario: Scenario) -> bool:
    """Whether an mCODE record of the patient would hold cM1, and does not hold its own M category."""
    if any(isinstance(fact, ObservationFact) and fact.observation == "m-category" for fact in scenario.facts):
        return False
    return any(
        isinstance(fact, ConditionFact)
        and fact.condition in METASTASIS_SITES
        and fact.clinical == "active"
        and fact.verification == "confirmed"
        and not fact.text
        for fact in scenario.facts
    )


def _m_category(writing: Writing) -> Json:
    """mCODE's clinical M category; the AJCC code."""
    return pruned(
        {
            "resourceType": "Observation",
            "id": "m-category",
            "status": "final",
            "category": [_status("observation-category", "laboratory")],
            "code": {
                "coding": [
                    {
                        "system": "http://loinc.org",
                        "code": "21907-1",
                        "display": "Distant metastases.clinical [Class] Cancer",
                    }
                ]
            },
            "subject": writing.subject,
            "effectiveDateTime": writing.day("30 d"),
            "valueCodeableConcept": {
                "coding": [
                    {
                        "system": "http://snomed.info/sct",
                        "code": "1229903009",
                        "display": "American Joint Committee on Cancer cM1",
                    }
                ],
                "text": "cM1",
            },
        }
    )


def _status(system: str, code: str) -> Json | None:
    return {"coding": [{"system": f"{_HL7}/{system}", "code": code}]} if code else None


_WRITERS: dict[type[FactModel], Callable[[Any, Writing], Json]] = {
    ConditionFact: _condition,
    ObservationFact: _observation,
    ReportFact: _report,
    ImagingFact: _imaging,
    OrderFact: order,
    ProcedureFact: _procedure,
    MedicationFact: medication,
    AdministrationFact: medication,
    StatementFact: medication,
    DraftFact: order,
    AllergyFact: _allergy,
    DeviceFact: _device,
    EncounterFact: _encounter,
}
