"""One request may have only so much new text read; what lies beyond is a gap, neither absent nor present."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from cds_service.chart.case import Case
from cds_service.chart.meanings import Meanings
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.text_allowance import TextAllowance
from cds_service.chart.unread import MOST_NAMED
from cds_service.terminology.phrases import LONGEST_TEXT
from tests.chart.charts import NOW, bundle, condition, meanings

WEAK = "Weakness of both legs"


@pytest.fixture
def fresh() -> Meanings:
    """With nothing remembered yet."""
    return Meanings(meanings().codebook)


def read(words: Meanings, *resources: Any, allowed: float, **more: Any) -> Case:
    prefetch = {"anything": Raw(json.dumps(bundle(*resources)).encode())}
    circumstances = Circumstances(patient_id="p", hook="order-select", as_of=NOW, **more)
    return read_case(prefetch, circumstances, words.within(TextAllowance(allowed))).read_all()


def problem(number: int, text: str, **more: Any) -> dict[str, Any]:
    return condition({"text": text}, id=f"c{number}", **more)


def report(text: str, **more: Any) -> dict[str, Any]:
    code = {"text": "MRI of the spine"}
    whole = {"resourceType": "DiagnosticReport", "id": "r1", "status": "final", "code": code, "conclusion": text}
    return whole | {"subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-02-01"} | more


def unread(case: Case) -> list[tuple[str, str]]:
    return [(gap.need, gap.reference) for gap in case.gaps if gap.problem == "not-read"]


@pytest.mark.parametrize(("spare", "is_read"), [(-1, False), (0, True), (1, True)])
def test_a_text_is_read_when_all_of_it_is_within_the_bound(fresh: Meanings, spare: int, is_read: bool) -> None:
    allowed = len("Eczema") + len(WEAK) + spare
    case = read(fresh, problem(1, "Eczema"), problem(2, WEAK), allowed=allowed)
    assert bool(case.conditions.of("limb-weakness")) is is_read
    assert unread(case) == ([] if is_read else [("conditions", "Condition/c2")])


def test_what_was_not_read_may_be_any_of_its_kind_and_none_of_another(fresh: Meanings) -> None:
    case = read(fresh, problem(1, WEAK), allowed=0)
    assert [gap.problem for gap in case.gaps_of("conditions", ("limb-weakness",))] == ["not-read"]
    assert not [gap for gap in case.gaps_of("observations") if gap.problem == "not-read"]


def test_a_code_counts_where_its_words_were_not_read_and_the_doubt_is_kept(fresh: Meanings) -> None:
    bone = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C79.51", "display": "Bone metastases"}]}
    case = read(fresh, condition(bone), allowed=0)
    assert [fact.reference for fact in case.conditions.of("bone-metastasis")] == ["Condition/c1"]
    assert unread(case) == [("conditions", "Condition/c1")]


def test_words_that_came_before_cost_nothing_and_words_that_were_not_read_are_not_remembered(fresh: Meanings) -> None:
    assert unread(read(fresh, problem(1, WEAK), allowed=0))
    first = read(fresh, problem(1, WEAK), problem(2, WEAK), allowed=len(WEAK))
    assert (len(first.conditions.of("limb-weakness")), unread(first)) == (2, [])
    assert not unread(read(fresh, problem(1, WEAK), allowed=0))


def test_many_that_were_not_read_are_reported_as_their_kind(fresh: Meanings) -> None:
    case = read(fresh, *(problem(number, f"Eczema {number}") for number in range(3 * MOST_NAMED)), allowed=0)
    assert len(unread(case)) == MOST_NAMED + 1
    assert unread(case)[-1] == ("conditions", "")


@pytest.mark.parametrize(("over", "is_read"), [(-1, True), (0, True), (1, False)])
def test_of_a_text_beyond_the_longest_the_rest_is_a_gap_of_its_date(fresh: Meanings, over: int, is_read: bool) -> None:
    title = "MRI of the spine. MRI of the spine. "
    text = ("Cord compression. " + "No abnormality. " * LONGEST_TEXT)[: LONGEST_TEXT - len(title) + over]
    case = read(fresh, report(text), allowed=10 * LONGEST_TEXT)
    gaps = [(gap.reference, gap.when and gap.when.day) for gap in case.gaps if gap.problem == "not-read"]
    assert gaps == ([] if is_read else [("DiagnosticReport/r1", "2026-02-01")])
    said = {concept for found in case.reports for concept in found.affirmed}
    assert "cord-compression" in said


def test_a_draft_is_read_however_long_the_record_is(fresh: Meanings) -> None:
    order = {"resourceType": "ServiceRequest", "id": "d1", "intent": "order", "code": {"text": "MRI whole spine"}}
    drafts = json.dumps(bundle(order)).encode()
    case = read(fresh, report("A. " * 200), problem(1, WEAK), allowed=len(WEAK), draft_orders=drafts)
    assert [found.reference for found in case.selected_orders("mri-whole-spine")] == ["ServiceRequest/d1"]
    assert unread(case) == [("reports", "DiagnosticReport/r1")]
    spent = read(fresh, draft_orders=json.dumps(bundle({**order, "code": {"text": "New words"}})).encode(), allowed=3)
    assert unread(spent) == [("draft_orders", "ServiceRequest/d1")]


def test_a_dosage_that_was_not_read_is_no_dose(fresh: Meanings) -> None:
    medicine = {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "authoredOn": "2026-02-20",
        "medicationCodeableConcept": {"text": "Dexamethasone"},
        "dosageInstruction": [{"text": "4 mg four times daily"}],
    }
    (whole,) = read(fresh, medicine, allowed=1000).medications.of("dexamethasone")
    assert whole.daily is not None
    again = {**medicine, "dosageInstruction": [{"text": "4 mg three times daily"}]}
    case = read(fresh, again, allowed=2)
    (found,) = case.medications.of("dexamethasone")
    assert (found.daily, bool(found.unclear)) == (None, True)
    assert unread(case) == [("medications", "MedicationRequest/m1")]
