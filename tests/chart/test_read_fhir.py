"""Real records, read: whose, how sure, how old, in which unit; and nothing lost in silence."""

from __future__ import annotations

import pytest

from cds_service.chart.case import NotAsked
from tests.chart.charts import ICD, SNOMED, bundle, calcium, coded, condition, read


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


def test_words_count_but_are_kept_apart_from_codes() -> None:
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


def test_the_selected_drafts_are_kept_apart_from_the_others() -> None:
    drafts = [{**DRAFT, "id": "a"}, {**DRAFT, "id": "b"}]
    case = read({}, drafts=drafts, selections=("MedicationRequest/b",))
    assert [fact.reference for fact in case.selected_medications("zoledronic-acid")] == ["MedicationRequest/b"]
    assert set(case.drafts) == {"MedicationRequest/a", "MedicationRequest/b"}


def test_without_selections_every_draft_is_selected() -> None:
    case = read({}, drafts=[{**DRAFT, "id": "a"}, {**DRAFT, "id": "b"}])
    assert len(case.selected_medications("zoledronic-acid")) == 2


@pytest.mark.parametrize(("selected", "named"), [("a", ["MedicationRequest/a"]), ("b", [])])
def test_a_draft_of_another_patient_is_dropped_and_named_where_it_is_picked(selected: str, named: list[str]) -> None:
    drafts = [{**DRAFT, "id": "a", "subject": {"reference": "Patient/q"}}, {**DRAFT, "id": "b"}]
    case = read({}, drafts=drafts, selections=(f"MedicationRequest/{selected}",))
    assert [fact.reference for fact in case.medications] == ["MedicationRequest/b"]
    assert case.set_aside[0].because == "other-patient"
    assert [gap.reference for gap in case.gaps if gap.problem == "other-patient"] == named


def test_a_rule_that_reads_what_its_card_did_not_ask_for_raises() -> None:
    case = read({"conditions": bundle(condition(coded(ICD, "C79.51")))}).restricted_to(["observations"])
    with pytest.raises(NotAsked):
        case.conditions.of("bone-metastasis")


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("94222008 |Secondary malignant neoplasm of bone|", True),
        ("94222008|Secondary malignant neoplasm of bone|:363698007=51282000", True),
        ("=== 94222008 : 363698007 = 51282000", True),
        ("94222008+254837009", True),
        ("94222008:408729009=410516002", False),  # known absent
        ("942220081", False),
    ],
)
def test_an_expression_of_snomed_ct_is_the_concept_that_it_refines(code: str, known: bool) -> None:
    found = read({"conditions": bundle(condition(coded(SNOMED, code)))}).conditions.of("bone-metastasis")
    assert bool(found) == known


@pytest.mark.parametrize(
    ("code", "concept"),
    [
        ("275.42", "hypercalcaemia"),
        ("733.13", "vertebral-fracture"),
        ("344.61", "cauda-equina"),
        ("788.20", "urinary-retention"),
        ("788.30", "urinary-incontinence"),
        ("336.3", "cord-compression-supporting"),
        ("344.1", "limb-weakness"),
    ],
)
def test_red_flags_are_known_in_icd_9_cm(code: str, concept: str) -> None:
    record = {"conditions": bundle(condition(coded("http://hl7.org/fhir/sid/icd-9-cm", code)))}
    assert read(record).conditions.of(concept)


@pytest.mark.parametrize("code", ["275.41", "788.32", "344.2", "733.00"])
def test_their_neighbours_in_icd_9_cm_are_not(code: str) -> None:
    record = {"conditions": bundle(condition(coded("http://hl7.org/fhir/sid/icd-9-cm", code)))}
    wrong = ("hypercalcaemia", "urinary-incontinence", "limb-weakness", "pathological-fracture")
    assert not read(record).conditions.of(*wrong)


@pytest.mark.parametrize("words", ["St. p. Mammakarzinom", "Stp. Mamma-CA", "St.p. Mammakarzinom links"])
def test_a_state_after_in_its_short_forms_is_history(words: str) -> None:
    (fact,) = read({"conditions": bundle(condition({"text": words}))}).conditions.of("breast-cancer")
    assert fact.state == "past"


def test_no_hint_of_in_its_short_form_denies() -> None:
    assert not read({"conditions": bundle(condition({"text": "k.A. f. Knochenmetastasen"}))}).conditions


@pytest.mark.parametrize(
    ("name", "places", "sign"),
    [
        ("Weakness", ["Both legs"], "limb-weakness"),
        ("Weakness", ["Face"], None),
        ("Numbness", ["Left hand"], None),
        ("Numbness", ["Left hand", "Left leg"], "sensory-disturbance"),
        ("Numbness", ["Trunk"], "sensory-disturbance"),
        ("Paraparesis", ["Lower limb"], "limb-weakness"),
        ("Urinary retention", ["Bladder"], "urinary-retention"),
    ],
)
def test_a_body_site_says_what_a_name_means(name: str, places: list[str], sign: str | None) -> None:
    problem = condition({"text": name}, bodySite=[{"text": place} for place in places])
    found = read({"conditions": bundle(problem)}).conditions.of("cord-sign")
    assert {concept for fact in found for concept in fact.concepts} == ({sign, "cord-sign"} if sign else set())


def test_a_code_of_numbness_is_none_of_the_cord_at_the_hand() -> None:
    numb, hand = coded(SNOMED, "44077006"), [{"text": "Hand"}]
    assert not read({"conditions": bundle(condition(numb, bodySite=hand))}).conditions.of("cord-sign")
    assert read({"conditions": bundle(condition(numb, bodySite=[{"text": "Foot"}]))}).conditions.of("cord-sign")
