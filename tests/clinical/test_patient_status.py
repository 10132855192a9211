"""Who the patient is goes before every card: deceased, not yet adult, possibly pregnant; and what is not to be done."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.engine.evaluate import evaluate
from cds_service.engine.explain import explain
from tests import shipped
from tests.clinical.asking import (
    ICD10CM,
    LOINC,
    Cards,
    coded,
    condition,
    moment,
    observation,
    prescription,
    select,
    service,
    view,
)
from tests.findings.scenes import scene

BREAST, LUNG = coded(ICD10CM, "C50.911"), coded(ICD10CM, "C78.00")
ILL = (
    condition(BREAST, 900),
    condition(coded(ICD10CM, "G82.20"), 1),
    observation(coded(LOINC, "29265-6"), 3.4, "mmol/L"),
)
KIDNEY = (observation(coded(LOINC, "2160-0"), 60, "umol/L"), observation(coded(LOINC, "29463-7"), 60, "kg"))


def recommended(cards: Cards, topic: str) -> dict[str, bool]:
    """Whether each suggestion of a topic's card is pre-selected, by its label."""
    suggestions = cards.by_topic[topic].get("suggestions", ())
    return {each["label"]: each.get("isRecommended", False) for each in suggestions}


@pytest.mark.parametrize(
    "died", [{"deceasedBoolean": True}, {"deceasedDateTime": moment(0)}, {"deceasedDateTime": "2025"}]
)
def test_a_deceased_patient_gets_no_card_on_any_hook(died: dict[str, Any]) -> None:
    assert view(*ILL).topics >= {"mscc-suspected", "hypercalcaemia"}
    assert view(*ILL, **died).topics == set()
    mri = service(coded(LOINC, "0", "MRI lumbar spine"))
    assert select(*ILL, drafts=[mri]).topics
    assert select(*ILL, drafts=[mri], **died).topics == set()


@pytest.mark.parametrize("alive", [{"deceasedBoolean": False}, {"deceasedDateTime": moment(-30)}])
def test_whoever_has_not_died_gets_cards(alive: dict[str, Any]) -> None:
    assert "mscc-suspected" in view(*ILL, **alive).topics


def test_the_explanation_says_why_a_deceased_patient_gets_none() -> None:
    knowledge = shipped.knowledge()
    case = scene({"condition": "breast-cancer", "onset": "900 d"}, deceased=True)
    explained = explain(evaluate(case, tuple(knowledge.cards.values())), knowledge)
    assert {(one.result, one.because) for one in explained} == {("not fired", knowledge.precautions.deceased)}


@pytest.mark.parametrize(("born", "adult"), [("2008-03-02", True), ("2008-03-03", False), ("2021-01-01", False)])
def test_no_medicine_is_offered_below_the_age_of_an_adult(born: str, adult: bool) -> None:
    cards = view(*ILL, *KIDNEY, born=born)
    for topic in ("mscc-suspected", "hypercalcaemia"):
        assert bool(cards.created(topic, "MedicationRequest")) is adult
        assert cards.created(topic, "ServiceRequest")
        assert ("younger than 18 years" in cards.detail(topic)) is not adult


def test_without_a_birth_date_nobody_is_taken_for_a_child() -> None:
    assert view(*ILL, birthDate=None).created("mscc-suspected", "MedicationRequest")


PREGNANCY_TEST = coded(LOINC, "2106-3")
POSITIVE = {"valueCodeableConcept": coded("http://snomed.info/sct", "10828004", "Positive")}
NEGATIVE = {"valueCodeableConcept": coded("http://snomed.info/sct", "260385009", "Negative")}


@pytest.mark.parametrize(
    ("facts", "possible"),
    [
        ((), False),
        ((condition(coded(ICD10CM, "Z33.1"), 60),), True),
        ((condition(coded(ICD10CM, "Z33.1"), 900, clinical="resolved"),), False),
        ((observation(PREGNANCY_TEST, days=60, **POSITIVE),), True),
        ((observation(PREGNANCY_TEST, days=61.1, **POSITIVE),), False),
        ((observation(PREGNANCY_TEST, days=3, **NEGATIVE),), False),
        ((observation(PREGNANCY_TEST, days=9, **POSITIVE), observation(PREGNANCY_TEST, days=3, **NEGATIVE)), False),
        ((observation(PREGNANCY_TEST, days=3, valueString="positive"),), True),
        ((observation(coded(LOINC, "82810-3"), days=3, valueCodeableConcept={"text": "Pregnant"}),), True),
        ((observation(coded(LOINC, "82810-3"), days=3, valueCodeableConcept={"text": "Not pregnant"}),), False),
    ],
)
def test_in_a_possible_pregnancy_radiation_is_not_pre_selected(facts: tuple[Any, ...], possible: bool) -> None:
    cards = view(condition(BREAST, 900), condition(LUNG, 20), *facts, born="1992-01-01")
    assert any(recommended(cards, "staging-ct").values()) is not possible
    assert recommended(cards, "staging-ct")
    assert ("not pre-selected" in cards.detail("staging-ct")) is possible


def test_what_does_no_harm_in_pregnancy_stays_pre_selected() -> None:
    cards = view(*ILL, condition(coded(ICD10CM, "Z33.1"), 60), born="1992-01-01")
    assert recommended(cards, "mscc-suspected")["Order MRI of the whole spine, stat"]


DENOSUMAB = coded("http://www.whocc.no/atc", "M05BX04", "Denosumab")
ZOLEDRONATE = coded("http://www.whocc.no/atc", "M05BA08", "Zoledronic acid")
NOT_TO = {"doNotPerform": True, "status": "active"}


@pytest.mark.parametrize(
    ("prohibited", "offered"),
    [
        ((), True),
        ((prescription(ZOLEDRONATE, **NOT_TO),), False),
        ((prescription(DENOSUMAB, **NOT_TO),), True),
        ((prescription(ZOLEDRONATE, doNotPerform=True, status="cancelled"),), True),
        ((prescription(ZOLEDRONATE, doNotPerform=True, status="stopped"),), True),
        ((prescription(ZOLEDRONATE, doNotPerform=True, status="completed"),), True),
        ((prescription(ZOLEDRONATE, doNotPerform=True, status="on-hold"),), False),
    ],
)
def test_a_medicine_that_is_not_to_be_given_is_not_offered_and_named(
    prohibited: tuple[Any, ...], offered: bool
) -> None:
    cards = view(*ILL, *KIDNEY, *prohibited)
    labels = recommended(cards, "hypercalcaemia")
    assert any("zoledronic" in label for label in labels) is offered
    assert ("The record says not to give it: Zoledronic acid" in cards.detail("hypercalcaemia")) is not offered
    assert any("sodium chloride" in label for label in labels)


def test_an_examination_that_is_not_to_be_done_is_named_and_not_pre_selected() -> None:
    cards = view(*ILL, service({"text": "MRI whole spine"}, **NOT_TO))
    assert recommended(cards, "mscc-suspected")["Order MRI of the whole spine, stat"] is False
    assert "The record says not to do MRI whole spine" in cards.detail("mscc-suspected")


BISPHOSPHONATES = ("Bisphosphonates", "Bisphosphonate", "biphosphonates", "Bifosfonatos", "bisfosfonaten", "Zometa")


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        *((name, False) for name in (*BISPHOSPHONATES, "Bone-modifying agents", "antiresorptive therapy")),
        ("Denosumab", True),
        ("oral bisphosphonate", True),
        ("opioids", True),
    ],
)
def test_a_class_that_is_not_to_be_given_stands_for_each_of_its_medicines(name: str, offered: bool) -> None:
    cards = view(*ILL, *KIDNEY, prescription({"text": name}, **NOT_TO))
    assert any("zoledronic" in label for label in recommended(cards, "hypercalcaemia")) is offered
