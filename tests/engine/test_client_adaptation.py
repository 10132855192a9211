"""The same decision in another form: what every example offers, as each kind of client can use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import msgspec
import pytest
from msgspec import UNSET

from cds_service.engine.client_adaptation import adapted
from cds_service.engine.shown import Answer
from cds_service.hooks.response import Action, Card, Suggestion, check, encode
from cds_service.knowledge.orderables import Orderable, Orderables
from cds_service.knowledge.profiles import ClientProfile
from cds_service.terminology.quantities import parse_quantity
from tests import expected

NONE = Orderables()
PREFERENCE = "urn:com.epic.cdshooks.action.code.system.preference-list-item"


@cache
def answers() -> tuple[Answer, ...]:
    """The answer of each example that fires, one for each message, set of offers and card."""
    knowledge, runner = expected.loaded()
    found: dict[tuple[str, str, tuple[str, ...]], Answer] = {}
    for card in knowledge.cards.values():
        for example in card.examples:
            key = (card.topic, example.expect_name, example.offers or ())
            if example.expect == "fired" and key not in found:
                found[key] = runner.answer(card, example)
    return tuple(found.values())


def profile(name: str) -> ClientProfile:
    return expected.loaded()[0].profiles[name]


def offers(card: Card) -> tuple[Suggestion, ...]:
    return card.suggestions or ()


def actions(card: Card) -> Iterator[tuple[Suggestion, Action]]:
    for offer in offers(card):
        for action in offer.actions or ():
            yield offer, action


@cache
def mapped() -> Orderables:
    """A catalogue in which every order has an entry."""
    knowledge, _ = expected.loaded()
    entry = (Orderable("any", PREFERENCE, "4711", "Site entry"),)
    return replace(knowledge.orderables, entries=dict.fromkeys(knowledge.orders, entry))


@pytest.mark.parametrize("name", ["standard", "epic", "oracle", "sandbox"])
def test_every_answer_keeps_the_protocol_for_every_client(name: str) -> None:
    for answer in answers():
        for orderables in (NONE, mapped()):
            check(encode(adapted(answer, profile(name), orderables, "somebody").response))


def test_a_client_that_keeps_to_the_standard_gets_the_answer_as_it_is() -> None:
    assert all(adapted(answer, profile("standard"), NONE, "somebody") is answer for answer in answers())


def test_epic_gets_one_action_a_suggestion_no_update_and_its_own_codes() -> None:
    for answer in answers():
        for shown in adapted(answer, profile("epic"), mapped(), "somebody").shown:
            code = shown.card.source.topic
            assert code is not UNSET and re.fullmatch(r"[A-Za-z0-9]{1,100}", code.code)
            assert shown.card.selection_behavior in (UNSET, "any")
            assert set(shown.suggestions) == {offer.uuid for offer in offers(shown.card)}
            for offer, action in actions(shown.card):
                assert offer.actions is not UNSET and len(offer.actions) == 1
                assert action.type in {"create", "delete"}
                if action.type == "delete":
                    assert offer.is_recommended is UNSET
                    continue
                assert action.resource is not UNSET
                order = msgspec.json.decode(action.resource)
                assert (order["intent"], order["status"]) == ("proposal", "draft")
                concept = order.get("medicationCodeableConcept") or order["code"]
                accepted = profile("epic").accepts[order["resourceType"]]
                assert concept["coding"] and {each["system"] for each in concept["coding"]} <= set(accepted)


def test_what_a_client_cannot_carry_out_stands_in_words_on_its_card() -> None:
    for answer in answers():
        for name in ("epic", "oracle"):
            for before, after in zip(answer.shown, adapted(answer, profile(name), NONE, "x").shown, strict=True):
                known = set(after.suggestions.values())
                for offer in offers(before.card):
                    if before.suggestions[offer.uuid] not in known:
                        assert after.card.detail is not UNSET and offer.label in after.card.detail


def test_oracle_gets_no_suggestions_and_no_link_but_smart_ones() -> None:
    for answer in answers():
        for shown in adapted(answer, profile("oracle"), mapped(), "somebody").shown:
            assert shown.card.suggestions is UNSET and shown.card.selection_behavior is UNSET
            links = shown.card.links or ()
            assert all(link.type == "smart" for link in links)


def test_alternatives_are_never_ticked_where_only_any_is_understood() -> None:
    for answer in answers():
        for before, after in zip(answer.shown, adapted(answer, profile("epic"), mapped(), "x").shown, strict=True):
            if before.card.selection_behavior == "at-most-one":
                assert all(offer.is_recommended is UNSET for offer in offers(after.card))
                if len(offers(after.card)) > 1:
                    assert after.card.detail is not UNSET and "one of these only" in after.card.detail


def test_a_swap_becomes_two_suggestions_the_delete_first_each_with_words_of_its_own() -> None:
    swaps = 0
    for answer in answers():
        for before, after in zip(answer.shown, adapted(answer, profile("epic"), mapped(), "x").shown, strict=True):
            for offer in offers(before.card):
                kinds = {action.type for action in offer.actions} if offer.actions is not UNSET else set()
                if kinds == {"delete", "create"}:
                    name = before.suggestions[offer.uuid]
                    made = [one for one in offers(after.card) if after.suggestions[one.uuid] == name]
                    first = made[0].actions
                    assert first is not UNSET and first[0].type == "delete"
                    assert len({one.label for one in made}) == len(made) >= 2
                    swaps += 1
    assert swaps


def test_an_entry_for_the_client_goes_before_one_for_any_and_one_of_the_card_before_both() -> None:
    for_any = Orderable("any", "urn:site", "1", "Any")
    for_epic = Orderable("epic-north", "urn:site", "2", "North")
    of_card = Orderable("any", "urn:site", "3", "Card")
    made = {"oxygen.oxygen": ("oxygen",), "mscc-suspected.mri": ("mri-whole-spine",), "x.y": ("", "oxygen")}
    orderables = Orderables({"oxygen": (for_any, for_epic), "oxygen.oxygen": (of_card,)}, made)
    assert orderables.of("x.y", 1, "epic-north") == (for_epic,)
    assert orderables.of("x.y", 1, "elsewhere") == (for_any,)
    assert orderables.of("oxygen.oxygen", 0, "epic-north") == (of_card,)
    assert orderables.of("x.y", 0, "elsewhere") == orderables.of("mscc-suspected.mri", 0, "elsewhere") == ()
    assert orderables.of("x.y", 2, "elsewhere") == orderables.of("nobody.knows", 0, "elsewhere") == ()


def test_an_entry_for_another_dose_is_none_and_the_card_says_so() -> None:
    entries = {
        "denosumab-every-4-weeks": (Orderable("any", PREFERENCE, "60", "DENOSUMAB 60 MG", parse_quantity("60 mg")),)
    }
    orderables = replace(mapped(), entries=dict(mapped().entries) | entries)
    (answer,) = [
        one
        for one in answers()
        if one.shown[0].topic == "bma-start" and "denosumab" in one.shown[0].suggestions.values()
    ][:1]
    (shown,) = adapted(answer, profile("epic"), orderables, "x").shown
    assert "denosumab" not in shown.suggestions.values() and "zoledronic_acid" in shown.suggestions.values()
    assert shown.card.detail is not UNSET
    assert "order catalogue has it as 60 mg, not as 120 mg" in shown.card.detail


def test_a_sites_code_stands_before_ours_for_a_client_of_the_standard() -> None:
    orderables = replace(mapped(), entries={"oxygen": (Orderable("any", "urn:site", "O2", "Oxygen"),)})
    (answer,) = [one for one in answers() if one.shown[0].topic == "oxygen"][:1]
    (shown,) = adapted(answer, profile("standard"), orderables, "x").shown
    ((_, action),) = actions(shown.card)
    assert action.resource is not UNSET
    systems = [each["system"] for each in msgspec.json.decode(action.resource)["code"]["coding"]]
    assert systems == ["urn:site", "http://snomed.info/sct"]


def test_the_rest_of_too_many_suggestions_stands_in_words() -> None:
    few = ClientProfile(profile="few", title="Few", most_suggestions=1)
    for answer in answers():
        for before, after in zip(answer.shown, adapted(answer, few, NONE, "x").shown, strict=True):
            assert len(offers(after.card)) <= 1
            for offer in offers(before.card)[1:]:
                assert after.card.detail is not UNSET and offer.label in after.card.detail


def test_html_is_named_and_holds_no_script() -> None:
    html = ClientProfile(profile="html", title="HTML", detail="html")
    for answer in answers():
        for shown in adapted(answer, html, NONE, "x").shown:
            assert shown.card.detail is not UNSET and "<" in shown.card.detail
            assert "<script" not in shown.card.detail and "**" not in shown.card.detail
            assert shown.card.extension is not UNSET
            assert shown.card.extension["com.epic.cdshooks.card.detail.content-type"] == "text/html"


def test_a_client_that_only_changes_drafts_gets_a_swap_as_one_change() -> None:
    (answer,) = [one for one in answers() if one.shown[0].topic == "whole-spine-mri"][:1]
    (shown,) = adapted(answer, profile("sandbox"), NONE, "x").shown
    swap = next(offer for offer in offers(shown.card) if shown.suggestions[offer.uuid] == "swap")
    assert swap.actions is not UNSET
    (action,) = swap.actions
    assert action.type == "update" and action.resource is not UNSET
    order = msgspec.json.decode(action.resource)
    assert (order["id"], order["code"]["text"]) == ("draft-1", "MRI whole spine")
    (plain,) = adapted(answer, profile("standard"), NONE, "x").shown
    kinds = [action.type for _, action in actions(plain.card)]
    assert kinds[:2] == ["delete", "create"]


def test_a_changed_draft_is_ordered_anew_by_the_sites_entry_alone_and_without_one_stands_in_words() -> None:
    changing = [
        (answer.shown[0], offer)
        for answer in answers()
        for offer, action in actions(answer.shown[0].card)
        if action.type == "update"
    ]
    assert {shown.topic for shown, _ in changing} == {
        *("bma-deescalation", "dexamethasone-safety", "radiotherapy-fractions", "zoledronate-renal-dose")
    }
    for answer in answers():
        for shown, offer in changing:
            if answer.shown[0] is not shown:
                continue
            (own,) = adapted(answer, profile("epic"), mapped(), "x").shown
            made = [
                action
                for one, action in actions(own.card)
                if own.suggestions[one.uuid] == shown.suggestions[offer.uuid] and action.type == "create"
            ]
            for action in made:
                assert action.resource is not UNSET
                order = msgspec.json.decode(action.resource)
                concept = order.get("medicationCodeableConcept") or order["code"]
                assert [(each["system"], each["code"]) for each in concept["coding"]] == [(PREFERENCE, "4711")]
            assert made
            (bare,) = adapted(answer, profile("epic"), NONE, "x").shown
            assert shown.suggestions[offer.uuid] not in bare.suggestions.values()
            assert bare.card.detail is not UNSET and offer.label in bare.card.detail
