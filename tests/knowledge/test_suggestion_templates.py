"""Suggestions: a template is validated once, and filled by joining bytes into valid FHIR on each request."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B.medicationrequest import MedicationRequest
from fhir.resources.R4B.servicerequest import ServiceRequest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.templates import Circumstance, compile_changes, compile_created, merge, write_moment
from cds_service.knowledge.wording import Placeholder, parse_wording
from cds_service.terminology.dates import Span, parse_moment
from cds_service.terminology.quantities import Limit, Quantity
from tests.knowledge.card_texts import CARD, edited, loaded

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def rendered(name: str, words: dict[str, Any], index: int = 0, **references: Any) -> dict[str, Any]:
    action = loaded().cards["calcium-watch"].suggestions[name].actions[index]
    resource = action.resource(words, NOW, Circumstance(**references))
    assert resource is not None
    found: dict[str, Any] = json.loads(resource, parse_float=Decimal)
    return found


def test_a_created_order_is_a_valid_draft_of_this_patient() -> None:
    order = rendered("bisphosphonate", {"reason": "for calcium"}, subject="Patient/1", encounter="Encounter/2")
    MedicationRequest.model_validate(order)
    assert (order["status"], order["intent"], order["authoredOn"]) == ("draft", "order", "2026-03-02T09:00:00Z")
    assert (order["subject"], order["encounter"]) == ({"reference": "Patient/1"}, {"reference": "Encounter/2"})
    assert order["medicationCodeableConcept"]["coding"][0]["system"] == "http://www.nlm.nih.gov/research/umls/rxnorm"
    dosage = order["dosageInstruction"][0]
    assert dosage["text"] == "4 mg once, for calcium"
    assert dosage["doseAndRate"][0]["doseQuantity"] == {
        "value": 4,
        "unit": "mg",
        "system": "http://unitsofmeasure.org",
        "code": "mg",
    }


@pytest.mark.parametrize(
    ("setting", "category"), [("emergency", "inpatient"), ("inpatient", "inpatient"), ("outpatient", "outpatient")]
)
def test_the_emergency_department_gives_as_a_ward_does(setting: str, category: str) -> None:
    order = rendered("bisphosphonate", {"reason": "for calcium"}, subject="Patient/1", setting=setting)
    assert order["category"][0]["coding"][0]["code"] == category
    assert "category" not in rendered("bisphosphonate", {"reason": "for calcium"}, subject="Patient/1")


@pytest.mark.parametrize(
    ("decided", "named"),
    [
        (
            "Observation/calcium Observation/albumin Condition/coma Condition/cancer Observation/weight",
            "calcium coma",
        ),
        ("Condition/bone Condition/breast Observation/calcium Observation/weight", "bone breast"),
        ("MedicationRequest/draft Observation/clearance Observation/albumin", "clearance"),
        ("Condition/1 Condition/2 Condition/3 Condition/4", "1 2"),
        ("MedicationRequest/draft Condition/report#inside", ""),
    ],
)
def test_an_order_names_its_indication_and_not_every_fact_that_was_looked_at(decided: str, named: str) -> None:
    order = rendered("retest", {"tubes": 2}, subject="Patient/1", reasons=tuple(decided.split()))
    assert [one["reference"].partition("/")[2] for one in order.get("reasonReference", ())] == named.split()


def test_times_count_from_now_to_the_minute() -> None:
    order = rendered("retest", {"tubes": 2}, subject="Patient/1")
    ServiceRequest.model_validate(order)
    assert order["occurrencePeriod"] == {"start": "2026-03-02T09:00:00Z", "end": "2026-03-09T09:00:00Z"}
    assert order["quantityQuantity"] == {"value": 2}
    assert "encounter" not in order
    berlin = timezone(timedelta(hours=1))
    assert write_moment(datetime(2026, 3, 2, 10, 0, 31, 5, tzinfo=berlin)) == "2026-03-02T10:00:00+01:00"


def test_a_missing_word_is_named() -> None:
    with pytest.raises(KeyError, match="tubes"):
        rendered("retest", {}, subject="Patient/1")
    with pytest.raises(KeyError, match="reason"):
        rendered("bisphosphonate", {"reason": ""}, subject="Patient/1")


def test_a_word_of_the_outcome_goes_before_the_parameter_of_that_name() -> None:
    order = rendered("bisphosphonate", {"reason": "x", "dose": Quantity(Decimal("3.3"), "mg")}, subject="Patient/1")
    assert order["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == Decimal("3.3")


def test_an_update_changes_its_elements_and_keeps_every_digit_of_the_rest() -> None:
    draft = b'{"resourceType":"MedicationRequest","id":"d","x":{"value":4.10},"dosageInstruction":[{"text":"old"}]}'
    action = loaded().cards["calcium-watch"].suggestions["lower_the_dose"].actions[0]
    changed = action.resource({}, NOW, draft=draft)
    assert changed == (
        b'{"resourceType":"MedicationRequest","id":"d","x":{"value":4.10},"dosageInstruction":'
        b'[{"text":"4 mg once","doseAndRate":[{"doseQuantity":{"value":4,"unit":"mg"}}]}]}'
    )


def test_a_delete_has_no_resource() -> None:
    action = loaded().cards["calcium-watch"].suggestions["lower_the_dose"].actions[1]
    assert (action.type, action.resource({}, NOW)) == ("delete", None)


@pytest.mark.parametrize("draft", [b"", b"[]", b'"x"', b'{"a":', b"[" * 100_000])
def test_a_draft_that_is_no_resource_is_refused(draft: bytes) -> None:
    with pytest.raises(ValueError, match="the draft order is not"):
        merge(draft, b'{"a":1}')


def test_a_template_says_which_words_the_rule_must_give() -> None:
    template = loaded().cards["calcium-watch"].suggestions["bisphosphonate"].actions[0].template
    assert template is not None
    assert template.words == {"reason"}


@given(st.text(min_size=1))
def test_any_text_survives_inside_and_alone(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode() or "x"  # lone surrogates never come out of a JSON decoder
    template = compile_changes({"alone": "{word}", "inside": "a {word} b", "list": ["{word}", 1, {}, []]}, {})
    assert json.loads(template.render({"word": text}, NOW)) == {
        "alone": text,
        "inside": f"a {text} b",
        "list": [text, 1, {}, []],
    }


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-10000, max_value=10000))
def test_numbers_alone_are_json_numbers_and_keep_their_digits(number: Decimal) -> None:
    template = compile_changes({"value": "{word}"}, {})
    assert json.loads(template.render({"word": number}, NOW), parse_float=Decimal, parse_int=Decimal)["value"] == number


def test_every_kind_of_word_is_written_out() -> None:
    words: dict[str, Any] = {
        "limit": Limit((Quantity(Decimal("3.0"), "mmol/L", "calcium"),)),
        "span": Span(hours=12),
        "moment": parse_moment("2026-03-01T10:11:12Z"),
        "names": ("leg weakness", "retention"),
        "flag": True,
        "count": 3,
    }
    changes = {
        "text": "{limit}; {span}; {moment}; {names}; {flag}; {count}",
        "value": "{limit.value}",
        "flag": "{flag}",
    }
    assert json.loads(compile_changes(changes, {}).render(words, NOW)) == {
        "text": f"{words['limit']}; 12 hours; 2026-03-01; leg weakness, retention; true; 3",
        "value": 3.0,
        "flag": True,
    }


def test_a_task_is_for_the_patient() -> None:
    template = compile_created({"resourceType": "Task", "description": "Ask for pain"}, {})
    task = json.loads(template.render({}, NOW, Circumstance("Patient/1")))
    assert task["for"] == {"reference": "Patient/1"}
    assert "subject" not in task


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "priority: urgent",
            "priority: urgent\n          subject: {reference: Patient/9}",
            "'subject' is put in by the",
        ),
        ("priority: urgent", "priority: urgent\n          note:", "an element without a value is left out in FHIR"),
        ('"{dose} once, {reason}"', "''", "not a valid MedicationRequest"),
        ("medicationCodeableConcept:", "medicationCodeableConcep:", "nearest: medicationCodeableConcept"),
        ('value: "{tubes}"', 'value: ["{tubes}"]', "not a valid ServiceRequest"),
        ("reason}", "points.value}", "asks for the value of 'points', which is no quantity"),
    ],
)
def test_what_fhir_does_not_admit_is_found_at_load(right: str, wrong: str, message: str) -> None:
    with pytest.raises(KnowledgeError, match=message):
        loaded(card=edited(CARD, right, wrong))


def test_placeholders_are_found_in_words() -> None:
    wording = parse_wording("Give {dose.value} {dose.unit} by {now + age}.")
    assert wording.placeholders == (
        Placeholder("dose.value", "dose", "value"),
        Placeholder("dose.unit", "dose", "unit"),
        Placeholder("now + age", "now", "", "age"),
    )
    assert wording.fill(lambda placeholder: f"<{placeholder.text}>") == "Give <dose.value> <dose.unit> by <now + age>."
    assert wording.literal_length == len("Give   by .")


@pytest.mark.parametrize("text", ["{", "}", "{}", "{Dose}", "{dose.size}", "{now - age}", "{{x}}", "{a b}", "{a}}"])
def test_braces_hold_placeholders_only(text: str) -> None:
    with pytest.raises(ValueError, match=r"brace|placeholder"):
        parse_wording(text)
