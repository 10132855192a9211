"""From verdicts to the answer: order, cap, words, identity, and what happens when a rule fails."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs

from cds_service.chart.case import Case
from cds_service.chart.evidence import Evidence
from cds_service.chart.gaps import Supply
from cds_service.engine.evaluate import Verdict, case_for, evaluate, evaluate_card, evaluate_remaining
from cds_service.engine.phrases import Phrases, escaped
from cds_service.engine.respond import respond
from cds_service.engine.shown import Answer
from cds_service.hooks.response import check, encode
from cds_service.knowledge.cards import CardDefinition
from cds_service.knowledge.wording import parse_wording
from cds_service.outcomes import CannotTell, Failed, Fired, NotFired, Outcome
from cds_service.terminology.quantities import parse_quantity
from tests.shipped import knowledge

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_case(hook: str = "patient-view", **supply: str) -> Case:
    given: Any = {need: Supply(state) for need, state in supply.items()}  # type: ignore[arg-type]
    return Case(as_of=NOW, hook=hook, supply=given)


def a_card(topic: str, indicator: str = "warning", **changes: Any) -> CardDefinition:
    """The card of suspected cord compression under another topic, with one plain message."""
    card = knowledge().cards["mscc-suspected"]
    message = next(iter(card.messages.values()))
    plain = dataclasses.replace(
        message,
        name="m",
        indicator=indicator,
        summary=parse_wording("About {what}"),
        do=(parse_wording("It is {what}."),),
    )
    changes = {"red_flag": ()} | changes
    return dataclasses.replace(card, topic=topic, messages={"m": plain}, notes={}, **changes)


def a_red_flag(**changes: Any) -> CardDefinition:
    return a_card("mscc-suspected", red_flag=("patient-view",), **changes)


def fired(what: str = "this", **more: Any) -> Fired:
    return Fired("m", (Evidence("Condition/1", "Bone metastases"),), words={"what": what}, **more)


def answer(
    *pairs: tuple[CardDefinition, Outcome], hook: str = "patient-view", snoozed: tuple[str, ...] = (), **supply: str
) -> Answer:
    case = a_case(hook, **supply)
    verdicts = [Verdict(card, outcome) for card, outcome in pairs]
    verdicts = evaluate_remaining(case, verdicts, [knowledge().cards["could-not-assess"]])
    return respond(
        case, verdicts, knowledge(), hook_instance="h", patient_id="p", snoozed=lambda shown: shown.identity in snoozed
    )


def topics(found: Answer) -> list[str]:
    return [shown.topic for shown in found.shown]


def test_critical_cards_come_first_then_the_order_of_topics() -> None:
    found = answer(
        (a_card("staging-ct"), fired()), (a_card("bma-start", "critical"), fired()), (a_card("mdt-referral"), fired())
    )
    assert topics(found) == ["bma-start", "mdt-referral", "staging-ct"]


def test_of_too_many_cards_the_least_grave_are_held_back_and_named() -> None:
    names = ["mdt-referral", "staging-ct", "bma-start", "oxygen", "tissue-diagnosis"]
    found = answer(*((a_card(name), fired()) for name in names), (a_card("staging-pet", "info"), fired()))
    assert len(found.shown) == 5
    assert found.held_back == ("staging-pet",)
    assert found.response.extension["heldBack"] == ["staging-pet"]


def test_what_is_held_back_is_not_written() -> None:
    without_its_word = Fired("m", (Evidence("Condition/1", "Bone metastases"),))
    found = answer((a_card("mscc-suspected", "critical"), fired()), (a_card("staging-pet", "info"), without_its_word))
    assert topics(found) == ["mscc-suspected"]
    assert found.held_back == ("staging-pet",)


def test_a_card_that_cannot_be_written_gives_its_place_to_the_next() -> None:
    names = ["mdt-referral", "staging-ct", "bma-start", "oxygen"]
    without_its_word = Fired("m", (Evidence("Condition/1", "Bone metastases"),))
    pairs = [(a_card(name), fired()) for name in names]
    found = answer(*pairs, (a_card("tissue-diagnosis"), without_its_word), (a_card("staging-pet", "info"), fired()))
    assert set(topics(found)) == {*names, "staging-pet"}
    assert not found.held_back


def test_a_critical_card_is_never_held_back() -> None:
    names = knowledge().order[:7]
    found = answer(*((a_card(name, "critical"), fired()) for name in names), (a_card("staging-pet", "info"), fired()))
    assert len(found.shown) == 7
    assert found.held_back == ("staging-pet",)


def test_beside_a_critical_card_what_is_info_is_held_back_and_named() -> None:
    critical, warning, info = (
        a_card(name, gravity)
        for name, gravity in (("mscc-suspected", "critical"), ("mdt-referral", "warning"), ("staging-pet", "info"))
    )
    found = answer((critical, fired()), (warning, fired()), (info, fired()))
    assert topics(found) == ["mscc-suspected", "mdt-referral"]
    assert found.held_back == ("staging-pet",)
    assert topics(answer((warning, fired()), (info, fired()))) == ["mdt-referral", "staging-pet"]
    ordering = answer((critical, fired()), (info, fired()), hook="order-sign")
    assert topics(ordering) == ["mscc-suspected", "staging-pet"]


def test_a_critical_card_that_is_snoozed_holds_nothing_back() -> None:
    critical, info = a_card("mscc-suspected", "critical"), a_card("staging-pet", "info")
    (shown,) = answer((critical, fired())).shown
    assert topics(answer((critical, fired()), (info, fired()), snoozed=(shown.identity,))) == ["staging-pet"]


def test_on_order_hooks_nothing_is_held_back() -> None:
    names = knowledge().order[:7]
    assert len(answer(*((a_card(name, "info"), fired()) for name in names), hook="order-select").shown) == 7


def test_a_silent_card_is_kept_and_not_shown() -> None:
    found = answer((a_card("staging-ct", status="silent"), fired()))
    assert topics(found) == []
    assert [shown.topic for shown in found.silent] == ["staging-ct"]


def test_a_snoozed_card_is_held_back_by_name() -> None:
    (shown,) = answer((a_card("staging-ct"), fired())).shown
    again = answer((a_card("staging-ct"), fired()), snoozed=(shown.identity,))
    assert topics(again) == []
    assert again.held_back == ("staging-ct",)


def test_a_red_flag_that_could_not_tell_is_said_with_what_was_missing() -> None:
    found = answer((a_red_flag(), CannotTell(("observations",))), observations="error")
    (shown,) = found.shown
    assert shown.topic == "could-not-assess"
    assert "observations (the record answered with an error)" in str(shown.card.detail)


def test_a_red_flag_that_failed_is_said_and_costs_no_other_card() -> None:
    assert topics(answer((a_red_flag(), Failed("ValueError")), (a_card("staging-ct"), fired()))) == [
        "could-not-assess",
        "staging-ct",
    ]


def test_a_plain_card_that_could_not_tell_is_not_said() -> None:
    assert topics(answer((a_card("staging-ct"), CannotTell(("observations",))))) == []


def test_a_gap_that_does_not_count_is_not_said() -> None:
    assert topics(answer((a_red_flag(), CannotTell(("devices",))))) == []


def test_a_missing_fact_that_no_need_can_bring_is_said() -> None:
    assert topics(answer((a_red_flag(), CannotTell(("calcium unit",))))) == ["could-not-assess"]


def test_a_red_flag_that_is_not_shown_leaves_no_gap() -> None:
    assert topics(answer((a_red_flag(status="silent"), CannotTell(("observations",))))) == []


def test_a_red_flag_of_another_hook_leaves_no_gap() -> None:
    assert topics(answer((a_red_flag(), CannotTell(("observations",))), hook="order-sign")) == []


def test_another_gap_is_another_advice() -> None:
    gaps = [answer((a_red_flag(), CannotTell((need,)))).shown[0].identity for need in ("observations", "conditions")]
    assert len(set(gaps)) == 2
    again = answer((a_red_flag(), CannotTell(("conditions",))), snoozed=(gaps[0],))
    assert topics(again) == ["could-not-assess"]


def test_a_rule_that_raises_becomes_failed() -> None:
    def broken(case: Case, **_: object) -> Outcome:
        raise ValueError("the text of an error may quote a patient")

    def fine(case: Case, **_: object) -> Outcome:
        return NotFired("no_cancer")

    verdicts = evaluate(a_case(), [a_card("staging-ct", rule=broken), a_card("mdt-referral", rule=fine)])
    assert [verdict.outcome for verdict in verdicts] == [Failed("ValueError"), NotFired("no_cancer")]


def test_a_rule_that_asks_after_the_red_flags_is_asked_last() -> None:
    def broken(case: Case, **_: object) -> Outcome:
        raise ValueError

    cards = [knowledge().cards["could-not-assess"], a_red_flag(rule=broken)]
    flag, gap = evaluate(a_case(), cards)
    assert (flag.outcome, gap.card.topic) == (Failed("ValueError"), "could-not-assess")
    assert isinstance(gap.outcome, Fired)
    assert gap.outcome.words["missing"] == ("an internal error",)


def test_before_the_red_flags_were_asked_nobody_says_that_all_were_answered() -> None:
    assert evaluate_card(a_case(), knowledge().cards["could-not-assess"]) == Failed("NotAsked")


def test_one_card_alone_hears_the_red_flags_too() -> None:
    card = knowledge().cards["could-not-assess"]
    case = case_for(card, a_case(), knowledge().cards.values())
    assert isinstance(evaluate_card(case, card), Fired)  # nothing was supplied


def test_a_card_whose_words_are_missing_counts_as_failed() -> None:
    found = answer((a_red_flag(), structs.replace(fired(), words={})))
    assert topics(found) == ["could-not-assess"]


def test_equal_calls_give_equal_bytes() -> None:
    pairs = [(a_card("staging-ct"), fired()), (a_card("mdt-referral"), fired())]
    assert encode(answer(*pairs).response) == encode(answer(*pairs).response)


def test_new_evidence_gives_a_new_identity() -> None:
    (one,) = answer((a_card("staging-ct"), fired())).shown
    (other,) = answer(
        (a_card("staging-ct"), structs.replace(fired(), evidence=(Evidence("Condition/2", "Bone metastases"),)))
    ).shown
    assert one.identity != other.identity
    assert one.card.uuid != other.card.uuid


@pytest.mark.parametrize("length", [10, 130, 139, 140, 500])
def test_a_summary_fits_whatever_the_record_says(length: int) -> None:
    (shown,) = answer((a_card("staging-ct"), fired("x" * length))).shown
    assert len(shown.card.summary) < 140
    assert shown.card.summary.startswith("About x")


def test_what_the_record_says_cannot_format_the_card() -> None:
    evil = "<script>alert(1)</script> [x](javascript:y) **b** `c`\n# h"
    found = answer((a_card("staging-ct"), fired(evil)))
    detail = str(found.shown[0].card.detail)
    assert "<script>" not in detail
    assert "[x](" not in detail
    assert "**b**" not in detail
    assert "\n# h" not in detail
    check(encode(found.response))


def test_markdown_of_the_record_is_escaped() -> None:
    assert escaped("a*b_c[d](e)<f>&") == "a\\*b\\_c\\[d\\](e)&lt;f>&amp;"


@pytest.mark.parametrize("address", ["https://evil.example", "www.evil.example", "x@evil.example"])
def test_an_address_in_the_record_is_no_link(address: str) -> None:
    assert address not in escaped(address)


def test_a_capped_indicator_is_lowered_and_never_raised() -> None:
    assert answer((a_card("staging-ct", "critical"), fired(at_most="warning"))).shown[0].indicator == "warning"
    assert answer((a_card("staging-ct", "info"), fired(at_most="warning"))).shown[0].indicator == "info"


def test_quantities_are_shown_in_the_units_of_the_site() -> None:
    calcium = parse_quantity("3.00 mmol/L", "calcium")
    assert Phrases({"calcium": ("mmol/L", "mg/dL")}).quantity(calcium) == "3 mmol/L (12 mg/dL)"
    assert Phrases({"calcium": ("mg/dL", "mmol/L")}).quantity(calcium) == "12 mg/dL (3 mmol/L)"
    assert Phrases({}).quantity(calcium) == "3 mmol/L"


def test_a_result_may_lead_with_the_unit_that_it_was_reported_in() -> None:
    phrases = Phrases({"calcium": ("reported", "mmol/L", "mg/dL")})
    assert phrases.quantity(parse_quantity("12.0 mg/dL", "calcium")) == "12 mg/dL (2.99 mmol/L)"
    assert phrases.quantity(parse_quantity("3.1 mmol/L", "calcium")) == "3.1 mmol/L (12.4 mg/dL)"


def test_two_patients_never_share_a_card_id() -> None:
    verdicts = [Verdict(a_card("staging-ct"), fired())]
    ids = {
        respond(a_case(), verdicts, knowledge(), hook_instance="h", patient_id=patient).shown[0].card.uuid
        for patient in ("p", "q")
    }
    assert len(ids) == 2
