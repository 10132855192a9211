"""Each number of each card has worked examples on both sides: a step up and a step down both show in an answer."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks.mutants import moved_numbers, number_mutants
from benchmarks.mutation import Bench
from cds_service.knowledge.parameters import Parameter
from cds_service.knowledge.value_sets import PLAUSIBLE_RESULTS
from tests import expected

NEVER_TOLD = {("pathological-fracture", "referral_lookback")}
"""A fracture counts for 30 days, and a referral before it is none for it: no referral of 90 days matters."""
CARDS = expected.loaded()[0].cards


@cache
def _bench() -> Bench:
    return Bench()


@pytest.mark.parametrize("topic", CARDS)
def test_every_number_of_a_card_is_held_on_both_sides_by_its_examples(topic: str) -> None:
    missing = [
        f"{parameter.name}: {said}"
        for parameter in CARDS[topic].parameters.values()
        if parameter.between is not None and not parameter.common and (topic, parameter.name) not in NEVER_TOLD
        for moved, said in moved_numbers(parameter)
        if not _shared_in_another_unit(parameter, said) and not _bench().card_notices(topic, moved)
    ]
    assert missing == []


def test_every_number_that_cards_have_in_common_is_held_on_both_sides_by_some_card() -> None:
    common = [
        one
        for one in number_mutants(expected.loaded()[0])
        if all(own.common for own in one.moved.values()) and PLAUSIBLE_RESULTS not in one.place
    ]  # tests of the chart hold what is plausible
    assert [f"{one.place}: {one.change}" for one in common if not _bench().notices_number(one)] == []
    assert len(common) > 30


def _shared_in_another_unit(parameter: Parameter, said: str) -> bool:
    """A limit that cards share is held in its second unit by one of them; the mutation run looks at that."""
    return bool(parameter.shared) and not said.endswith(f" {parameter.unit}") and "mg/dL" in said
