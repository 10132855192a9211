"""The ladder of a card is joined from the paths that its examples climb; page and export print it."""

from __future__ import annotations

import pytest

from cds_service.authoring.content_page import content_page
from cds_service.authoring.fhir_export import plan_definition
from cds_service.authoring.ladders import CardLadder, joined, ladder_of, ladders_of
from cds_service.service.knowledge_files import cards_folder
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios
from tests import expected


def ladder(topic: str) -> CardLadder:
    knowledge, runner = expected.loaded()
    return ladder_of(knowledge.cards[topic], runner)


def test_one_order_keeps_that_of_every_path() -> None:
    assert joined([("a",), ("a", "b"), ("a", "b", "d"), ("a", "c", "d")], ("d", "c", "b", "a")) == ("a", "c", "b", "d")


def test_rungs_that_no_path_sets_apart_stand_as_they_are_written() -> None:
    assert joined([("a", "new"), ("a", "old")], ("a", "old", "new")) == ("a", "old", "new")


def test_paths_that_contradict_each_other_end_in_one_order() -> None:
    assert joined([("a", "b", "c"), ("b", "a", "c")], ("a", "b", "c")) == ("a", "b", "c")


def test_the_rungs_of_a_card_stand_as_its_rule_climbs_them() -> None:
    climbed = ladder("oxygen")
    (rungs,) = climbed.rungs.values()
    assert rungs[:2] == ("no_cancer", "no_lung_disease")
    assert rungs[-3:] == ("hypercapnic_risk", "critical", "low")
    assert "not_low" in climbed.before["critical"]
    assert "hypercapnic_risk" not in climbed.before["hypercapnic_risk"]


def test_a_card_of_charts_and_orders_has_a_ladder_for_each() -> None:
    climbed = ladder("denosumab-safety")
    assert set(climbed.rungs) == {("order-select", "order-sign"), ("patient-view",)}
    assert "no_such_draft" in climbed.rungs["order-select", "order-sign"]
    assert "no_such_draft" not in climbed.rungs["patient-view",]


@pytest.mark.parametrize("topic", expected.loaded()[0].cards)
def test_every_rung_that_is_passed_says_what_holds_then(topic: str) -> None:
    knowledge, runner = expected.loaded()
    card = knowledge.cards[topic]
    outcomes = [runner.run(card, example).outcome for example in card.examples]
    passed = {step.name for outcome in outcomes for step in outcome.passed}
    assert sorted(passed & {*card.silent, *card.messages} - set(card.passed)) == []


def test_the_page_prints_a_ladder_as_a_numbered_list() -> None:
    knowledge, _ = expected.loaded()
    ladders = ladders_of(knowledge, read_scenarios(fixtures_folder()))
    page = content_page((cards_folder() / "seeds.yaml").read_text(encoding="utf-8"), knowledge, ladders)
    oxygen = page[page.index("\n## oxygen\n") :]
    assert "\n1. Cancer, past cancer or a metastasis is on record. *If not, silent* `no_cancer`" in oxygen
    assert "*If not, silent* `no_saturation`: No oxygen saturation is on record. `saturation_old`" in oxygen
    assert "**Critical** `critical`: SpO2" in oxygen
    assert "\n  - [oxygen](#oxygen): Low oxygen saturation\n" in page


def test_the_rungs_before_a_message_are_conditions_of_its_action() -> None:
    knowledge, _ = expected.loaded()
    plan = plan_definition(knowledge.cards["oxygen"], knowledge, ladder("oxygen"))
    (low,) = [action for action in plan["action"] if action["code"] == [{"text": "low"}]]
    expressions = [condition["expression"] for condition in low["condition"]]
    assert expressions[0]["description"] == "Cancer, past cancer or a metastasis is on record."
    assert expressions[0]["expression"] == "oxygen passes 'no_cancer'"
    assert expressions[-1]["expression"] == "oxygen = 'low'"
