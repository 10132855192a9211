"""Short facts become valid FHIR, with the right dates, in every flavour."""

from __future__ import annotations

import json
from itertools import chain
from typing import Any, get_args

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from cds_service.authoring.scenarios import (
    FACTS,
    ConceptTable,
    Flavour,
    Scenario,
    bundle,
    read_scenario_file,
    record_and_drafts,
    request,
    request_body,
    resources,
    write_fixtures,
)
from cds_service.knowledge.errors import KnowledgeError

FLAVOURS = get_args(Flavour)


def _set(name: str, title: str, *codes: tuple[str, str, str], text: tuple[str, ...] = ()) -> dict[str, Any]:
    listed = [{"system": system, "code": code, "display": display} for system, code, display in codes]
    return {"name": name, "title": title, "codes": listed, "text": list(text)}


CODES = ConceptTable.from_yaml(
    {
        "metastases": [
            _set(
                "bone-metastasis",
                "Secondary malignant neoplasm of bone",
                ("snomed", "94222008", "Secondary malignant neoplasm of bone"),
                ("icd-10-cm", "C79.51", "Secondary malignant neoplasm of bone"),
                ("icd-10", "C79.5", "Secondary malignant neoplasm of bone and bone marrow"),
                text=("bone (mets|metastas)", "neoplasm of bone"),
            ),
            {"name": "any-metastasis", "title": "Any metastasis", "includes": ["bone-metastasis"]},
        ],
        "primaries": [
            _set(
                "breast-cancer",
                "Cancer of the breast",
                ("snomed", "254837009", "Malignant neoplasm of breast"),
                ("icd-10-cm", "C50.919", "Malignant neoplasm of unspecified site of unspecified female breast"),
                text=("malignant neoplasm of breast",),
            )
        ],
        "body_sites": [_set("site-bone", "Bone", ("snomed", "272673000", "Bone structure"))],
        "symptoms": [_set("limb-weakness", "Weakness of a limb", ("snomed", "26544005", "Muscle weakness"))],
        "laboratory": [
            _set(
                "calcium-total",
                "Calcium",
                ("loinc", "17861-6", "Calcium [Mass/volume] in Serum or Plasma"),
                ("loinc", "2000-8", "Calcium [Moles/volume] in Serum or Plasma"),
            )
        ],
        "observations": [_set("spo2", "Oxygen saturation"), _set("m1", "M1 category", ("snomed", "1229903009", "cM1"))],
        "imaging": [_set("mri-whole-spine", "MRI of the whole spine")],
        "procedures": [_set("dental-exam", "Dental examination"), _set("radiotherapy", "Radiotherapy")],
        "medications": [
            _set("denosumab", "Denosumab", ("rxnorm", "993449", "denosumab"), ("atc", "M05BX04", "")),
            _set("zoledronic-acid", "Zoledronic acid", ("rxnorm", "77655", "zoledronic acid")),
        ],
        "care_setting": [_set("hospice", "Hospice care")],
        "conditions": [_set("cardiac-device", "Pacemaker"), _set("contrast-allergy", "Allergy to contrast media")],
    }
)

ONE_OF_EACH: dict[str, dict[str, Any]] = {
    "condition": {
        "condition": "bone-metastasis",
        "onset": "900 d",
        "recorded": "2026-01-15",
        "abated": "5 d",
        "clinical": "resolved",
        "site": "site-bone",
        "note": "seen on CT",
    },
    "observation": {
        "observation": "calcium-total",
        "value": "3.1 mmol/L",
        "comparator": ">",
        "low": "2.15 mmol/L",
        "high": "2.6 mmol/L",
        "issued": "2026-03-02",
        "focus": "condition-1",
        "site": "site-bone",
    },
    "report": {
        "report": "mri-whole-spine",
        "conclusion": "No compression.",
        "conclusion_code": "bone-metastasis",
        "issued": "1 h",
    },
    "imaging": {"imaging": "mri-whole-spine", "when": "3 h", "note": "with contrast"},
    "order": {"order": "mri-whole-spine", "priority": "stat", "due": "2026-03-03", "detail": "T1", "site": "site-bone"},
    "procedure": {"procedure": "dental-exam", "when": "5 mo", "until": "4 mo", "reason": "toothache"},
    "medication": {"medication": "denosumab", "dose": "120 mg", "every": "28 d", "reason": "bone-metastasis"},
    "administration": {"administration": "denosumab", "dose": "120 mg", "when": "30 d", "until": "29 d", "route": "sc"},
    "statement": {"statement": "denosumab", "dosage": "as needed", "until": "1 d"},
    "draft": {"draft": "zoledronic-acid", "dose": "4 mg", "every": "28 d", "priority": "urgent"},
    "allergy": {"allergy": "contrast-allergy", "recorded": "2 mo"},
    "device": {"device": "cardiac-device", "note": "MR conditional"},
    "encounter": {"encounter": "hospice", "when": "6 d", "until": "1 d", "status": "finished"},
    "resource": {"resource": {"resourceType": "Observation", "status": "final", "code": {"text": "height"}}},
    "supply": {"supply": {"conditions": "absent"}},
}


def scenario(*facts: dict[str, Any], **more: Any) -> Scenario:
    return Scenario.model_validate({"facts": list(facts), **more})


def first(*facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The first resource after the patient."""
    return resources(scenario(*facts, **more), CODES)[1]


def assert_valid(resource: dict[str, Any]) -> None:
    assert None not in resource.values()
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_every_kind_of_fact_has_its_example_here() -> None:
    assert set(ONE_OF_EACH) == set(FACTS)


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_every_kind_of_fact_is_valid_r4b_in_every_flavour(kind: str, flavour: str) -> None:
    hook = "order-select" if kind == "draft" else "patient-view"
    written = scenario(ONE_OF_EACH[kind], hook=hook, flavour=flavour)
    for resource in chain(*record_and_drafts(written, CODES)):
        assert_valid(resource)
    assert_valid(bundle(written, CODES))


@pytest.mark.parametrize(
    "value",
    [
        {"value": "12.4 mg/dL"},
        {"string": ">15.0 mg/dL"},
        {"integer": 2},
        {"unitless": 13.2},
        {"present": False},
        {"answer": "m1"},
        {"answer": "mild"},
        {"absent": True},
    ],
)
def test_every_form_of_an_observations_value_is_valid(value: dict[str, Any]) -> None:
    assert_valid(first({"observation": "calcium-total", **value}))


def test_spans_count_back_from_as_of() -> None:
    facts = (
        {"condition": "bone-metastasis", "onset": "900 d", "recorded": "5 mo"},
        {"condition": "limb-weakness", "onset": "3 h"},
        {"observation": "spo2", "value": "91 %", "when": "26 h"},
    )
    _, metastasis, weakness, saturation = resources(scenario(*facts, as_of="2026-03-31T09:00:00Z"), CODES)
    assert metastasis["onsetDateTime"] == "2023-10-13"
    assert metastasis["recordedDate"] == "2025-10-31"
    assert weakness["onsetDateTime"] == "2026-03-31T06:00:00Z"
    assert saturation["effectiveDateTime"] == "2026-03-30T07:00:00Z"


def test_five_months_before_the_end_of_march_is_the_end_of_october_and_one_month_before_it_the_end_of_february() -> (
    None
):
    month = first({"procedure": "dental-exam", "when": "1 mo"}, as_of="2026-03-31T09:00:00Z")
    assert month["performedDateTime"] == "2026-02-28"


@pytest.mark.parametrize("written", ["2024", "2024-05", "2024-05-07", "2024-05-07T08:00:00+02:00"])
def test_a_fhir_date_stands_as_it_was_written(written: str) -> None:
    assert first({"condition": "bone-metastasis", "onset": written})["onsetDateTime"] == written


def test_the_zone_of_as_of_is_kept() -> None:
    written = first({"observation": "spo2", "value": "91 %", "when": "1 h"}, as_of="2026-03-02T09:00:00+01:00")
    assert written["effectiveDateTime"] == "2026-03-02T08:00:00+01:00"


def test_the_patient_has_the_age_on_the_day() -> None:
    patient = resources(scenario(patient={"age": 27, "sex": "male"}), CODES)[0]
    assert patient["birthDate"] == "1998-10-02"
    assert patient["gender"] == "male"


def test_the_patient_may_be_the_first_fact() -> None:
    assert scenario({"patient": {"age": 40}}, ONE_OF_EACH["condition"]).patient.age == 40


def test_ids_count_each_kind_of_fact_unless_one_is_given() -> None:
    facts = [ONE_OF_EACH["condition"], ONE_OF_EACH["report"], {"condition": "limb-weakness"}]
    written = resources(scenario(*facts, {"condition": "limb-weakness", "id": "weak-leg"}), CODES)
    assert [one["id"] for one in written[1:]] == ["condition-1", "report-1", "condition-2", "weak-leg"]


def codings(resource: dict[str, Any]) -> list[tuple[str, str]]:
    return [(coding["system"], coding["code"]) for coding in resource["code"].get("coding", ())]


@pytest.mark.parametrize(
    ("flavour", "expected"),
    [
        (
            "us-core",
            [("http://snomed.info/sct", "94222008"), ("http://hl7.org/fhir/sid/icd-10-cm", "C79.51")],
        ),
        ("mcode", [("http://snomed.info/sct", "128462008")]),
        ("icd-10-cm", [("http://hl7.org/fhir/sid/icd-10-cm", "C79.51")]),
        ("icd-10", [("http://hl7.org/fhir/sid/icd-10", "C79.5")]),
        ("text", []),
        (
            "oid",
            [("urn:oid:2.16.840.1.113883.6.96", "94222008"), ("urn:oid:2.16.840.1.113883.6.90", "C7951")],
        ),
    ],
)
def test_a_bone_metastasis_wears_the_codes_of_its_flavour(flavour: str, expected: list[tuple[str, str]]) -> None:
    assert codings(first({"condition": "bone-metastasis"}, flavour=flavour)) == expected


def test_mcode_leaves_the_organ_to_the_body_site_and_states_the_m_category() -> None:
    _, condition, m_category = resources(scenario({"condition": "bone-metastasis"}, flavour="mcode"), CODES)
    assert condition["bodySite"][0]["coding"][0]["code"] == "272673000"
    assert m_category["valueCodeableConcept"]["text"] == "cM1"
    assert_valid(m_category)


@pytest.mark.parametrize("doubt", [{"verification": "refuted"}, {"clinical": "resolved"}, {"text": "r/o bone mets"}])
def test_mcode_states_no_m_category_for_a_metastasis_that_does_not_stand(doubt: dict[str, str]) -> None:
    assert len(resources(scenario({"condition": "bone-metastasis", **doubt}, flavour="mcode"), CODES)) == 2


def test_words_without_codes_are_words_that_the_value_set_knows() -> None:
    assert first({"condition": "breast-cancer"}, flavour="text")["code"] == {"text": "Malignant neoplasm of breast"}


@pytest.mark.parametrize(("value", "loinc"), [("12.4 mg/dL", "17861-6"), ("3.1 mmol/L", "2000-8")])
def test_the_unit_chooses_between_the_codes_of_mass_and_substance(value: str, loinc: str) -> None:
    assert codings(first({"observation": "calcium-total", "value": value})) == [("http://loinc.org", loinc)]


def test_europe_writes_its_medicines_in_atc_and_oid_records_keep_them_apart() -> None:
    european = first({"medication": "denosumab"}, flavour="icd-10")
    apart = first({"medication": "denosumab"}, flavour="oid")
    assert european["medicationCodeableConcept"]["coding"][0]["code"] == "M05BX04"
    assert apart["contained"][0]["resourceType"] == "Medication"
    assert apart["medicationReference"] == {"reference": "#medicine"}


def test_a_set_that_only_includes_others_borrows_their_codes() -> None:
    assert codings(first({"condition": "any-metastasis"}))[0] == ("http://snomed.info/sct", "94222008")


def test_own_words_replace_the_codes_and_an_own_code_replaces_those_of_the_set() -> None:
    assert first({"condition": "bone-metastasis", "text": "bone mets, r/o"})["code"] == {"text": "bone mets, r/o"}
    coded = first({"condition": "other", "code": "icd-10-cm|I10|Essential hypertension"})
    assert codings(coded) == [("http://hl7.org/fhir/sid/icd-10-cm", "I10")]
    assert coded["code"]["text"] == "Essential hypertension"


def test_the_quantity_keeps_the_digits_that_were_written() -> None:
    assert first({"observation": "calcium-total", "value": "12.4 mg/dL"})["valueQuantity"]["value"] == 12.4
    assert json.dumps(first({"observation": "spo2", "value": "91 %"})["valueQuantity"]["value"]) == "91"


def test_in_a_record_of_words_the_unit_is_not_coded() -> None:
    quantity = first({"observation": "calcium-total", "value": "12.4 mg/dl"}, flavour="text")["valueQuantity"]
    assert quantity == {"value": 12.4, "unit": "mg/dl"}


def test_a_draft_is_a_medication_request_for_a_medicine_and_a_service_request_for_all_else() -> None:
    facts = ({"draft": "zoledronic-acid", "dose": "4 mg"}, {"draft": "radiotherapy", "selected": False})
    written = scenario(*facts, hook="order-select")
    assert [one["resourceType"] for one in record_and_drafts(written, CODES)[1]] == [
        "MedicationRequest",
        "ServiceRequest",
    ]
    context = request(written, CODES)["context"]
    assert context["selections"] == ["MedicationRequest/draft-1"]
    assert len(context["draftOrders"]["entry"]) == 2
    assert len(resources(written, CODES)) == 1


def test_the_encounter_in_progress_is_the_one_of_the_hook() -> None:
    facts = ({"encounter": "inpatient", "status": "finished"}, {"encounter": "ambulatory"})
    assert request(scenario(*facts), CODES)["context"]["encounterId"] == "encounter-2"


def test_the_body_is_the_same_every_time_and_names_the_moment() -> None:
    body = request_body(scenario(ONE_OF_EACH["condition"]), CODES)
    assert body == request_body(scenario(ONE_OF_EACH["condition"]), CODES)
    assert json.loads(body)["extension"] == {"org.cds-service.as-of": "2026-03-02T09:00:00Z"}


def supplied(how: str | None, *facts: dict[str, Any]) -> dict[str, Any]:
    written = scenario({"condition": "bone-metastasis"}, {"supply": {"conditions": how}}, *facts)
    prefetch: dict[str, Any] = request(written, CODES)["prefetch"]
    return prefetch


def test_a_need_may_be_absent_null_empty_wrong_foreign_or_cut_off() -> None:
    assert "conditions" not in supplied("absent")
    assert supplied(None)["conditions"] is None
    assert supplied("null")["conditions"] is None
    assert "entry" not in supplied("empty")["conditions"]
    assert supplied("error")["conditions"]["resourceType"] == "OperationOutcome"
    foreign = supplied("other-patient")["conditions"]["entry"][0]["resource"]
    assert foreign["subject"] == {"reference": "Patient/somebody-else"}
    assert supplied("truncated")["conditions"]["link"][0]["relation"] == "next"
    for how in ("empty", "error", "truncated", "other-patient"):
        assert_valid(supplied(how)["conditions"])


def test_supply_may_name_one_resource_type_of_a_need() -> None:
    written = scenario(ONE_OF_EACH["medication"], {"supply": {"MedicationAdministration": "absent"}})
    prefetch = request(written, CODES)["prefetch"]
    assert "medicationAdministrations" not in prefetch
    assert prefetch["medicationRequests"]["total"] == 1


def test_prefetch_is_filled_under_the_keys_that_are_asked_for_and_each_resource_once() -> None:
    keys = {"who": ("Patient",), "laboratory": ("Observation",), "rest": ("Observation", "Condition")}
    facts = ({"observation": "calcium-total", "value": "9 mg/dL"}, {"observation": "spo2", "value": "91 %"})
    prefetch = request(scenario(*facts, {"condition": "bone-metastasis"}), CODES, prefetch_keys=keys)["prefetch"]
    assert prefetch["who"]["resourceType"] == "Patient"
    assert [entry["resource"]["id"] for entry in prefetch["laboratory"]["entry"]] == ["observation-1"]
    assert [entry["resource"]["id"] for entry in prefetch["rest"]["entry"]] == ["observation-2", "condition-1"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"facts": [{"conditon": "bone-metastasis"}]}, "(nearest: condition)"),
        ({"facts": [{"condition": "bone-metastasis", "onsett": "3 d"}]}, "(nearest: onset)"),
        ({"facts": [{"condition": "x", "report": "y"}]}, "one of a kind"),
        ({"facts": [{"condition": "other"}]}, "needs a code or a text"),
        ({"facts": [{"supply": {"condition": "null"}}]}, "(nearest: conditions)"),
        ({"facts": [{"resource": {"id": "x"}}]}, "needs a resourceType"),
        ({"fact": []}, "(nearest: facts)"),
        ({"facts": [{"draft": "denosumab"}]}, "patient-view"),
        ({"hook": "order-sign"}, "at least one draft"),
    ],
)
def test_a_wrong_scenario_says_what_was_found_and_what_is_nearest(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Scenario.model_validate(wrong)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        ({"condition": "bone-metastases"}, "facts[0] (condition): no value set is called 'bone-metastases'"),
        ({"condition": "bone-metastasis", "onset": "3 moons"}, "neither a FHIR date nor a span"),
        ({"observation": "calcium-total", "value": "high"}, "a number and a unit"),
        ({"condition": "other", "code": "I10"}, "system|code"),
    ],
)
def test_a_fact_that_cannot_be_written_out_says_which_and_why(fact: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match="facts") as caught:
        resources(scenario(fact), CODES)
    assert message in str(caught.value)


def test_a_scenario_file_names_line_and_column_of_what_is_wrong() -> None:
    text = "about: A patient.\nfacts:\n  - {patient: {age: 50}}\n  - {condition: bone-metastasis, onst: 3 d}\n"
    with pytest.raises(KnowledgeError, match=r"scenarios/some-patient\.yaml:4:\d+: 'onst' is no key of a condition"):
        read_scenario_file("scenarios/some-patient.yaml", text)


def test_a_scenario_file_gives_its_name_to_the_patient_and_to_the_fixtures() -> None:
    text = "about: A patient.\nexpect: {mscc-suspected: silent}\nfacts:\n  - {condition: bone-metastasis}\n"
    patient = read_scenario_file("scenarios/some-patient.yaml", text)
    assert patient.expect == {"mscc-suspected": "silent"}
    fixtures = write_fixtures({"some-patient": patient}, CODES)
    assert list(fixtures) == ["patients/some-patient.json", "requests/some-patient-patient-view.json"]
    assert json.loads(fixtures["requests/some-patient-patient-view.json"])["context"]["patientId"] == "some-patient"
