"""An explanation tells the rungs that were passed, in the card's words and with their facts, and then the answer."""

from __future__ import annotations

from dataclasses import replace

from cds_service.engine.evaluate import Verdict, evaluate_card
from cds_service.engine.explain import Explanation, explain, passing
from cds_service.engine.phrases import Phrases
from tests import expected


def explained(topic: str, example: str) -> Explanation:
    knowledge, runner = expected.loaded()
    card = knowledge.cards[topic]
    (found,) = [one for one in card.examples if one.name == example]
    case = runner.case_of(card, found)
    return explain([Verdict(card, evaluate_card(case, card))], knowledge)[0]


def test_the_rungs_that_were_passed_are_listed_in_order_with_their_facts() -> None:
    one = explained("oxygen", "saturation of 91 % on air")
    assert one.result == "fired"
    assert [step.rung for step in one.steps][:2] == ["no_cancer", "no_lung_disease"]
    assert one.steps[0].said == "Cancer, past cancer or a metastasis is on record."
    assert one.steps[0].evidence[0]["reference"].startswith("Condition/")


def test_a_rung_without_words_of_its_own_reads_as_the_contrary_of_its_silence() -> None:
    knowledge, _ = expected.loaded()
    card, phrases = replace(knowledge.cards["oxygen"], passed={}), Phrases.of(knowledge)
    assert passing(card, "oxygen_ordered", phrases) == "Not so: Oxygen is ordered or being given."
    assert passing(card, "hypercapnic_risk", phrases) == "hypercapnic risk: not so"
    assert passing(card, "oxygen saturation", phrases) == "oxygen saturation: known"


def test_an_answer_at_the_first_rung_has_nothing_before_it() -> None:
    one = explained("oxygen", "no cancer")
    assert (one.result, one.steps) == ("not fired", ())
