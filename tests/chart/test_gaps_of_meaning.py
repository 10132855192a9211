"""A resource of which nobody knows what it is, or a report without its words, may be anything of its kind: a gap."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.chart.charts import (
    ANSWERED,
    BREAST_CANCER,
    LOINC,
    SNOMED,
    bundle,
    calcium,
    condition,
    flagged,
    observation,
    of,
    problems,
    read,
)


def test_a_resource_that_cannot_be_read_concerns_what_its_code_says() -> None:
    odd = calcium(subject=5, **ANSWERED)
    case = read({"laboratory": bundle(odd)}, raw=True)
    assert [(gap.problem, "calcium-total" in gap.concepts) for gap in case.gaps] == [("unreadable", True)]
    of_no_interest = observation({"text": "Favourite colour"}, subject=5)
    assert problems(read({"laboratory": bundle(of_no_interest)}, raw=True)) == []
    without_code = {"resourceType": "Observation", "id": "x", "subject": 5}
    assert [gap.concepts for gap in read({"laboratory": bundle(without_code)}, raw=True).gaps] == [frozenset()]


@pytest.mark.parametrize(
    ("resource", "unnamed"),
    [
        (observation({}), True),
        (observation({"coding": [{"system": LOINC}]}), True),
        (observation({"coding": [{"system": "urn:ward", "code": "K7"}]}), False),
        (observation({"text": "Ferritin"}), False),
        (observation({}, status="entered-in-error"), False),
        (observation({}, component=[{"code": BREAST_CANCER}]), False),
        (condition({}), True),
        (condition({"coding": [{"display": "Psoriasis"}]}), False),
        (condition({}, verificationStatus={"coding": [{"code": "refuted"}]}), False),
        (condition({}, onsetDateTime=None), False),
        (condition({}, onsetDateTime=None, clinicalStatus={"coding": [{"code": "active"}]}), True),
    ],
)
def test_what_does_not_say_what_it_is_may_be_anything_of_its_kind(resource: dict[str, Any], unnamed: bool) -> None:
    assert problems(of(resource)) == (["unnamed"] if unnamed else [])


@pytest.mark.parametrize(
    ("drafts", "selections", "found"),
    [
        ([["no resource"]], None, ["unreadable"]),
        ([{"resourceType": "OperationOutcome", "issue": []}], None, ["unreadable"]),
        ([["no resource"]], ("MedicationRequest/d1",), ["unreadable"]),
        ([], ("MedicationRequest/d1",), ["unresolved-reference"]),
        ([], ("d1",), ["unresolved-reference"]),
        ([], ("NutritionOrder/d1",), []),
        (
            [{"resourceType": "ServiceRequest", "id": "d1", "code": {"text": "Full blood count"}}],
            ("ServiceRequest/d1",),
            [],
        ),
        (
            [{"resourceType": "ServiceRequest", "id": "d1", "intent": "order"}],
            ("ServiceRequest/d1",),
            ["not-understood"],
        ),
        ([{"resourceType": "ServiceRequest", "id": "d1"}], ("ServiceRequest/d1",), []),  # a form just opened
        (
            [
                {"resourceType": "ServiceRequest", "id": "d1", "code": {"text": "Full blood count"}},
                {"resourceType": "ServiceRequest", "id": "d2"},
                ["no resource"],
            ],
            ("ServiceRequest/d1",),
            [],
        ),
    ],
)
def test_a_picked_draft_that_cannot_be_read_is_a_gap_and_one_that_is_not_picked_is_none(
    drafts: list[Any], selections: tuple[str, ...] | None, found: list[str]
) -> None:
    body = json.dumps(bundle(*drafts)).encode()
    case = read({}, hook="order-select", draft_orders=body, selections=selections).read_all()
    assert [gap.problem for gap in case.gaps if gap.need == "draft_orders"] == found


@pytest.mark.parametrize(
    ("coding", "found"),
    [
        ({"system": "urn:ward", "code": "K7"}, [("not-understood", "K7")]),
        ({"code": "K7"}, [("not-understood", "K7")]),
        ({"system": "urn:ward", "code": "K7", "display": "Psoriasis"}, []),
        ({"system": "http://hl7.org/fhir/sid/icd-10", "code": "L40.0"}, []),
    ],
)
def test_a_problem_as_the_bare_code_of_a_system_that_nobody_knows_may_be_a_cancer(
    coding: dict[str, str], found: list[tuple[str, str]]
) -> None:
    assert [(gap.problem, gap.written) for gap in of(condition({"coding": [coding]})).gaps] == found


@pytest.mark.parametrize(("text", "asked"), [("ZZ-901", True), ("Cataract", False), ("ZZ-901 left eye", False)])
def test_a_text_or_display_that_repeats_the_code_says_no_more_than_the_code(text: str, asked: bool) -> None:
    coding = {"system": "urn:oid:2.999.7", "code": "ZZ-901"}
    for code in ({"text": text, "coding": [coding]}, {"coding": [{**coding, "display": text}]}):
        assert problems(of(condition(code))) == (["not-understood"] if asked else [])


def test_a_code_that_is_a_word_is_read_as_one() -> None:
    word = {"system": "urn:oid:2.999.7", "code": "Cataract"}
    assert problems(of(condition({"text": "Cataract", "coding": [word]}))) == []
    cancer = of(condition({"text": "Breast cancer", "coding": [{**word, "code": "Breast cancer"}]}))
    assert [fact.label for fact in cancer.conditions.of("breast-cancer")] == ["Breast cancer"]


SPINE = {"text": "MRI whole spine"}
PDF = {"contentType": "application/pdf", "url": "Binary/1"}
NARRATIVE = {"status": "generated", "div": "<div><p>Impression: cord compression at T8 &amp; T9</p></div>"}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, ["no-conclusion"]),
        ({"presentedForm": [PDF]}, ["no-conclusion"]),
        ({"code": {"text": "CT thoracic spine"}}, ["no-conclusion"]),
        ({"code": {"text": "CT myelogram"}, "status": "amended"}, ["no-conclusion"]),
        ({"conclusion": "Normal cord."}, []),
        ({"conclusionCode": [{"coding": [{"system": SNOMED, "code": "71286001"}]}]}, []),
        ({"presentedForm": [{"contentType": "text/plain", "data": "Tm9ybWFsIGNvcmQu"}]}, []),
        ({"text": NARRATIVE}, []),
        ({"status": "preliminary"}, []),
        ({"status": "registered"}, []),
        ({"code": {"text": "CT head"}}, []),
        ({"code": {"text": "CT abdomen"}}, []),
        ({"resourceType": "ImagingStudy", "status": "available"}, []),
    ],
)
def test_a_final_report_of_the_spine_without_words_is_a_gap(more: dict[str, Any], found: list[str]) -> None:
    bare = {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": SPINE}
    case = of({**bare, "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-03-01", **more})
    assert problems(case) == found


ROWS = "<table><tr><td>{}</td><td>{}</td></tr><tr><td>Size</td><td>2 cm</td></tr></table>"


@pytest.mark.parametrize(
    ("row", "spread"),
    [
        (("Sentinel lymph nodes with metastasis [#] in Cancer specimen", "Final"), False),
        (("Metastases", "none"), False),
        (("Liver", "multiple metastases"), True),
        (("[NAME]", "liver metastases"), True),
    ],
)
def test_a_table_in_a_narrative_is_read_row_by_row_and_names_of_results_state_nothing(
    row: tuple[str, str], spread: bool
) -> None:
    text = {"status": "generated", "div": f"<div>{ROWS.format(*row)}</div>"}
    shown = {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": {"text": "Pathology"}}
    case = of({**shown, "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-03-01", "text": text})
    assert any("metastasis-site-unspecified" in report.affirmed for report in case.reports) is spread


def test_the_narrative_of_a_report_that_has_no_other_words_is_read() -> None:
    bare = {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": SPINE, "text": NARRATIVE}
    case = of({**bare, "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-03-01"})
    (report,) = case.reports
    assert "cord-compression" in report.affirmed
    assert report.conclusion == "Impression: cord compression at T8 & T9"


NOBODYS = {"coding": [{"system": "urn:ward", "code": "K7"}]}


@pytest.mark.parametrize(
    ("resource", "asked"),
    [
        (observation(NOBODYS, valueQuantity={"value": 3.4}), False),
        (observation(NOBODYS, **flagged("H")), False),
        (observation(NOBODYS, **flagged("HH")), True),
        (observation(NOBODYS, **flagged("LL")), True),
        (observation(NOBODYS, **flagged("HH"), status="entered-in-error"), False),
        (observation({"text": "Ferritin", **NOBODYS}, **flagged("HH")), False),
        (observation({"coding": [{"system": LOINC, "code": "2276-4"}]}, **flagged("HH")), False),
        (
            {"resourceType": "AllergyIntolerance", "code": NOBODYS, "clinicalStatus": {"coding": [{"code": "active"}]}},
            True,
        ),
        ({"resourceType": "AllergyIntolerance", "code": {"text": "K7"}, "recordedDate": "2024-05-01"}, False),
        ({"resourceType": "Procedure", "code": NOBODYS, "status": "completed"}, False),
    ],
)
def test_of_bare_codes_that_nobody_knows_problems_allergies_and_critical_results_are_asked_about(
    resource: dict[str, Any], asked: bool
) -> None:
    about = {"patient": {"reference": "Patient/p"}, "subject": {"reference": "Patient/p"}}
    assert problems(of({"id": "x1", **about, **resource})) == (["not-understood"] if asked else [])


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([{"resource": calcium(**ANSWERED)}], []),
        ([{"resource": calcium(**ANSWERED)}, {"fullUrl": "urn:uuid:2"}], ["1 of 2 sent"]),
        ([{"fullUrl": "urn:uuid:2", "resource": None}], ["0 of 1 sent"]),
        ([{"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Provenance"}}], []),
        ([{"fullUrl": "urn:uuid:2", "response": {"status": "204"}}], []),
    ],
)
def test_an_entry_that_is_only_named_holds_something_that_was_not_sent(entries: list[Any], found: list[str]) -> None:
    answer = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    for raw in (False, True):
        case = read({"laboratory": answer}, raw=raw)
        assert [gap.written for gap in case.gaps if gap.problem == "cut-short"] == found
