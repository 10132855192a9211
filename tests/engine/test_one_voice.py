"""What a graver card of the answer offers is not offered again."""

from __future__ import annotations

from msgspec import UNSET

from cds_service.engine.shown import Shown
from cds_service.outcomes import Offer
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
