"""Real records, read: whose, how sure, how old, in which unit; and nothing lost in silence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from cds_service.chart.case import Case, NotAsked
from cds_service.chart.read_fhir import NEWEST_OF_A_CODE, read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.wire import Prefetch
from tests.shipped import meanings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"


def read(
    prefetch: dict[str, Any], *, patient: str = "p", raw: bool = False, drafts: list[Any] | None = None, **more: Any
) -> Case:
    body = json.dumps(prefetch).encode()
    typed: Any = msgspec.json.decode(body, type=dict[str, msgspec.Raw] if raw else Prefetch)
    given = json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in drafts]}) if drafts else ""
    circumstances = Circumstances(
        patient_id=patient, hook="patient-view", as_of=NOW, draft_orders=given.encode(), **more
    )
    return read_case(typed, circumstances, meanings())


def bundle(*resources: Any, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in resources], **more}


def condition(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p"}, "code": code, **more}


def coded(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


def calcium(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "ca1",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": coded(LOINC, "17861-6"),
        "effectiveDateTime": "2026-03-01T08:00:00Z",
        **more,
    }


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (ICD, "C79.51"),
        (ICD, "C7951"),
        (ICD, "c79.51"),
        ("urn:oid:2.16.840.1.113883.6.90", "C7951"),
        ("urn:oid:2.16.840.1.113883.6.135", "C79.5"),
        ("http://hl7.org/fhir/sid/icd-10", "C79.5"),
        ("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "C79.5"),
        (SNOMED, "94222008"),
        ("urn:oid:2.16.840.1.113883.6.96", "94222008"),
        ("http://snomed.info/sct/900000000000207008", "94222008"),
        ("http://snomed.info/sct|http://snomed.info/sct/731000124108", "94222008"),
    ],
)
def test_a_code_is_known_under_every_name_of_its_system(system: str, code: str) -> None:
    case = read({"conditions": bundle(condition(coded(system, code)))})
    assert [fact.reference for fact in case.conditions.of("bone-metastasis")] == ["Condition/c1"]


def test_a_code_of_who_stands_for_its_national_subdivisions() -> None:
    case = read({"conditions": bundle(condition(coded("http://fhir.de/CodeSystem/bfarm/icd-10-gm", "G82.20")))})
    assert case.conditions.of("limb-weakness")


def test_a_bare_code_is_called_by_our_name_for_it() -> None:
    (fact,) = read({"conditions": bundle(condition(coded(ICD, "C61")))}).conditions
    assert fact.label == "Malignant neoplasm of prostate"


def test_any_coding_of_a_concept_counts_beside_local_ones() -> None:
    code = {"coding": [{"system": "urn:oid:1.2.840.114350.1", "code": "12345"}, {"system": ICD, "code": "C79.51"}]}
    assert read({"conditions": bundle(condition(code))}).conditions.of("bone-metastasis")


def test_words_count_but_are_told_from_codes() -> None:
    (fact,) = read({"conditions": bundle(condition({"text": "Known bone metastases"}))}).conditions.of(
        "bone-metastasis"
    )
    assert "bone-metastasis" not in fact.coded


@pytest.mark.parametrize("text", ["bone mets ruled out", "bone mets, r/o", "No evidence of bone metastases"])
def test_denied_words_are_set_aside_by_name(text: str) -> None:
    case = read({"conditions": bundle(condition({"text": text}))})
    assert not case.conditions
    assert [(item.reference, item.because) for item in case.set_aside] == [("Condition/c1", "negated")]


def test_doubted_words_make_a_suspected_fact() -> None:
    (fact,) = read({"conditions": bundle(condition({"text": "? bone metastases"}))}).conditions
    assert fact.suspected


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_what_is_refuted_or_in_error_is_no_fact(status: str) -> None:
    verification = coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", status)
    case = read({"conditions": bundle(condition(coded(ICD, "C79.51"), verificationStatus=verification))})
    assert not case.conditions
    assert case.set_aside[0].because == status


def test_a_resource_of_another_patient_is_dropped_and_named() -> None:
    mine = condition(coded(ICD, "C79.51"))
    other = condition(coded(ICD, "C50.911"), id="c2", subject={"reference": "Patient/q"})
    case = read({"conditions": bundle(mine, other)})
    assert [fact.reference for fact in case.conditions] == ["Condition/c1"]
    assert [(item.reference, item.because) for item in case.set_aside] == [("Condition/c2", "other-patient")]
    assert case.supply["conditions"].state == "given"


@pytest.mark.parametrize(
    "reference", ["Patient/p", "https://ehr.example/fhir/Patient/p", "Patient/p/_history/3", "urn:uuid:p"]
)
def test_a_patient_is_recognised_in_every_form_of_reference(reference: str) -> None:
    case = read({"conditions": bundle(condition(coded(ICD, "C79.51"), subject={"reference": reference}))})
    assert len(case.conditions) == 1


def test_the_six_ways_in_which_data_can_be_missing_stay_apart() -> None:
    other = condition(coded(ICD, "C79.51"), subject={"reference": "Patient/q"})
    case = read(
        {
            "conditions": bundle(other),
            "laboratory": None,
            "reports": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]},
            "procedures": bundle(),
            "serviceRequests": {"resourceType": "Bundle"},
        }
    )
    states = {
        need: case.supply[need].state for need in ("conditions", "observations", "reports", "procedures", "orders")
    }
    assert states == {
        "conditions": "other-patient",
        "observations": "null",
        "reports": "error",
        "procedures": "empty",
        "orders": "empty",
    }
    assert case.lacking("conditions", "observations", "reports", "procedures", "orders", "devices") == (
        "conditions",
        "observations",
        "reports",
        "devices",
    )


def test_an_error_for_one_key_outweighs_what_another_key_of_the_need_brought() -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    case = read({"laboratory": outcome, "observations": bundle(calcium())})
    assert case.supply["observations"].state == "error"
    assert case.observations.of("calcium-total")


def test_a_page_with_more_behind_it_is_marked() -> None:
    case = read({"conditions": bundle(link=[{"relation": "next", "url": "https://ehr.example/next"}])})
    assert case.supply["conditions"].truncated


def test_one_unreadable_resource_costs_no_other_and_is_named() -> None:
    odd = {"resourceType": "Condition", "id": "odd", "subject": 5, "code": coded(ICD, "C79.51")}
    case = read({"conditions": bundle(odd, condition(coded(ICD, "C50.911")))}, raw=True)
    assert [fact.reference for fact in case.conditions] == ["Condition/c1"]
    assert [item.because for item in case.set_aside] == ["unreadable"]


def test_a_number_where_text_belongs_is_mended() -> None:
    case = read({"conditions": bundle(condition(coded(ICD, "C79.51"), id=7))}, raw=True)
    assert [fact.reference for fact in case.conditions] == ["Condition/7"]


def test_the_same_resource_under_two_keys_counts_once() -> None:
    case = read({"laboratory": bundle(calcium()), "observations": bundle(calcium())})
    assert len(case.observations) == 1


@pytest.mark.parametrize(
    ("value", "number", "unit", "assumed"),
    [
        ({"valueQuantity": {"value": 12.4, "unit": "mg/dL"}}, "12.4", "mg/dL", False),
        (
            {"valueQuantity": {"value": 12.4, "code": "mg/dL", "unit": "milligram per decilitre"}},
            "12.4",
            "mg/dL",
            False,
        ),
        ({"valueQuantity": {"value": 3.1, "unit": "MMOL/L"}}, "3.1", "mmol/L", False),
        ({"valueQuantity": {"value": 13.2}}, "13.2", "mg/dL", True),
        ({"valueQuantity": {"value": 2.9}}, "2.9", "mmol/L", True),
        ({"valueString": "12,4 mg/dL"}, "12.4", "mg/dL", False),
        ({"valueCodeableConcept": {"text": "12.4 mg/dL"}}, "12.4", "mg/dL", False),
    ],
)
def test_a_calcium_is_read_in_whatever_form_it_comes(
    value: dict[str, Any], number: str, unit: str, assumed: bool
) -> None:
    (fact,) = read({"laboratory": bundle(calcium(**value))}).observations
    assert fact.value is not None
    assert (fact.value.value, fact.value.unit, fact.unit_assumed) == (Decimal(number), unit, assumed)


@pytest.mark.parametrize(
    "value",
    [
        {"valueQuantity": {"value": 4.8}},
        {"valueQuantity": {"value": 3.1, "unit": "furlong"}},
        {"valueQuantity": {"value": 3.1, "unit": "kg"}},
        {"valueString": "see note"},
        {"dataAbsentReason": {"text": "haemolysed"}},
        {"valueQuantity": None},
    ],
)
def test_a_number_without_a_credible_unit_is_no_quantity(value: dict[str, Any]) -> None:
    (fact,) = read({"laboratory": bundle(calcium(**value))}).observations
    assert fact.value is None


@pytest.mark.parametrize(
    ("value", "comparator"),
    [
        ({"valueQuantity": {"value": 15, "unit": "mg/dL", "comparator": ">"}}, ">"),
        ({"valueString": "GT 15 mg/dL"}, ">"),
        ({"valueString": "<1.0 mmol/L"}, "<"),
        ({"valueQuantity": {"value": 15, "unit": "mg/dL", "comparator": "="}}, ""),
    ],
)
def test_comparators_are_kept_and_stray_ones_dropped(value: dict[str, Any], comparator: str) -> None:
    (fact,) = read({"laboratory": bundle(calcium(**value))}).observations
    assert fact.comparator == comparator


@pytest.mark.parametrize(
    "value",
    [
        {"valueBoolean": False},
        {"valueString": "No"},
        {"valueCodeableConcept": coded(SNOMED, "2667000")},
    ],
)
def test_a_sign_that_is_said_to_be_absent_is_absent(value: dict[str, Any]) -> None:
    sign = {**calcium(), "id": "s1", "code": coded(SNOMED, "309774006"), **value}
    assert [fact.present for fact in read({"observations": bundle(sign)}).observations] == [False]


def test_a_finding_may_stand_in_the_value_of_a_general_observation() -> None:
    sign = {**calcium(), "code": coded(LOINC, "75325-1"), "valueCodeableConcept": coded(SNOMED, "309774006")}
    assert read({"observations": bundle(sign)}).observations.of("limb-weakness")


def test_components_of_a_panel_are_observations_of_their_own() -> None:
    panel = {**calcium(), "code": {"text": "Bone profile"}}
    panel["component"] = [
        {"code": coded(LOINC, "17861-6"), "valueQuantity": {"value": 12.4, "unit": "mg/dL"}},
        {"code": coded(LOINC, "1751-7"), "valueQuantity": {"value": 2.0, "unit": "g/dL"}},
    ]
    case = read({"laboratory": bundle(panel)})
    assert [fact.reference for fact in (*case.observations.of("calcium-total"), *case.observations.of("albumin"))] == [
        "Observation/ca1",
        "Observation/ca1",
    ]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "registered"])
def test_results_that_do_not_stand_are_no_facts(status: str) -> None:
    assert not read({"laboratory": bundle(calcium(status=status))}).observations


def test_the_newest_of_many_results_are_kept_and_come_first() -> None:
    many = [
        calcium(id=f"ca{day}", effectiveDateTime=f"2026-01-{day:02d}", valueQuantity={"value": day, "unit": "mg/dL"})
        for day in range(1, 29)
    ]
    found = read({"laboratory": bundle(*many)}).observations.of("calcium-total")
    assert len(found) == NEWEST_OF_A_CODE
    assert found[0].reference == "Observation/ca28"


def test_many_results_of_another_patient_do_not_crowd_out_this_patients() -> None:
    others = [calcium(id=f"o{n}", subject={"reference": "Patient/q"}) for n in range(NEWEST_OF_A_CODE + 5)]
    mine = calcium(effectiveDateTime="2026-02-01", valueQuantity={"value": 12, "unit": "mg/dL"})
    case = read({"laboratory": bundle(*others, mine)})
    assert [fact.reference for fact in case.observations] == ["Observation/ca1"]
    assert len(case.set_aside) == len(others)


def test_a_result_of_next_year_is_set_aside_as_future() -> None:
    case = read({"laboratory": bundle(calcium(effectiveDateTime="2027-03-01"))}).read_all()
    assert [item.because for item in case.set_aside] == ["future"]


def test_a_normal_range_counts_in_the_unit_of_the_value_only() -> None:
    high = [{"high": {"value": 10.2, "unit": "mg/dL"}}]
    (fact,) = read(
        {"laboratory": bundle(calcium(valueQuantity={"value": 12, "unit": "mg/dL"}, referenceRange=high))}
    ).observations
    assert fact.high is not None
    (fact,) = read(
        {"laboratory": bundle(calcium(valueQuantity={"value": 3, "unit": "mmol/L"}, referenceRange=high))}
    ).observations
    assert fact.high is None


def test_a_conclusion_is_read_for_what_it_states_and_denies() -> None:
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"text": "MRI whole spine"},
        "effectiveDateTime": "2026-03-01",
        "conclusion": "Extensive vertebral metastases. No cord compression.",
    }
    (fact,) = read({"reports": bundle(report)}).reports
    assert "mri-whole-spine" in fact.concepts
    assert "vertebral-metastasis" in fact.affirmed
    assert "cord-compression" in fact.denied


def test_a_medicine_is_resolved_from_a_contained_or_supplied_medication() -> None:
    contained = {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "contained": [{"resourceType": "Medication", "id": "drug", "code": {"text": "Dexamethasone 4 mg tablet"}}],
        "medicationReference": {"reference": "#drug"},
    }
    supplied = {**contained, "id": "m2", "contained": [], "medicationReference": {"reference": "Medication/z"}}
    drug = {"resourceType": "Medication", "id": "z", "code": {"text": "Zoledronic acid 4 mg/5 mL"}}
    case = read({"medicationRequests": bundle(contained, supplied, drug)})
    assert [fact.reference for fact in case.medications.of("dexamethasone")] == ["MedicationRequest/m1"]
    assert [fact.reference for fact in case.medications.of("zoledronic-acid")] == ["MedicationRequest/m2"]


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_an_order_that_does_not_stand_is_none(status: str) -> None:
    order = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": status,
        "intent": "order",
        "code": {"text": "CT TAP"},
    }
    assert not read({"serviceRequests": bundle(order)}).orders


def test_do_not_perform_is_honoured() -> None:
    order = {"resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order", "doNotPerform": True}
    assert not read({"serviceRequests": bundle({**order, "code": {"text": "MRI whole spine"}})}).orders


DRAFT = {
    "resourceType": "MedicationRequest",
    "status": "draft",
    "medicationCodeableConcept": {"text": "Zoledronic acid 4 mg"},
}


def test_the_selected_drafts_are_told_from_the_others() -> None:
    drafts = [{**DRAFT, "id": "a"}, {**DRAFT, "id": "b"}]
    case = read({}, drafts=drafts, selections=("MedicationRequest/b",))
    assert [fact.reference for fact in case.selected_medications("zoledronic-acid")] == ["MedicationRequest/b"]
    assert set(case.drafts) == {"MedicationRequest/a", "MedicationRequest/b"}


def test_without_selections_every_draft_is_selected() -> None:
    case = read({}, drafts=[{**DRAFT, "id": "a"}, {**DRAFT, "id": "b"}])
    assert len(case.selected_medications("zoledronic-acid")) == 2


def test_a_draft_of_another_patient_is_dropped() -> None:
    case = read({}, drafts=[{**DRAFT, "id": "a", "subject": {"reference": "Patient/q"}}])
    assert not case.medications
    assert case.set_aside[0].because == "other-patient"


def test_a_rule_that_reads_what_its_card_did_not_ask_for_is_told() -> None:
    case = read({"conditions": bundle(condition(coded(ICD, "C79.51")))}).restricted_to(["observations"])
    with pytest.raises(NotAsked):
        case.conditions.of("bone-metastasis")
