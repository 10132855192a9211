"""Every example of every card through every profile: what goes out on the wire keeps the profile's rules."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cds_service.authoring.profile_rules import RULES, broken, profiles_page, rules_of
from cds_service.engine.client_adaptation import adapted
from cds_service.engine.shown import Answer
from cds_service.hooks.response import Response, encode
from cds_service.knowledge.orderables import Orderable, Orderables
from tests import expected

KNOWLEDGE, RUNNER = expected.loaded()
ENTRY = (Orderable("any", "urn:com.epic.cdshooks.action.code.system.preference-list-item", "4711", "Site entry"),)
MAPPED = replace(KNOWLEDGE.orderables, entries=dict.fromkeys(KNOWLEDGE.orders, ENTRY))
UNMAPPED = KNOWLEDGE.orderables


@cache
def answers() -> tuple[Answer, ...]:
    """The answer of every example that fires."""
    return tuple(
        RUNNER.answer(card, example)
        for card in KNOWLEDGE.cards.values()
        for example in card.examples
        if example.expect == "fired"
    )


def on_the_wire(response: Response) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = json.loads(encode(response))["cards"]
    return cards


@cache
def standard() -> tuple[list[dict[str, Any]], ...]:
    """The cards of each answer as a client of the standard gets them."""
    return tuple(on_the_wire(answer.response) for answer in answers())


@pytest.mark.parametrize(
    ("name", "orderables"),
    [("standard", UNMAPPED), ("sandbox", UNMAPPED), ("oracle", UNMAPPED), ("epic", UNMAPPED), ("epic", MAPPED)],
    ids=["standard", "sandbox", "oracle", "epic, nothing mapped", "epic, all mapped"],
)
def test_every_example_keeps_the_rules_of_every_profile(name: str, orderables: Orderables) -> None:
    profile, problems = KNOWLEDGE.profiles[name], set()
    for answer, plain in zip(answers(), standard(), strict=True):
        made = adapted(answer, profile, orderables, "somebody")
        cards = plain if made is answer else on_the_wire(made.response)
        for card, before in zip(cards, plain, strict=True):
            problems |= {f"{card['source']['topic']['code']}: {rule}" for rule in broken(card, before, profile)}
    assert not problems


def test_a_medicine_whose_dose_only_a_catalogue_entry_can_tell_is_no_button_before_it_has_one() -> None:
    """Our codes name the ingredient, of which denosumab 60 mg is made too."""
    epic = KNOWLEDGE.profiles["epic"]
    made = [on_the_wire(adapted(answer, epic, UNMAPPED, "somebody").response) for answer in answers()]
    suggestions = [one for cards in made for card in cards for one in card.get("suggestions", ())]
    ordered = [one["actions"][0]["resource"] for one in suggestions if one["actions"][0]["type"] == "create"]
    assert [one["resourceType"] for one in ordered if one["resourceType"] == "MedicationRequest"] == []


def test_of_alternatives_the_words_name_each_whole() -> None:
    """A swap is two suggestions there: both together are one of the choices."""
    epic = KNOWLEDGE.profiles["epic"]
    rules = [
        line
        for answer in answers()
        for card in on_the_wire(adapted(answer, epic, MAPPED, "somebody").response)
        for line in card.get("detail", "").splitlines()
        if line.startswith("- Choose one of these only: ")
    ]
    assert rules and all(line.count("; ") >= 1 for line in rules)
    assert [line for line in rules if "Remove the draft of zoledronic acid + " in line]
    assert [line for line in rules if "Start vitamin D" in line] == []


def test_a_rule_that_is_broken_is_named() -> None:
    epic = KNOWLEDGE.profiles["epic"]
    named = {rule for cards in standard() for card in cards for rule in broken(card, card, epic)}
    in_words = {
        "a suggestion has one action",
        "no update of a draft",
        "orders have the intent and status that the client takes",
    }
    assert in_words <= named


def test_the_page_is_that_of_the_rules() -> None:
    page = Path("docs/profiles.md").read_text(encoding="utf-8")
    assert page == profiles_page(KNOWLEDGE.profiles), "run: cds-service profiles --write"
    assert all(any(rule in rules_of(profile) for profile in KNOWLEDGE.profiles.values()) for rule in RULES)
