"""A card can be for some and not for others: by each of seven kinds; what is not known of a call withholds nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cds_service.chart.case import Case
from cds_service.chart.facts import User
from cds_service.engine.evaluate import Verdict, verdict_of
from cds_service.engine.explain import explain
from cds_service.engine.respond import respond
from cds_service.engine.shown import Answer
from cds_service.knowledge.audience import Audience, Restriction, Situation
from tests.engine.test_respond import a_card, a_case, fired, knowledge

CALL: dict[str, Any] = {
    "client": "north",
    "trigger": "23",
    "setting": "emergency",
    "locations": ("ward 5", "location/w5"),
    "user": User(roles=("ward pharmacist", "46255001"), specialties=("oncology",)),
}
SAID = {
    "hooks": ("patient-view", "order-sign"),
    "clients": ("north", "south"),
    "triggers": ("23", "60"),
    "roles": ("ward pharmacist", "doctor"),
    "specialties": ("oncology", "surgery"),
    "settings": ("emergency", "outpatient"),
    "locations": ("ward 5", "ward 6"),
}
"""Of each kind what the call says, and something else."""
WORD = {"specialties": "specialty"} | {kind: kind.removesuffix("s") for kind in SAID if kind != "specialties"}


def a_call(**known: Any) -> Case:
    return replace(a_case(), **known)


def only(**wanted: tuple[str, ...]) -> Audience:
    return Audience(Restriction(only_for=(Situation(wanted),)))


def never(**wanted: tuple[str, ...]) -> Audience:
    return Audience(Restriction(not_for=(Situation(wanted),)))


@pytest.mark.parametrize("kind", SAID)
def test_of_each_kind_who_is_meant_is_left_out_and_who_is_not_is_shown(kind: str) -> None:
    this, other = SAID[kind]
    call, why = a_call(**CALL), f"not for this {WORD[kind]} ({this})"
    assert never(**{kind: (other, this)}).withholds(call, "m") == why
    assert never(**{kind: (other,)}).withholds(call, "m") == ""
    assert only(**{kind: (other, this)}).withholds(call, "m") == ""
    assert only(**{kind: (other,)}).withholds(call, "m") == why


@pytest.mark.parametrize("kind", [kind for kind in SAID if kind != "hooks"])
def test_what_is_not_known_withholds_nothing(kind: str) -> None:
    this, other = SAID[kind]
    for audience in (only(**{kind: (other,)}), never(**{kind: (this, other)})):
        assert audience.withholds(a_call(), "m") == ""
        assert audience.withholds(a_call(user=User()), "m") == ""


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        ({"user": User(roles=("46255001",))}, {"roles": ("pharmacist",)}),
        ({"user": User(roles=("pharmacist",))}, {"roles": ("46255001",)}),
        ({"locations": ("location/w5",)}, {"locations": ("ward 5",)}),
    ],
)
def test_a_code_is_not_another_than_a_word(known: Any, wanted: Any) -> None:
    assert only(**wanted).withholds(a_call(**known), "m") == ""


def test_of_several_roles_in_none_of_which_they_are_known_to_act_none_withholds() -> None:
    both = a_call(user=User(roles=("pharmacist", "doctor"), acting=False))
    assert never(roles=("pharmacist",)).withholds(both, "m") == ""
    assert only(roles=("doctor",)).withholds(both, "m") == ""
    assert only(roles=("nurse",)).withholds(both, "m") == "not for this role (pharmacist)"


def test_a_situation_is_all_that_it_names_and_situations_are_alternatives() -> None:
    call, one, two = a_call(**CALL), {"roles": ("doctor",)}, {"settings": ("emergency",)}
    assert never(**one, **two).withholds(call, "m") == ""
    assert never(roles=("ward pharmacist",), **two).withholds(call, "m") == (
        "not for this role (ward pharmacist) and setting (emergency)"
    )
    assert never(roles=("ward pharmacist",), **two).withholds(replace(call, setting=""), "m") == ""
    assert only(**one, **two).withholds(call, "m") == "not for this role (ward pharmacist)"
    either = Audience(Restriction(only_for=(Situation(one), Situation(two))))
    assert either.withholds(call, "m") == ""
    assert either.withholds(replace(call, setting="inpatient"), "m") == (
        "not for this role (ward pharmacist) and setting (inpatient)"
    )


def test_a_message_is_for_fewer_than_its_card() -> None:
    audience = Audience(messages={"m": Restriction(not_for=(Situation({"settings": ("emergency",)}),), why="Agreed.")})
    assert audience.withholds(a_call(**CALL), "m") == "not for this setting (emergency): Agreed."
    assert audience.withholds(a_call(**CALL), "n") == ""
    assert str(audience) == "for all; the message m not for setting emergency (Agreed.)" and not Audience() and audience


def answer_for(case: Case, *verdicts: Verdict) -> Answer:
    return respond(case, verdicts, knowledge(), hook_instance="h", patient_id="p")


def test_what_is_not_for_who_asks_is_held_back_by_name_and_explained() -> None:
    call = a_call(**CALL)
    critical = a_card("mscc-suspected", "critical", for_whom=never(roles=("ward pharmacist",)))
    other, trial = a_card("staging-ct", "info"), replace(critical, topic="sbrt", status="silent")
    verdicts = [verdict_of(call, card, fired()) for card in (critical, other, trial)]
    answer = answer_for(call, *verdicts)
    assert [shown.topic for shown in answer.shown] == ["staging-ct"]  # no critical card stands beside it for them
    assert [shown.topic for shown in answer.withheld] == ["mscc-suspected"] and answer.silent == ()
    assert answer.held_back == ("mscc-suspected",)
    explained = {one.topic: one for one in explain(verdicts, knowledge())}
    assert (explained["mscc-suspected"].result, explained["staging-ct"].result) == ("withheld", "fired")
    assert explained["mscc-suspected"].because == "m: About this (not for this role (ward pharmacist))"
    to_others = answer_for(a_call(), *(verdict_of(a_call(), card, fired()) for card in (critical, other)))
    assert [shown.topic for shown in to_others.shown] == ["mscc-suspected"]
