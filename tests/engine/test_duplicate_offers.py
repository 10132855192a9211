"""What a graver card of the answer offers is not offered again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import UNSET

from cds_service.engine.shown import Shown
from cds_service.outcomes import Offer
from tests.clinical.asking import ICD10CM, LOINC, Resource, coded, condition, observation, select, service, view
from tests.engine.test_respond import a_card, answer, fired


def offers(shown: Shown) -> list[str]:
    return [] if shown.card.suggestions is UNSET else sorted(shown.suggestions.values())


def test_a_referral_is_offered_once_by_the_graver_card() -> None:
    grave, later = a_card("mscc-suspected", "critical"), a_card("mdt-referral")
    cord = fired(offers=(Offer("mri"), Offer("radiation_oncology")))
    found = answer((later, fired(offers=(Offer("radiation_oncology"), Offer("spinal_surgery")))), (grave, cord))
    assert [offers(shown) for shown in found.shown] == [["mri", "radiation_oncology"], ["spinal_surgery"]]


def test_a_card_that_has_nothing_else_to_offer_still_speaks() -> None:
    grave, later = a_card("mscc-suspected", "critical"), a_card("mdt-referral")
    found = answer((later, fired(offers=(Offer("mri"),))), (grave, fired(offers=(Offer("mri"),))))
    assert [offers(shown) for shown in found.shown] == [["mri"], []]
    assert found.shown[1].card.selection_behavior is UNSET


def test_what_was_held_back_takes_nothing_away() -> None:
    held, grave = a_card("tumour-markers", "info"), a_card("mscc-suspected", "critical")
    found = answer((held, fired(offers=(Offer("mri"),))), (grave, fired(offers=(Offer("mri"),))))
    assert [offers(shown) for shown in found.shown] == [["mri"]]


ALTERNATIVES = frozenset({"mri", "spinal_surgery"})


@pytest.mark.parametrize(
    ("earlier", "own", "left", "selection"),
    [
        ("mri", ("mri", "spinal_surgery"), [], UNSET),
        ("mri", ("mri", "spinal_surgery", "radiation_oncology"), ["radiation_oncology"], "any"),
        (
            "radiation_oncology",
            ("mri", "spinal_surgery", "radiation_oncology"),
            ["mri", "spinal_surgery"],
            "at-most-one",
        ),
        ("radiation_oncology", ("mri", "radiation_oncology"), ["mri"], "any"),
    ],
)
def test_an_alternative_that_a_graver_card_offers_takes_the_others_with_it(
    earlier: str, own: tuple[str, ...], left: list[str], selection: object
) -> None:
    grave, later = a_card("mscc-suspected", "critical"), replace(a_card("mdt-referral"), alternatives=ALTERNATIVES)
    found = answer((later, fired(offers=tuple(map(Offer, own)))), (grave, fired(offers=(Offer(earlier),))))
    assert [offers(shown) for shown in found.shown] == [[earlier], left]
    assert found.shown[1].card.selection_behavior == selection


def test_what_goes_with_any_alternative_stands_in_words_since_one_alone_may_be_taken() -> None:
    card = replace(a_card("mscc-suspected", "critical"), alternatives=ALTERNATIVES)
    (shown,) = answer((card, fired(offers=tuple(map(Offer, ("mri", "spinal_surgery", "radiation_oncology")))))).shown
    assert offers(shown) == ["mri", "spinal_surgery"]
    assert shown.card.selection_behavior == "at-most-one"
    assert "With the one chosen: refer to radiation oncology, emergency." in str(shown.card.detail)


def result(code: str, value: float, unit: str) -> Resource:
    return observation(coded(LOINC, code), value, unit)


def test_where_high_calcium_is_treated_with_an_agent_for_bone_no_other_one_is_offered_for_the_bone() -> None:
    bones = (condition(coded(ICD10CM, "C50.911"), 900), condition(coded(ICD10CM, "C79.51"), 200))
    kidneys = (result("14682-9", 70, "umol/L"), result("29463-7", 70, "kg"))
    cards = view(*bones, *kidneys, result("2000-8", 3.3, "mmol/L"), result("1751-7", 40, "g/L"))
    agents = ("zoledronic", "denosumab")
    ordered = [
        order["medicationCodeableConcept"]["text"]
        for topic in cards.by_topic
        for order in cards.created(topic, "MedicationRequest")
        if order["medicationCodeableConcept"]["text"].lower().startswith(agents)
    ]
    assert len(ordered) == 1


def test_a_draft_is_turned_one_way_by_the_first_card() -> None:
    found = select(
        condition(coded(ICD10CM, "C79.51", "Secondary malignant neoplasm of bone"), 100),
        condition(coded(ICD10CM, "G82.20", "Paraplegia, unspecified"), 2),
        condition(coded(ICD10CM, "Z95.0", "Presence of cardiac pacemaker"), 900),
        drafts=[service(coded(LOINC, "24968-6", "MR Spine Lumbar"))],
    )
    assert {"mri-safety", "whole-spine-mri"} <= set(found.by_topic)
    turning = {
        topic: [
            suggestion["label"]
            for suggestion in card.get("suggestions", ())
            if any(action["type"] != "create" for action in suggestion["actions"])
        ]
        for topic, card in found.by_topic.items()
    }
    assert turning["mri-safety"]
    assert not turning["whole-spine-mri"]
